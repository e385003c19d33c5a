/* test_corrupt.c: images spoilt on purpose: the same for a seed, in eight
 * different ways, more at a higher strength. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numeral.h"

enum { IMAGES = 60 };

static numeral_dataset *spoil(const numeral_dataset *set, int kind,
                              int strength, uint64_t seed) {
  numeral_dataset *spoilt = NULL;
  assert_int_equal(numeral_dataset_corrupt(set, (numeral_corruption)kind,
                                           strength, seed, &spoilt, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_dataset_count(spoilt), IMAGES);
  assert_memory_equal(numeral_dataset_labels(set),
                      numeral_dataset_labels(spoilt), IMAGES);
  return spoilt;
}

static double distance(const numeral_dataset *a, const numeral_dataset *b) {
  const uint8_t *x = numeral_dataset_images(a), *y = numeral_dataset_images(b);
  double sum = 0;
  for (size_t i = 0; i < (size_t)IMAGES * NUMERAL_IMAGE_PIXELS; i++)
    sum += abs(x[i] - y[i]);
  return sum / IMAGES / NUMERAL_IMAGE_PIXELS;
}

static void test_stronger_is_further(void **state) {
  numeral_dataset *set = *state;
  for (int kind = 0; kind < NUMERAL_CORRUPTIONS; kind++) {
    double before = 0;
    assert_non_null(numeral_corruption_name((numeral_corruption)kind));
    for (int strength = 1; strength <= 3; strength++) {
      numeral_dataset *spoilt = spoil(set, kind, strength, 1);
      double now = distance(set, spoilt);
      assert_true(now > before + 0.2);
      before = now;
      numeral_dataset_destroy(spoilt);
    }
  }
  assert_null(numeral_corruption_name(NUMERAL_CORRUPTIONS));
}

static void test_same_seed_same_images(void **state) {
  numeral_dataset *set = *state;
  for (int kind = 0; kind < NUMERAL_CORRUPTIONS; kind++) {
    numeral_dataset *a = spoil(set, kind, 2, 4), *b = spoil(set, kind, 2, 4);
    numeral_dataset *other = spoil(set, kind, 2, 5);
    assert_true(numeral_dataset_checksum(a) == numeral_dataset_checksum(b));
    if (kind != NUMERAL_CORRUPTION_BLUR) /* has nothing to choose */
      assert_true(numeral_dataset_checksum(a) !=
                  numeral_dataset_checksum(other));
    numeral_dataset_destroy(a);
    numeral_dataset_destroy(b);
    numeral_dataset_destroy(other);
  }
}

static void test_wrong_arguments(void **state) {
  numeral_dataset *set = *state, *spoilt = set;
  for (int strength = 0; strength <= 4; strength += 4) {
    assert_int_equal(numeral_dataset_corrupt(set, NUMERAL_CORRUPTION_BLUR,
                                             strength, 1, &spoilt, NULL),
                     NUMERAL_ERROR_ARGUMENT);
    assert_null(spoilt);
  }
  assert_int_equal(
      numeral_dataset_corrupt(set, NUMERAL_CORRUPTIONS, 1, 1, &spoilt, NULL),
      NUMERAL_ERROR_ARGUMENT);
}

static int begin(void **state) {
  return numeral_dataset_synthesise(IMAGES, 3, (numeral_dataset **)state, NULL)
             ? -1
             : 0;
}

static int end(void **state) {
  numeral_dataset_destroy(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stronger_is_further),
      cmocka_unit_test(test_same_seed_same_images),
      cmocka_unit_test(test_wrong_arguments)};
  return cmocka_run_group_tests(tests, begin, end);
}
