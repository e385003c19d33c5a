/* http_linger.c: clients that still send what nobody reads (http_parts.h). */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/microhttpd/http_parts.h"

enum { LINGER_MS = 2000, READ_BYTES = 16384, READS_AT_ONCE = 1 };

void http_linger_add(http_server *server, int fd) {
  if (server->linger_count == HTTP_LINGERS) return;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;
  shutdown(copy, SHUT_WR);
  server->lingers[server->linger_count++] =
      (http_linger){copy, http_now_ms() + LINGER_MS};
}

/* False: the client has stopped, or it has had its time. */
static bool read_on(const http_linger *linger) {
  char nowhere[READ_BYTES];
  for (int i = 0; i < READS_AT_ONCE; i++) {
    ssize_t got = recv(linger->fd, nowhere, sizeof nowhere, MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) break;
  }
  return http_now_ms() < linger->until_ms;
}

void http_linger_read(http_server *server) {
  pthread_mutex_lock(&server->lock);
  for (int i = server->linger_count - 1; i >= 0; i--) {
    if (read_on(&server->lingers[i])) continue;
    close(server->lingers[i].fd);
    server->lingers[i] = server->lingers[--server->linger_count];
  }
  pthread_mutex_unlock(&server->lock);
}

void http_linger_end(http_server *server) {
  while (server->linger_count > 0) {
    close(server->lingers[--server->linger_count].fd);
  }
}
