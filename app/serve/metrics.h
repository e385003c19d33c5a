/* metrics.h: what the service counts, told in Prometheus' text format (0.0.4).
 * Counting is a few atomic additions, from any thread. */
#ifndef NUMERAL_APP_SERVE_METRICS_H
#define NUMERAL_APP_SERVE_METRICS_H
#include <stdbool.h>
#include <stddef.h>

#include "app/serve/model_shelf.h"
#include "app/text_buffer.h"

typedef struct metrics metrics;

metrics *metrics_create(void); /* NULL: no memory */
void metrics_destroy(metrics *m);

/* A request to the route in place `index` (routes.h) was answered. */
void metrics_request(metrics *m, int index, int status, double seconds);
/* A connection was ended for `reason` (http_server.h). */
void metrics_drop(metrics *m, const char *reason);
/* Images went through the network together. */
void metrics_batch(metrics *m, size_t images);
/* An image was answered with a digit (NONE), or with none for that reason. */
void metrics_answer(metrics *m, numeral_reason reason);
/* A model's file was read again. */
void metrics_reload(metrics *m, bool loaded);

/* What is true at the moment that it is told. */
typedef struct metrics_now {
  int connections, exchanges, waiting;
  bool ready;
  model_shelf *shelf;
  const char *precision; /* as asked for, "auto" */
} metrics_now;

/* Adds all of it to `text`. */
void metrics_write(metrics *m, const metrics_now *now, text_buffer *text);

#endif
