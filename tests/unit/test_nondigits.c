/* test_nondigits.c: how many pictures of no digit the built-in model calls one,
 * each read as predict reads a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "formats/gzip.h"
#include "numeral.h"

enum { HEADER_BYTES = 16, LIMIT_BYTES = 8 << 20 };

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

/* Of the images of an IDX file, 28 x 28 each, how many are called a digit. */
static size_t called_digits(const char *name, size_t images) {
  char path[4096];
  unsigned char *bytes;
  size_t size_bytes, digits = 0;
  const char *data = getenv("NUMERAL_DATA_DIR");
  snprintf(path, sizeof path, "%s/nondigits/%s-images-idx3-ubyte.gz",
           data ? data : "", name);
  FILE *file = data && session ? fopen(path, "r") : NULL;
  if (!file) {
    print_message("no pictures of no digit in NUMERAL_DATA_DIR\n");
    skip();
  }
  fclose(file);
  assert_int_equal(gzip_file_read(path, LIMIT_BYTES, &bytes, &size_bytes, NULL),
                   NUMERAL_OK);
  assert_int_equal(size_bytes, HEADER_BYTES + images * NUMERAL_IMAGE_PIXELS);
  for (size_t i = 0; i < images; i++) {
    const numeral_raster picture = {
        bytes + HEADER_BYTES + i * NUMERAL_IMAGE_PIXELS, NUMERAL_IMAGE_SIDE,
        NUMERAL_IMAGE_SIDE, 1, NUMERAL_IMAGE_SIDE};
    numeral_prediction said;
    assert_int_equal(
        numeral_session_read_raster(session, &picture, &said, NULL),
        NUMERAL_OK);
    digits += said.digit >= 0;
  }
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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(clothes_are_no_digits),
                                     cmocka_unit_test(letters_are_no_digits)};
  return cmocka_run_group_tests(tests, open_session, close_session);
}
