/* service.h: all that is there while `numeral serve` runs. */
#ifndef NUMERAL_APP_SERVE_SERVICE_H
#define NUMERAL_APP_SERVE_SERVICE_H
#include <pthread.h>
#include <stdatomic.h>

#include "app/microhttpd/http_server.h"
#include "app/random_digit.h"
#include "app/serve/access_log.h"
#include "app/serve/metrics.h"
#include "app/serve/model_shelf.h"
#include "app/serve/rate_limit.h"
#include "app/serve/site.h"
#include "app/serve/work_pool.h"

typedef struct service_options {
  http_options http;
  shelf_options models;
  work_pool_options pool;
  size_t body_bytes;    /* most of a body: else 413 */
  size_t bodies_bytes;  /* most of all long bodies together: else 503 */
  uint64_t pixels;      /* most of a picture: else 413, before it is decoded */
  double rate;          /* requests a second and address; 0: no limit */
  const char *token;    /* who asks must show it, or NULL */
  const char *origin;   /* other pages that may ask (CORS): "*", one, or NULL */
  double drain_seconds; /* most that leaving may take */
  const char *log_path; /* "-": standard error; NULL: none */
  const char *data_dir; /* of test digits, or NULL */
  const char *precision; /* the word, for metrics */
  bool quiet;            /* requests are not logged */
} service_options;

typedef struct service {
  service_options options;
  model_shelf *shelf;
  work_pool *pool;
  metrics *metrics;
  access_log *log;
  rate_limit *rates;
  site site;
  random_digit digits;
  pthread_mutex_t digits_lock;
  http_functions http;
  http_server *server;
  atomic_bool is_ready;
  atomic_size_t reserved_bytes; /* for long bodies */
} service;

/* Serves until a signal asks to end (SIGTERM, SIGINT); reads models again at
 * SIGHUP. These must be blocked in every thread. Gives the program's exit
 * code. */
int service_run(const service_options *options);

#endif
