/* The pool that turns requests into answers: everything added is answered,
 * once, with what its own image gives, whoever stands beside it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/serve/work_pool.h"

enum { ITEMS = 600, MANY = 150, WORKERS = 3, GUESTS = 2, VISITORS = 3 };

typedef struct item {
  work work;
  uint8_t *images;
  numeral_frame *frames;
  numeral_prediction *predicted;
  bool asks_for_slow, was_slow, fails;
  atomic_int answered;
} item;

static numeral_dataset *digits;
static float *expected; /* [ITEMS + MANY][10] */
static numeral_reason reasons[ITEMS + MANY];
static atomic_size_t batched;
static atomic_int left;

static void count_batch(void *user, size_t images) {
  (void)user;
  atomic_fetch_add(&batched, images);
}

static work_state read_item(work *w, bool slow) {
  item *i = w->user;
  if (i->asks_for_slow && !slow) return WORK_SLOW;
  i->was_slow = slow;
  return i->fails ? WORK_ANSWERED : WORK_READY;
}

static void answer_item(work *w) {
  item *i = w->user;
  atomic_fetch_add(&i->answered, 1);
  atomic_fetch_sub(&left, 1);
}

static void fill(item *i, size_t first, size_t count, served_model *model) {
  i->images = malloc(count * NUMERAL_IMAGE_PIXELS);
  i->frames = calloc(count, sizeof *i->frames);
  i->predicted = calloc(count, sizeof *i->predicted);
  memcpy(i->images,
         numeral_dataset_images(digits) + first * NUMERAL_IMAGE_PIXELS,
         count * NUMERAL_IMAGE_PIXELS);
  i->work = (work){.user = i,
                   .read = read_item,
                   .answer = answer_item,
                   .model = model,
                   .count = count,
                   .images = i->images,
                   .frames = i->frames,
                   .predicted = i->predicted,
                   .needs_network = true};
}

static void wait_until_answered(void) {
  while (atomic_load(&left) > 0)
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static work_pool *make_pool(double wait_seconds, model_shelf **shelf) {
  work_pool_options options = {.workers = WORKERS,
                               .guests = GUESTS,
                               .queue = ITEMS + 1,
                               .wait_seconds = wait_seconds,
                               .batched = count_batch};
  shelf_options models = {.workers = work_pool_workers(&options)};
  work_pool *pool;
  assert_int_equal(model_shelf_create(&models, shelf, NULL), NUMERAL_OK);
  assert_int_equal(work_pool_create(&options, &pool, NULL), NUMERAL_OK);
  return pool;
}

static void check_reason(const item *i, size_t index) {
  numeral_reason wanted = index % 70 == 13   ? NUMERAL_REASON_BLANK
                          : index % 70 == 14 ? NUMERAL_REASON_SEVERAL
                                             : reasons[index];
  assert_int_equal(i->predicted[0].reason, wanted);
}

static void check_predicted(const item *i, size_t first) {
  for (size_t k = 0; k < i->work.count; ++k) {
    const float *wanted = expected + (first + k) * NUMERAL_CLASSES;
    assert_memory_equal(i->predicted[k].probabilities, wanted,
                        NUMERAL_CLASSES * sizeof(float));
    int digit = i->predicted[k].digit;
    assert_int_equal(digit >= 0, reasons[first + k] == NUMERAL_REASON_NONE);
    assert_true(i->predicted[k].confidence == (digit >= 0 ? wanted[digit] : 0));
  }
}

static void fill_all(item *items, served_model *model) {
  atomic_store(&batched, 0);
  atomic_store(&left, ITEMS + 1);
  for (size_t i = 0; i <= ITEMS; ++i) {
    fill(&items[i], i, i < ITEMS ? 1 : MANY, model);
    items[i].asks_for_slow = i % 50 == 7;
    items[i].fails = i % 60 == 11;
    if (i % 70 == 13) memset(items[i].images, 0, NUMERAL_IMAGE_PIXELS);
    if (i % 70 == 14) items[i].frames[0].digits = 2;
  }
}

static void check_all(item *items) {
  size_t went = 0;
  for (size_t i = 0; i <= ITEMS; ++i) {
    assert_int_equal(items[i].answered, 1);
    assert_int_equal(items[i].was_slow, items[i].asks_for_slow);
    if (items[i].fails) {
      assert_true(items[i].predicted[0].confidence == 0);
    } else {
      went += items[i].work.count;
      check_reason(&items[i], i);
      if (items[i].predicted[0].reason == NUMERAL_REASON_NONE)
        check_predicted(&items[i], i);
    }
    free(items[i].images);
    free(items[i].frames);
    free(items[i].predicted);
  }
  assert_int_equal(batched, went);
}

typedef struct visit {
  pthread_t thread;
  work_pool *pool;
  item *items;
  size_t first, done;
} visit;

/* Every VISITORS-th item, done as a guest where that is possible. */
static void *visit_pool(void *argument) {
  visit *v = argument;
  for (size_t i = v->first; i <= ITEMS; i += VISITORS) {
    work *w = &v->items[i].work;
    if (work_pool_do(v->pool, w)) {
      ++v->done;
    } else if (!work_pool_add(v->pool, w)) {
      return NULL; /* nobody answers it, which check_all sees */
    }
  }
  return NULL;
}

static void add_all(work_pool *pool, item *items) {
  for (size_t i = 0; i <= ITEMS; ++i)
    assert_true(work_pool_add(pool, &items[i].work));
}

/* Workers that have just begun are not idle at once. */
static void do_when_idle(work_pool *pool, item *i) {
  for (int tries = 0; !work_pool_do(pool, &i->work); ++tries) {
    assert_in_range(tries, 0, 10000);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
}

static void visit_all(work_pool *pool, item *items) {
  visit visits[VISITORS];
  size_t done = 0;
  do_when_idle(pool, &items[0]);
  for (size_t i = 0; i < VISITORS; ++i) {
    visits[i] = (visit){.pool = pool, .items = items, .first = i + 1};
    assert_int_equal(
        pthread_create(&visits[i].thread, NULL, visit_pool, &visits[i]), 0);
  }
  for (size_t i = 0; i < VISITORS; ++i) {
    pthread_join(visits[i].thread, NULL);
    done += visits[i].done;
  }
  assert_in_range(done, 0, ITEMS - 1); /* those that ask for slow are not */
}

static void run_items(double wait_seconds,
                      void (*bring)(work_pool *pool, item *items)) {
  model_shelf *shelf;
  work_pool *pool = make_pool(wait_seconds, &shelf);
  served_model *model = model_shelf_hold(shelf, "default");
  item *items = calloc(ITEMS + 1, sizeof *items);
  fill_all(items, model);
  bring(pool, items);
  wait_until_answered();
  work_pool_destroy(pool);
  check_all(items);
  free(items);
  model_release(model);
  model_shelf_destroy(shelf);
}

static void test_all_are_answered(void **state) {
  (void)state;
  run_items(0, add_all);
}

static void test_gathering_changes_nothing(void **state) {
  (void)state;
  run_items(0.002, add_all);
}

static void test_guests_do_it_themselves(void **state) {
  (void)state;
  run_items(0, visit_all);
}

static void test_full_queue(void **state) {
  (void)state;
  model_shelf *shelf;
  work_pool_options options = {
      .workers = 1, .queue = 1, .batched = count_batch};
  shelf_options models = {.workers = work_pool_workers(&options)};
  work_pool *pool;
  assert_int_equal(model_shelf_create(&models, &shelf, NULL), NUMERAL_OK);
  assert_int_equal(work_pool_create(&options, &pool, NULL), NUMERAL_OK);
  served_model *model = model_shelf_hold(shelf, NULL);
  item *items = calloc(ITEMS, sizeof *items);
  int added = 0;
  atomic_store(&left, 0);
  for (size_t i = 0; i < ITEMS; ++i) {
    fill(&items[i], i, 1, model);
    atomic_fetch_add(&left, 1);
    if (work_pool_add(pool, &items[i].work)) {
      ++added;
    } else {
      atomic_fetch_sub(&left, 1);
    }
  }
  assert_in_range(added, 1, ITEMS - 1);
  work_pool_end(pool); /* what was added is answered before it ends */
  item late = {.fails = true};
  fill(&late, 0, 1, model);
  assert_false(work_pool_add(pool, &late.work));
  assert_false(work_pool_do(pool, &late.work));
  free(late.images);
  free(late.frames);
  free(late.predicted);
  work_pool_destroy(pool);
  assert_int_equal(left, 0);
  int answered = 0;
  for (size_t i = 0; i < ITEMS; ++i) {
    answered += items[i].answered;
    free(items[i].images);
    free(items[i].frames);
    free(items[i].predicted);
  }
  assert_int_equal(answered, added);
  free(items);
  model_release(model);
  model_shelf_destroy(shelf);
}

/* One after the other through a session: what each image gives. */
static int expect(void **state) {
  (void)state;
  numeral_model *model;
  numeral_session *session;
  if (numeral_dataset_synthesise(ITEMS + MANY, 3, &digits, NULL)) return -1;
  if (numeral_model_builtin(&model, NULL)) return -1;
  if (numeral_session_create(model, NULL, &session, NULL)) return -1;
  expected = calloc((ITEMS + MANY) * NUMERAL_CLASSES, sizeof *expected);
  for (size_t i = 0; i < ITEMS + MANY; ++i) {
    numeral_prediction one;
    numeral_session_judge(
        session, numeral_dataset_images(digits) + i * NUMERAL_IMAGE_PIXELS,
        NULL, 1, &one, NULL);
    reasons[i] = one.reason;
    memcpy(expected + i * NUMERAL_CLASSES, one.probabilities,
           sizeof one.probabilities);
  }
  numeral_session_destroy(session);
  numeral_model_destroy(model);
  return 0;
}

static int forget(void **state) {
  (void)state;
  numeral_dataset_destroy(digits);
  free(expected);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_are_answered),
      cmocka_unit_test(test_gathering_changes_nothing),
      cmocka_unit_test(test_guests_do_it_themselves),
      cmocka_unit_test(test_full_queue)};
  return cmocka_run_group_tests(tests, expect, forget);
}
