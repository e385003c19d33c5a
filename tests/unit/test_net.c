/* test_net.c: shapes, places and initial values of a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "nn/input.h"
#include "nn/net.h"

#include <math.h>
#include <string.h>

static const nml_layer_spec cnn[] = {
    {.kind = NML_CONV,
     .units = 32,
     .window_h = 3,
     .window_w = 3,
     .stride = 1,
     .relu = true},
    {.kind = NML_MAXPOOL, .window_h = 2, .window_w = 2, .stride = 2},
    {.kind = NML_CONV,
     .units = 64,
     .window_h = 3,
     .window_w = 3,
     .stride = 1,
     .relu = true},
    {.kind = NML_MAXPOOL, .window_h = 2, .window_w = 2, .stride = 2},
    {.kind = NML_FLATTEN},
    {.kind = NML_DENSE, .units = 128, .relu = true},
    {.kind = NML_DENSE, .units = 10}};

static void cnn_has_the_published_shape(void **unused) {
  (void)unused;
  nml_net *net;
  numeral_error error;
  assert_int_equal(nml_net_create(cnn, 7, &net, &error), NUMERAL_OK);
  assert_int_equal(net->parameter_count, 225034);
  assert_int_equal(
      net->forward_flops,
      2 * (26 * 26 * 32 * 9 + 11 * 11 * 64 * 288 + 1600 * 128 + 1280));
  assert_int_equal(net->layers[2].out.h, 11);
  assert_int_equal(net->layers[3].out.w, 5);
  assert_int_equal(net->tensor_count, 8);
  assert_string_equal(net->tensors[2].name, "2.conv.weight");
  assert_int_equal(net->tensors[2].dims[1], 32);
  assert_string_equal(net->tensors[7].name, "6.dense.bias");
  nml_net_destroy(net);
}

static void tensors_come_back_as_they_went(void **unused) {
  (void)unused;
  const nml_layer_spec specs[] = {{.kind = NML_CONV,
                                   .units = 5,
                                   .window_h = 3,
                                   .window_w = 2,
                                   .stride = 2,
                                   .same = true},
                                  {.kind = NML_BATCHNORM, .relu = true},
                                  {.kind = NML_CONV,
                                   .units = 5,
                                   .window_h = 3,
                                   .window_w = 3,
                                   .stride = 1,
                                   .groups = 5,
                                   .same = true},
                                  {.kind = NML_CONV,
                                   .units = 15,
                                   .window_h = 1,
                                   .window_w = 2,
                                   .stride = 1,
                                   .groups = 5},
                                  {.kind = NML_FLATTEN},
                                  {.kind = NML_DENSE, .units = 10}};
  nml_net *net;
  assert_int_equal(nml_net_create(specs, 6, &net, NULL), NUMERAL_OK);
  assert_int_equal(net->parameter_count, 5 * 7 + 10 + 5 * 9 + 5 + 15 * 2 + 15 +
                                             10 * 15 * 14 * 13 + 10);
  float *params = nml_alloc(net->params_floats, sizeof *params);
  float *state = nml_alloc(net->state_floats, sizeof *state);
  float *values = nml_alloc(net->params_floats, sizeof *values);
  float *back = nml_alloc(net->params_floats, sizeof *back);
  for (int t = 0; t < net->tensor_count; t++) {
    for (size_t i = 0; i < net->tensors[t].count; i++)
      values[i] = (float)(i + 1000 * (size_t)t + 1);
    nml_tensor_fetch(net, t, values, params, state);
  }
  size_t filled = 0;
  for (size_t i = 0; i < net->params_floats; i++) filled += params[i] != 0.0f;
  assert_int_equal(filled, net->parameter_count); /* nothing overlaps */
  for (int t = 0; t < net->tensor_count; t++) {
    nml_tensor_store(net, t, params, state, back);
    for (size_t i = 0; i < net->tensors[t].count; i++)
      assert_float_equal(back[i], (float)(i + 1000 * (size_t)t + 1), 0);
  }
  nml_free(params);
  nml_free(state);
  nml_free(values);
  nml_free(back);
  nml_net_destroy(net);
}

static void initial_values_follow_their_scheme(void **unused) {
  (void)unused;
  nml_layer_spec specs[7];
  memcpy(specs, cnn, sizeof specs);
  specs[2].init = NML_INIT_HE;
  nml_net *net;
  assert_int_equal(nml_net_create(specs, 7, &net, NULL), NUMERAL_OK);
  float *params = nml_alloc(net->params_floats, sizeof *params);
  float *values = nml_alloc(net->params_floats, sizeof *values);
  nml_net_init(net, 7, params, NULL);
  const double bounds[2] = {sqrt(6.0 / 288), sqrt(6.0 / (1600 + 128))};
  const int tensors[2] = {2, 4};
  for (int k = 0; k < 2; k++) {
    size_t count = net->tensors[tensors[k]].count;
    double largest = 0, mean = 0;
    nml_tensor_store(net, tensors[k], params, NULL, values);
    for (size_t i = 0; i < count; i++) {
      largest = fmax(largest, fabs((double)values[i]));
      mean += (double)values[i] / (double)count;
    }
    assert_true(largest <= bounds[k] * 1.0001 && largest > 0.99 * bounds[k]);
    assert_true(fabs(mean) < 0.03 * bounds[k]);
  }
  nml_free(params);
  nml_free(values);
  nml_net_destroy(net);
}

static void refused(const nml_layer_spec *specs, int count,
                    numeral_status expected, const char *word) {
  nml_net *net;
  numeral_error error;
  assert_int_equal(nml_net_create(specs, count, &net, &error), expected);
  assert_null(net);
  assert_non_null(strstr(error.message, word));
}

static void impossible_networks_are_refused(void **unused) {
  (void)unused;
  const nml_layer_spec flatten = {.kind = NML_FLATTEN};
  const nml_layer_spec ten = {.kind = NML_DENSE, .units = 10};
  const nml_layer_spec wide = {
      .kind = NML_CONV, .units = 8, .window_h = 30, .window_w = 3, .stride = 1};
  const nml_layer_spec huge = {.kind = NML_DENSE, .units = 65536};
  const nml_layer_spec pool = {
      .kind = NML_MAXPOOL, .window_h = 2, .window_w = 2, .stride = 2};
  refused(&ten, 1, NUMERAL_ERROR_SPEC, "flatten");
  refused(&wide, 1, NUMERAL_ERROR_SPEC, "does not fit");
  refused(NULL, 0, NUMERAL_ERROR_SPEC, "no layers");
  const nml_layer_spec odd[] = {
      {.kind = NML_CONV, .units = 8, .window_h = 3, .window_w = 3, .stride = 1},
      {.kind = NML_CONV,
       .units = 8,
       .window_h = 3,
       .window_w = 3,
       .stride = 1,
       .groups = 3}};
  refused(odd, 2, NUMERAL_ERROR_SPEC, "3 groups do not divide its 8 channels");
  const nml_layer_spec part = {.kind = NML_RESIDUAL}, meet = {.kind = NML_ADD};
  const nml_layer_spec other = {.kind = NML_SHORTCUT},
                       relu = {.kind = NML_RELU};
  const nml_layer_spec narrow[] = {part, pool, meet, flatten, ten};
  refused(narrow, 5, NUMERAL_ERROR_SPEC,
          "layer 3 (add) cannot add 14x14x1 to 28x28x1");
  const nml_layer_spec nested[] = {part, relu, part, relu, meet, meet};
  refused(nested, 6, NUMERAL_ERROR_SPEC, "layer 3 (residual) stands inside");
  const nml_layer_spec endless[] = {part, relu, other, relu};
  refused(endless, 4, NUMERAL_ERROR_SPEC, "layer 1 (residual) has no end");
  const nml_layer_spec lone[] = {relu, meet}, lost[] = {relu, other};
  refused(lone, 2, NUMERAL_ERROR_SPEC, "nothing to add");
  refused(lost, 2, NUMERAL_ERROR_SPEC, "has no residual");
  const nml_layer_spec empty[] = {part, meet},
                       bare[] = {part, relu, other, meet};
  refused(empty, 2, NUMERAL_ERROR_SPEC, "without layers");
  refused(bare, 4, NUMERAL_ERROR_SPEC, "layer 4 (add) ends a branch");
  const nml_layer_spec twice[] = {part, relu, other, relu, other, relu, meet};
  refused(twice, 7, NUMERAL_ERROR_SPEC, "second of its residual");
  const nml_layer_spec flat[] = {part, flatten, meet},
                       deep[] = {part, ten, meet};
  refused(flat, 3, NUMERAL_ERROR_SPEC, "stands inside a residual");
  refused(deep, 3, NUMERAL_ERROR_SPEC, "conv N 1x1");
  const nml_layer_spec open[] = {flatten};
  refused(open, 1, NUMERAL_ERROR_SPEC, "dense 10");
  const nml_layer_spec late[] = {flatten, pool, ten};
  refused(late, 3, NUMERAL_ERROR_SPEC, "before flatten");
  const nml_layer_spec crop = {
      .kind = NML_CROP, .window_h = 20, .window_w = 29};
  const nml_layer_spec wider[] = {crop, flatten, ten};
  refused(wider, 3, NUMERAL_ERROR_SPEC, "more than the image");
  const nml_layer_spec second[] = {flatten, crop, ten};
  refused(second, 3, NUMERAL_ERROR_SPEC, "crop the image before");
  refused(&crop, 1, NUMERAL_ERROR_SPEC, "more than the image");
  const nml_layer_spec large[] = {flatten, huge, huge, ten};
  refused(large, 4, NUMERAL_ERROR_LIMIT, "smaller");
}

static void a_crop_keeps_the_middle(void **unused) {
  (void)unused;
  const nml_layer_spec specs[] = {
      {.kind = NML_CROP, .window_h = 21, .window_w = 24},
      {.kind = NML_CONV, .units = 4, .window_h = 4, .window_w = 3, .stride = 1},
      {.kind = NML_FLATTEN},
      {.kind = NML_DENSE, .units = 10}};
  nml_net *net;
  uint8_t image[NUMERAL_IMAGE_PIXELS], bytes[21 * 24];
  float floats[21 * 24];
  assert_int_equal(nml_net_create(specs, 4, &net, NULL), NUMERAL_OK);
  assert_int_equal(net->layers[1].out.h, 18);
  assert_int_equal(net->layers[1].out.w, 22);
  assert_int_equal(nml_shape_floats(nml_input_shape(net)), 21 * 24);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) image[i] = (uint8_t)(i * 7);
  nml_input_bytes(net, image, bytes);
  nml_input_floats(net, nml_kernels_get(), image, floats);
  for (int y = 0; y < 21; y++)
    for (int x = 0; x < 24; x++) {
      uint8_t pixel = image[(y + 3) * NUMERAL_IMAGE_SIDE + x + 2];
      assert_int_equal(bytes[y * 24 + x], pixel);
      assert_float_equal(floats[y * 24 + x], pixel / 255.0f, 1e-7);
    }
  nml_net_destroy(net);
}

static void refused_memory_leaves_nothing(void **unused) {
  (void)unused;
  for (long nth = 1; nth <= 3; nth++) {
    nml_net *net;
    nml_alloc_fail_at(nth);
    assert_int_equal(nml_net_create(cnn, 7, &net, NULL), NUMERAL_ERROR_MEMORY);
    assert_null(net);
  }
  nml_alloc_fail_at(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cnn_has_the_published_shape),
      cmocka_unit_test(tensors_come_back_as_they_went),
      cmocka_unit_test(initial_values_follow_their_scheme),
      cmocka_unit_test(impossible_networks_are_refused),
      cmocka_unit_test(a_crop_keeps_the_middle),
      cmocka_unit_test(refused_memory_leaves_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
