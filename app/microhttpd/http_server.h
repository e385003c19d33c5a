/* http_server.h: an HTTP/1.1 server as the rest of the program sees it, over
 * libmicrohttpd in a module ("microhttpd"). It reads requests within limits and
 * sends replies; what is asked and answered it must not know.
 *
 * A request becomes an exchange. When its head has come, `admit` decides
 * whether its body is wanted; when its body has come, `handle` takes over and
 * replies, then or later, from any thread, once. `finish` ends it.
 */
#ifndef NUMERAL_APP_MICROHTTPD_HTTP_SERVER_H
#define NUMERAL_APP_MICROHTTPD_HTTP_SERVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numeral.h"

typedef struct http_server http_server;

/* One request and its reply. Belongs to the server; the pointers stay good
 * until http_calls.finish has returned. */
typedef struct http_exchange {
  const char *method;   /* "GET", as sent */
  const char *path;     /* "/v1/predict", percent-decoded, without the query */
  const char *address;  /* who asks: "192.0.2.7", "2001:db8::1" */
  const char *body;     /* NULL until handle */
  size_t body_bytes;    /* in admit: what Content-Length declares, 0 where there
                           is no body, HTTP_LENGTH_UNKNOWN where there is one
                           with Transfer-Encoding, which the server will not
                           read: admit may say so in its own words, or the
                           server does (411) */
  double begun_seconds; /* machine_seconds() when the head had come */
  void *data;           /* for the caller; NULL in admit */
} http_exchange;

#define HTTP_LENGTH_UNKNOWN SIZE_MAX

typedef struct http_header {
  const char *name, *value;
} http_header;

/* A part of a form (multipart/form-data). */
typedef struct http_part {
  const char *name, *file_name; /* file_name NULL: a field */
  const void *bytes;
  size_t size_bytes;
} http_part;

/* False: no more parts are wanted. */
typedef bool http_part_fn(void *user, const http_part *part);

enum { HTTP_REPLY_HEADERS = 16 };

typedef struct http_reply {
  int status;       /* 200, ... */
  const char *type; /* Content-Type, or NULL */
  void *body;       /* body_bytes of them; may be NULL where that is 0 */
  size_t body_bytes;
  void (*release)(void *body); /* ends body once sent, also where sending
                                  fails; NULL: body is static */
  http_header headers[HTTP_REPLY_HEADERS]; /* until a NULL name; copied */
  bool close; /* the connection ends after this reply */
} http_reply;

/* What the server calls, from its own threads, several at once; short work
 * only. `user` is passed back. */
typedef struct http_calls {
  void *user;
  /* The head has come. True: the body is read, then handle is called. False:
   * admit has called reply, and the body is not read (where there
   * is one, the connection ends after the reply). */
  bool (*admit)(void *user, http_exchange *exchange);
  void (*handle)(void *user, http_exchange *exchange);
  /* The reply was sent (status and the bytes of its body), or could not be: the
   * client went away or was too slow (sent false; status 408 where it was too
   * slow with its request, else that of the reply, or 499 where there was
   * none). Called once for each exchange that admit saw; not before handle's
   * work has replied. */
  void (*finish)(void *user, http_exchange *exchange, int status,
                 size_t sent_bytes, bool sent);
  /* One line about something odd below HTTP (a TLS handshake, ...). */
  void (*warn)(void *user, const char *text);
  /* A request so malformed that it never became an exchange, or a connection
   * that was refused or ended for a limit: for counting. reason is a static
   * word: "malformed", "deadline", "connections". */
  void (*drop)(void *user, const char *reason);
} http_calls;

typedef struct http_options {
  const char *host; /* "127.0.0.1", "::", a name */
  int port;         /* 0: any free one */
  int threads;      /* that read and write; each has its share of connections */
  int connections;  /* at once; where they are all taken, one that waits for a
                       request makes room: first such as have never asked, then
                       the one that has waited longest; where none waits, a new
                       one does */
  size_t head_bytes;      /* most of a request line with headers: else 431 */
  double idle_seconds;    /* a connection without a request may stay so long */
  double request_seconds; /* from the first byte of a head to the last of its
                             body, and again for a client to take the reply: a
                             total, not a pause. Else 408 where that can still
                             be said, and the connection ends */
  const char *certificate, *key; /* PEM texts for TLS 1.2 and later, or NULL */
} http_options;

/* Listens and serves from now on. The function of the module; the others are
 * reached through the table that it fills. IO: the address or port cannot be
 * had (the message says which and why). */
typedef struct http_functions {
  int (*port)(const http_server *server);
  /* Value of a header (name in any case) or a query field, or NULL. */
  const char *(*header)(const http_exchange *exchange, const char *name);
  const char *(*query)(const http_exchange *exchange, const char *name);
  /* Calls `visit` for each part of the body, from handle on, in any thread.
   * False where the body is no whole form, or memory was refused. */
  bool (*form)(const http_exchange *exchange, http_part_fn *visit, void *user);
  /* Copies all of *reply but the body, which it takes over. */
  void (*reply)(http_exchange *exchange, const http_reply *reply);
  /* How many connections are open, and exchanges without a sent reply. */
  void (*count)(const http_server *server, int *connections, int *exchanges);
  /* No new connections from now on: the port is free when it returns. Every
   * reply from now on ends its connection. */
  void (*drain)(http_server *server);
  /* Ends all connections that have no exchange; call after drain, when a
   * client that was about to ask has had a moment to do so. */
  void (*close_idle)(http_server *server);
  /* Ends everything; no call is made after it has returned. Every exchange
   * that was handled must have replied before. NULL is accepted. */
  void (*stop)(http_server *server);
} http_functions;

typedef numeral_status http_start_fn(const http_options *options,
                                     const http_calls *calls,
                                     http_server **server,
                                     http_functions *functions,
                                     numeral_error *error);
http_start_fn http_start;

#endif
