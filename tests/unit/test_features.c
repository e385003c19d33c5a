/* Features against the maps they are taken from; principal components of
 * clouds whose axes are known; neighbours against looking at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "numeral.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 301 };

/* What goes into the last layer with weights is what came out before it. */
static void check_features(const char *net, size_t width, int layer) {
  numeral_model *model;
  numeral_explainer *explainer;
  numeral_dataset *drawn;
  assert_int_equal(numeral_model_create(net, 2, &model, NULL), NUMERAL_OK);
  assert_int_equal(numeral_dataset_synthesise(IMAGES, 1, &drawn, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_explainer_create(model, &explainer, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_model_get_info(model).feature_count, width);
  float *features = test_malloc(IMAGES * width * sizeof *features);
  const uint8_t *images = numeral_dataset_images(drawn);
  assert_int_equal(numeral_features(model, images, IMAGES, 2, features, NULL),
                   NUMERAL_OK);
  for (size_t i = 0; i < IMAGES; i += 17) {
    const uint8_t *image = images + i * NUMERAL_IMAGE_PIXELS;
    numeral_explainer_run(explainer, image, NULL, NULL);
    const numeral_maps maps = numeral_explainer_layer(explainer, (size_t)layer);
    assert_int_equal(maps.height * maps.width * maps.channels, width);
    for (size_t j = 0; j < width; j++) {
      size_t c = j % (size_t)maps.channels, at = j / (size_t)maps.channels;
      double want = (double)maps.values[at * (size_t)maps.pitch + c];
      assert_true(fabs((double)features[i * width + j] - want) < 1e-4);
    }
  }
  test_free(features);
  numeral_explainer_destroy(explainer);
  numeral_dataset_destroy(drawn);
  numeral_model_destroy(model);
}

static void features_are_what_goes_into_the_last_layer(void **unused) {
  (void)unused;
  check_features("cnn", 128, 5);
  check_features(
      "conv 6 3x3, batchnorm relu, maxpool 2, dropout 0.2, flatten, "
      "dense 10",
      13 * 13 * 6, 2);
  check_features("conv 5 5x5 stride 4 relu, conv 10 6x6", 6 * 6 * 5, 0);
  check_features("flatten, dense 10", 784, 0);
}

/* A cloud that is longest along (3, 4, 0), then along (-4, 3, 0). */
static void components_are_the_long_axes(void **unused) {
  (void)unused;
  enum { COUNT = 2000 };
  float *features = test_malloc(COUNT * 3 * sizeof *features);
  float *points = test_malloc(COUNT * 2 * sizeof *points);
  double shares[2], spread[2] = {0, 0};
  nml_random random = nml_random_init(1, NML_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < COUNT; i++) {
    float a = 10 * nml_random_normal(&random);
    float b = 3 * nml_random_normal(&random), c = nml_random_normal(&random);
    features[i * 3] = 100 + 0.6f * a - 0.8f * b;
    features[i * 3 + 1] = -50 + 0.8f * a + 0.6f * b;
    features[i * 3 + 2] = c;
  }
  assert_int_equal(numeral_project(features, COUNT, 3, points, shares, NULL),
                   NUMERAL_OK);
  for (int i = 0; i < COUNT; i++) {
    double a = 0.6 * ((double)features[i * 3] - 100) +
               0.8 * ((double)features[i * 3 + 1] + 50);
    assert_true(fabs((double)points[i * 2] - a) < 2);
    for (int k = 0; k < 2; k++)
      spread[k] += (double)points[i * 2 + k] * (double)points[i * 2 + k];
  }
  assert_true(fabs(shares[0] - 100.0 / 110) < 0.02);
  assert_true(fabs(shares[1] - 9.0 / 110) < 0.02);
  assert_true(fabs(sqrt(spread[0] / COUNT) - 10) < 0.5);
  assert_true(fabs(sqrt(spread[1] / COUNT) - 3) < 0.2);
  test_free(features);
  test_free(points);
}

static void a_cloud_without_extent_is_one_point(void **unused) {
  (void)unused;
  float same[12], line[8], points[16];
  double shares[2];
  for (int i = 0; i < 12; i++) same[i] = 7;
  assert_int_equal(numeral_project(same, 4, 3, points, shares, NULL),
                   NUMERAL_OK);
  for (int i = 0; i < 8; i++) assert_true(points[i] == 0);
  assert_true(shares[0] == 0 && shares[1] == 0);
  for (int i = 0; i < 8; i++) line[i] = (float)(i / 2);
  assert_int_equal(numeral_project(line, 4, 2, points, shares, NULL),
                   NUMERAL_OK);
  assert_true(fabs(shares[0] - 1) < 1e-9 && fabs(shares[1]) < 1e-9);
  assert_true(fabs((double)points[6] - (double)points[0]) > 4.2);
  assert_int_equal(numeral_project(line, 8, 1, points, NULL, NULL), NUMERAL_OK);
}

static void neighbours_are_the_nearest(void **unused) {
  (void)unused;
  enum { COUNT = 500, WIDTH = 7, WANTED = 20 };
  float features[COUNT][WIDTH], query[WIDTH], distances[WANTED];
  size_t indices[WANTED], alone[1];
  nml_random random = nml_random_init(2, NML_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < WIDTH; j++)
      features[i][j] = (float)(int)nml_random_below(&random, 4);
  for (int j = 0; j < WIDTH; j++) query[j] = 1.5f;
  assert_int_equal(numeral_nearest(features[0], COUNT, WIDTH, query, WANTED,
                                   indices, distances, NULL),
                   NUMERAL_OK);
  bool taken[COUNT] = {false};
  for (int n = 0; n < WANTED; n++) {
    int best = -1;
    double nearest = INFINITY;
    for (int i = 0; i < COUNT; i++) {
      double sum = 0;
      for (int j = 0; j < WIDTH; j++)
        sum += pow((double)(features[i][j] - query[j]), 2);
      if (!taken[i] && sum < nearest) {
        nearest = sum;
        best = i;
      }
    }
    taken[best] = true;
    assert_int_equal(indices[n], best);
    assert_true(fabs((double)distances[n] - sqrt(nearest)) < 1e-5);
  }
  assert_int_equal(
      numeral_nearest(features[0], COUNT, WIDTH, query, 1, alone, NULL, NULL),
      NUMERAL_OK);
  assert_int_equal(alone[0], indices[0]);
}

static void wrong_arguments_are_said(void **unused) {
  (void)unused;
  float numbers[4] = {0}, points[4];
  size_t index;
  assert_int_equal(numeral_project(numbers, 0, 2, points, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_project(numbers, SIZE_MAX, 2, points, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_project(NULL, 1, 2, points, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(
      numeral_nearest(numbers, 2, 2, numbers, 3, &index, NULL, NULL),
      NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_features(NULL, NULL, 0, 1, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
}

static void refused_memory_is_said(void **unused) {
  (void)unused;
  float numbers[12] = {1, 2, 3, 4, 5, 6, 9, 8, 7, 3, 1, 2}, points[8];
  numeral_status status = NUMERAL_ERROR_MEMORY;
  long nth = 0;
  while (status != NUMERAL_OK) {
    nml_alloc_fail_at(++nth);
    status = numeral_project(numbers, 4, 3, points, NULL, NULL);
    nml_alloc_fail_at(0);
    assert_true(status == NUMERAL_OK || status == NUMERAL_ERROR_MEMORY);
  }
  assert_true(nth > 5);
}

/* ---- Lines ---- */

static void lines_in_pieces_are_lines(void **unused) {
  (void)unused;
  enum { SIDE = 40 };
  const numeral_dot dots[4] = {
      {5.5f, 5.5f, 2}, {20, 8, 3}, {33, 30, 1.5f}, {-4, 60, 6}};
  uint8_t whole[SIDE * SIDE] = {0}, pieces[SIDE * SIDE] = {0};
  uint8_t point[SIDE * SIDE] = {0};
  assert_int_equal(numeral_draw_line(dots, 4, SIDE, whole, NULL), NUMERAL_OK);
  for (int i = 0; i < 3; i++)
    assert_int_equal(numeral_draw_line(dots + i, 2, SIDE, pieces, NULL),
                     NUMERAL_OK);
  assert_memory_equal(whole, pieces, sizeof whole);
  assert_int_equal(whole[5 * SIDE + 5], 255);
  assert_int_equal(whole[SIDE - 1], 0);
  assert_int_equal(numeral_draw_line(dots, 1, SIDE, point, NULL), NUMERAL_OK);
  assert_int_equal(point[5 * SIDE + 5], 255);
  assert_int_equal(point[5 * SIDE + 9], 0);
  assert_true(point[5 * SIDE + 7] > 0);
}

static void lines_that_cannot_be_drawn_are_said(void **unused) {
  (void)unused;
  uint8_t pixels[16] = {0};
  numeral_dot dot = {1, 1, 1};
  assert_int_equal(numeral_draw_line(&dot, 0, 4, pixels, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_draw_line(&dot, 1, 0, pixels, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  dot.radius = 5;
  assert_int_equal(numeral_draw_line(&dot, 1, 4, pixels, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  dot = (numeral_dot){NAN, 1, 1};
  assert_int_equal(numeral_draw_line(&dot, 1, 4, pixels, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  dot = (numeral_dot){1, 1e7f, 1};
  assert_int_equal(numeral_draw_line(&dot, 1, 4, pixels, NULL),
                   NUMERAL_ERROR_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(features_are_what_goes_into_the_last_layer),
      cmocka_unit_test(components_are_the_long_axes),
      cmocka_unit_test(a_cloud_without_extent_is_one_point),
      cmocka_unit_test(neighbours_are_the_nearest),
      cmocka_unit_test(wrong_arguments_are_said),
      cmocka_unit_test(refused_memory_is_said),
      cmocka_unit_test(lines_in_pieces_are_lines),
      cmocka_unit_test(lines_that_cannot_be_drawn_are_said)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
