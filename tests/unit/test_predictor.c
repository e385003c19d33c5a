/* test_predictor.c: prepared networks against the layers written down one by
 * one in double precision; in every precision, batch and number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "kernels/kernels.h"
#include "model/spec.h"
#include "naive_net.h"
#include "nn/predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 37 };

typedef struct fixture {
  nml_net *net;
  float *params, *state;
  nml_range *ranges;
  uint8_t images[IMAGES * NUMERAL_IMAGE_PIXELS];
  float want[IMAGES][NUMERAL_CLASSES];
} fixture;

static naive_net naive_of(const fixture *f) {
  return (naive_net){f->net, f->params, f->state};
}

static void predict_naively(const fixture *f, const uint8_t *image,
                            float *probabilities) {
  double *maps[NML_MAX_LAYERS + 1];
  const naive_net naive = naive_of(f);
  const int layers = f->net->layer_count;
  double sum = 0, largest = -INFINITY;
  for (int i = 0; i <= layers; i++) maps[i] = naive_map(&naive, i - 1);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) maps[0][i] = image[i] / 255.0;
  naive_run(&naive, maps, 0);
  const double *last = maps[layers];
  for (int k = 0; k < NUMERAL_CLASSES; k++) largest = fmax(largest, last[k]);
  for (int k = 0; k < NUMERAL_CLASSES; k++) sum += exp(last[k] - largest);
  for (int k = 0; k < NUMERAL_CLASSES; k++)
    probabilities[k] = (float)(exp(last[k] - largest) / sum);
  for (int i = 0; i <= layers; i++) free(maps[i]);
}

/* ---- Fixtures
 * ----------------------------------------------------------------
 */

static nml_predictor *make(const fixture *f, numeral_precision precision,
                           int max_batch, int threads, bool apart) {
  nml_predictor *predictor;
  numeral_error error;
  const nml_predictor_options options = {.precision = precision,
                                         .ranges = f->ranges,
                                         .max_batch = max_batch,
                                         .threads = threads,
                                         .apart = apart};
  if (nml_predictor_create(f->net, &options, &predictor, &error) != NUMERAL_OK)
    fail_msg("%s", error.message);
  nml_predictor_load(predictor, f->params, f->state);
  return predictor;
}

static void open_fixture(fixture *f, const char *spec) {
  nml_layer_spec layers[NML_MAX_LAYERS];
  numeral_error error;
  int count;
  if (nml_spec_parse(spec, layers, &count, &error) != NUMERAL_OK ||
      nml_net_create(layers, count, &f->net, &error) != NUMERAL_OK)
    fail_msg("%s: %s", spec, error.message);
  f->params = nml_alloc(f->net->params_floats, sizeof(float));
  f->state = nml_alloc(f->net->state_floats, sizeof(float));
  f->ranges = nml_alloc((size_t)count, sizeof *f->ranges);
  nml_net_init(f->net, 4, f->params, f->state);
  const naive_net naive = naive_of(f);
  naive_stir_norms(&naive);
  naive_sharpen(&naive);
  for (int i = 0; i < IMAGES; i++) {
    naive_draw(f->images + i * NUMERAL_IMAGE_PIXELS, i);
    predict_naively(f, f->images + i * NUMERAL_IMAGE_PIXELS, f->want[i]);
  }
  nml_predictor *apart = make(f, NUMERAL_PRECISION_FP32, 1, 1, true);
  nml_predictor_watch(apart, f->images, IMAGES, f->ranges);
  nml_predictor_destroy(apart);
}

static void close_fixture(fixture *f) {
  nml_net_destroy(f->net);
  nml_free(f->params);
  nml_free(f->state);
  nml_free(f->ranges);
}

/* ---- Tests
 * ---------------------------------------------------------------------
 */

static double distance(float (*got)[NUMERAL_CLASSES],
                       const float (*want)[NUMERAL_CLASSES]) {
  double most = 0;
  for (int i = 0; i < IMAGES; i++)
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      most = fmax(most, fabs((double)got[i][k] - (double)want[i][k]));
  return most;
}

/* The same bits whatever the batch and the threads; near the naive twin. */
static void check_precision(numeral_precision precision, bool apart,
                            double bound) {
  fixture f;
  float all[IMAGES][NUMERAL_CLASSES], again[IMAGES][NUMERAL_CLASSES];
  for (int s = 0; s < NAIVE_SPECS; s++) {
    open_fixture(&f, naive_specs[s]);
    nml_predictor *many = make(&f, precision, IMAGES, 2, apart);
    nml_predictor *one = make(&f, precision, 1, 1, apart);
    nml_predictor *pair = make(&f, precision, 2, 1, apart);
    nml_predictor_run(many, f.images, IMAGES, all[0]);
    double apart_by = distance(all, (const float(*)[10])f.want);
    if (!(apart_by <= bound))
      fail_msg("%s: %g from the naive twin", naive_specs[s], apart_by);
    for (int i = 0; i < IMAGES; i++)
      nml_predictor_run(one, f.images + i * NUMERAL_IMAGE_PIXELS, 1, again[i]);
    assert_memory_equal(all, again, sizeof all);
    for (int i = 0; i + 1 < IMAGES; i += 2)
      nml_predictor_run(pair, f.images + i * NUMERAL_IMAGE_PIXELS, 2, again[i]);
    assert_memory_equal(all, again, sizeof all);
    for (int count = 1; count < IMAGES; count += 5) {
      nml_predictor_run(many, f.images, count, again[0]);
      assert_memory_equal(all, again, sizeof all);
    }
    nml_predictor_destroy(many);
    nml_predictor_destroy(one);
    nml_predictor_destroy(pair);
    close_fixture(&f);
  }
}

static void floats(void **state) {
  (void)state;
  check_precision(NUMERAL_PRECISION_FP32, false, 1e-5);
}

static void floats_layer_by_layer(void **state) {
  (void)state;
  check_precision(NUMERAL_PRECISION_FP32, true, 1e-5);
}

static void bf16(void **state) {
  (void)state;
  if (!nml_bf16_kernels_get()) skip();
  check_precision(NUMERAL_PRECISION_BF16, false, 0.03);
}

static void bytes(void **state) {
  (void)state;
  if (!nml_int8_kernels_get()) skip();
  check_precision(NUMERAL_PRECISION_INT8, false, 0.06);
}

/* To the last bit, since sums of bytes are exact. */
static void bytes_are_the_same_on_every_set(void **state) {
  (void)state;
  fixture f;
  float wide[IMAGES][NUMERAL_CLASSES], narrow[IMAGES][NUMERAL_CLASSES];
  const nml_int8_kernels *widest = nml_int8_kernels_get();
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "2", 1), 0);
  const nml_int8_kernels *other = nml_int8_kernels_get();
  unsetenv("NUMERAL_CPU_MASK");
  if (!other || other == widest) skip();
  open_fixture(&f, naive_specs[0]);
  nml_predictor *predictor = make(&f, NUMERAL_PRECISION_INT8, IMAGES, 1, false);
  nml_predictor_run(predictor, f.images, IMAGES, wide[0]);
  nml_predictor_destroy(predictor);
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "2", 1), 0);
  predictor = make(&f, NUMERAL_PRECISION_INT8, IMAGES, 1, false);
  unsetenv("NUMERAL_CPU_MASK");
  nml_predictor_run(predictor, f.images, IMAGES, narrow[0]);
  nml_predictor_destroy(predictor);
  assert_memory_equal(wide, narrow, sizeof wide);
  close_fixture(&f);
}

/* What the network became, not what it was. */
static void numbers_can_be_loaded_again(void **state) {
  (void)state;
  fixture f;
  float before[NUMERAL_CLASSES], after[NUMERAL_CLASSES];
  open_fixture(&f, naive_specs[2]);
  nml_predictor *kept = make(&f, NUMERAL_PRECISION_FP32, 4, 1, false);
  nml_predictor_run(kept, f.images, 1, before);
  nml_net_init(f.net, 77, f.params, f.state);
  nml_predictor_load(kept, f.params, f.state);
  nml_predictor_run(kept, f.images, 1, after);
  assert_memory_not_equal(before, after, sizeof before);
  predict_naively(&f, f.images, before);
  for (int k = 0; k < NUMERAL_CLASSES; k++)
    assert_true(fabsf(before[k] - after[k]) < 1e-5f);
  nml_predictor_destroy(kept);
  close_fixture(&f);
}

static void ranges_are_what_came_out(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, "conv 3 3x3, relu, maxpool 2, flatten, dense 10");
  assert_true(f.ranges[0].low < 0);
  assert_true(f.ranges[1].low == 0);
  assert_true(f.ranges[1].high == f.ranges[0].high);
  assert_true(f.ranges[2].high == f.ranges[1].high);
  assert_true(f.ranges[3].high == f.ranges[2].high);
  close_fixture(&f);
}

static void sums_of_bytes_that_may_overflow_are_refused(void **state) {
  (void)state;
  fixture f;
  nml_predictor *predictor;
  numeral_error error;
  if (!nml_int8_kernels_get()) skip();
  open_fixture(&f, "conv 100 1x1, flatten, dense 10");
  const nml_predictor_options options = {.precision = NUMERAL_PRECISION_INT8,
                                         .ranges = f.ranges,
                                         .max_batch = 1,
                                         .threads = 1};
  assert_int_equal(nml_predictor_create(f.net, &options, &predictor, &error),
                   NUMERAL_ERROR_LIMIT);
  assert_null(predictor);
  close_fixture(&f);
}

static void refused_memory_leaves_nothing(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, naive_specs[0]);
  const nml_predictor_options options = {.max_batch = 4, .threads = 2};
  nml_predictor *predictor = NULL;
  for (long nth = 1; !predictor; nth++) {
    nml_alloc_fail_at(nth);
    numeral_status status =
        nml_predictor_create(f.net, &options, &predictor, NULL);
    assert_int_equal(status, predictor ? NUMERAL_OK : NUMERAL_ERROR_MEMORY);
    assert_true(nth < 100);
  }
  nml_alloc_fail_at(0);
  nml_predictor_destroy(predictor);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(floats),
      cmocka_unit_test(floats_layer_by_layer),
      cmocka_unit_test(bf16),
      cmocka_unit_test(bytes),
      cmocka_unit_test(bytes_are_the_same_on_every_set),
      cmocka_unit_test(numbers_can_be_loaded_again),
      cmocka_unit_test(ranges_are_what_came_out),
      cmocka_unit_test(sums_of_bytes_that_may_overflow_are_refused),
      cmocka_unit_test(refused_memory_leaves_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
