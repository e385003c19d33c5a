/* http_keeper.c: the thread that accepts clients and keeps deadlines. Clients
 * are accepted here and not by MHD, whose workers have a share of the limit
 * each, and turn clients away while another has room. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/microhttpd/http_parts.h"

/* Deadlines are looked at so often in their time; and for room, where all
 * connections are taken, or the process has no more files. */
enum { LOOKS = 10, MIN_LOOK_MS = 10, MAX_LOOK_MS = 500, ROOM_MS = 10 };
enum { ACCEPTS_AT_ONCE = 64, GREETING_MS = 100 };

void http_keeper_wake(http_server *server) {
  if (write(server->wake[1], "", 1) < 0) return; /* full: it is awake */
}

static void read_wakes(const http_server *server) {
  char nowhere[64];
  while (read(server->wake[0], nowhere, sizeof nowhere) == sizeof nowhere) {
  }
}

/* ---- accepting ---- */

static bool is_full(http_server *server) {
  pthread_mutex_lock(&server->lock);
  bool full = server->open >= server->options.connections;
  pthread_mutex_unlock(&server->lock);
  return full;
}

/* Whatever ends soon makes room already; where nothing does, the longest idle
 * connection has to. */
static void ask_for_room(http_server *server, bool is_out_of_files) {
  atomic_store(&server->room_is_wanted, true);
  pthread_mutex_lock(&server->lock);
  bool must_end = is_out_of_files ? server->ending == 0
                                  : server->open - server->ending >=
                                        server->options.connections;
  pthread_mutex_unlock(&server->lock);
  if (must_end) http_deadlines_make_room(server);
}

/* False: nobody waits there, or there are no more files to be had. */
static bool accept_one(http_server *server, int listener) {
  struct sockaddr_storage from = {0};
  socklen_t size = sizeof from;
  int fd = accept(listener, (struct sockaddr *)&from, &size);
  if (fd >= 0) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    http_connection_add(server, fd, (struct sockaddr *)&from, size);
    return true;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
      errno == ENOMEM) {
    http_warn(server,
              "no more files for connections: raise the limit of open files "
              "(ulimit -n), or allow fewer connections");
    ask_for_room(server, true);
    return false;
  }
  return errno != EAGAIN && errno != EWOULDBLOCK;
}

/* Somebody waits there, for sure only the first of them. */
static void accept_some(http_server *server, int listener) {
  if (is_full(server)) {
    ask_for_room(server, false);
    return;
  }
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
    if (!accept_one(server, listener) || is_full(server)) return;
  }
}

static void say_listening_ended(http_server *server) {
  pthread_mutex_lock(&server->lock);
  server->is_listening = false;
  pthread_cond_broadcast(&server->listening_ended);
  pthread_mutex_unlock(&server->lock);
}

/* Whoever the kernel has greeted is served, the limit notwithstanding; also who
 * takes a moment to answer the greeting. */
static void end_listening(http_server *server) {
  struct pollfd fds[HTTP_LISTENERS];
  nfds_t count = (nfds_t)server->listener_count;
  http_listen_refuse(server);
  do {
    for (nfds_t i = 0; i < count; i++) {
      fds[i] = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
      while (accept_one(server, server->listeners[i])) {
      }
    }
  } while (poll(fds, count, GREETING_MS) > 0 &&
           !atomic_load(&server->room_is_wanted));
  http_listen_end(server);
  say_listening_ended(server);
}

/* ---- the loop ---- */

static int look_ms(const http_options *options) {
  double seconds = options->idle_seconds < options->request_seconds
                       ? options->idle_seconds
                       : options->request_seconds;
  double ms = seconds * 1e3 / LOOKS;
  if (ms < MIN_LOOK_MS) return MIN_LOOK_MS;
  return ms > MAX_LOOK_MS ? MAX_LOOK_MS : (int)ms;
}

typedef struct watched {
  struct pollfd fds[1 + HTTP_LISTENERS + HTTP_LINGERS];
  int count, listeners; /* fds[1] on are those */
} watched;

static void watch(http_server *server, watched *all) {
  all->fds[0] = (struct pollfd){.fd = server->wake[0], .events = POLLIN};
  all->count = 1;
  all->listeners = 0;
  if (!atomic_load(&server->room_is_wanted)) {
    all->listeners = server->listener_count;
  }
  for (int i = 0; i < all->listeners; i++) {
    all->fds[all->count++] =
        (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
  }
  pthread_mutex_lock(&server->lock);
  for (int i = 0; i < server->linger_count; i++) {
    all->fds[all->count++] =
        (struct pollfd){.fd = server->lingers[i].fd, .events = POLLIN};
  }
  pthread_mutex_unlock(&server->lock);
}

static void look_at(http_server *server, const watched *all) {
  if (all->fds[0].revents) read_wakes(server);
  for (int i = 0; i < all->listeners; i++) {
    if (all->fds[1 + i].revents) accept_some(server, server->listeners[i]);
  }
  if (all->count > 1 + all->listeners) http_linger_read(server);
}

void *http_keeper_run(void *user) {
  http_server *server = user;
  watched all;
  int look = look_ms(&server->options);
  uint64_t next_ms = http_now_ms();
  while (!atomic_load(&server->stopping)) {
    watch(server, &all);
    int wait = atomic_load(&server->room_is_wanted) ? ROOM_MS : look;
    int ready = poll(all.fds, (nfds_t)all.count, wait);
    atomic_store(&server->room_is_wanted, false);
    if (ready > 0) look_at(server, &all);
    if (atomic_load(&server->draining) && server->listener_count > 0) {
      end_listening(server);
    }
    uint64_t now_ms = http_now_ms();
    if (now_ms < next_ms) continue;
    http_deadlines_keep(server, now_ms > next_ms + (uint64_t)look);
    http_linger_read(server);
    next_ms = http_now_ms() + (uint64_t)look;
  }
  http_listen_end(server);
  say_listening_ended(server);
  return NULL;
}
