/* http_world.h: a server of the module "microhttpd" for tests, what it answers,
 * and what it has told. */
#ifndef TESTS_UNIT_HTTP_WORLD_H
#define TESTS_UNIT_HTTP_WORLD_H
#include <pthread.h>
#include <stdatomic.h>

#include "app/microhttpd/http_server.h"

/* Paths:
 *   /echo     the body, or "nothing"; /echo/close ends the connection
 *   /late     the same from another thread, after handle has returned
 *   /hold     the same, but only once world.hold is false
 *   /race     from another thread, while handle returns
 *   /tell     "METHOD PATH ADDRESS header x-note, query q"
 *   /big      50 MB
 *   /refuse   403 in admit, so that the body is not read
 *   else      404 */
typedef struct http_world {
  http_server *server;
  http_functions http;
  int port;
  /* counted by the calls */
  atomic_int admitted, handled, finished, sent, warned;
  atomic_int malformed, deadline, crowded;
  atomic_int last_status; /* of finish */
  atomic_size_t last_bytes;
  atomic_size_t last_length; /* what admit saw of the body's length */
  atomic_bool hold;
  /* the thread that replies late */
  pthread_t replier;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  http_exchange *queue[1024];
  int queued;
  bool replier_ends;
} http_world;

/* Bodies that were given back, since a server was started last. */
extern atomic_int http_world_released;

/* 127.0.0.1, a free port, 2 threads, 64 connections, 30 s for all. */
http_options http_world_options(void);
/* Starts and ends a server; both fail the test where that fails. */
void http_world_start(http_world *world, const http_options *options);
void http_world_stop(http_world *world);
/* The module's function, to start a server that may fail. */
http_start_fn *http_world_module(void);
http_calls http_world_calls(http_world *world);

/* Waits until *count is `least` or more, and fails the test after 20 s. */
void http_world_wait(atomic_int *count, int least);
/* Waits until there are so many connections and exchanges. */
void http_world_wait_open(http_world *world, int connections, int exchanges);

#endif
