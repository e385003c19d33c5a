/* work_pool.h: a fixed number of threads that turn requests into answers.
 * Whoever comes free takes all that waits, up to a batch, and sends it through
 * the network at once. What takes long (large pictures) has a lane and a thread
 * of its own, so that it never stands before what is quick. What is shorter
 * than waking a thread twice is done by the thread that brings it, as a guest.
 * Must not know HTTP. */
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
  bool is_slow;  /* begin in the slow lane */
  bool is_brief; /* a guest does it: `read` says WORK_SLOW to what is more */

  size_t count;
  uint8_t *images;               /* [count][28][28] */
  const numeral_frame *frames;   /* [count]: where they come from */
  numeral_prediction *predicted; /* [count] */
  bool needs_network;            /* else `answer` looks for itself */

  work_times times;
  double queued_seconds; /* machine_seconds() */
  int worker;            /* its place in sessions and explainers */
  work *next;
};

typedef struct work_pool work_pool;

typedef struct work_pool_options {
  int workers;         /* quick ones; one slow one comes on top */
  int guests;          /* threads that may be in work_pool_do at once */
  int queue;           /* most that may wait in each lane */
  double wait_seconds; /* for a batch to fill, while all other workers are
                          busy */
  /* Called after each batch: so many images went through the network. */
  void (*batched)(void *user, size_t images);
  void *user;
} work_pool_options;

/* How many workers, guests among them, a model needs sessions for. */
int work_pool_workers(const work_pool_options *options);

numeral_status work_pool_create(const work_pool_options *options,
                                work_pool **pool, numeral_error *error);
/* Once all that was added is answered the threads are gone, and nothing can be
 * added or done any more. */
void work_pool_end(work_pool *pool);
/* Ends it first. Accepts NULL. */
void work_pool_destroy(work_pool *pool);

/* False where too many wait. */
bool work_pool_add(work_pool *pool, work *w);

/* Does it here and now, in the caller's thread. False: it was not done, since
 * the pool is busy, all guests' places are taken, or it is not brief; add it
 * then. */
bool work_pool_do(work_pool *pool, work *w);

/* How many wait. */
int work_pool_waiting(work_pool *pool);

#endif
