/* test_sureness.c: a calibrated model says how sure it is and refuses what is
 * no digit, also after its file was written and read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "data/nondigit.h"
#include "numeral.h"

enum { TRAIN = 1500, VALIDATION = 300, OTHERS = 300 };

typedef struct bench {
  numeral_dataset *train, *validation, *others;
  numeral_model *plain, *sure;
} bench;

static numeral_status calibrate(const bench *b, int epochs, int threads,
                                numeral_model **model, numeral_error *error) {
  numeral_calibrate_options options;
  numeral_calibrate_options_init(&options);
  options.guard_epochs = epochs;
  options.refused = 0.02;
  options.threads = threads;
  return numeral_model_calibrate(b->plain, b->train, b->validation, &options,
                                 model, error);
}

static int begin(void **state) {
  static bench b;
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.net = "flatten, dense 32 relu, dense 10";
  options.recipe.epochs = 6;
  bool failed =
      numeral_dataset_synthesise(TRAIN, 1, &b.train, NULL) ||
      numeral_dataset_synthesise(VALIDATION, 2, &b.validation, NULL) ||
      nml_nondigits(b.validation, OTHERS, 9, &b.others, NULL) ||
      numeral_train(&options, b.train, NULL, &b.plain, NULL) ||
      calibrate(&b, 2, 0, &b.sure, NULL);
  *state = &b;
  return failed ? -1 : 0;
}

static int end(void **state) {
  bench *b = *state;
  numeral_dataset_destroy(b->train);
  numeral_dataset_destroy(b->validation);
  numeral_dataset_destroy(b->others);
  numeral_model_destroy(b->plain);
  numeral_model_destroy(b->sure);
  return 0;
}

static size_t refused(const numeral_model *model, const numeral_dataset *set,
                      int accept_all, numeral_prediction *predictions) {
  numeral_session *session;
  numeral_session_options options;
  size_t count = 0, images = numeral_dataset_count(set);
  numeral_session_options_init(&options);
  options.accept_all = accept_all;
  assert_int_equal(numeral_session_create(model, &options, &session, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_session_judge(session, numeral_dataset_images(set),
                                         NULL, images, predictions, NULL),
                   NUMERAL_OK);
  for (size_t i = 0; i < images; i++) {
    count += predictions[i].digit < 0;
    if (predictions[i].digit >= 0) continue;
    assert_int_equal(predictions[i].reason, NUMERAL_REASON_UNSURE);
    assert_true(predictions[i].score < 0);
    assert_true(predictions[i].probabilities[0] >= 0);
  }
  numeral_session_destroy(session);
  return count;
}

static void test_refuses_what_is_no_digit(void **state) {
  const bench *b = *state;
  static numeral_prediction predictions[VALIDATION];
  assert_int_equal(refused(b->sure, b->validation, 0, predictions),
                   VALIDATION / 50);
  assert_in_range(refused(b->sure, b->others, 0, predictions), OTHERS / 2,
                  OTHERS);
  assert_int_equal(refused(b->sure, b->others, 1, predictions), 0);
  assert_int_equal(refused(b->plain, b->others, 0, predictions), 0);
}

static void test_answers_do_not_change(void **state) {
  const bench *b = *state;
  numeral_evaluation before, after;
  numeral_evaluate(b->plain, b->validation, 0, NUMERAL_PRECISION_FP32, &before,
                   NULL, NULL);
  numeral_evaluate(b->sure, b->validation, 0, NUMERAL_PRECISION_FP32, &after,
                   NULL, NULL);
  assert_memory_equal(before.confusion, after.confusion,
                      sizeof before.confusion);
  assert_true(after.loss <= before.loss + 1e-9);
  assert_int_equal(before.refused, 0);
  assert_int_equal(after.refused, VALIDATION / 50);
  assert_true(after.accuracy_of_rest >= after.accuracy);
  assert_true(after.accuracy_at_99 >= after.accuracy);
  assert_true(numeral_model_get_info(b->sure).temperature != 1);
  assert_int_equal(numeral_model_get_info(b->sure).has_guard, 1);
  assert_int_equal(numeral_model_get_info(b->plain).has_guard, 0);
}

static void assert_same(const numeral_model *a, const numeral_model *b,
                        const numeral_dataset *set) {
  static numeral_prediction of_a[VALIDATION], of_b[VALIDATION];
  refused(a, set, 0, of_a);
  refused(b, set, 0, of_b);
  for (size_t i = 0; i < numeral_dataset_count(set); i++) {
    assert_int_equal(of_a[i].digit, of_b[i].digit);
    assert_true(of_a[i].score == of_b[i].score);
    assert_memory_equal(of_a[i].probabilities, of_b[i].probabilities,
                        sizeof of_a[i].probabilities);
  }
}

static void test_through_a_file(void **state) {
  const bench *b = *state;
  numeral_model *read = NULL;
  char path[] = "/tmp/numeral_sureness_XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  assert_int_equal(numeral_model_write(b->sure, path, NULL), NUMERAL_OK);
  assert_int_equal(numeral_model_load(path, &read, NULL), NUMERAL_OK);
  assert_same(b->sure, read, b->others);
  numeral_model_destroy(read);
  unlink(path);
}

static void test_same_bits_on_any_threads(void **state) {
  const bench *b = *state;
  numeral_model *one, *three;
  bench small = {.validation = b->validation, .plain = b->plain};
  numeral_dataset_synthesise(200, 4, &small.train, NULL);
  assert_int_equal(calibrate(&small, 1, 1, &one, NULL), NUMERAL_OK);
  assert_int_equal(calibrate(&small, 1, 3, &three, NULL), NUMERAL_OK);
  assert_same(one, three, b->others);
  numeral_dataset_destroy(small.train);
  numeral_model_destroy(one);
  numeral_model_destroy(three);
}

static void test_blank_and_wrong_arguments(void **state) {
  const bench *b = *state;
  const uint8_t blank[NUMERAL_IMAGE_PIXELS] = {0};
  numeral_session *session;
  numeral_prediction p;
  numeral_dataset *few;
  numeral_model *made;
  numeral_error error;
  assert_int_equal(numeral_session_create(b->sure, NULL, &session, NULL),
                   NUMERAL_OK);
  numeral_session_judge(session, blank, NULL, 1, &p, NULL);
  assert_int_equal(p.reason, NUMERAL_REASON_BLANK);
  assert_int_equal(p.digit, -1);
  assert_int_equal(numeral_session_judge(session, blank, NULL, 1, NULL, &error),
                   NUMERAL_ERROR_ARGUMENT);
  numeral_session_destroy(session);
  numeral_dataset_synthesise(NUMERAL_GUARD_DIGITS - 1, 3, &few, NULL);
  const bench small = {b->train, few, NULL, b->plain, NULL};
  assert_int_equal(calibrate(&small, 1, 0, &made, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_non_null(strstr(error.message, "250"));
  assert_null(made);
  numeral_dataset_destroy(few);
}

static void test_refused_memory(void **state) {
  const bench *b = *state;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  long nth = 1;
  for (; status == NUMERAL_ERROR_MEMORY; nth++) {
    numeral_model *made = NULL;
    nml_alloc_fail_at(nth);
    status = calibrate(b, 0, 1, &made, NULL);
    nml_alloc_fail_at(0);
    assert_true(status == NUMERAL_OK || made == NULL);
    numeral_model_destroy(made);
  }
  assert_int_equal(status, NUMERAL_OK);
  assert_true(nth > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refuses_what_is_no_digit),
      cmocka_unit_test(test_answers_do_not_change),
      cmocka_unit_test(test_through_a_file),
      cmocka_unit_test(test_same_bits_on_any_threads),
      cmocka_unit_test(test_blank_and_wrong_arguments),
      cmocka_unit_test(test_refused_memory)};
  return cmocka_run_group_tests(tests, begin, end);
}
