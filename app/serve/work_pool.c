/* work_pool.c: see work_pool.h. */
#include "app/serve/work_pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/machine.h"
#include "formats/format_fail.h"

enum { BATCH = 64, LANES = 2 };

typedef enum lane_name { QUICK = 0, SLOW } lane_name;

typedef struct lane {
  work *first, *last;
  int count;
  pthread_cond_t filled;
} lane;

/* A thread and its place; a guest brings its own thread. */
typedef struct worker {
  work_pool *pool;
  pthread_t thread;
  struct worker *next_guest; /* whose place is free too */
  int index;
  lane_name lane;
  work *batch[BATCH];
  size_t count;
  uint8_t images[BATCH][NUMERAL_IMAGE_PIXELS];
  numeral_frame frames[BATCH];
  numeral_prediction predicted[BATCH];
} worker;

struct work_pool {
  work_pool_options options;
  pthread_mutex_t lock;
  lane lanes[LANES];
  int idle; /* quick workers that wait for something to do */
  bool ending;
  worker *workers; /* first those with threads, then the guests */
  int started;
  worker *free_guests;
};

static int count_threads(const work_pool_options *options) {
  return options->workers + 1;
}

int work_pool_workers(const work_pool_options *options) {
  return count_threads(options) + options->guests;
}

/* ---- Lanes ---- */

static void push(lane *l, work *w) {
  w->next = NULL;
  if (l->last != NULL) {
    l->last->next = w;
  } else {
    l->first = w;
  }
  l->last = w;
  ++l->count;
}

static work *pop(lane *l) {
  work *w = l->first;
  l->first = w->next;
  if (l->first == NULL) l->last = NULL;
  --l->count;
  return w;
}

static bool add(work_pool *pool, work *w, lane_name name) {
  lane *l = &pool->lanes[name];
  pthread_mutex_lock(&pool->lock);
  bool fits = l->count < pool->options.queue && !pool->ending;
  if (fits) {
    push(l, w);
    pthread_cond_signal(&l->filled);
  }
  pthread_mutex_unlock(&pool->lock);
  return fits;
}

bool work_pool_add(work_pool *pool, work *w) {
  w->queued_seconds = machine_seconds();
  return add(pool, w, w->is_slow ? SLOW : QUICK);
}

int work_pool_waiting(work_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  int count = pool->lanes[QUICK].count + pool->lanes[SLOW].count;
  pthread_mutex_unlock(&pool->lock);
  return count;
}

static struct timespec clock_at(double seconds) {
  time_t whole = (time_t)seconds;
  return (struct timespec){whole, (long)((seconds - (double)whole) * 1e9)};
}

static void take_waiting(worker *me, lane *l, size_t most) {
  while (l->first != NULL && me->count < most) me->batch[me->count++] = pop(l);
}

/* While every other worker is busy, a batch that is not full waits a moment. */
static void wait_for_more(worker *me, lane *l) {
  work_pool *pool = me->pool;
  if (pool->options.wait_seconds <= 0 || pool->idle > 0) return;
  struct timespec until =
      clock_at(me->batch[0]->queued_seconds + pool->options.wait_seconds);
  while (me->count < BATCH && !pool->ending) {
    if (pthread_cond_timedwait(&l->filled, &pool->lock, &until) == ETIMEDOUT)
      return;
    take_waiting(me, l, BATCH);
  }
}

/* Waits for something to do. False: there will be nothing more. */
static bool take_batch(worker *me) {
  work_pool *pool = me->pool;
  lane *l = &pool->lanes[me->lane];
  me->count = 0;
  pthread_mutex_lock(&pool->lock);
  if (me->lane == QUICK) ++pool->idle;
  while (l->first == NULL && !pool->ending)
    pthread_cond_wait(&l->filled, &pool->lock);
  if (me->lane == QUICK) --pool->idle;
  take_waiting(me, l, me->lane == QUICK ? BATCH : 1);
  if (me->lane == QUICK && me->count > 0) wait_for_more(me, l);
  pthread_mutex_unlock(&pool->lock);
  return me->count > 0;
}

/* ---- A batch ---- */

/* Reads what came; keeps in the batch what the network is wanted for. */
static void read_batch(worker *me) {
  size_t kept = 0;
  for (size_t i = 0; i < me->count; ++i) {
    work *w = me->batch[i];
    w->worker = me->index;
    w->times.wait += machine_seconds() - w->queued_seconds;
    work_state state = w->read(w, me->lane == SLOW);
    if (state == WORK_SLOW) {
      w->queued_seconds = machine_seconds();
      if (add(me->pool, w, SLOW)) continue;
      state = w->read(w, true); /* too many wait there: it is done here */
    }
    if (state == WORK_READY && w->needs_network) {
      me->batch[kept++] = w;
    } else {
      w->answer(w);
    }
  }
  me->count = kept;
}

/* Its arguments are right, so it cannot fail. */
static void predict(worker *me, served_model *model, const uint8_t *images,
                    const numeral_frame *frames, size_t count,
                    numeral_prediction *predicted) {
  numeral_status status = numeral_session_judge(
      model->sessions[me->index], images, frames, count, predicted, NULL);
  assert(status == NUMERAL_OK);
  (void)status;
}

/* Single images for one model go through the network together: those of the
 * batch from `first` on. */
static size_t predict_single(worker *me, size_t first, bool *done) {
  served_model *model = me->batch[first]->model;
  size_t rows[BATCH], count = 0;
  for (size_t i = first; i < me->count; ++i) {
    work *w = me->batch[i];
    if (done[i] || w->model != model || w->count != 1) continue;
    memcpy(me->images[count], w->images, sizeof me->images[count]);
    me->frames[count] = w->frames[0];
    rows[count++] = i;
  }
  predict(me, model, me->images[0], me->frames, count, me->predicted);
  for (size_t i = 0; i < count; ++i) {
    me->batch[rows[i]]->predicted[0] = me->predicted[i];
    done[rows[i]] = true;
  }
  return count;
}

static void predict_batch(worker *me) {
  bool done[BATCH] = {false};
  for (size_t i = 0; i < me->count; ++i) {
    work *w = me->batch[i];
    if (done[i]) continue;
    double begun = machine_seconds();
    size_t images = w->count;
    if (w->count == 1) {
      images = predict_single(me, i, done);
    } else {
      predict(me, w->model, w->images, w->frames, w->count, w->predicted);
      done[i] = true;
    }
    double seconds = machine_seconds() - begun;
    for (size_t j = i; j < me->count; ++j) {
      if (done[j] && me->batch[j]->times.network == 0)
        me->batch[j]->times.network = seconds;
    }
    me->pool->options.batched(me->pool->options.user, images);
  }
}

static void *work_on(void *argument) {
  worker *me = argument;
  while (take_batch(me)) {
    read_batch(me);
    predict_batch(me);
    for (size_t i = 0; i < me->count; ++i) me->batch[i]->answer(me->batch[i]);
  }
  return NULL;
}

/* ---- Guests ---- */

/* While no worker is idle there is a batch to join, which is cheaper. */
static worker *take_place(work_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  bool is_busy = pool->idle == 0 || pool->lanes[QUICK].first != NULL;
  worker *me = pool->ending || is_busy ? NULL : pool->free_guests;
  if (me != NULL) pool->free_guests = me->next_guest;
  pthread_mutex_unlock(&pool->lock);
  return me;
}

static void leave_place(worker *me) {
  work_pool *pool = me->pool;
  pthread_mutex_lock(&pool->lock);
  me->next_guest = pool->free_guests;
  pool->free_guests = me;
  pthread_mutex_unlock(&pool->lock);
}

bool work_pool_do(work_pool *pool, work *w) {
  worker *me = take_place(pool);
  if (me == NULL) return false;
  w->worker = me->index;
  w->is_brief = true;
  work_state state = w->read(w, false);
  w->is_brief = false;
  if (state == WORK_READY && w->needs_network) {
    me->batch[0] = w;
    me->count = 1;
    predict_batch(me);
  }
  if (state != WORK_SLOW) w->answer(w);
  leave_place(me);
  return state != WORK_SLOW;
}

/* ---- Life ---- */

static void init_lane(lane *l) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&l->filled, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* False: the system refused a thread. */
static bool start_workers(work_pool *pool) {
  int threads = count_threads(&pool->options);
  for (int i = 0; i < work_pool_workers(&pool->options); ++i) {
    worker *w = &pool->workers[i];
    *w = (worker){.pool = pool,
                  .index = i,
                  .lane = i < pool->options.workers ? QUICK : SLOW};
    if (i >= threads) {
      w->lane = QUICK;
      leave_place(w);
    } else if (pthread_create(&w->thread, NULL, work_on, w) == 0) {
      ++pool->started;
    } else {
      return false;
    }
  }
  return true;
}

numeral_status work_pool_create(const work_pool_options *options,
                                work_pool **pool, numeral_error *error) {
  work_pool *made = calloc(1, sizeof *made);
  int workers = work_pool_workers(options);
  *pool = NULL;
  if (made != NULL)
    made->workers = calloc((size_t)workers, sizeof *made->workers);
  if (made == NULL || made->workers == NULL) {
    free(made);
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for workers");
  }
  made->options = *options;
  pthread_mutex_init(&made->lock, NULL);
  for (int i = 0; i < LANES; ++i) init_lane(&made->lanes[i]);
  if (start_workers(made)) {
    *pool = made;
    return NUMERAL_OK;
  }
  work_pool_destroy(made);
  return format_fail(error, NUMERAL_ERROR_MEMORY,
                     "the system refused a thread; try fewer --threads");
}

void work_pool_end(work_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  pool->ending = true;
  for (int i = 0; i < LANES; ++i)
    pthread_cond_broadcast(&pool->lanes[i].filled);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < pool->started; ++i)
    pthread_join(pool->workers[i].thread, NULL);
  pool->started = 0;
}

void work_pool_destroy(work_pool *pool) {
  if (pool == NULL) return;
  work_pool_end(pool);
  for (int i = 0; i < LANES; ++i) pthread_cond_destroy(&pool->lanes[i].filled);
  pthread_mutex_destroy(&pool->lock);
  free(pool->workers);
  free(pool);
}
