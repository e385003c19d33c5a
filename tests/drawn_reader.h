/* drawn_reader.h: drawn digits for tests to make pictures of, and the built-in
 * model to read them. To be included after cmocka.h. */
#ifndef TESTS_DRAWN_READER_H
#define TESTS_DRAWN_READER_H

#include <stdbool.h>

#include "numeral.h"

typedef struct drawn_reader {
  numeral_model *model;
  numeral_session *session;
  numeral_dataset *digits;
} drawn_reader;

/* Skips the test where no model is built in. It refuses nothing. */
static inline drawn_reader drawn_reader_create(int count, uint64_t seed) {
  drawn_reader made = {0};
  numeral_session_options options;
  if (numeral_model_builtin(&made.model, NULL)) skip();
  numeral_session_options_init(&options);
  options.accept_all = 1;
  assert_int_equal(
      numeral_session_create(made.model, &options, &made.session, NULL),
      NUMERAL_OK);
  assert_int_equal(
      numeral_dataset_synthesise((size_t)count, seed, &made.digits, NULL),
      NUMERAL_OK);
  return made;
}

static inline const uint8_t *drawn_digit(const drawn_reader *reader,
                                         size_t index) {
  return numeral_dataset_images(reader->digits) + index * NUMERAL_IMAGE_PIXELS;
}

/* Whether the picture made of that digit is read as another, or as none. */
static inline bool is_misread(const drawn_reader *reader, size_t index,
                              const numeral_raster *picture) {
  numeral_prediction said;
  assert_int_equal(
      numeral_session_read_raster(reader->session, picture, &said, NULL),
      NUMERAL_OK);
  return said.digit != numeral_dataset_labels(reader->digits)[index];
}

static inline void drawn_reader_release(drawn_reader *reader) {
  numeral_dataset_destroy(reader->digits);
  numeral_session_destroy(reader->session);
  numeral_model_destroy(reader->model);
}

#endif
