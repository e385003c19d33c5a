/* mirror_server.c: see mirror_server.h. A process for each connection, so that
 * one that waits keeps no other waiting. */
#include "mirror_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, LONGEST_SECONDS = 30 };

typedef struct site {
  const char *bytes;
  size_t size_bytes;
  const char *log;
  int port;
} site;

static int send_all(int client, const char *bytes, size_t size_bytes) {
  while (size_bytes) {
    ssize_t sent = send(client, bytes, size_bytes, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    bytes += sent;
    size_bytes -= (size_t)sent;
  }
  return 1;
}

static void send_head(int client, const char *status, size_t length,
                      const char *more) {
  char head[512];
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 %s\r\nContent-Length: %zu\r\n"
                      "Connection: close\r\n%s\r\n",
                      status, length, more);
  send_all(client, head, (size_t)size);
}

static void send_from(int client, const site *s, size_t first) {
  char range[128] = "";
  if (first >= s->size_bytes) {
    send_head(client, "416 Range Not Satisfiable", 0, "");
    return;
  }
  snprintf(range, sizeof range, "Content-Range: bytes %zu-%zu/%zu\r\n", first,
           s->size_bytes - 1, s->size_bytes);
  send_head(client, first ? "206 Partial Content" : "200 OK",
            s->size_bytes - first, first ? range : "");
  send_all(client, s->bytes + first, s->size_bytes - first);
}

static void sleep_ms(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void answer_badly(int client, const site *s, const char *folder) {
  if (strcmp(folder, "page") == 0) {
    static const char page[] = "<html>Sorry, we are closed</html>";
    send_head(client, "200 OK", sizeof page - 1, "");
    send_all(client, page, sizeof page - 1);
  } else if (strcmp(folder, "half") == 0) {
    send_head(client, "200 OK", s->size_bytes, "");
    send_all(client, s->bytes, s->size_bytes / 2);
  } else if (strcmp(folder, "stuck") == 0) {
    send_head(client, "200 OK", s->size_bytes, "");
    send_all(client, s->bytes, 10);
    char rest;
    recv(client, &rest, 1, 0); /* until the client gives up */
  } else if (strcmp(folder, "endless") == 0) {
    static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    send_all(client, head, sizeof head - 1);
    while (send_all(client, s->bytes, s->size_bytes)) continue;
  } else if (strcmp(folder, "closed") != 0) {
    send_head(client, "404 Not Found", 0, "");
  }
}

static void answer(int client, const site *s, const char *folder,
                   const char *name, size_t first) {
  if (strcmp(folder, "late") == 0) sleep_ms(500);
  if (strcmp(folder, "right") == 0 || strcmp(folder, "late") == 0) {
    send_from(client, s, first);
  } else if (strcmp(folder, "norange") == 0) {
    send_from(client, s, 0);
  } else if (strcmp(folder, "moved") == 0) {
    char where[512];
    snprintf(where, sizeof where,
             "Location: http://127.0.0.1:%d/right/%.200s\r\n", s->port, name);
    send_head(client, "302 Found", 0, where);
  } else {
    answer_badly(client, s, folder);
  }
}

static void serve_connection(int client, const site *s) {
  char request[REQUEST_MAX] = "", folder[32], name[256];
  size_t size = 0, first = 0;
  while (size < sizeof request - 1 && !strstr(request, "\r\n\r\n")) {
    ssize_t got = recv(client, request + size, sizeof request - 1 - size, 0);
    if (got <= 0) return;
    size += (size_t)got;
    request[size] = '\0';
  }
  if (sscanf(request, "GET /%31[^/]/%255s", folder, name) != 2) return;
  const char *range = strstr(request, "Range: bytes=");
  if (range) first = (size_t)strtoul(range + 13, NULL, 10);
  FILE *log = fopen(s->log, "a");
  if (log) {
    fprintf(log, "%s %zu\n", folder, first);
    fclose(log);
  }
  answer(client, s, folder, name, first);
}

static _Noreturn void serve(int listener, const site *s) {
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (fork() == 0) {
      close(listener);
      alarm(LONGEST_SECONDS);
      serve_connection(client, s);
      shutdown(client, SHUT_WR);
      close(client);
      _exit(0);
    }
    close(client);
  }
}

bool mirror_server_possible(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int probe = socket(AF_INET, SOCK_STREAM, 0);
  if (probe < 0) return false;
  int result = connect(probe, (struct sockaddr *)&address, sizeof address);
  bool refused = result != 0 && errno == ECONNREFUSED;
  close(probe);
  return result == 0 || refused;
}

mirror_server mirror_server_start(const void *bytes, size_t size_bytes,
                                  const char *log) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  mirror_server server = {-1, 0};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    return server;
  }
  server.port = ntohs(address.sin_port);
  server.process = fork();
  if (server.process == 0) {
    site s = {bytes, size_bytes, log, server.port};
    serve(listener, &s);
  }
  close(listener);
  return server;
}

void mirror_server_stop(const mirror_server *server) {
  if (server->process <= 0) return;
  kill(server->process, SIGKILL);
  waitpid(server->process, NULL, 0);
}
