/* test_predictor.c: prepared networks against the layers written down one by
 * one in double precision; in every precision, batch and number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "kernels/kernels.h"
#include "model/spec.h"
#include "nn/predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 37, MAP_MOST = 64 * 64 * 64 };

/* Every layer in every company, channels that fill no lane, windows that hang
 * over, relus that can be moved and relus that cannot. */
static const char *const specs[] = {
    "conv 32 3x3 relu, maxpool 2, conv 64 3x3 relu, maxpool 2, flatten, "
    "dense 128 relu, dense 10",
    "conv 6 5x5 same relu, avgpool 2, conv 16 5x5 relu, avgpool 2, flatten, "
    "dense 20 relu, dense 10",
    "conv 5 3x3, batchnorm relu, maxpool 3 stride 2, conv 20 3x3 stride 2 "
    "same, batchnorm, maxpool 2, relu, flatten, dropout 0.5, dense 33, "
    "batchnorm relu, dense 10",
    "batchnorm, conv 7 4x3 same relu, maxpool 2 same, avgpool 3 stride 1 same, "
    "batchnorm, conv 40 3x3, maxpool 3 stride 2, relu, flatten, dense 10",
    "maxpool 2, flatten, dense 17, relu, dense 10, batchnorm",
    "avgpool 4, conv 12 3x3, avgpool 2, relu, flatten, dense 10 relu",
    "conv 9 5x5 stride 2 same, maxpool 2, batchnorm relu, conv 3 1x1, "
    "dropout 0.2, conv 10 7x7",
    "crop 21, conv 16 4x4 relu, maxpool 2, conv 32 3x3 stride 2, "
    "batchnorm relu, flatten, dense 128, batchnorm relu, dense 10",
    "crop 20x23, maxpool 2, flatten, dense 10",
    "relu, conv 10 28x28",
    "flatten, dense 10"};
enum { SPECS = sizeof specs / sizeof specs[0] };

typedef struct fixture {
  nml_net *net;
  float *params, *state;
  nml_range *ranges;
  uint8_t images[IMAGES * NUMERAL_IMAGE_PIXELS];
  float want[IMAGES][NUMERAL_CLASSES];
} fixture;

/* ---- The layers one by one --------------------------------------------------
 */

static double at(const nml_layer *l, const double *map, int y, int x, int c) {
  if (y < 0 || x < 0 || y >= l->in.h || x >= l->in.w) return 0;
  return map[(y * l->in.w + x) * l->in.c + c];
}

static double product_at(const fixture *f, const nml_layer *l,
                         const double *map, int y, int x, int k) {
  double sum = (double)f->params[l->bias_at + (size_t)k];
  const float *w = f->params + l->weight_at + k;
  int stride = l->spec.kind == NML_CONV ? l->spec.stride : 1;
  for (int wy = 0; wy < l->spec.window_h; wy++)
    for (int wx = 0; wx < l->spec.window_w; wx++)
      for (int c = 0; c < l->in.c; c++, w += l->w_pitch)
        sum += (double)*w * at(l, map, y * stride + wy - l->pad_top,
                               x * stride + wx - l->pad_left, c);
  return sum;
}

static double pool_at(const nml_layer *l, const double *map, int y, int x,
                      int c) {
  double largest = -INFINITY, sum = 0;
  int count = 0;
  for (int wy = 0; wy < l->spec.window_h; wy++)
    for (int wx = 0; wx < l->spec.window_w; wx++) {
      int from_y = y * l->spec.stride + wy - l->pad_top;
      int from_x = x * l->spec.stride + wx - l->pad_left;
      if (from_y < 0 || from_x < 0 || from_y >= l->in.h || from_x >= l->in.w)
        continue;
      double value = at(l, map, from_y, from_x, c);
      largest = fmax(largest, value);
      sum += value;
      count++;
    }
  return l->spec.kind == NML_MAXPOOL ? largest : sum / count;
}

static double norm_at(const fixture *f, const nml_layer *l, double x, int k) {
  size_t lane = (size_t)k, pitch = (size_t)l->w_pitch;
  double mean = (double)f->state[l->state_at + lane];
  double variance = (double)f->state[l->state_at + pitch + lane];
  return (x - mean) / sqrt(variance + 1e-5) *
             (double)f->params[l->weight_at + lane] +
         (double)f->params[l->bias_at + lane];
}

static double value_at(const fixture *f, const nml_layer *l, const double *map,
                       int y, int x, int k) {
  switch (l->spec.kind) {
    case NML_CONV:
    case NML_DENSE:
      return product_at(f, l, map, y, x, k);
    case NML_MAXPOOL:
    case NML_AVGPOOL:
      return pool_at(l, map, y, x, k);
    case NML_BATCHNORM:
      return norm_at(f, l, at(l, map, y, x, k), k);
    case NML_RELU:
      return fmax(0, at(l, map, y, x, k));
    case NML_CROP:
      return at(l, map, y + l->pad_top, x + l->pad_left, k);
    default:
      return at(l, map, y, x, k);
  }
}

static void run_layer(const fixture *f, const nml_layer *l, const double *map,
                      double *out) {
  for (int y = 0; y < l->out.h; y++)
    for (int x = 0; x < l->out.w; x++)
      for (int k = 0; k < l->out.c; k++) {
        double value = value_at(f, l, map, y, x, k);
        *out++ = l->spec.relu ? fmax(0, value) : value;
      }
}

static void predict_naively(const fixture *f, const uint8_t *image,
                            float *probabilities) {
  static double maps[2][MAP_MOST];
  double sum = 0, largest = -INFINITY;
  const double *last = maps[f->net->layer_count % 2];
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) maps[0][i] = image[i] / 255.0;
  for (int i = 0; i < f->net->layer_count; i++)
    run_layer(f, &f->net->layers[i], maps[i % 2], maps[(i + 1) % 2]);
  for (int k = 0; k < NUMERAL_CLASSES; k++) largest = fmax(largest, last[k]);
  for (int k = 0; k < NUMERAL_CLASSES; k++) sum += exp(last[k] - largest);
  for (int k = 0; k < NUMERAL_CLASSES; k++)
    probabilities[k] = (float)(exp(last[k] - largest) / sum);
}

/* ---- Fixtures
 * ----------------------------------------------------------------
 */

/* Statistics and scales that are no accident, some of them negative. */
static void stir_norms(fixture *f) {
  nml_random random = nml_random_init(3, NML_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < f->net->layer_count; i++) {
    const nml_layer *l = &f->net->layers[i];
    if (l->spec.kind != NML_BATCHNORM) continue;
    for (int k = 0; k < l->out.c; k++) {
      size_t lane = (size_t)k;
      f->params[l->weight_at + lane] = nml_random_range(&random, -1.0f, 1.5f);
      f->params[l->bias_at + lane] = nml_random_range(&random, -0.3f, 0.3f);
      f->state[l->state_at + lane] = nml_random_range(&random, -0.2f, 0.4f);
      f->state[l->state_at + (size_t)l->w_pitch + lane] =
          nml_random_range(&random, 0.3f, 1.2f);
    }
  }
}

/* Larger weights before the end: else all digits are about as likely, and no
 * mistake shows. */
static void sharpen(fixture *f) {
  int last = f->net->layer_count - 1;
  while (f->net->layers[last].taps == 0) last--;
  const nml_layer *l = &f->net->layers[last];
  for (size_t i = l->weight_at; i < l->bias_at; i++) f->params[i] *= 16;
}

/* Smooth pictures, since noise averages to the same everywhere. */
static void draw(uint8_t *image, int index) {
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    double y = i / NUMERAL_IMAGE_SIDE, x = i % NUMERAL_IMAGE_SIDE;
    double wave = sin(x * 0.13 * (index % 5 + 1) + index) *
                  cos(y * 0.11 * (index % 7 + 1) - index);
    image[i] = (uint8_t)(wave > 0 ? 255 * wave : 0);
  }
}

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
  stir_norms(f);
  sharpen(f);
  for (int i = 0; i < IMAGES; i++) {
    draw(f->images + i * NUMERAL_IMAGE_PIXELS, i);
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
  for (int s = 0; s < SPECS; s++) {
    open_fixture(&f, specs[s]);
    nml_predictor *many = make(&f, precision, IMAGES, 2, apart);
    nml_predictor *one = make(&f, precision, 1, 1, apart);
    nml_predictor *pair = make(&f, precision, 2, 1, apart);
    nml_predictor_run(many, f.images, IMAGES, all[0]);
    double apart_by = distance(all, (const float(*)[10])f.want);
    if (!(apart_by <= bound))
      fail_msg("%s: %g from the naive twin", specs[s], apart_by);
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
  open_fixture(&f, specs[0]);
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
  open_fixture(&f, specs[2]);
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
  open_fixture(&f, specs[0]);
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
