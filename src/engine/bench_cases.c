/* bench_cases.c: see bench_cases.h. */
#include "engine/bench_cases.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"
#include "kernels/kernels.h"
#include "nn/conv_data.h"
#include "nn/narrow.h"

/* x are maps, or a dense layer's images; y their outputs, w weights; what is
 * narrow or in pairs is for bf16. */
struct nml_bench {
  const nml_bench_case *is;
  const nml_kernels *kernels;
  const nml_bf16_kernels *bf16;
  int rows, taps, units, pair_taps;
  nml_windows windows;
  size_t count; /* floats of a map */
  float *x, *w, *y, *state;
  nml_bf16 *narrow, *narrow_w, *x_pairs, *y_pairs;
  uint8_t *bytes;
  int32_t *row, *tap, *pair_tap, *pair_offsets;
  nml_layer layer;
  nml_conv conv;
  nml_conv_data data;
};

/* ---- Products of floats ---------------------------------------------------
 */

static nml_forward forward_of(const nml_bench *b) {
  const nml_forward p = {.x = b->x,
                         .row = b->row,
                         .outputs = b->rows,
                         .tap = b->tap,
                         .taps = b->taps,
                         .w = b->w,
                         .w_pitch = b->units,
                         .lanes = b->units,
                         .shift = b->state,
                         .relu = 1,
                         .floats = 1,
                         .y = b->y,
                         .y_pitch = b->units};
  return p;
}

static void run_conv(const nml_bench *b) {
  const nml_forward p = forward_of(b);
  b->kernels->forward(&p);
}

/* By the data of a slab of images. */
static void run_conv_data(const nml_bench *b) {
  nml_conv_data_gradient(b->kernels, &b->conv, &b->data, NML_SLAB, b->y, b->w,
                         b->x);
}

static void run_product(const nml_bench *b) {
  const nml_product p = {.x = b->x,
                         .row = b->row,
                         .rows = b->rows,
                         .tap = b->tap,
                         .taps = b->taps,
                         .w = b->w,
                         .w_pitch = b->units,
                         .bias = b->state,
                         .y = b->y,
                         .y_pitch = b->units,
                         .lanes = b->units,
                         .relu = 1};
  b->kernels->product(&p);
}

static void run_gradient(const nml_bench *b) {
  const nml_product_gradient p = {.x = b->x,
                                  .row = b->row,
                                  .rows = b->rows,
                                  .tap = b->tap,
                                  .taps = b->taps,
                                  .dy = b->y,
                                  .dy_pitch = b->units,
                                  .dw = b->w,
                                  .w_pitch = b->units,
                                  .lanes = b->units};
  b->kernels->product_gradient(&p);
}

static void run_dense_data(const nml_bench *b) {
  const nml_product p = {.x = b->y,
                         .row = b->row,
                         .rows = b->rows,
                         .tap = b->tap,
                         .taps = b->units,
                         .w = b->w,
                         .w_pitch = b->taps,
                         .y = b->x,
                         .y_pitch = b->taps,
                         .lanes = b->taps};
  b->kernels->product(&p);
}

/* ---- Products of bf16 -----------------------------------------------------
 * Forward finds its input narrow; the gradients narrow and pair what they read,
 * as in training. */

static void run_conv_bf16(const nml_bench *b) {
  nml_forward p = forward_of(b);
  p.x = b->narrow;
  p.tap = b->pair_tap;
  p.taps = b->pair_taps;
  p.w = b->narrow_w;
  b->bf16->forward(&p);
}

static void run_conv_data_bf16(const nml_bench *b) {
  b->bf16->convert(NML_SLAB * nml_conv_used_floats(&b->conv), b->y, b->narrow);
  nml_conv_data_gradient_bf16(b->bf16, &b->conv, &b->data, NML_SLAB, b->narrow,
                              b->narrow_w, b->x);
}

/* Outputs are paired on the way. */
static void run_pixel_gradient_bf16(const nml_bench *b) {
  const nml_pixel_gradient p = {.x = b->x_pairs,
                                .row = b->pair_offsets + b->taps,
                                .tap = b->pair_offsets,
                                .dy = b->y,
                                .height = b->is->out_h,
                                .width = b->is->out_w,
                                .pitch = b->units,
                                .dw = b->w,
                                .w_pitch = b->units,
                                .lanes = b->units};
  b->bf16->interleave(b->count - 1, b->x, b->x + 1, b->x_pairs);
  b->bf16->pixel_gradient(&p);
}

/* Pairs of outputs side by side, and of what they saw. */
static void run_gradient_bf16(const nml_bench *b) {
  const int wide = b->is->out_w, pairs = (wide + 1) / 2;
  const size_t next = (size_t)b->is->channels, units = (size_t)b->units;
  b->bf16->interleave(b->count - next, b->x, b->x + next, b->x_pairs);
  for (int i = 0; i < b->is->out_h * pairs; i++) {
    const int column = i % pairs * 2;
    const float *y = b->y + (size_t)(i / pairs * wide + column) * units;
    b->bf16->interleave(units, y, column + 1 < wide ? y + units : b->state,
                        b->y_pairs + (size_t)i * 2 * units);
  }
  const nml_product_bf16 p = {.x = b->x_pairs,
                              .row = b->pair_offsets,
                              .rows = b->taps,
                              .tap = b->pair_offsets + b->taps,
                              .taps = b->is->out_h * pairs,
                              .w = b->y_pairs,
                              .w_pitch = b->units,
                              .y = b->w,
                              .y_pitch = b->units,
                              .lanes = b->units};
  b->bf16->product(&p);
}

static void run_dense_bf16(const nml_bench *b) {
  const nml_product_bf16 p = {.x = b->narrow,
                              .row = b->row,
                              .rows = b->rows,
                              .tap = b->pair_tap,
                              .taps = b->pair_taps,
                              .w = b->narrow_w,
                              .w_pitch = b->units,
                              .bias = b->state,
                              .y = b->y,
                              .y_pitch = b->units,
                              .lanes = b->units,
                              .relu = 1};
  b->bf16->product(&p);
}

static void run_dense_data_bf16(const nml_bench *b) {
  b->bf16->convert((size_t)(b->rows * b->units), b->y, b->narrow);
  const nml_product_bf16 p = {.x = b->narrow,
                              .row = b->row,
                              .rows = b->rows,
                              .tap = b->pair_tap,
                              .taps = b->units / 2,
                              .w = b->narrow_w,
                              .w_pitch = b->taps,
                              .y = b->x,
                              .y_pitch = b->taps,
                              .lanes = b->taps};
  b->bf16->product(&p);
}

/* ---- Element by element ---------------------------------------------------
 */

static void run_maxpool(const nml_bench *b) {
  b->kernels->maxpool(&b->windows, b->x, b->y, b->bytes);
}

static void run_maxpool_gradient(const nml_bench *b) {
  b->kernels->maxpool_gradient(&b->windows, b->y, b->bytes, b->x);
}

static void run_avgpool(const nml_bench *b) {
  b->kernels->avgpool(&b->windows, b->x, b->y);
}

static void run_relu_gradient(const nml_bench *b) {
  b->kernels->relu_gradient(b->count, b->x, b->state, b->state);
}

static void run_add(const nml_bench *b) {
  b->kernels->add(b->count, b->x, b->y);
}

static void run_sum_of_squares(const nml_bench *b) {
  b->state[0] = (float)b->kernels->sum_of_squares(b->count, b->x);
}

static void run_transpose(const nml_bench *b) {
  b->kernels->transpose(b->x, b->rows, b->windows.pitch, b->windows.pitch, b->y,
                        b->rows);
}

static void run_bytes(const nml_bench *b) {
  b->kernels->bytes_to_floats(b->count, b->bytes, 1.0f / 255.0f, b->y);
}

static void run_sgd(const nml_bench *b) {
  const nml_sgd s = {
      .learning_rate = 1e-6f, .momentum = 0.9f, .gradient_scale = 1};
  b->kernels->sgd(&s, b->count, b->x, b->state, b->y);
}

static void run_adam(const nml_bench *b) {
  const nml_adam a = {.learning_rate = 1e-6f,
                      .beta1 = 0.9f,
                      .beta2 = 0.999f,
                      .epsilon = 1e-8f,
                      .correction1 = 0.1f,
                      .correction2 = 0.001f,
                      .gradient_scale = 1};
  b->kernels->adam(&a, b->count, b->x, b->state, b->w, b->y);
}

/* ---- Depthwise ------------------------------------------------------------
 * Cases with one unit: each channel has its own. */

static nml_windows depthwise_of(const nml_bench *b) {
  const nml_bench_case *c = b->is;
  const nml_windows windows = {.in_h = b->windows.in_h,
                               .in_w = b->windows.in_w,
                               .out_h = c->out_h,
                               .out_w = c->out_w,
                               .window_h = c->window,
                               .window_w = c->window,
                               .stride = 1,
                               .pitch = c->channels};
  return windows;
}

static void run_depthwise(const nml_bench *b) {
  const nml_windows windows = depthwise_of(b);
  b->kernels->depthwise(&windows, b->x, b->w, b->state, 6, b->y);
}

static void run_depthwise_data(const nml_bench *b) {
  const nml_windows windows = depthwise_of(b);
  b->kernels->depthwise_data(&windows, b->y, b->w, b->x);
}

static void run_depthwise_weights(const nml_bench *b) {
  const nml_windows windows = depthwise_of(b);
  b->kernels->depthwise_weights(&windows, b->x, b->y, b->state);
}

/* ---- The cases ------------------------------------------------------------
 * A dense layer's gradient by the data is done for a slab of images at a time,
 * whatever the batch. */

#define FIRST "28x28x1 -> 26x26x32 3x3", 26, 26, 3, 1, 32
#define SECOND "13x13x32 -> 11x11x64 3x3", 11, 11, 3, 32, 64
#define DENSE "64 x 1600 -> 128", 1, 64, 1, 1600, 128
#define DENSE_SLAB "64 x 1600 -> 128", 1, NML_SLAB, 1, 1600, 128
#define DEPTHWISE "16x16x128 -> 14x14x128 3x3", 14, 14, 3, 128, 1
#define FP32 NUMERAL_PRECISION_FP32
#define BF16 NUMERAL_PRECISION_BF16

const nml_bench_case nml_bench_cases[] = {
    {"conv forward", FIRST, FP32, run_conv, 1, true, 0},
    {"conv forward", FIRST, BF16, run_conv_bf16, 1, true, 0},
    {"conv weight gradient", FIRST, FP32, run_gradient, 1, true, 0},
    {"conv weight gradient", FIRST, BF16, run_pixel_gradient_bf16, 1, true, 0},
    {"conv forward", SECOND, FP32, run_conv, 1, true, 0},
    {"conv forward", SECOND, BF16, run_conv_bf16, 1, true, 0},
    {"conv data gradient", SECOND, FP32, run_conv_data, NML_SLAB, true, 0},
    {"conv data gradient", SECOND, BF16, run_conv_data_bf16, NML_SLAB, true, 0},
    {"conv weight gradient", SECOND, FP32, run_gradient, 1, true, 0},
    {"conv weight gradient", SECOND, BF16, run_gradient_bf16, 1, true, 0},
    {"dense forward", DENSE, FP32, run_product, 1, true, 0},
    {"dense forward", DENSE, BF16, run_dense_bf16, 1, true, 0},
    {"dense data gradient", DENSE_SLAB, FP32, run_dense_data, 1, true, 0},
    {"dense data gradient", DENSE_SLAB, BF16, run_dense_data_bf16, 1, true, 0},
    {"dense weight gradient", DENSE, FP32, run_gradient, 1, true, 0},
    {"dense weight gradient", DENSE, BF16, run_gradient_bf16, 1, true, 0},
    {"dense forward", "1 x 1600 -> 128", 1, 1, 1, 1600, 128, FP32, run_product,
     1, false, 0},
    {"dense forward", "8 x 1600 -> 128", 1, 8, 1, 1600, 128, FP32, run_product,
     1, false, 0},
    {"dense forward", "64 x 128 -> 10", 1, 64, 1, 128, 16, FP32, run_product, 1,
     false, 0},
    {"depthwise forward", DEPTHWISE, FP32, run_depthwise, 1, false, 0},
    {"depthwise data gradient", DEPTHWISE, FP32, run_depthwise_data, 1, false,
     0},
    {"depthwise weight gradient", DEPTHWISE, FP32, run_depthwise_weights, 1,
     false, 0},
    {"maxpool", "26x26x32 2x2", 26, 26, 1, 32, 32, FP32, run_maxpool, 1, false,
     1.3125},
    {"maxpool gradient", "26x26x32 2x2", 26, 26, 1, 32, 32, FP32,
     run_maxpool_gradient, 1, false, 1.3125},
    {"avgpool", "26x26x32 2x2", 26, 26, 1, 32, 32, FP32, run_avgpool, 1, false,
     1.25},
    {"relu gradient", "13x13x32", 13, 13, 1, 32, 32, FP32, run_relu_gradient, 1,
     false, 3},
    {"add", "288x64", 288, 1, 1, 64, 64, FP32, run_add, 1, false, 3},
    {"sum of squares", "1600x128", 1600, 1, 1, 128, 128, FP32,
     run_sum_of_squares, 1, false, 1},
    {"transpose", "1600x128", 1600, 1, 1, 128, 128, FP32, run_transpose, 1,
     false, 2},
    {"bytes to floats", "64x784", 64, 1, 1, 784, 784, FP32, run_bytes, 1, false,
     1.25},
    {"sgd", "225,000 parameters", 1758, 1, 1, 128, 128, FP32, run_sgd, 1, false,
     5},
    {"adam", "225,000 parameters", 1758, 1, 1, 128, 128, FP32, run_adam, 1,
     false, 7},
};
const int nml_bench_case_count =
    sizeof nml_bench_cases / sizeof nml_bench_cases[0];

bool nml_bench_available(const nml_bench_case *c) {
  return c->precision == FP32 || nml_bf16_kernels_get();
}

static int in_w(const nml_bench_case *c) { return c->out_w + c->window - 1; }
static int in_h(const nml_bench_case *c) { return c->out_h + c->window - 1; }
static int taps(const nml_bench_case *c) {
  return c->window * c->window * c->channels;
}
static size_t map_floats(const nml_bench_case *c) {
  return (size_t)in_w(c) * (size_t)in_h(c) * (size_t)c->channels;
}

double nml_bench_operations(const nml_bench_case *c) {
  return 2.0 * c->images * c->out_h * c->out_w * taps(c) * c->units;
}

double nml_bench_bytes(const nml_bench_case *c) {
  return c->streams * (double)(map_floats(c) * sizeof(float));
}

/* ---- Memory ---------------------------------------------------------------
 */

void nml_bench_destroy(nml_bench *b) {
  if (!b) return;
  void *owned[] = {b->x,
                   b->w,
                   b->y,
                   b->state,
                   b->narrow,
                   b->narrow_w,
                   b->x_pairs,
                   b->y_pairs,
                   b->bytes,
                   b->row,
                   b->tap,
                   b->pair_tap,
                   b->pair_offsets,
                   b->data.parts,
                   b->data.from,
                   b->data.to,
                   b->data.taps,
                   b->data.pair_taps};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
    nml_free(owned[i]);
  nml_free(b);
}

static void fill_offsets(nml_bench *b) {
  const nml_bench_case *c = b->is;
  const int run = c->channels > 1 ? c->channels : c->window;
  const nml_tap_runs runs = {b->taps / run, run};
  int32_t *at = b->pair_offsets;
  for (int r = 0; r < b->rows; r++)
    b->row[r] = (r / c->out_w * in_w(c) + r % c->out_w) * c->channels;
  nml_conv_fill_taps(&b->layer, in_w(c), c->channels, c->channels, b->tap);
  b->pair_taps = nml_pairs_of(runs);
  nml_pair_taps(runs, b->tap, b->pair_tap);
  for (int q = 0; q < b->taps; q++) *at++ = 2 * b->tap[q];
  for (int y = 0; y < c->out_h; y++)
    for (int x = 0; x < c->out_w; x += 2) *at++ = 2 * b->row[y * c->out_w + x];
}

static void fill_values(float *values, size_t count, nml_random *random) {
  for (size_t i = 0; i < count; i++)
    values[i] = nml_random_range(random, 0.001f, 1.0f);
}

static nml_bench bench_of(const nml_bench_case *c) {
  const nml_layer layer = {.spec = {.kind = NML_CONV,
                                    .units = c->units,
                                    .window_h = c->window,
                                    .window_w = c->window,
                                    .stride = 1},
                           .in = {in_h(c), in_w(c), c->channels, c->channels},
                           .out = {c->out_h, c->out_w, c->units, c->units},
                           .taps = taps(c),
                           .w_pitch = c->units};
  const nml_conv conv = {.used_h = c->out_h,
                         .used_w = c->out_w,
                         .padded_h = in_h(c),
                         .padded_w = in_w(c)};
  return (nml_bench){.is = c,
                     .kernels = nml_kernels_get(),
                     .bf16 = nml_bf16_kernels_get(),
                     .rows = c->out_h * c->out_w,
                     .taps = taps(c),
                     .units = c->units,
                     .windows = {.in_h = in_h(c),
                                 .in_w = in_w(c),
                                 .out_h = in_h(c) / 2,
                                 .out_w = in_w(c) / 2,
                                 .window_h = 2,
                                 .window_w = 2,
                                 .stride = 2,
                                 .pitch = c->channels},
                     .count = map_floats(c),
                     .layer = layer,
                     .conv = conv};
}

/* Everything is as large as the largest needs. */
static bool take_memory(nml_bench *b) {
  const size_t out = (size_t)(b->rows * b->units), taps_ = (size_t)b->taps;
  const size_t images = (size_t)b->is->images;
  const size_t weights = taps_ * (size_t)b->units;
  size_t most = images * (b->count > out ? b->count : out) + (size_t)b->units;
  if (weights > most) most = weights;
  b->x = nml_alloc(most, sizeof *b->x);
  b->y = nml_alloc(most, sizeof *b->y);
  b->w = nml_alloc(most, sizeof *b->w);
  b->state = nml_alloc(most, sizeof *b->state);
  b->bytes = nml_alloc(most, sizeof *b->bytes);
  b->narrow = nml_alloc(most + 2, sizeof *b->narrow);
  b->narrow_w = nml_alloc(2 * most, sizeof *b->narrow_w);
  b->x_pairs = nml_alloc(2 * most, sizeof *b->x_pairs);
  b->y_pairs = nml_alloc(2 * most, sizeof *b->y_pairs);
  b->row = nml_alloc((size_t)b->rows, sizeof *b->row);
  b->tap = nml_alloc(taps_, sizeof *b->tap);
  b->pair_tap = nml_alloc(taps_, sizeof *b->pair_tap);
  b->pair_offsets = nml_alloc(taps_ + (size_t)b->rows, sizeof *b->pair_offsets);
  return b->x && b->y && b->w && b->state && b->bytes && b->narrow &&
         b->narrow_w && b->x_pairs && b->y_pairs && b->row && b->tap &&
         b->pair_tap && b->pair_offsets;
}

static bool take_conv_data(nml_bench *b) {
  nml_conv_data *data = &b->data;
  const size_t pixels = NML_SLAB * (size_t)in_h(b->is) * (size_t)in_w(b->is);
  const size_t tap_places = (size_t)nml_conv_data_tap_places(&b->conv);
  data->parts = nml_alloc((size_t)nml_conv_data_parts(&b->conv, NULL),
                          sizeof *data->parts);
  data->from = nml_alloc(pixels, sizeof *data->from);
  data->to = nml_alloc(pixels, sizeof *data->to);
  data->taps = nml_alloc(tap_places * (size_t)b->units, sizeof *data->taps);
  data->pair_taps =
      nml_alloc(tap_places * (size_t)b->units, sizeof *data->pair_taps);
  if (!data->parts || !data->from || !data->to || !data->taps ||
      !data->pair_taps)
    return false;
  nml_conv_data_fill(&b->conv, data);
  return true;
}

static void fill_memory(nml_bench *b) {
  nml_random random = nml_random_init(1, NML_PURPOSE_TEST, 0, 0);
  const size_t out = (size_t)(b->rows * b->units) * (size_t)b->is->images;
  const size_t weights = (size_t)b->taps * (size_t)b->units;
  fill_offsets(b);
  fill_values(b->x, b->count, &random);
  fill_values(b->y, out, &random);
  fill_values(b->w, weights, &random);
  if (!b->bf16) return;
  b->bf16->convert(b->count, b->x, b->narrow);
  b->bf16->interleave(weights, b->w, b->w, b->narrow_w);
}

numeral_status nml_bench_create(const nml_bench_case *c, nml_bench **bench,
                                numeral_error *error) {
  nml_bench *b = nml_alloc(1, sizeof *b);
  if (!b) return nml_fail_memory(error, "a benchmark", sizeof *b);
  *b = bench_of(c);
  b->conv.layer = &b->layer;
  if (!take_memory(b) || (c->images == NML_SLAB && !take_conv_data(b))) {
    nml_bench_destroy(b);
    return nml_fail_memory(error, "a benchmark", map_floats(c) * sizeof(float));
  }
  fill_memory(b);
  *bench = b;
  return NUMERAL_OK;
}
