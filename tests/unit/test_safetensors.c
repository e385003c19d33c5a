/* test_safetensors.c: what the container accepts, and all that it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file in a block of exactly its size, so that a sanitizer sees any read
 * past its end. */
static unsigned char *block;
static size_t block_bytes;

static void make_file(const char *header, size_t data_bytes) {
  size_t length = strlen(header);
  free(block);
  block_bytes = 8 + length + data_bytes;
  block = calloc(1, block_bytes);
  assert_non_null(block);
  for (int i = 0; i < 8; i++) block[i] = (unsigned char)(length >> (8 * i));
  memcpy(block + 8, header, length);
}

static int free_block(void **state) {
  (void)state;
  free(block);
  block = NULL;
  return 0;
}

static nml_st_file *parse(const char *header, size_t data_bytes) {
  nml_st_file *file;
  numeral_error error = {0};
  make_file(header, data_bytes);
  if (nml_st_parse(block, block_bytes, &file, &error) != NUMERAL_OK)
    fail_msg("%s: %s", header, error.message);
  return file;
}

static void assert_refused(const char *header, size_t data_bytes,
                           numeral_status status, const char *message) {
  nml_st_file *file = (nml_st_file *)&block;
  numeral_error error = {0};
  make_file(header, data_bytes);
  if (nml_st_parse(block, block_bytes, &file, &error) != status ||
      !strstr(error.message, message))
    fail_msg("%s gave %d \"%s\", not \"%s\"", header, (int)error.status,
             error.message, message);
  assert_null(file);
}

static void assert_damaged(const char *header, size_t data_bytes,
                           const char *message) {
  assert_refused(header, data_bytes, NUMERAL_ERROR_FORMAT, message);
}

/* An entry without its braces. */
#define U8(shape, begin, end)                                                  \
  "{\"dtype\":\"U8\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end \
  "]}"

static void test_tensors_and_metadata_are_found(void **state) {
  (void)state;
  nml_st_file *file = parse(
      "{\"b\":" U8("2,3", 8, 14) ", \"__metadata__\" : {\"k\":\"v\",\"\":\"\"},\n"
      "\"a\":{\"data_offsets\":[0,8],\"shape\":[ 2 , 1 ],\"dtype\":\"F32\"},"
      "\"none\":" U8("0", 14, 14) ",\"one\":" U8("", 14, 15) "}  ",
      15);
  assert_int_equal(file->tensor_count, 4);
  const nml_st_tensor *a = nml_st_tensor_find(file, "a");
  assert_int_equal(a->dtype, NML_F32);
  assert_int_equal(a->rank, 2);
  assert_int_equal(a->dims[0], 2);
  assert_int_equal(a->size_bytes, 8);
  const nml_st_tensor *b = nml_st_tensor_find(file, "b");
  assert_int_equal((const char *)b->bytes - (const char *)a->bytes, 8);
  assert_int_equal(nml_st_tensor_find(file, "one")->rank, 0);
  assert_int_equal(nml_st_tensor_find(file, "none")->size_bytes, 0);
  assert_null(nml_st_tensor_find(file, "c"));
  assert_int_equal(file->metadata_count, 2);
  assert_string_equal(nml_st_metadata(file, "k"), "v");
  assert_string_equal(nml_st_metadata(file, ""), "");
  assert_null(nml_st_metadata(file, "b"));
  nml_st_destroy(file);
  nml_st_destroy(parse("{}", 0));
}

static void test_escapes_are_decoded(void **state) {
  (void)state;
  nml_st_file *file = parse(
      "{\"__metadata__\":{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":"
      "\"\\u0041\\u00e9\\u20AC\\uD83D\\ude00\xc3\xa9\xf0\x9f\x98\x80\"}}",
      0);
  assert_string_equal(file->metadata[0].key, "\"\\/\b\f\n\r\t");
  assert_string_equal(file->metadata[0].value,
                      "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
                      "\xc3\xa9\xf0\x9f\x98\x80");
  nml_st_destroy(file);
}

static void test_strings_that_are_no_text_are_refused(void **state) {
  static const char *const bad[] = {"\\u0000",
                                    "\\x41",
                                    "\\u12",
                                    "\\u12g4",
                                    "\\ud800",
                                    "\\ud800x",
                                    "\\ud800\\n",
                                    "\\udc00",
                                    "\\ud800\\ud800",
                                    "\x01",
                                    "\n",
                                    "\x80",
                                    "\xc0\x80",
                                    "\xc1\xbf",
                                    "\xc3",
                                    "\xe0\x80\x80",
                                    "\xed\xa0\x80",
                                    "\xf0\x80\x80\x80",
                                    "\xf4\x90\x80\x80",
                                    "\xf5\x80\x80\x80",
                                    "\xe2\x82",
                                    "\\"};
  char header[64];
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    snprintf(header, sizeof header, "{\"__metadata__\":{\"k\":\"%s\"}}",
             bad[i]);
    assert_damaged(header, 0, "header byte");
  }
}

static void test_other_json_is_refused(void **state) {
  static const char *const bad[] = {
      "",
      " {}",
      "[]",
      "{",
      "{}}",
      "{} x",
      "{,}",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1}",
      "{\"a\":{}}",
      "{\"a\":null}",
      "{'a':{}}",
      "{\"__metadata__\":{\"k\":1}}",
      "{\"__metadata__\":{\"k\":\"v\",}}",
      "{\"__metadata__\":{\"k\":{}}}",
      "{\"__metadata__\":[]}",
      "{\"__metadata__\":{\"k\":\"v\" \"l\":\"v\"}}",
      "{\"__metadata__\":{\"k\":\"v\"",
      "{\"__metadata__\":{\"k\":\"v",
      "{\"__metadata__\":{},}",
      "{\"a\":" U8("1", 0, 1) ",}",
      "{\"a\":" U8("1,", 0, 1) "}",
      "{\"a\":" U8(",1", 0, 1) "}",
      "{\"a\":" U8("01", 0, 1) "}",
      "{\"a\":" U8("+1", 0, 1) "}",
      "{\"a\":" U8("-1", 0, 1) "}",
      "{\"a\":" U8("1.0", 0, 1) "}",
      "{\"a\":" U8("1e0", 0, 1) "}",
      "{\"a\":" U8("\"1\"", 0, 1) "}",
      "{\"a\":" U8("9223372036854775808", 0, 1) "}",
      "{\"a\":" U8("1,1,1,1,1", 0, 1) "}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}",
      "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],"
      "\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],"
      "\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],"
      "\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],"
      "\"more\":\"\"}}"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_damaged(bad[i], 1, "header byte");
}

/* Ten thousand open brackets cost no stack. */
static void test_deep_nesting_is_refused(void **state) {
  static char header[10001];
  (void)state;
  memset(header, '[', sizeof header - 1);
  memcpy(header, "{\"a\":", 5);
  assert_damaged(header, 0, "header byte 5: expected {");
}

static void test_duplicates_are_refused(void **state) {
  (void)state;
  assert_damaged("{\"a\":" U8("1", 0, 1) ",\"a\":" U8("1", 1, 2) "}", 2,
                 "tensor \"a\" is there twice");
  assert_damaged("{\"a\":" U8("1", 0, 1) ",\"\\u0061\":" U8("1", 1, 2) "}", 2,
                 "tensor \"a\" is there twice");
  assert_damaged("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0,
                 "each metadata key once");
  assert_damaged("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "only once");
}

static void test_places_are_checked(void **state) {
  (void)state;
  assert_damaged("{\"a\":" U8("4", 0, 4) ",\"b\":" U8("4", 2, 6) "}", 6,
                 "tensor \"b\" overlaps another one");
  assert_damaged("{\"a\":" U8("4", 0, 4) ",\"b\":" U8("4", 0, 4) "}", 4,
                 "overlaps another one");
  assert_damaged("{\"a\":" U8("4", 0, 4) ",\"b\":" U8("0", 2, 2) "}", 4,
                 "tensor \"b\" overlaps another one");
  assert_damaged("{\"b\":" U8("4", 5, 9) ",\"a\":" U8("4", 0, 4) "}", 9,
                 "tensor \"b\" has unused bytes before it");
  assert_damaged("{\"a\":" U8("4", 1, 5) "}", 5,
                 "tensor \"a\" has unused bytes before it");
  assert_damaged("{\"a\":" U8("4", 0, 4) "}", 7, "3 bytes at the end");
  assert_damaged("{}", 1, "1 bytes at the end");
  assert_damaged("{\"a\":" U8("4", 0, 4) "}", 3, "cut short");
  assert_damaged("{\"a\":" U8("4", 4, 0) "}", 4, "tensor \"a\" lies at");
  assert_damaged(
      "{\"a\":" U8("1", 9223372036854775806, 9223372036854775807) "}", 4,
      "tensor \"a\" lies at");
}

static void test_sizes_are_checked(void **state) {
  (void)state;
  assert_damaged("{\"a\":" U8("5", 0, 4) "}", 4, "not what its shape");
  assert_damaged(
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],"
      "\"data_offsets\":[0,4]}}",
      4, "not what its shape");
  /* 2^32 * 2^32 = 0 in 64 bits */
  assert_damaged("{\"a\":" U8("4294967296,4294967296", 0, 0) "}", 0,
                 "not what its shape");
  assert_damaged(
      "{\"a\":{\"dtype\":\"I64\",\"shape\":[2305843009213693952],"
      "\"data_offsets\":[0,0]}}",
      0, "not what its shape");
  assert_damaged(
      "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],"
      "\"data_offsets\":[0,4]}}",
      4, "of type \"F16\"");
}

static void test_header_length_is_checked(void **state) {
  nml_st_file *file;
  numeral_error error = {0};
  (void)state;
  make_file("{}", 0);
  for (size_t size = 0; size < block_bytes; size++)
    assert_int_equal(nml_st_parse(block, size, &file, &error),
                     NUMERAL_ERROR_FORMAT);
  memset(block, 0xff, 8);
  assert_int_equal(nml_st_parse(block, block_bytes, &file, &error),
                   NUMERAL_ERROR_FORMAT);
  char *header = calloc(1, NML_ST_MAX_HEADER_BYTES + 2);
  memset(header, ' ', NML_ST_MAX_HEADER_BYTES + 1);
  memcpy(header, "{}", 2);
  assert_refused(header, 0, NUMERAL_ERROR_LIMIT, "header is 1048577 bytes");
  header[NML_ST_MAX_HEADER_BYTES] = '\0';
  nml_st_destroy(parse(header, 0));
  free(header);
}

static void test_name_length_and_counts(void **state) {
  char name[128], header[256];
  (void)state;
  memset(name, 'n', sizeof name);
  for (int length = 63; length <= 64; length++) {
    snprintf(header, sizeof header, "{\"%.*s\":" U8("1", 0, 1) "}", length,
             name);
    if (length == 63)
      nml_st_destroy(parse(header, 1));
    else
      assert_damaged(header, 1, "longer than 63 bytes");
  }
  char *many = calloc(5000, 64), *end = many;
  end += sprintf(end, "{\"__metadata__\":{");
  for (int i = 0; i < 257; i++)
    end += sprintf(end, "%s\"%d\":\"\"", i ? "," : "", i);
  strcpy(end, "}}");
  assert_refused(many, 0, NUMERAL_ERROR_LIMIT, "256 lines of metadata");
  end = many;
  for (int i = 0; i < 4097; i++)
    end += sprintf(end, "%c\"%d\":" U8("0", 0, 0), i ? ',' : '{', i);
  strcpy(end, "}");
  assert_refused(many, 0, NUMERAL_ERROR_LIMIT, "4096 tensors");
  free(many);
}

/* ---- Writing ----------------------------------------------------------- */

static char folder[64], path[96];

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/numeral-st-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/file", folder);
  return 0;
}

static int remove_folder(void **state) {
  unlink(path);
  rmdir(folder);
  return free_block(state);
}

static const float numbers[3] = {1, -0.0f, 1e-40f};
static const nml_st_tensor written[] = {
    {"w", NML_F32, 2, {1, 3, 0, 0}, numbers, 12},
    {"byte", NML_U8, 1, {1, 0, 0, 0}, "x", 1},
    {"\"\\", NML_I64, 1, {0, 0, 0, 0}, NULL, 0}};
static const nml_st_entry lines[] = {{"format", "numeral"},
                                     {"odd", "\"\\\n\x1f\xc3\xa9\xff/"}};

static void read_written(void) {
  unsigned char *bytes;
  free(block);
  assert_int_equal(nml_file_read(path, 10000, &bytes, &block_bytes, NULL),
                   NUMERAL_OK);
  block = malloc(block_bytes);
  memcpy(block, bytes, block_bytes);
  nml_free(bytes);
}

static void test_written_file_is_canonical(void **state) {
  static const char expected[] =
      "{\"__metadata__\":{\"format\":\"numeral\","
      "\"odd\":\"\\\"\\\\\\u000a\\u001f\xc3\xa9?/\"},"
      "\"w\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[0,12]},"
      "\"byte\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[12,13]},"
      "\"\\\"\\\\\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[13,13]}"
      "}";
  nml_st_file *file;
  (void)state;
  assert_int_equal(nml_st_write(path, written, 3, lines, 2, NULL), NUMERAL_OK);
  read_written();
  size_t padded = (sizeof expected - 1 + 7) / 8 * 8;
  assert_int_equal(block_bytes, 8 + padded + 13);
  assert_int_equal(block[0] + 256 * block[1], padded);
  assert_memory_equal(block + 8, expected, sizeof expected - 1);
  assert_int_equal(nml_st_parse(block, block_bytes, &file, NULL), NUMERAL_OK);
  assert_memory_equal(nml_st_tensor_find(file, "w")->bytes, numbers, 12);
  assert_string_equal(nml_st_metadata(file, "odd"), "\"\\\n\x1f\xc3\xa9?/");
  assert_non_null(nml_st_tensor_find(file, "\"\\"));
  nml_st_destroy(file);
}

static void test_write_refuses_what_parse_would(void **state) {
  numeral_error error = {0};
  (void)state;
  char *long_text = malloc(NML_ST_MAX_HEADER_BYTES + 1);
  memset(long_text, 'x', NML_ST_MAX_HEADER_BYTES);
  long_text[NML_ST_MAX_HEADER_BYTES] = '\0';
  const nml_st_entry line = {"k", long_text};
  unlink(path);
  assert_int_equal(nml_st_write(path, NULL, 0, &line, 1, &error),
                   NUMERAL_ERROR_LIMIT);
  assert_int_not_equal(access(path, F_OK), 0);
  free(long_text);
}

static void test_refused_memory(void **state) {
  nml_st_file *file = NULL;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  (void)state;
  long nth = 0;
  while (status == NUMERAL_ERROR_MEMORY) {
    nml_alloc_fail_at(++nth);
    status = nml_st_write(path, written, 3, lines, 2, NULL);
  }
  assert_int_equal(status, NUMERAL_OK);
  assert_true(nth > 1);
  nml_alloc_fail_at(0);
  read_written();
  nml_alloc_fail_at(1);
  assert_int_equal(nml_st_parse(block, block_bytes, &file, NULL),
                   NUMERAL_ERROR_MEMORY);
  nml_alloc_fail_at(0);
  assert_null(file);
}

/* A parser that is handed any damaged header answers, without a crash. */
static void test_each_corrupt_byte_gives_an_answer(void **state) {
  nml_st_file *file;
  (void)state;
  assert_int_equal(nml_st_write(path, written, 3, lines, 2, NULL), NUMERAL_OK);
  read_written();
  for (size_t i = 0; i < block_bytes; i++) {
    unsigned char kept = block[i];
    for (int value = 0; value < 256; value++) {
      block[i] = (unsigned char)value;
      if (nml_st_parse(block, block_bytes, &file, NULL) == NUMERAL_OK)
        nml_st_destroy(file);
      else
        assert_null(file);
    }
    block[i] = kept;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tensors_and_metadata_are_found),
      cmocka_unit_test(test_escapes_are_decoded),
      cmocka_unit_test(test_strings_that_are_no_text_are_refused),
      cmocka_unit_test(test_other_json_is_refused),
      cmocka_unit_test(test_deep_nesting_is_refused),
      cmocka_unit_test(test_duplicates_are_refused),
      cmocka_unit_test(test_places_are_checked),
      cmocka_unit_test(test_sizes_are_checked),
      cmocka_unit_test(test_header_length_is_checked),
      cmocka_unit_test(test_name_length_and_counts),
      cmocka_unit_test(test_written_file_is_canonical),
      cmocka_unit_test(test_write_refuses_what_parse_would),
      cmocka_unit_test(test_refused_memory),
      cmocka_unit_test(test_each_corrupt_byte_gives_an_answer),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
