/* test_dataset.c: data sets through numeral.h: copies, splits, checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "numeral.h"

enum { COUNT = 1000 };

/* Image i is filled with i in its first four bytes; labels in unequal shares.
 */
static numeral_dataset *make_numbered(void) {
  static uint8_t images[COUNT][NUMERAL_IMAGE_PIXELS], labels[COUNT];
  for (uint32_t i = 0; i < COUNT; i++) {
    memcpy(images[i], &i, sizeof i);
    labels[i] = (uint8_t)(i % 17 % 10);
  }
  numeral_dataset *dataset;
  assert_int_equal(
      numeral_dataset_create(images[0], labels, COUNT, &dataset, NULL),
      NUMERAL_OK);
  return dataset;
}

static uint32_t number_of(const numeral_dataset *dataset, size_t i) {
  uint32_t number;
  memcpy(&number, numeral_dataset_images(dataset) + i * NUMERAL_IMAGE_PIXELS,
         sizeof number);
  return number;
}

static void count_labels(const numeral_dataset *dataset, int counts[10]) {
  memset(counts, 0, 10 * sizeof *counts);
  for (size_t i = 0; i < numeral_dataset_count(dataset); i++) {
    counts[numeral_dataset_labels(dataset)[i]]++;
  }
}

static void split_is_stratified(void **unused) {
  (void)unused;
  numeral_dataset *whole = make_numbered(), *first, *second;
  int all[10], taken[10];
  assert_int_equal(numeral_dataset_split(whole, 0.1, 1, &first, &second, NULL),
                   NUMERAL_OK);
  count_labels(whole, all);
  count_labels(second, taken);
  for (int d = 0; d < 10; d++) {
    assert_int_equal(taken[d], lround(0.1 * all[d]));
  }
  assert_int_equal(numeral_dataset_count(first) + numeral_dataset_count(second),
                   COUNT);
  numeral_dataset_destroy(whole);
  numeral_dataset_destroy(first);
  numeral_dataset_destroy(second);
}

static void split_keeps_every_image_once_and_in_order(void **unused) {
  (void)unused;
  numeral_dataset *whole = make_numbered(), *parts[2];
  uint8_t seen[COUNT] = {0};
  assert_int_equal(
      numeral_dataset_split(whole, 0.37, 5, &parts[0], &parts[1], NULL),
      NUMERAL_OK);
  for (int p = 0; p < 2; p++) {
    for (size_t i = 0; i < numeral_dataset_count(parts[p]); i++) {
      uint32_t number = number_of(parts[p], i);
      assert_true(i == 0 || number > number_of(parts[p], i - 1));
      assert_int_equal(numeral_dataset_labels(parts[p])[i],
                       numeral_dataset_labels(whole)[number]);
      seen[number]++;
    }
    numeral_dataset_destroy(parts[p]);
  }
  for (int i = 0; i < COUNT; i++) assert_int_equal(seen[i], 1);
  numeral_dataset_destroy(whole);
}

static uint64_t split_checksum(double fraction, uint64_t seed, size_t *count) {
  numeral_dataset *whole = make_numbered(), *first, *second;
  assert_int_equal(
      numeral_dataset_split(whole, fraction, seed, &first, &second, NULL),
      NUMERAL_OK);
  uint64_t checksum = numeral_dataset_checksum(second);
  *count = numeral_dataset_count(second);
  numeral_dataset_destroy(whole);
  numeral_dataset_destroy(first);
  numeral_dataset_destroy(second);
  return checksum;
}

static void split_depends_on_the_seed_alone(void **unused) {
  (void)unused;
  size_t count;
  assert_true(split_checksum(0.2, 7, &count) == split_checksum(0.2, 7, &count));
  assert_true(split_checksum(0.2, 7, &count) != split_checksum(0.2, 8, &count));
  split_checksum(0, 1, &count);
  assert_int_equal(count, 0);
  split_checksum(1, 1, &count);
  assert_int_equal(count, COUNT);
}

/* Value computed by an independent program (Python, from the definition). */
static void checksum_is_fnv1a(void **unused) {
  (void)unused;
  uint8_t images[2 * NUMERAL_IMAGE_PIXELS], labels[2] = {3, 9};
  for (int i = 0; i < 2 * NUMERAL_IMAGE_PIXELS; i++) {
    images[i] = (uint8_t)(i * 7 % 251);
  }
  numeral_dataset *dataset;
  assert_int_equal(numeral_dataset_create(images, labels, 2, &dataset, NULL),
                   NUMERAL_OK);
  assert_true(numeral_dataset_checksum(dataset) == 0x9362d9c21c4d73f8u);
  numeral_dataset_destroy(dataset);
}

static void wrong_arguments_are_said(void **unused) {
  (void)unused;
  const uint8_t image[NUMERAL_IMAGE_PIXELS] = {0}, label = 10;
  numeral_dataset *dataset = make_numbered(), *a = dataset, *b = dataset;
  numeral_error error;
  for (int i = 0; i < 3; i++) {
    const double fractions[3] = {-0.1, 1.1, NAN};
    assert_int_equal(
        numeral_dataset_split(dataset, fractions[i], 1, &a, &b, &error),
        NUMERAL_ERROR_ARGUMENT);
    assert_null(a);
    assert_null(b);
    assert_non_null(strstr(error.message, "fraction"));
  }
  assert_int_equal(numeral_dataset_create(image, &label, 1, &a, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_non_null(strstr(error.message, "label 0 is 10"));
  assert_int_equal(numeral_dataset_create(image, &label, 1u << 25, &a, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_dataset_create(NULL, NULL, 1, &a, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_dataset_create(NULL, NULL, 0, &a, &error),
                   NUMERAL_OK);
  assert_int_equal(numeral_dataset_count(a), 0);
  numeral_dataset_destroy(a);
  numeral_dataset_destroy(dataset);
  numeral_dataset_destroy(NULL);
}

static void refused_memory_is_an_error(void **unused) {
  (void)unused;
  numeral_dataset *whole = make_numbered(), *first, *second;
  for (long nth = 1;; nth++) {
    nml_alloc_fail_at(nth);
    numeral_status status =
        numeral_dataset_split(whole, 0.5, 1, &first, &second, NULL);
    nml_alloc_fail_at(0);
    if (status == NUMERAL_OK) {
      assert_true(nth > 1);
      break;
    }
    assert_int_equal(status, NUMERAL_ERROR_MEMORY);
    assert_null(first);
    assert_null(second);
  }
  numeral_dataset_destroy(first);
  numeral_dataset_destroy(second);
  numeral_dataset_destroy(whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(split_is_stratified),
      cmocka_unit_test(split_keeps_every_image_once_and_in_order),
      cmocka_unit_test(split_depends_on_the_seed_alone),
      cmocka_unit_test(checksum_is_fnv1a),
      cmocka_unit_test(wrong_arguments_are_said),
      cmocka_unit_test(refused_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
