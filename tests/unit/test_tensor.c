/* Tensors of the Open Inference Protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/serve/tensor.h"

static bool from_text(const char *text, tensor_type type, uint8_t *to,
                      size_t count) {
  json_t *data = json_loads(text, 0, NULL);
  assert_non_null(data);
  bool taken = tensor_from_json(data, type, to, count);
  json_decref(data);
  return taken;
}

static void test_flat_and_nested_are_one(void **state) {
  (void)state;
  const uint8_t wanted[4] = {0, 1, 254, 255};
  uint8_t pixels[4];
  const char *texts[] = {"[0,1,254,255]", "[[0,1],[254,255]]",
                         "[[[0],[1]],[[254]],255]"};
  for (int i = 0; i < 3; ++i) {
    memset(pixels, 7, sizeof pixels);
    assert_true(from_text(texts[i], TENSOR_UINT8, pixels, 4));
    assert_memory_equal(pixels, wanted, 4);
  }
}

static void test_what_is_no_pixel(void **state) {
  (void)state;
  uint8_t pixels[4];
  const char *texts[] = {"[0,1,2]",    "[0,1,2,3,4]",     "[0,1,2,256]",
                         "[0,1,2,-1]", "[0,1,2,3.0]",     "[0,1,2,\"3\"]",
                         "[0,1,2,[]]", "[0,1,2,[3,[4]]]", "[]"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
    assert_false(from_text(texts[i], TENSOR_UINT8, pixels, 4));
  assert_false(tensor_from_json(NULL, TENSOR_UINT8, pixels, 4));
}

static void test_shares_of_ink(void **state) {
  (void)state;
  uint8_t pixels[256];
  float shares[256];
  for (int i = 0; i < 256; ++i) shares[i] = (float)i / 255;
  assert_true(tensor_from_bytes(shares, TENSOR_FP32, pixels, 256));
  for (int i = 0; i < 256; ++i) assert_int_equal(pixels[i], i);
  assert_true(from_text("[0, 1, 0.5, 1.0]", TENSOR_FP32, pixels, 4));
  assert_int_equal(pixels[2], 128);
  assert_false(from_text("[0, 1, 0.5, 1.01]", TENSOR_FP32, pixels, 4));
  const float bad[] = {-0.1f, 1.5f, 0.0f / 0.0f, 1.0f / 0.0f};
  for (int i = 0; i < 4; ++i)
    assert_false(tensor_from_bytes(&bad[i], TENSOR_FP32, pixels, 1));
}

static const numeral_prediction predicted[2] = {
    {.digit = 7,
     .confidence = 0.9f,
     .probabilities = {0, 0, 0, 0.1f, 0, 0, 0, 0.9f, 0, 0}},
    {.digit = -1, .reason = NUMERAL_REASON_BLANK}};

static void test_binary_output(void **state) {
  (void)state;
  text_buffer binary = {0};
  json_t *digit = tensor_write(OUTPUT_DIGIT, predicted, 2, &binary);
  json_t *rows = tensor_write(OUTPUT_PROBABILITIES, predicted, 2, &binary);
  assert_int_equal(binary.length, 2 * 4 + 20 * 4);
  assert_int_equal(
      json_integer_value(json_object_get(json_object_get(rows, "parameters"),
                                         "binary_data_size")),
      80);
  assert_null(json_object_get(digit, "data"));
  int32_t digits[2];
  memcpy(digits, binary.text, sizeof digits);
  assert_int_equal(digits[0], 7);
  assert_int_equal(digits[1], -1);
  assert_memory_equal(binary.text + 8, predicted[0].probabilities, 40);
  json_decref(digit);
  json_decref(rows);
  text_buffer_release(&binary);
}

static void test_json_output(void **state) {
  (void)state;
  json_t *rows = tensor_write(OUTPUT_PROBABILITIES, predicted, 2, NULL);
  json_t *shape = json_object_get(rows, "shape");
  assert_int_equal(json_integer_value(json_array_get(shape, 0)), 2);
  assert_int_equal(json_integer_value(json_array_get(shape, 1)), 10);
  json_t *data = json_object_get(rows, "data");
  assert_int_equal(json_array_size(data), 20);
  assert_true((float)json_number_value(json_array_get(data, 7)) == 0.9f);
  json_decref(rows);
  assert_int_equal(tensor_find("probabilities"), OUTPUT_PROBABILITIES);
  assert_int_equal(tensor_find("digits"), -1);
  assert_int_equal(tensor_find(NULL), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flat_and_nested_are_one),
      cmocka_unit_test(test_what_is_no_pixel),
      cmocka_unit_test(test_shares_of_ink),
      cmocka_unit_test(test_binary_output), cmocka_unit_test(test_json_output)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
