/* test_committee.c: sessions of several models, and of an image and its shifts:
 * the mean of what each says alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "numeral.h"

#include <math.h>
#include <string.h>

enum { IMAGES = 70, SIDE = NUMERAL_IMAGE_SIDE };

static numeral_dataset *set;
static numeral_model *models[3];

static int open_group(void **unused) {
  static const char *const nets[] = {"flatten, dense 10",
                                     "conv 4 3x3 relu, maxpool 3, flatten, "
                                     "dense 10",
                                     "mlp"};
  (void)unused;
  for (int i = 0; i < 3; i++)
    if (numeral_model_create(nets[i], (uint64_t)i + 1, &models[i], NULL))
      return 1;
  return numeral_dataset_synthesise(IMAGES, 1, &set, NULL) != NUMERAL_OK;
}

static int close_group(void **unused) {
  (void)unused;
  numeral_dataset_destroy(set);
  for (int i = 0; i < 3; i++) numeral_model_destroy(models[i]);
  return 0;
}

static numeral_session *open_session(size_t count, int shifts, int threads,
                                     int max_batch) {
  numeral_session_options options;
  numeral_session *session;
  numeral_error error;
  const numeral_model *asked[3] = {models[0], models[1], models[2]};
  numeral_session_options_init(&options);
  assert_int_equal(options.shifts, 0);
  options.shifts = shifts;
  options.threads = threads;
  options.max_batch = max_batch;
  if (numeral_session_create_ensemble(asked, count, &options, &session, &error))
    fail_msg("%s", error.message);
  return session;
}

static void ask(numeral_session *session, const uint8_t *images, float *said) {
  assert_int_equal(numeral_session_predict(session, images, IMAGES, said, NULL),
                   NUMERAL_OK);
}

/* What model `i` alone says, added to sum. */
static void add_alone(int i, const uint8_t *images, double *sum) {
  numeral_session *session;
  float said[IMAGES * NUMERAL_CLASSES];
  assert_int_equal(numeral_session_create(models[i], NULL, &session, NULL),
                   NUMERAL_OK);
  ask(session, images, said);
  for (int k = 0; k < IMAGES * NUMERAL_CLASSES; k++) sum[k] += (double)said[k];
  numeral_session_destroy(session);
}

static void move_all(int right, int down, uint8_t *moved) {
  const uint8_t *images = numeral_dataset_images(set);
  memset(moved, 0, IMAGES * NUMERAL_IMAGE_PIXELS);
  for (int i = 0; i < IMAGES; i++)
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++) {
        int to_x = x + right, to_y = y + down;
        if (to_x < 0 || to_x >= SIDE || to_y < 0 || to_y >= SIDE) continue;
        moved[(i * SIDE + to_y) * SIDE + to_x] =
            images[(i * SIDE + y) * SIDE + x];
      }
}

static void says_the_mean(void **unused) {
  (void)unused;
  static uint8_t moved[IMAGES * NUMERAL_IMAGE_PIXELS];
  for (int shifts = 0; shifts <= 8; shifts += 4) {
    double sum[IMAGES * NUMERAL_CLASSES] = {0};
    float said[IMAGES * NUMERAL_CLASSES], again[IMAGES * NUMERAL_CLASSES];
    for (int down = -1; down <= 1; down++)
      for (int right = -1; right <= 1; right++) {
        int way = (right != 0) + (down != 0);
        if (way * 4 > shifts) continue;
        move_all(right, down, moved);
        for (int i = 0; i < 3; i++) add_alone(i, moved, sum);
      }
    numeral_session *session = open_session(3, shifts, 1, 64);
    ask(session, numeral_dataset_images(set), said);
    for (int k = 0; k < IMAGES * NUMERAL_CLASSES; k++)
      assert_true(fabs(sum[k] / (3 * (1 + shifts)) - (double)said[k]) < 1e-6);
    numeral_session_destroy(session);
    session = open_session(3, shifts, 3, 7); /* neither threads nor batches */
    ask(session, numeral_dataset_images(set), again);
    assert_memory_equal(said, again, sizeof said);
    numeral_session_destroy(session);
  }
}

static void one_alone_is_a_plain_session(void **unused) {
  (void)unused;
  numeral_session *plain, *one = open_session(1, 0, 1, 64);
  float said[IMAGES * NUMERAL_CLASSES], again[IMAGES * NUMERAL_CLASSES];
  assert_int_equal(numeral_session_create(models[0], NULL, &plain, NULL),
                   NUMERAL_OK);
  ask(plain, numeral_dataset_images(set), said);
  ask(one, numeral_dataset_images(set), again);
  assert_memory_equal(said, again, sizeof said);
  numeral_session_destroy(plain);
  numeral_session_destroy(one);
}

static void evaluates_what_it_says(void **unused) {
  (void)unused;
  numeral_session *session = open_session(2, 4, 2, 16);
  float said[IMAGES * NUMERAL_CLASSES], measured[IMAGES * NUMERAL_CLASSES];
  numeral_evaluation e, alone;
  const uint8_t *labels = numeral_dataset_labels(set);
  double loss = 0;
  ask(session, numeral_dataset_images(set), said);
  assert_int_equal(numeral_evaluate_session(session, set, &e, measured, NULL),
                   NUMERAL_OK);
  assert_memory_equal(said, measured, sizeof said);
  for (int i = 0; i < IMAGES; i++)
    loss -= log((double)said[i * NUMERAL_CLASSES + labels[i]]);
  assert_int_equal(e.count, IMAGES);
  assert_float_equal(e.loss, loss / IMAGES, 1e-6);
  numeral_session_destroy(session);
  session = open_session(1, 0, 1, 64);
  assert_int_equal(numeral_evaluate_session(session, set, &e, NULL, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_evaluate(models[0], set, 1, NUMERAL_PRECISION_AUTO,
                                    &alone, NULL, NULL),
                   NUMERAL_OK);
  assert_true(e.loss == alone.loss && e.correct == alone.correct);
  numeral_session_destroy(session);
}

static void expect_refused(const numeral_model *const *asked, size_t count,
                           int shifts) {
  numeral_session_options options;
  numeral_session *session = (numeral_session *)1;
  numeral_session_options_init(&options);
  options.shifts = shifts;
  assert_int_equal(
      numeral_session_create_ensemble(asked, count, &options, &session, NULL),
      NUMERAL_ERROR_ARGUMENT);
  assert_null(session);
}

static void bad_arguments_are_refused(void **unused) {
  (void)unused;
  const numeral_model *asked[NUMERAL_MODELS_MAX + 1] = {models[0], NULL};
  numeral_evaluation e;
  expect_refused(NULL, 1, 0);
  expect_refused(asked, 0, 0);
  expect_refused(asked, 2, 0);
  expect_refused(asked, 1, 1);
  expect_refused(asked, 1, -4);
  expect_refused(asked, 1, 9);
  for (int i = 0; i <= NUMERAL_MODELS_MAX; i++) asked[i] = models[0];
  expect_refused(asked, NUMERAL_MODELS_MAX + 1, 0);
  assert_int_equal(numeral_evaluate_session(NULL, set, &e, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
}

static void refused_memory_is_an_error(void **unused) {
  (void)unused;
  const numeral_model *asked[2] = {models[0], models[1]};
  numeral_session_options options;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  numeral_session_options_init(&options);
  options.shifts = 4;
  for (long nth = 1; status == NUMERAL_ERROR_MEMORY; nth++) {
    numeral_session *session;
    nml_alloc_fail_at(nth);
    status =
        numeral_session_create_ensemble(asked, 2, &options, &session, NULL);
    nml_alloc_fail_at(0);
    numeral_session_destroy(session);
  }
  assert_int_equal(status, NUMERAL_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_the_mean),
      cmocka_unit_test(one_alone_is_a_plain_session),
      cmocka_unit_test(evaluates_what_it_says),
      cmocka_unit_test(bad_arguments_are_refused),
      cmocka_unit_test(refused_memory_is_an_error)};
  return cmocka_run_group_tests(tests, open_group, close_group);
}
