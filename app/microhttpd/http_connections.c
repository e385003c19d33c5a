/* http_connections.c: every connection from accept to close. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "app/microhttpd/http_parts.h"

/* ---- the stage of one ---- */

double http_now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

uint64_t http_now_ms(void) { return (uint64_t)(http_now_seconds() * 1e3); }

static uint64_t stage_word(http_stage stage) {
  return http_now_ms() << 3 | (uint64_t)stage;
}

bool http_stage_is_ended(const http_connection *connection) {
  return http_stage_of(atomic_load(&connection->stage)) == STAGE_ENDED;
}

bool http_stage_move(http_connection *connection, http_stage stage) {
  uint64_t old = atomic_load(&connection->stage);
  return http_stage_of(old) != STAGE_ENDED &&
         atomic_compare_exchange_strong(&connection->stage, &old,
                                        stage_word(stage));
}

/* `late` is read by a worker only once it has seen STAGE_ENDED. */
bool http_stage_end(http_connection *connection, uint64_t word, bool is_late) {
  connection->late = is_late;
  if (!atomic_compare_exchange_strong(&connection->stage, &word,
                                      stage_word(STAGE_ENDED))) {
    return false;
  }
  connection->server->ending++;
  return true;
}

uint64_t http_connection_untaken_bytes(const http_connection *connection) {
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  if (connection->server->options.certificate ||
      getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) {
    return 0;
  }
  /* the end of what a client sends counts as a byte; before Linux 4.1 nothing
   * is counted */
  uint64_t taken = atomic_load(&connection->taken_bytes) + 1;
  uint64_t came = info.tcpi_bytes_received;
  return came > taken ? came - taken + 1 : 0;
}

/* ---- the list of all ---- */

static void write_address(const struct sockaddr *from, char *text,
                          socklen_t size) {
  text[0] = '\0';
  if (from->sa_family == AF_INET) {
    inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, text,
              size);
  } else if (from->sa_family == AF_INET6) {
    const struct in6_addr *in = &((const struct sockaddr_in6 *)from)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(in)) { /* a client of IPv4 at "::" */
      inet_ntop(AF_INET, in->s6_addr + 12, text, size);
    } else {
      inet_ntop(AF_INET6, in, text, size);
    }
  }
}

static void unlink_connection(http_server *server, http_connection *gone) {
  if (gone->previous) {
    gone->previous->next = gone->next;
  } else {
    server->connections = gone->next;
  }
  if (gone->next) gone->next->previous = gone->previous;
  server->by_fd[gone->fd] = NULL;
  server->open--;
  if (http_stage_is_ended(gone)) server->ending--;
}

static bool make_place(http_server *server, int fd) {
  if (fd < server->by_fd_room) return true;
  int room = fd < 64 ? 128 : 2 * fd;
  http_connection **grown =
      realloc(server->by_fd, (size_t)room * sizeof(http_connection *));
  if (!grown) return false;
  for (int i = server->by_fd_room; i < room; i++) grown[i] = NULL;
  server->by_fd = grown;
  server->by_fd_room = room;
  return true;
}

static bool link_connection(http_server *server, http_connection *fresh) {
  if (!make_place(server, fresh->fd)) return false;
  /* MHD can lose a connection without a word, for want of memory: then its
   * number comes again */
  http_connection *lost = server->by_fd[fresh->fd];
  if (lost) {
    unlink_connection(server, lost);
    free(lost);
  }
  fresh->next = server->connections;
  if (fresh->next) fresh->next->previous = fresh;
  server->connections = fresh;
  server->by_fd[fresh->fd] = fresh;
  server->open++;
  return true;
}

void http_connection_add(http_server *server, int fd,
                         const struct sockaddr *address, socklen_t size) {
  http_connection *fresh = calloc(1, sizeof *fresh);
  bool is_linked = false;
  if (fresh) {
    fresh->server = server;
    fresh->fd = fd;
    atomic_init(&fresh->stage, stage_word(STAGE_WAITING));
    write_address(address, fresh->address, sizeof fresh->address);
    pthread_mutex_lock(&server->lock);
    is_linked = link_connection(server, fresh);
    pthread_mutex_unlock(&server->lock);
  }
  if (!is_linked) {
    free(fresh);
    close(fd);
    return;
  }
  if (MHD_add_connection(server->daemon, fd, address, size) == MHD_YES) {
    return; /* and fresh may be gone already */
  }
  pthread_mutex_lock(&server->lock);
  unlink_connection(server, fresh);
  pthread_mutex_unlock(&server->lock);
  free(fresh);
}

/* MHD answers what is no HTTP by itself, or just closes: no callback tells. It
 * shows where the client has sent more than was taken, and the keeper did not
 * end the connection. */
static bool was_malformed(const http_connection *connection) {
  uint64_t word = atomic_load(&connection->stage);
  return http_stage_of(word) == STAGE_WAITING && !connection->has_failed &&
         !atomic_load(&connection->server->stopping) &&
         http_connection_untaken_bytes(connection) > 0;
}

static void end_connection(http_connection *connection) {
  http_server *server = connection->server;
  bool malformed = was_malformed(connection);
  bool lingers = connection->linger && !atomic_load(&server->stopping);
  pthread_mutex_lock(&server->lock);
  unlink_connection(server, connection);
  if (lingers) http_linger_add(server, connection->fd);
  pthread_mutex_unlock(&server->lock);
  if (malformed) server->calls.drop(server->calls.user, "malformed");
  if (lingers || atomic_exchange(&server->room_is_wanted, false)) {
    http_keeper_wake(server);
  }
  free(connection);
}

void http_connection_notify(void *user, struct MHD_Connection *mhd,
                            void **context,
                            enum MHD_ConnectionNotificationCode code) {
  http_server *server = user;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (*context) end_connection(*context);
    *context = NULL;
    return;
  }
  int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
               ->connect_fd;
  pthread_mutex_lock(&server->lock);
  http_connection *connection = server->by_fd[fd];
  pthread_mutex_unlock(&server->lock);
  connection->mhd = mhd;
  *context = connection;
}

void http_connections_free(http_server *server) {
  while (server->connections) {
    http_connection *first = server->connections;
    unlink_connection(server, first);
    free(first);
  }
  free(server->by_fd);
  server->by_fd = NULL;
}
