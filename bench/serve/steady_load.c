/* steady_load.c: sends the same POST at a steady rate and measures how late the
 * replies are.
 *
 *   steady_load PORT PATH BODY TYPE [HEADER VALUE] RATE CONNECTIONS COUNT
 *
 * Request number i is due at i / RATE seconds, and its latency counts from
 * then: where the server pauses, the requests that should have been sent
 * meanwhile are late too (what wrk leaves out, "coordinated omission"). RATE 0:
 * each connection sends as soon as it can, and latency counts from sending.
 * Prints one object of JSON. Linux only; over keep-alive, to 127.0.0.1. */
#define _GNU_SOURCE /* epoll_pwait2 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, REPLY_BYTES = 1 << 20, EVENTS = 256 };

typedef struct connection {
  int fd;
  double due;
  size_t sent, received, wanted; /* wanted 0: the head is not whole */
  char *reply;
} connection;

typedef struct load {
  int port, epoll, count, idle_count;
  double rate, begun;
  const char *request;
  size_t request_bytes, asked, answered, failed, wanted;
  connection *idle[MOST_CONNECTIONS];
  float *latencies;
} load;

static void die(const char *what) {
  fprintf(stderr, "steady_load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *take_memory(size_t size_bytes) {
  void *block = calloc(1, size_bytes);
  if (block == NULL) die("memory");
  return block;
}

static void open_connection(load *l, connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)l->port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
    die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                              .data.ptr = c};
  if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
}

/* The head and body of the request, which never change. */
static void write_request(load *l, char **arguments, bool has_header) {
  FILE *file = fopen(arguments[2], "rb");
  char *text = NULL, block[65536];
  size_t size = 0, bytes;
  if (file == NULL || fseek(file, 0, SEEK_END) < 0) die(arguments[2]);
  long length = ftell(file);
  rewind(file);
  FILE *out = open_memstream(&text, &size);
  fprintf(out,
          "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: "
          "%s\r\nContent-Length: %ld\r\n",
          arguments[1], l->port, arguments[3], length);
  if (has_header) fprintf(out, "%s: %s\r\n", arguments[4], arguments[5]);
  fprintf(out, "\r\n");
  while ((bytes = fread(block, 1, sizeof block, file)) > 0)
    fwrite(block, 1, bytes, out);
  fclose(file);
  if (fclose(out) != 0) die("memory");
  l->request = text;
  l->request_bytes = size;
}

/* It is opened again when there is something to ask: a server that has no
 * keep-alive would wait on a connection that says nothing. */
static void close_connection(connection *c) {
  close(c->fd);
  c->fd = -1;
}

static void send_rest(load *l, connection *c) {
  while (c->sent < l->request_bytes) {
    ssize_t n = send(c->fd, l->request + c->sent, l->request_bytes - c->sent,
                     MSG_NOSIGNAL);
    if (n <= 0) return;
    c->sent += (size_t)n;
  }
}

static void ask(load *l, connection *c, double due) {
  c->due = due;
  c->sent = c->received = c->wanted = 0;
  ++l->asked;
  if (c->fd < 0) open_connection(l, c);
  send_rest(l, c);
}

/* Bytes of the whole reply once its head has come, else 0. */
static size_t reply_size(const connection *c) {
  const char *end = strstr(c->reply, "\r\n\r\n");
  const char *length = strcasestr(c->reply, "\r\nContent-Length:");
  if (end == NULL || length == NULL || length > end) return 0;
  return (size_t)(end - c->reply) + 4 + strtoul(length + 17, NULL, 10);
}

static void take_answer(load *l, connection *c, bool is_good) {
  l->failed += !is_good;
  l->latencies[l->answered++] = (float)(now() - c->due);
  l->idle[l->idle_count++] = c;
}

static void receive(load *l, connection *c) {
  for (;;) {
    ssize_t n =
        recv(c->fd, c->reply + c->received, REPLY_BYTES - 1 - c->received, 0);
    if (n < 0 && errno == EAGAIN) return;
    bool is_asked = c->sent > 0 && (c->wanted == 0 || c->received < c->wanted);
    if (n <= 0) {
      close_connection(c);
      if (is_asked) take_answer(l, c, false);
      return;
    }
    c->received += (size_t)n;
    c->reply[c->received] = '\0';
    if (c->wanted == 0) c->wanted = reply_size(c);
    if (c->wanted == 0 || c->received < c->wanted) continue;
    bool closes = strcasestr(c->reply, "\r\nConnection: close") != NULL;
    c->sent = 0;
    if (closes) close_connection(c);
    take_answer(l, c, strncmp(c->reply, "HTTP/1.1 200", 12) == 0);
    return;
  }
}

/* Sends what is due; gives the seconds until the next one is. */
static double send_due(load *l) {
  while (l->asked < l->wanted && l->idle_count > 0) {
    double time = now();
    double due = l->rate > 0 ? l->begun + (double)l->asked / l->rate : time;
    if (due > time) return due - time;
    ask(l, l->idle[--l->idle_count], due);
  }
  return 1;
}

static void run(load *l) {
  struct epoll_event events[EVENTS];
  l->begun = now();
  while (l->answered < l->wanted) {
    double wait = send_due(l);
    struct timespec most = {(time_t)wait, (long)(1e9 * (wait - (time_t)wait))};
    int ready = epoll_pwait2(l->epoll, events, EVENTS, &most, NULL);
    for (int i = 0; i < ready; ++i) {
      connection *c = events[i].data.ptr;
      if (c->sent > 0 && (events[i].events & EPOLLOUT)) send_rest(l, c);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(l, c);
    }
  }
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double share_ms(const load *l, double share) {
  size_t at = (size_t)(share * (double)l->answered);
  return 1e3 * (double)l->latencies[at < l->answered ? at : l->answered - 1];
}

static void tell(load *l) {
  double seconds = now() - l->begun;
  qsort(l->latencies, l->answered, sizeof *l->latencies, compare);
  printf(
      "{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"rate\":%.1f,"
      "\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,"
      "\"max_ms\":%.3f}\n",
      l->answered, l->failed, seconds, (double)l->answered / seconds,
      share_ms(l, 0.5), share_ms(l, 0.9), share_ms(l, 0.99), share_ms(l, 0.999),
      share_ms(l, 1));
}

int main(int argc, char **argv) {
  static load l;
  if (argc != 8 && argc != 10) {
    fprintf(stderr,
            "usage: steady_load PORT PATH BODY TYPE [HEADER VALUE] "
            "RATE CONNECTIONS COUNT\n");
    return 2;
  }
  l.port = atoi(argv[1]);
  l.rate = atof(argv[argc - 3]);
  l.count = atoi(argv[argc - 2]);
  l.wanted = strtoul(argv[argc - 1], NULL, 10);
  if (l.count < 1 || l.count > MOST_CONNECTIONS || l.wanted < 1) return 2;
  write_request(&l, argv + 1, argc == 10);
  l.latencies = take_memory(l.wanted * sizeof *l.latencies);
  l.epoll = epoll_create1(0);
  for (int i = 0; i < l.count; ++i) {
    connection *c = take_memory(sizeof *c);
    c->reply = take_memory(REPLY_BYTES);
    l.idle[l.idle_count++] = c;
    c->fd = -1;
  }
  run(&l);
  tell(&l);
  return l.failed > 0;
}
