/* test_nondigits.c: how many pictures of no digit the built-in model calls one,
 * each read as predict reads a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "formats/gzip.h"
#include "numeral.h"

enum {
  HEADER_BYTES = 16,
  LIMIT_BYTES = 8 << 20,
  LARGEST = 200, /* pixels a side, of what is drawn here */
  TRIES = 60
};

static numeral_model *model;
static numeral_session *session;

static int open_session(void **unused) {
  (void)unused;
  if (numeral_model_builtin(&model, NULL)) return 0; /* a build without */
  return numeral_session_create(model, NULL, &session, NULL);
}

static int close_session(void **unused) {
  (void)unused;
  numeral_session_destroy(session);
  numeral_model_destroy(model);
  return 0;
}

static int is_called_digit(const uint8_t *pixels, int side_px) {
  const numeral_raster picture = {pixels, side_px, side_px, 1, (size_t)side_px};
  numeral_prediction said;
  assert_int_equal(numeral_session_read_raster(session, &picture, &said, NULL),
                   NUMERAL_OK);
  return said.digit >= 0;
}

/* Of the images of an IDX file, 28 x 28 each, how many are called a digit. */
static size_t called_digits(const char *name, size_t images) {
  char path[4096];
  unsigned char *bytes;
  size_t size_bytes, digits = 0;
  const char *data = getenv("NUMERAL_DATA_DIR");
  snprintf(path, sizeof path, "%s/nondigits/%s-images-idx3-ubyte.gz",
           data ? data : "", name);
  if (!data || !session || access(path, R_OK) != 0) {
    print_message("no pictures of no digit in NUMERAL_DATA_DIR\n");
    skip();
  }
  assert_int_equal(gzip_file_read(path, LIMIT_BYTES, &bytes, &size_bytes, NULL),
                   NUMERAL_OK);
  assert_int_equal(size_bytes, HEADER_BYTES + images * NUMERAL_IMAGE_PIXELS);
  for (size_t i = 0; i < images; i++)
    digits += is_called_digit(bytes + HEADER_BYTES + i * NUMERAL_IMAGE_PIXELS,
                              NUMERAL_IMAGE_SIDE);
  free(bytes);
  print_message("%zu of %zu\n", digits, images);
  return digits;
}

static void clothes_are_no_digits(void **unused) {
  (void)unused;
  assert_in_range(called_digits("fashion", 2000), 0, 2000 * 3 / 100);
}

/* Some of them do look like digits. */
static void letters_are_no_digits(void **unused) {
  (void)unused;
  assert_in_range(called_digits("omniglot", 1000), 0, 1000 * 15 / 100);
}

typedef enum kind {
  PLAIN,
  PAPER,
  SPECKS,
  NOISE,
  SHADE,
  STRONG_SHADE,
  KINDS
} kind;

/* A pixel of a picture that shows nothing. */
static uint8_t pixel(kind what, int ground, int at, int side_px,
                     nml_random *random) {
  const int x = at % side_px, y = at / side_px;
  switch (what) {
    case PAPER:
      return (uint8_t)(ground / 2 + nml_random_below(random, 12));
    case SPECKS:
      return (uint8_t)(nml_random_below(random, 200) == 0 ? 255 - ground
                                                          : ground);
    case NOISE:
      return (uint8_t)nml_random_below(random, 256);
    case SHADE:
      return (uint8_t)(180 + 60 * x / side_px);
    case STRONG_SHADE:
      return (uint8_t)(255 * (x + y) / (2 * side_px));
    default:
      return (uint8_t)ground;
  }
}

static void nothing_is_no_digit(void **unused) {
  static const int sides[] = {NUMERAL_IMAGE_SIDE, 64, LARGEST};
  static uint8_t pixels[LARGEST * LARGEST];
  (void)unused;
  if (!session) skip();
  for (int k = 0; k < KINDS; k++)
    for (int i = 0; i < TRIES; i++) {
      nml_random random =
          nml_random_init(7, NML_PURPOSE_TEST, (uint64_t)k, (uint64_t)i);
      const int side = sides[i % 3],
                ground = (int)nml_random_below(&random, 256);
      for (int at = 0; at < side * side; at++)
        pixels[at] = pixel((kind)k, ground, at, side, &random);
      if (is_called_digit(pixels, side))
        fail_msg("kind %d, try %d: a digit of %d pixels", k, i, side);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(clothes_are_no_digits),
                                     cmocka_unit_test(letters_are_no_digits),
                                     cmocka_unit_test(nothing_is_no_digit)};
  return cmocka_run_group_tests(tests, open_session, close_session);
}
