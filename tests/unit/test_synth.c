/* Synthetic digits: the same for a seed everywhere, in equal shares, and laid
 * out as MNIST's are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "data/synth.h"
#include "numeral.h"

static numeral_dataset *synthesise(size_t count, uint64_t seed) {
  numeral_dataset *made = NULL;
  numeral_error error;
  assert_int_equal(numeral_dataset_synthesise(count, seed, &made, &error),
                   NUMERAL_OK);
  assert_int_equal(numeral_dataset_count(made), count);
  return made;
}

static void test_same_seed_same_set(void **state) {
  (void)state;
  numeral_dataset *a = synthesise(200, 7), *b = synthesise(200, 7);
  numeral_dataset *other = synthesise(200, 8);
  assert_true(numeral_dataset_checksum(a) == numeral_dataset_checksum(b));
  assert_true(numeral_dataset_checksum(a) != numeral_dataset_checksum(other));
  assert_memory_not_equal(numeral_dataset_labels(a),
                          numeral_dataset_labels(other), 200);
  numeral_dataset_destroy(a);
  numeral_dataset_destroy(b);
  numeral_dataset_destroy(other);
}

static void test_image_does_not_depend_on_count(void **state) {
  (void)state;
  numeral_dataset *few = synthesise(37, 3), *many = synthesise(300, 3);
  assert_memory_equal(numeral_dataset_labels(few), numeral_dataset_labels(many),
                      37);
  assert_memory_equal(numeral_dataset_images(few), numeral_dataset_images(many),
                      37 * NUMERAL_IMAGE_PIXELS);
  numeral_dataset_destroy(few);
  numeral_dataset_destroy(many);
}

static void test_no_two_images_alike(void **state) {
  (void)state;
  enum { COUNT = 300 };
  numeral_dataset *set = synthesise(COUNT, 4);
  const uint8_t *images = numeral_dataset_images(set);
  for (size_t i = 0; i < COUNT; i++) {
    for (size_t j = 0; j < i; j++) {
      assert_memory_not_equal(images + i * NUMERAL_IMAGE_PIXELS,
                              images + j * NUMERAL_IMAGE_PIXELS,
                              NUMERAL_IMAGE_PIXELS);
    }
  }
  numeral_dataset_destroy(set);
}

static void test_labels_in_equal_shares(void **state) {
  (void)state;
  numeral_dataset *set = synthesise(1005, 1);
  int found[NUMERAL_CLASSES] = {0};
  for (size_t i = 0; i < 1005; i++) found[numeral_dataset_labels(set)[i]]++;
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    assert_in_range(found[digit], 100, 101);
  }
  numeral_dataset_destroy(set);
}

typedef struct ink_layout {
  double mass, x, y; /* centre of mass, in pixels from the top left */
  int left, right, top, bottom;
} ink_layout;

static ink_layout lay_out(const uint8_t *pixels, int side) {
  ink_layout found = {0, 0, 0, side, -1, side, -1};
  for (int y = 0; y < side; y++) {
    for (int x = 0; x < side; x++) {
      int ink = pixels[y * side + x];
      if (ink == 0) continue;
      found.mass += ink;
      found.x += ink * (x + 0.5);
      found.y += ink * (y + 0.5);
      if (x < found.left) found.left = x;
      if (x > found.right) found.right = x;
      if (y < found.top) found.top = y;
      if (y > found.bottom) found.bottom = y;
    }
  }
  assert_true(found.mass > 0);
  found.x /= found.mass;
  found.y /= found.mass;
  return found;
}

static void test_images_are_framed_as_mnist(void **state) {
  (void)state;
  enum { COUNT = 2000 };
  numeral_dataset *set = synthesise(COUNT, 5);
  for (size_t i = 0; i < COUNT; i++) {
    ink_layout ink =
        lay_out(numeral_dataset_images(set) + i * NUMERAL_IMAGE_PIXELS,
                NUMERAL_IMAGE_SIDE);
    int width = ink.right - ink.left + 1, height = ink.bottom - ink.top + 1;
    int longer = width > height ? width : height;
    assert_in_range(longer, 19, 21);
    assert_true(ink.mass > 255 * 15); /* the least that a 1 needs */
    assert_true(ink.x > 13.4 && ink.x < 15.1);
    /* a crossed 7 may be so heavy at its top that its foot meets the edge */
    bool has_room = ink.top > 0 && ink.bottom < NUMERAL_IMAGE_SIDE - 1;
    assert_true(ink.y > (has_room ? 13.4 : 12.5) && ink.y < 15.1);
  }
  numeral_dataset_destroy(set);
}

static void test_drawing_keeps_its_margins(void **state) {
  (void)state;
  static const int sides[] = {28, 29, 64, 200, 512};
  static uint8_t pixels[512 * 512 + 1];
  for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
    int side = sides[i];
    size_t size = (size_t)side * (size_t)side;
    for (uint64_t index = 0; index < 100; index++) {
      memset(pixels, 0xA5, sizeof pixels);
      nml_synth_draw((int)(index % 10), 11, index, side, pixels);
      assert_int_equal(pixels[size], 0xA5);
      ink_layout ink = lay_out(pixels, side);
      assert_true(ink.left > 0 && ink.right < side - 1);
      assert_true(ink.top > 0 && ink.bottom < side - 1);
      int width = ink.right - ink.left, height = ink.bottom - ink.top;
      assert_true((width > height ? width : height) > side / 2 - 2);
    }
  }
}

static void test_drawing_is_placed_freely(void **state) {
  (void)state;
  uint8_t pixels[64 * 64];
  double least = 64, most = 0;
  for (uint64_t index = 0; index < 50; index++) {
    nml_synth_draw(3, 2, index, 64, pixels);
    double x = lay_out(pixels, 64).x;
    if (x < least) least = x;
    if (x > most) most = x;
  }
  assert_true(most - least > 10);
}

static void test_no_images(void **state) {
  (void)state;
  numeral_dataset_destroy(synthesise(0, 1));
}

static void test_wrong_arguments(void **state) {
  (void)state;
  numeral_error error;
  numeral_dataset *set = (numeral_dataset *)&error;
  assert_int_equal(numeral_dataset_synthesise(1, 1, NULL, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_dataset_synthesise(SIZE_MAX, 1, &set, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_null(set);
}

/* Each allocation is refused in turn, until a run needs no more. */
static void test_memory_refused(void **state) {
  (void)state;
  int refused = 0;
  for (long nth = 1;; nth++) {
    numeral_dataset *set = NULL;
    numeral_error error;
    nml_alloc_fail_at(nth);
    numeral_status status = numeral_dataset_synthesise(3, 1, &set, &error);
    nml_alloc_fail_at(0);
    if (status == NUMERAL_OK) {
      numeral_dataset_destroy(set);
      break;
    }
    refused++;
    assert_int_equal(status, NUMERAL_ERROR_MEMORY);
    assert_int_equal(error.status, NUMERAL_ERROR_MEMORY);
    assert_true(strlen(error.message) > 0);
    assert_null(set);
  }
  /* the set, its images, its labels, a team, its members, their shares */
  assert_int_equal(refused, 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_seed_same_set),
      cmocka_unit_test(test_image_does_not_depend_on_count),
      cmocka_unit_test(test_no_two_images_alike),
      cmocka_unit_test(test_labels_in_equal_shares),
      cmocka_unit_test(test_images_are_framed_as_mnist),
      cmocka_unit_test(test_drawing_keeps_its_margins),
      cmocka_unit_test(test_drawing_is_placed_freely),
      cmocka_unit_test(test_no_images),
      cmocka_unit_test(test_wrong_arguments),
      cmocka_unit_test(test_memory_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
