/* test_app_text.c: numbers as text, JSON text, and files replaced whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/file_replace.h"
#include "app/json_text.h"
#include "app/text_format.h"

static void writes_numbers_for_people(void **state) {
  (void)state;
  assert_string_equal(text_count(0).text, "0");
  assert_string_equal(text_count(999).text, "999");
  assert_string_equal(text_count(1000).text, "1,000");
  assert_string_equal(text_count(UINT64_MAX).text,
                      "18,446,744,073,709,551,615");
  assert_string_equal(text_duration(0.042).text, "0.04 s");
  assert_string_equal(text_duration(4.2).text, "4.2 s");
  assert_string_equal(text_duration(187).text, "3:07");
  assert_string_equal(text_duration(3765).text, "1:02:45");
  assert_string_equal(text_percent(0.98724).text, "98.72%");
  /* whatever is asked, there is an answer */
  assert_true(strlen(text_duration(NAN).text) > 0);
  assert_true(strlen(text_duration(INFINITY).text) > 0);
}

static void check_json(json_t *value, const char *expected) {
  char *text = json_text(value, 0);
  assert_string_equal(text, expected);
  free(text);
  json_decref(value);
}

static void writes_short_exact_json(void **state) {
  (void)state;
  check_json(json_real(0.1), "0.1");
  check_json(json_real(0.1 + 0.2), "0.30000000000000004");
  check_json(json_finite(NAN), "null");
  check_json(json_rounded(0.99234567, 4), "0.9923");
  check_json(json_rounded(INFINITY, 4), "null");
  check_json(json_seed(7), "7");
  check_json(json_seed(UINT64_MAX), "\"18446744073709551615\"");
  check_json(json_text_string("a\xFF.png"), "\"a\xEF\xBF\xBD.png\"");
}

/* What is written without jansson is what jansson writes. */
static void check_rounded(double value, int decimals) {
  text_buffer text = {0};
  json_t *number = json_rounded(value, decimals);
  char *expected =
      json_dumps(number, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
  json_add_rounded(&text, value, decimals);
  assert_string_equal(text.text, expected);
  free(expected);
  json_decref(number);
  text_buffer_release(&text);
}

static void writes_rounded_numbers_as_jansson_does(void **state) {
  (void)state;
  for (int i = 0; i <= 1000000; i += i < 3000 || i > 997000 ? 1 : 97)
    check_rounded(1e-6 * i, 6);
  static const double values[] = {
      0,       1,          1e-9,      4.9e-7, 5.1e-7,   0.00005,
      9.95e-5, 0.99999951, 0.1f,      10,     1000.5,   0.9999f,
      1e6,     123456.789, 999999999, NAN,    INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
    for (int decimals = 1; decimals <= 6; ++decimals) {
      check_rounded(values[i], decimals);
      check_rounded(-values[i], decimals);
    }
  }
  text_buffer text = {0};
  json_add_string(&text, "a\"\n\xFF");
  assert_string_equal(text.text, "\"a\\\"\\n\xEF\xBF\xBD\"");
  text_buffer_release(&text);
}

static void reads_seeds_back(void **state) {
  (void)state;
  static const uint64_t seeds[] = {0, 1, (UINT64_C(1) << 53) + 1, UINT64_MAX};
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; ++i) {
    json_t *value = json_seed(seeds[i]);
    assert_true(json_read_seed(value) == seeds[i]);
    json_decref(value);
  }
}

static void replaces_files_whole(void **state) {
  (void)state;
  char folder[] = "/tmp/numeral-test-XXXXXX";
  char path[64], line[16] = "";
  numeral_error error;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.json", folder);
  assert_int_equal(file_replace(path, "old", &error), NUMERAL_OK);
  assert_int_equal(file_replace(path, "new", &error), NUMERAL_OK);
  FILE *file = fopen(path, "r");
  assert_non_null(fgets(line, sizeof line, file));
  fclose(file);
  assert_string_equal(line, "new");
  unlink(path);
  snprintf(path, sizeof path, "%s/no/a.json", folder);
  assert_int_equal(file_replace(path, "x", &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, path));
  assert_int_equal(rmdir(folder), 0); /* nothing temporary was left */
}

static void knows_folders(void **state) {
  (void)state;
  char folder[64], top[] = "/tmp/numeral-test-XXXXXX", path[64];
  numeral_error error;
  folder_of("a.txt", folder, sizeof folder);
  assert_string_equal(folder, ".");
  folder_of("/a.txt", folder, sizeof folder);
  assert_string_equal(folder, "/");
  folder_of("b/c/a.txt", folder, sizeof folder);
  assert_string_equal(folder, "b/c");
  assert_non_null(mkdtemp(top));
  snprintf(path, sizeof path, "%s/x/y", top);
  assert_int_equal(folder_make(path, &error), NUMERAL_OK);
  assert_int_equal(folder_make(path, &error), NUMERAL_OK);
  assert_int_equal(folder_check(path, 1, &error), NUMERAL_OK);
  assert_int_equal(folder_check(path, 1e30, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "MB free"));
  rmdir(path);
  assert_int_equal(folder_check(path, 1, &error), NUMERAL_ERROR_IO);
  snprintf(path, sizeof path, "%s/x", top);
  rmdir(path);
  rmdir(top);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_numbers_for_people),
      cmocka_unit_test(writes_short_exact_json),
      cmocka_unit_test(writes_rounded_numbers_as_jansson_does),
      cmocka_unit_test(reads_seeds_back),
      cmocka_unit_test(replaces_files_whole),
      cmocka_unit_test(knows_folders),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
