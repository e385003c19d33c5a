/* test_csv.c: CSV files, well written and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/readers.h"

enum { TEXT_BYTES = 1 << 14 };

static char text[TEXT_BYTES];

/* Appends a line of `fields` fields: the label, then pixels 0, 1, 2, ... */
static void add_line(int label, int fields, const char *ending) {
  char *at = text + strlen(text);
  at += sprintf(at, "%d", label);
  for (int i = 0; i < fields - 1; i++) at += sprintf(at, ",%d", i % 256);
  strcpy(at, ending);
}

static numeral_status parse(numeral_dataset **dataset, numeral_error *error) {
  size_t size = strlen(text);
  char *copy = malloc(size + !size); /* no byte behind the text may be read */
  memcpy(copy, text, size);
  numeral_status status = nml_csv_parse(copy, size, dataset, error);
  free(copy);
  return status;
}

static void expect_lines(const char *labels) {
  numeral_dataset *dataset;
  numeral_error error = {0};
  if (parse(&dataset, &error)) fail_msg("%s", error.message);
  assert_int_equal(dataset->count, strlen(labels));
  for (size_t i = 0; i < dataset->count; i++) {
    assert_int_equal(dataset->labels[i], labels[i] - '0');
    for (int k = 0; k < NUMERAL_IMAGE_PIXELS; k++) {
      assert_int_equal(dataset->images[i * NUMERAL_IMAGE_PIXELS + (size_t)k],
                       k % 256);
    }
  }
  nml_dataset_destroy(dataset);
}

static void expect_failure(const char *words) {
  numeral_dataset *dataset = (numeral_dataset *)text;
  numeral_error error = {0};
  assert_int_equal(parse(&dataset, &error), NUMERAL_ERROR_FORMAT);
  assert_null(dataset);
  if (!strstr(error.message, words)) {
    fail_msg("\"%s\" does not say \"%s\"", error.message, words);
  }
}

static int start_empty(void **unused) {
  (void)unused;
  text[0] = '\0';
  return 0;
}

static void lines_are_read(void **unused) {
  (void)unused;
  add_line(7, 785, "\n");
  add_line(0, 785, "\n");
  expect_lines("70");
}

static void last_newline_may_be_missing(void **unused) {
  (void)unused;
  add_line(7, 785, "\n");
  add_line(1, 785, "");
  expect_lines("71");
}

static void windows_line_ends_are_fine(void **unused) {
  (void)unused;
  add_line(7, 785, "\r\n");
  add_line(2, 785, "\r\n");
  expect_lines("72");
}

static void header_line_is_skipped(void **unused) {
  (void)unused;
  strcpy(text, "label,pixel0,pixel1\n");
  add_line(4, 785, "\n");
  expect_lines("4");
}

static void byte_order_mark_is_not_a_header(void **unused) {
  (void)unused;
  strcpy(text, "\xef\xbb\xbf");
  add_line(5, 785, "\n");
  add_line(6, 785, "\n");
  expect_lines("56");
}

static void blanks_and_empty_lines_do_not_matter(void **unused) {
  (void)unused;
  strcpy(text, "\n  ");
  add_line(3, 785, " \n\r\n\n");
  expect_lines("3");
}

static void nothing_is_refused(void **unused) {
  (void)unused;
  expect_failure("no line of data");
  strcpy(text, "label,pixels\n\n");
  expect_failure("no line of data");
}

static void short_line_is_named(void **unused) {
  (void)unused;
  add_line(1, 785, "\n");
  add_line(2, 784, "\n");
  expect_failure("line 2 of the CSV file has 784 fields");
}

static void many_short_lines_take_no_memory(void **unused) {
  (void)unused;
  for (int i = 0; i < 8000; i++) strcat(text + 2 * i, "1\n");
  expect_failure("line 1 of the CSV file has 1 field:");
}

static void long_line_is_named(void **unused) {
  (void)unused;
  add_line(2, 786, "\n");
  expect_failure("line 1 of the CSV file has more than 785 fields");
}

static void wrong_label_is_named(void **unused) {
  (void)unused;
  add_line(3, 785, "\n");
  add_line(10, 785, "\n");
  expect_failure("line 2 of the CSV file: its label, \"10\"");
}

static void wrong_pixels_are_named(void **unused) {
  (void)unused;
  const char *const wrong[] = {"256",  "-1",          "1.5", "x",
                               "0x10", "99999999999", "",    "1 2"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char words[64];
    sprintf(text, "3,%s", wrong[i]);
    for (int k = 0; k < 783; k++) strcat(text, ",0");
    sprintf(words, "line 1, field 2 of the CSV file: \"%s\"", wrong[i]);
    expect_failure(words);
  }
}

static void odd_bytes_are_not_echoed(void **unused) {
  (void)unused;
  strcpy(text, "3,\x1b[31m");
  for (int k = 0; k < 783; k++) strcat(text, ",0");
  expect_failure("\"?[31m\"");
}

static void refused_memory_is_an_error(void **unused) {
  (void)unused;
  add_line(7, 785, "\n");
  for (long nth = 1;; nth++) {
    numeral_dataset *dataset;
    nml_alloc_fail_at(nth);
    numeral_status status = parse(&dataset, NULL);
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

#define TEST(name) cmocka_unit_test_setup(name, start_empty)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(lines_are_read),
      TEST(last_newline_may_be_missing),
      TEST(windows_line_ends_are_fine),
      TEST(header_line_is_skipped),
      TEST(byte_order_mark_is_not_a_header),
      TEST(blanks_and_empty_lines_do_not_matter),
      TEST(nothing_is_refused),
      TEST(short_line_is_named),
      TEST(many_short_lines_take_no_memory),
      TEST(long_line_is_named),
      TEST(wrong_label_is_named),
      TEST(wrong_pixels_are_named),
      TEST(odd_bytes_are_not_echoed),
      TEST(refused_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
