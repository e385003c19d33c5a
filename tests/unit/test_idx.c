/* test_idx.c: IDX files, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/readers.h"

enum {
  COUNT = 3,
  IMAGES_BYTES = 16 + COUNT * NUMERAL_IMAGE_PIXELS,
  LABELS_BYTES = 8 + COUNT
};

typedef struct idx_pair {
  uint8_t images[IMAGES_BYTES], labels[LABELS_BYTES];
} idx_pair;

static idx_pair valid_pair(void) {
  idx_pair pair = {{0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, 28, 0, 0, 0, 28},
                   {0, 0, 8, 1, 0, 0, 0, COUNT, 7, 0, 9}};
  for (int i = 16; i < IMAGES_BYTES; i++) pair.images[i] = (uint8_t)(i * 31);
  return pair;
}

/* Parses copies of exactly these sizes, so that a sanitizer sees a read past
 * the end; checks the status and that the message holds `words`. */
static void expect_failure(const idx_pair *pair, size_t images_bytes,
                           size_t labels_bytes, numeral_status status,
                           const char *words) {
  uint8_t *images = malloc(images_bytes + !images_bytes);
  uint8_t *labels = malloc(labels_bytes + !labels_bytes);
  memcpy(images, pair->images, images_bytes);
  memcpy(labels, pair->labels, labels_bytes);
  numeral_dataset *dataset = (numeral_dataset *)images;
  numeral_error error = {0};
  assert_int_equal(nml_idx_parse(images, images_bytes, labels, labels_bytes,
                                 &dataset, &error),
                   status);
  assert_null(dataset);
  assert_int_equal(error.status, status);
  if (!strstr(error.message, words)) {
    fail_msg("\"%s\" does not say \"%s\"", error.message, words);
  }
  free(images);
  free(labels);
}

static void a_valid_pair_is_read(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  numeral_dataset *dataset;
  assert_int_equal(nml_idx_parse(pair.images, IMAGES_BYTES, pair.labels,
                                 LABELS_BYTES, &dataset, NULL),
                   NUMERAL_OK);
  assert_int_equal(dataset->count, COUNT);
  assert_memory_equal(dataset->images, pair.images + 16, IMAGES_BYTES - 16);
  assert_memory_equal(dataset->labels, pair.labels + 8, COUNT);
  nml_dataset_destroy(dataset);
}

static void an_empty_set_is_a_set(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.images[7] = pair.labels[7] = 0;
  numeral_dataset *dataset;
  assert_int_equal(
      nml_idx_parse(pair.images, 16, pair.labels, 8, &dataset, NULL),
      NUMERAL_OK);
  assert_int_equal(dataset->count, 0);
  nml_dataset_destroy(dataset);
}

static void every_prefix_is_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  for (size_t n = 0; n < IMAGES_BYTES; n++) {
    expect_failure(&pair, n, LABELS_BYTES, NUMERAL_ERROR_FORMAT, "images file");
  }
  for (size_t n = 0; n < LABELS_BYTES; n++) {
    expect_failure(&pair, IMAGES_BYTES, n, NUMERAL_ERROR_FORMAT, "labels file");
  }
}

static void four_billion_images_are_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  memset(pair.images + 4, 0xff, 4);
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "promises 4294967295 images");
}

static void extra_bytes_are_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.images[7] = COUNT - 1;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "bytes too many");
}

static void wrong_magic_is_named(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.images[2] = 13; /* floats */
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "0x00000d03 instead of 0x00000803");
  pair = valid_pair();
  pair.images[3] = 1;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "the images first");
  pair = valid_pair();
  pair.labels[0] = 0x1f;
  pair.labels[1] = 0x8b;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "gzip");
}

static void other_sides_are_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.images[11] = 14;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "28 x 14");
}

static void labels_above_nine_are_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.labels[9] = 10;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES, NUMERAL_ERROR_FORMAT,
                 "label 1 of the labels file (byte 9) is 10");
}

static void different_counts_are_refused(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  pair.labels[7] = COUNT - 1;
  expect_failure(&pair, IMAGES_BYTES, LABELS_BYTES - 1, NUMERAL_ERROR_FORMAT,
                 "3 images but 2 labels");
}

static void refused_memory_is_an_error(void **unused) {
  (void)unused;
  idx_pair pair = valid_pair();
  for (long nth = 1;; nth++) {
    numeral_dataset *dataset;
    nml_alloc_fail_at(nth);
    numeral_status status = nml_idx_parse(
        pair.images, IMAGES_BYTES, pair.labels, LABELS_BYTES, &dataset, NULL);
    nml_alloc_fail_at(0);
    if (status == NUMERAL_OK) {
      assert_true(nth > 1);
      nml_dataset_destroy(dataset);
      return;
    }
    assert_int_equal(status, NUMERAL_ERROR_MEMORY);
    assert_null(dataset);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_valid_pair_is_read),
      cmocka_unit_test(an_empty_set_is_a_set),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(four_billion_images_are_refused),
      cmocka_unit_test(extra_bytes_are_refused),
      cmocka_unit_test(wrong_magic_is_named),
      cmocka_unit_test(other_sides_are_refused),
      cmocka_unit_test(labels_above_nine_are_refused),
      cmocka_unit_test(different_counts_are_refused),
      cmocka_unit_test(refused_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
