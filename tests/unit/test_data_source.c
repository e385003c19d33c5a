/* test_data_source.c: from --data to sets in memory, and single images. What
 * files and folders may hold is tested from outside (cli/test_data.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/data_source.h"

static data_source load(const char *data, int parts, bool normalise) {
  data_source source;
  numeral_error error;
  data_source_options options = data_source_defaults();
  options.data = data;
  options.parts = parts;
  options.normalise = normalise;
  if (data_source_load(&options, &source, &error))
    fail_msg("%s", error.message);
  return source;
}

static void only_what_is_asked_for_is_loaded(void **unused) {
  (void)unused;
  data_source both = load("synth:61", DATA_BOTH, false);
  data_source train = load("synth:61", DATA_TRAIN, false);
  data_source test = load("synth:61", DATA_TEST, false);
  assert_string_equal(both.name, "synth:61");
  assert_int_equal(numeral_dataset_count(both.train), 61);
  assert_int_equal(numeral_dataset_count(both.test), 11);
  assert_null(train.test);
  assert_null(test.train);
  assert_true(both.checksum == train.checksum);
  assert_true(test.checksum == numeral_dataset_checksum(both.test));
  assert_ptr_equal(data_source_test_set(&both), both.test);
  assert_ptr_equal(data_source_test_set(&train), train.train);
  data_source_release(&both);
  data_source_release(&train);
  data_source_release(&test);
  data_source_release(&test);
}

static void test_images_are_not_trained_on(void **unused) {
  (void)unused;
  data_source source = load("synth:200", DATA_BOTH, false);
  const uint8_t *train = numeral_dataset_images(source.train);
  const uint8_t *test = numeral_dataset_images(source.test);
  for (size_t i = 0; i < 200; i++) {
    for (size_t k = 0; k < numeral_dataset_count(source.test); k++) {
      assert_memory_not_equal(train + i * NUMERAL_IMAGE_PIXELS,
                              test + k * NUMERAL_IMAGE_PIXELS,
                              NUMERAL_IMAGE_PIXELS);
    }
  }
  data_source_release(&source);
}

static void joined_sets_add_to_training_alone(void **unused) {
  (void)unused;
  data_source joined;
  data_source_options options = data_source_defaults();
  options.data = "synth:61+synth:40+synth:7";
  options.joins = true;
  assert_int_equal(data_source_load(&options, &joined, NULL), NUMERAL_OK);
  data_source first = load("synth:61", DATA_BOTH, false);
  data_source second = load("synth:40", DATA_BOTH, false);
  assert_string_equal(joined.name, options.data);
  assert_int_equal(numeral_dataset_count(joined.added), 47);
  assert_true(numeral_dataset_checksum(joined.train) == first.checksum);
  assert_true(numeral_dataset_checksum(joined.test) ==
              numeral_dataset_checksum(first.test));
  assert_memory_equal(numeral_dataset_images(joined.added),
                      numeral_dataset_images(second.train),
                      40 * NUMERAL_IMAGE_PIXELS);
  assert_true(joined.checksum != first.checksum);
  data_source_release(&joined);
  data_source_release(&first);
  data_source_release(&second);
  numeral_error error;
  options.data = "synth:3+nowhere";
  assert_int_equal(data_source_load(&options, &joined, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "\"nowhere\""));
  options.data = "synth:3+synth:3";
  options.joins = false; /* where one set is meant */
  assert_int_not_equal(data_source_load(&options, &joined, &error), NUMERAL_OK);
}

static void normalising_keeps_labels(void **unused) {
  (void)unused;
  data_source plain = load("synth:30", DATA_BOTH, false);
  data_source normalised = load("synth:30", DATA_BOTH, true);
  assert_int_equal(numeral_dataset_count(normalised.train), 30);
  assert_memory_equal(numeral_dataset_labels(plain.train),
                      numeral_dataset_labels(normalised.train), 30);
  for (int i = 0; i < 30; i++) {
    numeral_raster raster = {
        numeral_dataset_images(plain.train) + i * NUMERAL_IMAGE_PIXELS, 28, 28,
        1, 28};
    uint8_t image[NUMERAL_IMAGE_PIXELS];
    int has_ink;
    numeral_normalise(&raster, image, &has_ink, NULL);
    assert_memory_equal(
        numeral_dataset_images(normalised.train) + i * NUMERAL_IMAGE_PIXELS,
        image, NUMERAL_IMAGE_PIXELS);
  }
  data_source_release(&plain);
  data_source_release(&normalised);
}

static void image_is_that_of_the_set(void **unused) {
  (void)unused;
  data_source source = load("synth:10", DATA_TRAIN, false);
  data_source_options options = data_source_defaults();
  data_image image;
  options.seed = 99;
  assert_int_equal(data_source_image("synth:train:7", &options, &image, NULL),
                   NUMERAL_OK);
  assert_memory_equal(
      image.pixels,
      numeral_dataset_images(source.train) + 7 * NUMERAL_IMAGE_PIXELS,
      NUMERAL_IMAGE_PIXELS);
  assert_int_equal(image.label, numeral_dataset_labels(source.train)[7]);
  assert_int_equal(image.index, 7);
  assert_string_equal(image.name, "synth:train:7");
  data_source_release(&source);
}

static void random_image_depends_on_the_seed(void **unused) {
  (void)unused;
  data_source_options options = data_source_defaults();
  data_image first, again, other;
  assert_int_equal(
      data_source_image("synth:test:random", &options, &first, NULL),
      NUMERAL_OK);
  assert_int_equal(
      data_source_image("synth:test:random", &options, &again, NULL),
      NUMERAL_OK);
  options.seed = 2;
  assert_int_equal(
      data_source_image("synth:test:random", &options, &other, NULL),
      NUMERAL_OK);
  assert_int_equal(first.index, again.index);
  assert_int_not_equal(first.index, other.index);
  assert_true(strstr(first.name, "random") == NULL);
}

static void references_are_told_from_paths(void **unused) {
  (void)unused;
  assert_true(data_source_is_image("mnist:test:42"));
  assert_true(data_source_is_image("synth:train:random"));
  assert_false(data_source_is_image("mnist:test"));
  assert_false(data_source_is_image("mnist.png"));
  assert_false(data_source_is_image("other:test:1"));
}

static void wrong_references_are_said(void **unused) {
  (void)unused;
  static const char *const wrong[] = {"synth:test:", "synth:test:-1",
                                      "synth:test:1x", "synth:test:10000",
                                      "synth:test:99999999999999999999"};
  data_source_options options = data_source_defaults();
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    data_image image;
    numeral_error error;
    assert_int_equal(data_source_image(wrong[i], &options, &image, &error),
                     NUMERAL_ERROR_ARGUMENT);
    assert_int_equal(image.label, -1);
    assert_non_null(strstr(error.message, "an index from 0 to 9999"));
  }
}

static void half_a_pair_is_said(void **unused) {
  (void)unused;
  data_source source;
  numeral_error error;
  data_source_options options = data_source_defaults();
  options.labels_path = "labels";
  assert_int_equal(data_source_load(&options, &source, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_non_null(strstr(error.message, "--images is missing"));
  assert_null(source.train);
}

static void picks_are_spread(void **unused) {
  (void)unused;
  int counts[10] = {0};
  for (uint64_t turn = 0; turn < 10000; turn++) {
    counts[data_source_pick(3, turn, 10)]++;
  }
  for (int i = 0; i < 10; i++) assert_in_range(counts[i], 850, 1150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_is_asked_for_is_loaded),
      cmocka_unit_test(test_images_are_not_trained_on),
      cmocka_unit_test(joined_sets_add_to_training_alone),
      cmocka_unit_test(normalising_keeps_labels),
      cmocka_unit_test(image_is_that_of_the_set),
      cmocka_unit_test(random_image_depends_on_the_seed),
      cmocka_unit_test(references_are_told_from_paths),
      cmocka_unit_test(wrong_references_are_said),
      cmocka_unit_test(half_a_pair_is_said),
      cmocka_unit_test(picks_are_spread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
