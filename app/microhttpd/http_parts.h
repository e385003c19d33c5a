/* http_parts.h: what the files of this module share: a server, its
 * connections, and which thread may touch what of them.
 *
 * Three kinds of threads meet here. MHD's workers read and write, each its own
 * connections. One keeper accepts, and ends what is too slow. Anybody's threads
 * reply. Where a connection stands is one atomic word, so that a keeper never
 * ends what a worker has just begun: whoever moves the word first, wins. */
#ifndef NUMERAL_APP_MICROHTTPD_HTTP_PARTS_H
#define NUMERAL_APP_MICROHTTPD_HTTP_PARTS_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "app/microhttpd/http_server.h"

/* Where a connection stands. Workers go round from WAITING to SENDING; only
 * the keeper sets ENDED, and nothing follows it. */
typedef enum http_stage {
  STAGE_WAITING, /* for a request line; may have some of it */
  STAGE_READING, /* headers and body */
  STAGE_HANDLED, /* the caller has it; no deadline */
  STAGE_SENDING, /* the reply */
  STAGE_ENDED
} http_stage;

/* What has become of an exchange's reply, which may come from any thread. */
typedef enum http_answer {
  ANSWER_NONE,
  ANSWER_SUSPENDED, /* the worker has gone on: reply wakes it */
  ANSWER_GIVEN
} http_answer;

/* How far the worker is with a request. */
typedef enum http_phase {
  PHASE_NONE,     /* its head has not come */
  PHASE_ADMITTED, /* its body comes */
  PHASE_HANDED    /* it was handled, or answered before */
} http_phase;

typedef struct http_connection {
  http_exchange exchange; /* first: one is the other's address */
  http_server *server;
  struct MHD_Connection *mhd;
  struct http_connection *next, *previous; /* under the server's lock */
  int fd;
  char address[INET6_ADDRSTRLEN];
  _Atomic uint64_t stage;       /* milliseconds since when, and an http_stage */
  _Atomic uint64_t taken_bytes; /* of the requests before this one */
  /* the worker's */
  http_phase phase;
  bool seen;       /* admit has seen the exchange */
  bool no_memory;  /* for its body, the rest of which is thrown away */
  bool has_failed; /* its last request was not read or answered to its end */
  bool linger;     /* bytes may come that are not read: see http_linger.c */
  size_t body_room_bytes;
  /* the reply: whoever replies writes, then the worker reads */
  _Atomic int answer;
  struct MHD_Response *response;
  int status;
  size_t reply_bytes;
  /* the keeper's */
  bool late;           /* ENDED for a deadline */
  bool head_begun;     /* some bytes of the request came at head_ms; */
  uint64_t head_taken; /* of the one with these taken_bytes before it */
  uint64_t head_ms;
  uint64_t behind_ms; /* when bytes were last seen that no worker had read */
} http_connection;

enum { HTTP_LISTENERS = 8, HTTP_LINGERS = 64 };

/* Sockets of ours that are read to their end, and nothing else. */
typedef struct http_linger {
  int fd;
  uint64_t until_ms;
} http_linger;

struct http_server {
  http_calls calls;
  http_options options; /* its texts are gone after start */
  struct MHD_Daemon *daemon;
  char log[256]; /* what MHD said last while it started */
  bool started;
  _Atomic uint64_t warn_second; /* and how often, see http_server.c */
  int port;
  atomic_bool draining, stopping;
  _Atomic int exchanges;
  /* the keeper and those who wake it */
  pthread_t keeper;
  bool keeper_runs;
  uint64_t behind_ms;         /* the keeper's: when it last came late itself */
  int wake[2];                /* a pipe */
  atomic_bool room_is_wanted; /* the keeper waits for a connection to end */
  int listeners[HTTP_LISTENERS],
      listener_count; /* the keeper's, once it runs */
  /* under the lock */
  pthread_mutex_t lock;
  pthread_cond_t listening_ended;
  bool is_listening;
  http_connection *connections, **by_fd;
  int by_fd_room;
  int open, ending; /* connections, and those of them that were ended */
  http_linger lingers[HTTP_LINGERS];
  int linger_count;
};

/* ---- http_server.c ---- */

/* Says something odd, but not more than a few times a second. */
void http_warn(http_server *server, const char *text);

/* ---- http_listen.c ---- */

/* Binds every address of the host to the port, one at least. */
numeral_status http_listen(http_server *server, const char *host, int port,
                           numeral_error *error);
/* New clients are not even greeted from now on, those greeted still come. */
void http_listen_refuse(const http_server *server);
void http_listen_end(http_server *server);

/* ---- http_connections.c: all connections ---- */

/* Milliseconds of machine_seconds(). */
uint64_t http_now_ms(void);
double http_now_seconds(void);

/* The two parts of http_connection.stage. */
static inline http_stage http_stage_of(uint64_t word) {
  return (http_stage)(word & 7);
}
static inline uint64_t http_stage_ms(uint64_t word) { return word >> 3; }

/* Moves on to `stage`; false: the keeper has ended the connection. */
bool http_stage_move(http_connection *connection, http_stage stage);
bool http_stage_is_ended(const http_connection *connection);
/* Ends it if it still stands at `word`. The keeper's, under the lock. */
bool http_stage_end(http_connection *connection, uint64_t word, bool is_late);

/* How many bytes the client has sent beyond the requests taken; 0 with TLS,
 * whose bytes tell nothing. */
uint64_t http_connection_untaken_bytes(const http_connection *connection);

/* A socket that was accepted, for MHD from now on. */
void http_connection_add(http_server *server, int fd,
                         const struct sockaddr *address, socklen_t size);
/* MHD's MHD_NotifyConnectionCallback. */
void http_connection_notify(void *user, struct MHD_Connection *mhd,
                            void **context,
                            enum MHD_ConnectionNotificationCode code);
void http_connections_free(http_server *server);

/* ---- http_deadlines.c: connections that are ended ---- */

/* Ends what is too slow, or has waited too long for a request. `is_behind`:
 * this look is late itself, so that nobody can be blamed for the time until
 * now. */
void http_deadlines_keep(http_server *server, bool is_behind);
/* Ends a connection that waits for a request: who has never asked first, then
 * who has waited longest; false: none. */
bool http_deadlines_make_room(http_server *server);
void http_deadlines_close_idle(http_server *server);

/* ---- http_linger.c ---- */

/* A client that is still sending would lose the reply if its connection were
 * just closed: bytes that nobody reads make the kernel send a reset, which
 * overtakes it. A copy of such a socket is read for a while. Under the lock. */
void http_linger_add(http_server *server, int fd);
/* Reads what came, closes what is over. The keeper's. */
void http_linger_read(http_server *server);
void http_linger_end(http_server *server);

/* ---- http_keeper.c: the thread ---- */

void *http_keeper_run(void *server);
void http_keeper_wake(http_server *server);

/* ---- http_exchange.c: MHD's callbacks for a request ---- */

void *http_exchange_begin(void *user, const char *uri,
                          struct MHD_Connection *mhd);
enum MHD_Result http_exchange_step(void *user, struct MHD_Connection *mhd,
                                   const char *url, const char *method,
                                   const char *version, const char *bytes,
                                   size_t *size, void **context);
void http_exchange_complete(void *user, struct MHD_Connection *mhd,
                            void **context,
                            enum MHD_RequestTerminationCode code);

/* ---- http_form.c ---- */

bool http_form_read(const http_exchange *exchange, http_part_fn *visit,
                    void *user);

/* ---- http_reply.c ---- */

void http_reply_give(http_exchange *exchange, const http_reply *reply);
/* A reply of our own: {"error": text}. */
void http_reply_error(http_connection *connection, int status,
                      const char *text);
enum MHD_Result http_reply_queue(http_connection *connection);

#endif
