/* http_exchange.c: a request from its first line to the end of its reply, as
 * MHD's workers tell it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/microhttpd/http_parts.h"

/* ---- its head ---- */

void *http_exchange_begin(void *user, const char *uri,
                          struct MHD_Connection *mhd) {
  (void)user, (void)uri;
  http_connection *connection =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
          ->socket_context;
  http_stage_move(connection, STAGE_READING);
  return connection;
}

typedef struct head_facts {
  const char *length, *coding;
  int lengths;
  bool has_blank; /* in a name: "Content-Length : 5" */
} head_facts;

static enum MHD_Result look_at_header(void *user, enum MHD_ValueKind kind,
                                      const char *name, const char *value) {
  head_facts *facts = user;
  (void)kind;
  if (strpbrk(name, " \t")) facts->has_blank = true;
  if (strcasecmp(name, "content-length") == 0) {
    facts->length = value;
    facts->lengths++;
  } else if (strcasecmp(name, "transfer-encoding") == 0) {
    facts->coding = value;
    facts->lengths++;
  }
  return MHD_YES;
}

/* False: what the head says of the body's length is not to be believed. MHD
 * believes the first of two lengths, and none with a blank before the colon; a
 * proxy before us maybe the other: then they disagree where the next request
 * begins. */
static bool read_length(http_connection *connection) {
  head_facts facts = {0};
  MHD_get_connection_values(connection->mhd, MHD_HEADER_KIND, look_at_header,
                            &facts);
  connection->exchange.body_bytes = 0;
  if (facts.coding) {
    connection->exchange.body_bytes = HTTP_LENGTH_UNKNOWN;
  } else if (facts.length) {
    connection->exchange.body_bytes = strtoumax(facts.length, NULL, 10);
  }
  return facts.lengths <= 1 && !facts.has_blank;
}

/* 0 before all of it has come. */
static size_t head_bytes(struct MHD_Connection *mhd) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

static void admit(http_connection *connection) {
  http_server *server = connection->server;
  connection->seen = true;
  atomic_fetch_add(&server->exchanges, 1);
  bool is_wanted =
      server->calls.admit(server->calls.user, &connection->exchange);
  if (is_wanted && connection->exchange.body_bytes == HTTP_LENGTH_UNKNOWN) {
    http_reply_error(connection, MHD_HTTP_LENGTH_REQUIRED,
                     "the request has a body but no Content-Length: send it "
                     "with one");
  } else if (!is_wanted) {
    http_reply_error(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
                     "the server has no answer to this");
  }
}

static void admit_or_refuse(http_connection *connection) {
  if (!read_length(connection)) {
    http_reply_error(connection, MHD_HTTP_BAD_REQUEST,
                     "the length of the body is told twice, or a header has a "
                     "blank before its colon");
  } else if (head_bytes(connection->mhd) >
             connection->server->options.head_bytes) {
    http_reply_error(connection, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
                     "the request line and headers are too long: shorten them");
  } else {
    admit(connection);
  }
}

/* A reply that is queued now ends the connection, which only a body that is not
 * read makes necessary: other replies wait for MHD to come again. */
static enum MHD_Result take_head(http_connection *connection, const char *url,
                                 const char *method) {
  if (http_stage_is_ended(connection)) return MHD_NO;
  http_exchange *exchange = &connection->exchange;
  exchange->method = method;
  exchange->path = url;
  exchange->address = connection->address;
  exchange->begun_seconds = http_now_seconds();
  connection->phase = PHASE_ADMITTED;
  admit_or_refuse(connection);
  bool has_body = exchange->body_bytes > 0;
  bool is_answered = atomic_load(&connection->answer) == ANSWER_GIVEN;
  connection->linger = is_answered && (has_body || !connection->seen);
  exchange->body_bytes = 0; /* from here on: what has come */
  if (!is_answered || !has_body) return MHD_YES;
  connection->phase = PHASE_HANDED;
  return http_reply_queue(connection);
}

/* ---- its body ---- */

static bool make_room(http_connection *connection, size_t size) {
  enum { FIRST_BYTES = 4096 };
  http_exchange *exchange = &connection->exchange;
  size_t needed = exchange->body_bytes + size;
  if (needed <= connection->body_room_bytes) return true;
  size_t room = 2 * connection->body_room_bytes;
  if (room < FIRST_BYTES) room = FIRST_BYTES;
  if (room < needed) room = needed;
  char *grown = realloc((void *)exchange->body, room);
  if (!grown) return false;
  exchange->body = grown;
  connection->body_room_bytes = room;
  return true;
}

/* What a client sends to a connection that is ended, or has no memory for it,
 * is thrown away: see say_late and http_linger.c for why it is read at all. */
static void take_bytes(http_connection *connection, const char *bytes,
                       size_t size) {
  http_exchange *exchange = &connection->exchange;
  if (http_stage_is_ended(connection) || connection->no_memory) return;
  if (!make_room(connection, size)) {
    connection->no_memory = true;
    return;
  }
  memcpy((char *)exchange->body + exchange->body_bytes, bytes, size);
  exchange->body_bytes += size;
}

/* ---- its reply ---- */

/* A reply that came while it was handled goes out at once; for a later one the
 * worker lets go of the connection until then. */
static enum MHD_Result hand_over(http_connection *connection) {
  http_server *server = connection->server;
  int none = ANSWER_NONE;
  if (!http_stage_move(connection, STAGE_HANDLED)) return MHD_NO;
  connection->phase = PHASE_HANDED;
  if (connection->no_memory) {
    http_reply_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                     "the server has no memory for the body: try again later, "
                     "or send less");
  } else if (atomic_load(&connection->answer) != ANSWER_GIVEN) {
    server->calls.handle(server->calls.user, &connection->exchange);
  }
  if (atomic_load(&connection->answer) == ANSWER_GIVEN) {
    return http_reply_queue(connection);
  }
  MHD_suspend_connection(connection->mhd);
  if (!atomic_compare_exchange_strong(&connection->answer, &none,
                                      ANSWER_SUSPENDED)) {
    MHD_resume_connection(connection->mhd); /* it came just now */
  }
  return MHD_YES;
}

enum MHD_Result http_exchange_step(void *user, struct MHD_Connection *mhd,
                                   const char *url, const char *method,
                                   const char *version, const char *bytes,
                                   size_t *size, void **context) {
  http_connection *connection = *context;
  (void)user, (void)mhd, (void)version;
  if (*size > 0) {
    take_bytes(connection, bytes, *size);
    *size = 0;
    return MHD_YES;
  }
  switch (connection->phase) {
    case PHASE_NONE:
      return take_head(connection, url, method);
    case PHASE_ADMITTED:
      return hand_over(connection);
    case PHASE_HANDED:
      break;
  }
  return atomic_load(&connection->answer) == ANSWER_GIVEN
             ? http_reply_queue(connection)
             : MHD_YES;
}

/* ---- its end ---- */

static void say_finished(http_connection *connection, bool is_sent) {
  http_server *server = connection->server;
  bool is_late = http_stage_is_ended(connection) && connection->late;
  bool has_reply = atomic_load(&connection->answer) == ANSWER_GIVEN;
  int status = connection->status;
  if (!has_reply) {
    enum { CLIENT_WENT_AWAY = 499 };
    status = is_late ? MHD_HTTP_REQUEST_TIMEOUT : CLIENT_WENT_AWAY;
  }
  server->calls.finish(server->calls.user, &connection->exchange, status,
                       is_sent ? connection->reply_bytes : 0, is_sent);
  atomic_fetch_sub(&server->exchanges, 1);
}

/* Those that admit has not seen were refused by MHD or by us. */
static void say_dropped(http_connection *connection,
                        enum MHD_RequestTerminationCode code) {
  const http_calls *calls = &connection->server->calls;
  if (code == MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN) return;
  if (!http_stage_is_ended(connection)) {
    calls->drop(calls->user, "malformed");
  } else if (connection->late) {
    calls->drop(calls->user, "deadline");
  }
}

static void make_ready(http_connection *connection, size_t taken_bytes) {
  atomic_fetch_add(&connection->taken_bytes, taken_bytes);
  free((void *)connection->exchange.body);
  memset(&connection->exchange, 0, sizeof connection->exchange);
  connection->body_room_bytes = 0;
  connection->phase = PHASE_NONE;
  connection->seen = connection->no_memory = false;
  connection->status = 0;
  connection->reply_bytes = 0;
  if (connection->response) MHD_destroy_response(connection->response);
  connection->response = NULL;
  atomic_store(&connection->answer, ANSWER_NONE);
  http_stage_move(connection, STAGE_WAITING);
}

void http_exchange_complete(void *user, struct MHD_Connection *mhd,
                            void **context,
                            enum MHD_RequestTerminationCode code) {
  http_connection *connection = *context;
  (void)user;
  if (!connection) return;
  bool is_sent = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
  size_t taken = head_bytes(mhd) + connection->exchange.body_bytes;
  if (connection->seen) {
    say_finished(connection, is_sent);
  } else {
    say_dropped(connection, code);
  }
  if (!is_sent) connection->has_failed = true;
  if (!is_sent && !connection->seen) connection->linger = true;
  make_ready(connection, taken);
  *context = NULL;
}
