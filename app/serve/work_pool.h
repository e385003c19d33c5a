/* work_pool.h: a fixed number of threads that turn requests into answers.
 * Whoever comes free takes all that waits, up to a batch, and sends it through
 * the network at once. What takes long (large pictures) has a lane and a thread
 * of its own, so that it never stands before what is quick. Must not know HTTP.
 */
#ifndef NUMERAL_APP_SERVE_WORK_POOL_H
#define NUMERAL_APP_SERVE_WORK_POOL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/serve/model_shelf.h"
#include "numeral.h"

typedef struct work work;

typedef enum work_state {
  WORK_READY = 0, /* images wait for the network */
  WORK_SLOW,      /* not done: this belongs into the slow lane */
  WORK_ANSWERED   /* there is nothing for the network to do */
} work_state;

/* Seconds that each part of an answer took. */
typedef struct work_times {
  double decode, normalise, wait, network, explain;
} work_times;

/* What is asked. Set by whoever adds it: the first block; by `read`: the second
 * one; by the pool: the rest. */
struct work {
  void *user;
  /* Makes images of what came, in a worker; `slow` says which lane this is. */
  work_state (*read)(work *w, bool slow);
  /* The network has spoken. Called in the worker too. */
  void (*answer)(work *w);
  served_model *model;
  bool is_slow; /* begin in the slow lane */

  size_t count;
  uint8_t *images;               /* [count][28][28] */
  numeral_prediction *predicted; /* [count]; reason BLANK is kept */
  bool needs_network;            /* else `answer` looks for itself */

  work_times times;
  double queued_seconds; /* machine_seconds() */
  int worker;            /* its place in sessions and explainers */
  work *next;
};

typedef struct work_pool work_pool;

typedef struct work_pool_options {
  int workers;         /* quick ones; one slow one comes on top */
  int queue;           /* most that may wait in each lane */
  double wait_seconds; /* for a batch to fill, while all other workers are
                          busy */
  /* Called after each batch: so many images went through the network. */
  void (*batched)(void *user, size_t images);
  void *user;
} work_pool_options;

/* How many workers a model needs sessions for. */
int work_pool_workers(const work_pool_options *options);

numeral_status work_pool_create(const work_pool_options *options,
                                work_pool **pool, numeral_error *error);
/* Ends once all that was added is answered. Accepts NULL. */
void work_pool_destroy(work_pool *pool);

/* False where too many wait. */
bool work_pool_add(work_pool *pool, work *w);

/* How many wait. */
int work_pool_waiting(work_pool *pool);

#endif
