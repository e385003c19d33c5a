/* http_deadlines.c: connections that the keeper ends: too slow, too long idle,
 * or in the way of others. MHD's own timeout only sees pauses, so that a byte a
 * second keeps a connection for ever. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "app/microhttpd/http_parts.h"

/* A client has so long to take its 408. And a connection that has just had its
 * reply makes room for no one: its client is about to ask again. */
enum { LAST_WORD_MS = 1000, RESTING_MS = 50 };

static uint64_t limit_ms(double seconds) { return (uint64_t)(seconds * 1e3); }

/* Only the writing side is closed at once: bytes that come after the reading
 * side is closed make the kernel send a reset, which overtakes the reply. */
static void say_late(const http_connection *connection) {
  static const char body[] =
      "{\"error\":\"the request took too long to come: send it faster\"}";
  char text[256];
  if (connection->server->options.certificate) {
    shutdown(connection->fd, SHUT_RDWR);
    return;
  }
  int size = snprintf(text, sizeof text,
                      "HTTP/1.1 408 Request Timeout\r\n"
                      "Content-Type: application/json\r\n"
                      "Content-Length: %zu\r\n"
                      "Connection: close\r\n\r\n%s",
                      sizeof body - 1, body);
  send(connection->fd, text, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
  shutdown(connection->fd, SHUT_WR);
}

/* When the first byte of the request came, which the kernel knows: MHD says
 * nothing before a whole line has come. */
static bool head_has_begun(http_connection *connection, uint64_t now_ms) {
  uint64_t taken = atomic_load(&connection->taken_bytes);
  if (connection->head_begun && connection->head_taken == taken) return true;
  connection->head_begun = http_connection_untaken_bytes(connection) > 0;
  connection->head_taken = taken;
  connection->head_ms = now_ms;
  return connection->head_begun;
}

/* Bytes that have come and no worker has read yet. */
static bool has_unread_bytes(const http_connection *connection) {
  int count = 0;
  return ioctl(connection->fd, FIONREAD, &count) == 0 && count > 0;
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

static bool is_over(const http_connection *connection, uint64_t since_ms,
                    double seconds, uint64_t now_ms) {
  since_ms = later(since_ms, connection->server->behind_ms);
  return now_ms - since_ms > limit_ms(seconds);
}

/* A client that waits for us is not late: its time begins anew when it has. */
static bool is_late(http_connection *connection, uint64_t begun_ms,
                    uint64_t now_ms) {
  if (has_unread_bytes(connection)) connection->behind_ms = now_ms;
  return is_over(connection, later(begun_ms, connection->behind_ms),
                 connection->server->options.request_seconds, now_ms);
}

/* How many requests were dropped: 0 or 1. */
static int keep_waiting(http_connection *connection, uint64_t word,
                        uint64_t now_ms) {
  if (head_has_begun(connection, now_ms)) {
    if (!is_late(connection, connection->head_ms, now_ms) ||
        !http_stage_end(connection, word, true)) {
      return 0;
    }
    say_late(connection);
    return 1;
  }
  if (is_over(connection, http_stage_ms(word),
              connection->server->options.idle_seconds, now_ms) &&
      http_stage_end(connection, word, false)) {
    shutdown(connection->fd, SHUT_RDWR);
  }
  return 0;
}

static void keep_reading(http_connection *connection, uint64_t word,
                         uint64_t now_ms) {
  uint64_t taken = atomic_load(&connection->taken_bytes);
  uint64_t begun_ms = http_stage_ms(word);
  if (connection->head_begun && connection->head_taken == taken) {
    begun_ms = connection->head_ms;
  }
  if (is_late(connection, begun_ms, now_ms) &&
      http_stage_end(connection, word, true)) {
    say_late(connection);
  }
}

static int keep(http_connection *connection, uint64_t now_ms) {
  uint64_t word = atomic_load(&connection->stage);
  uint64_t since_ms = http_stage_ms(word);
  if (since_ms > now_ms) return 0; /* it has just moved */
  switch (http_stage_of(word)) {
    case STAGE_WAITING:
      return keep_waiting(connection, word, now_ms);
    case STAGE_READING:
      keep_reading(connection, word, now_ms);
      break;
    case STAGE_SENDING:
      if (is_over(connection, since_ms,
                  connection->server->options.request_seconds, now_ms) &&
          http_stage_end(connection, word, true)) {
        shutdown(connection->fd, SHUT_RDWR);
      }
      break;
    case STAGE_ENDED:
      if (now_ms - since_ms > LAST_WORD_MS) {
        shutdown(connection->fd, SHUT_RDWR);
      }
      break;
    case STAGE_HANDLED:
      break;
  }
  return 0;
}

void http_deadlines_keep(http_server *server, bool is_behind) {
  int dropped = 0;
  uint64_t now_ms = http_now_ms();
  if (is_behind) server->behind_ms = now_ms;
  pthread_mutex_lock(&server->lock);
  for (http_connection *at = server->connections; at; at = at->next) {
    dropped += keep(at, now_ms);
  }
  pthread_mutex_unlock(&server->lock);
  while (dropped-- > 0) server->calls.drop(server->calls.user, "deadline");
}

/* Who has never asked goes before who has, and then who has waited longer. A
 * head that has begun does not protect: else 500 slow ones would keep all
 * others out. */
static bool goes_before(const http_connection *a, uint64_t a_word,
                        const http_connection *b, uint64_t b_word) {
  bool a_asked = atomic_load(&a->taken_bytes) > 0;
  bool b_asked = atomic_load(&b->taken_bytes) > 0;
  if (a_asked != b_asked) return b_asked;
  return http_stage_ms(a_word) < http_stage_ms(b_word);
}

bool http_deadlines_make_room(http_server *server) {
  http_connection *first = NULL;
  uint64_t first_word = 0, now_ms = http_now_ms();
  bool has_ended = false;
  pthread_mutex_lock(&server->lock);
  for (http_connection *at = server->connections; at; at = at->next) {
    uint64_t word = atomic_load(&at->stage);
    if (http_stage_of(word) != STAGE_WAITING) continue;
    if (http_stage_ms(word) + RESTING_MS >= now_ms) continue;
    if (!first || goes_before(at, word, first, first_word)) {
      first = at;
      first_word = word;
    }
  }
  if (first) has_ended = http_stage_end(first, first_word, false);
  if (has_ended) shutdown(first->fd, SHUT_RDWR);
  pthread_mutex_unlock(&server->lock);
  if (has_ended) server->calls.drop(server->calls.user, "connections");
  return has_ended;
}

void http_deadlines_close_idle(http_server *server) {
  uint64_t now_ms = http_now_ms();
  pthread_mutex_lock(&server->lock);
  for (http_connection *at = server->connections; at; at = at->next) {
    uint64_t word = atomic_load(&at->stage);
    if (http_stage_of(word) == STAGE_WAITING && !head_has_begun(at, now_ms) &&
        http_stage_end(at, word, false)) {
      shutdown(at->fd, SHUT_RDWR);
    }
  }
  pthread_mutex_unlock(&server->lock);
}
