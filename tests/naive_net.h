/* naive_net.h: the layers of a net written down one by one, in double precision
 * and without any trick: what prepared networks and their gradients are held
 * against. With networks, numbers and pictures to try them on. */
#ifndef TESTS_NAIVE_NET_H
#define TESTS_NAIVE_NET_H

#include "base/random.h"
#include "nn/net.h"
#include "numeral.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every layer in every company, channels that fill no lane, windows that hang
 * over, relus that can be moved and relus that cannot. */
static const char *const naive_specs[] = {
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
    "conv 17 3x5 stride 2, globalavgpool, batchnorm relu, dense 10",
    "globalavgpool, dense 10 relu",
    "conv 8 3x3 relu, maxpool 2, residual, conv 8 3x3 same, batchnorm relu, "
    "conv 8 3x3 same, batchnorm, add relu, residual, conv 20 3x3 stride 2 "
    "same, "
    "batchnorm relu, conv 20 3x3 same, batchnorm, shortcut, conv 20 1x1 stride "
    "2, batchnorm, add, relu, globalavgpool, dense 10",
    "residual, conv 5 3x3 stride 2 same, maxpool 2, shortcut, avgpool 3 stride "
    "4, "
    "conv 5 1x1, relu, batchnorm, add, batchnorm, flatten, dense 10",
    "conv 9 3x3 stride 3, globalavgpool, dropout 0.2, residual, batchnorm, "
    "relu, dense 9 relu, dense 9, add, residual, dense 30, shortcut, dense 30 "
    "relu, add relu, dense 10",
    "crop 20, residual, relu, conv 1 3x3 same, add, residual, avgpool 2 "
    "stride 1 same, shortcut, relu, add, flatten, residual, relu, add, "
    "dense 10",
    "conv 20 3x3 stride 2, batchnorm relu, conv 20 3x3 groups 20 same, "
    "batchnorm relu, conv 33 1x1, batchnorm, relu, conv 33 5x3 stride 2 groups "
    "33 relu, maxpool 2, conv 33 2x2 groups 33 same, globalavgpool, dense 10",
    "maxpool 2, conv 12 3x3 same, conv 18 3x3 groups 3 relu, maxpool 2, conv "
    "36 "
    "3x3 groups 18 stride 2 same, batchnorm, conv 10 3x3 groups 2 same, "
    "maxpool 3",
    "conv 20 3x3 stride 2, batchnorm relu6, conv 20 3x3 groups 20 stride 2 "
    "same, "
    "batchnorm, relu6, residual, conv 40 1x1, batchnorm relu6, conv 40 3x3 "
    "groups 40 same, batchnorm relu6, conv 20 1x1, batchnorm, add, maxpool 3, "
    "relu6, avgpool 2, relu, flatten, dense 15, relu6, dense 10",
    "conv 6 5x5 relu, relu6, avgpool 2, relu6, relu, conv 5 3x3, avgpool 2, "
    "relu6, flatten, relu6, dense 10",
    "conv 12 5x5 stride 3, batchnorm relu6, globalavgpool, dense 10, relu6",
    "maxpool 4, flatten, dense 10, batchnorm relu6",
    "crop 20x23, maxpool 2, flatten, dense 10",
    "relu, conv 10 28x28",
    "flatten, dense 10"};
enum { NAIVE_SPECS = sizeof naive_specs / sizeof naive_specs[0] };

typedef struct naive_net {
  const nml_net *net;
  float *params, *state;
} naive_net;

static inline double naive_at(const nml_layer *l, const double *map, int y,
                              int x, int c) {
  if (y < 0 || x < 0 || y >= l->in.h || x >= l->in.w) return 0;
  return map[(y * l->in.w + x) * l->in.c + c];
}

static inline double naive_product_at(const naive_net *n, const nml_layer *l,
                                      const double *map, int y, int x, int k) {
  double sum = (double)n->params[l->bias_at + (size_t)k];
  const float *w = n->params + l->weight_at + k, *seen = w;
  int stride = l->spec.kind == NML_DENSE ? 1 : l->spec.stride;
  bool alone = l->spec.kind == NML_DEPTHWISE;
  int groups = l->spec.groups > 1 ? l->spec.groups : 1;
  for (int wy = 0; wy < l->spec.window_h; wy++)
    for (int wx = 0; wx < l->spec.window_w; wx++)
      for (int c = 0; c < l->in.c; c++) {
        if (!alone || c == 0) seen = w, w += l->w_pitch;
        if (c * groups / l->in.c != k * groups / l->out.c) continue;
        sum += (double)*seen * naive_at(l, map, y * stride + wy - l->pad_top,
                                        x * stride + wx - l->pad_left, c);
      }
  return sum;
}

static inline double naive_pool_at(const nml_layer *l, const double *map, int y,
                                   int x, int c) {
  double largest = -INFINITY, sum = 0;
  int count = 0;
  for (int wy = 0; wy < l->spec.window_h; wy++)
    for (int wx = 0; wx < l->spec.window_w; wx++) {
      int from_y = y * l->spec.stride + wy - l->pad_top;
      int from_x = x * l->spec.stride + wx - l->pad_left;
      if (from_y < 0 || from_x < 0 || from_y >= l->in.h || from_x >= l->in.w)
        continue;
      double value = naive_at(l, map, from_y, from_x, c);
      largest = fmax(largest, value);
      sum += value;
      count++;
    }
  return l->spec.kind == NML_MAXPOOL ? largest : sum / count;
}

static inline double naive_norm_at(const naive_net *n, const nml_layer *l,
                                   double x, int k) {
  size_t lane = (size_t)k, pitch = (size_t)l->w_pitch;
  double mean = (double)n->state[l->state_at + lane];
  double variance = (double)n->state[l->state_at + pitch + lane];
  return (x - mean) / sqrt(variance + 1e-5) *
             (double)n->params[l->weight_at + lane] +
         (double)n->params[l->bias_at + lane];
}

static inline double naive_value_at(const naive_net *n, const nml_layer *l,
                                    const double *map, int y, int x, int k) {
  switch (l->spec.kind) {
    case NML_CONV:
    case NML_DENSE:
    case NML_DEPTHWISE:
      return naive_product_at(n, l, map, y, x, k);
    case NML_MAXPOOL:
    case NML_AVGPOOL:
    case NML_GLOBALAVGPOOL:
      return naive_pool_at(l, map, y, x, k);
    case NML_BATCHNORM:
      return naive_norm_at(n, l, naive_at(l, map, y, x, k), k);
    case NML_CROP:
      return naive_at(l, map, y + l->pad_top, x + l->pad_left, k);
    default:
      return naive_at(l, map, y, x, k);
  }
}

/* A layer's output [h][w][c] from its input and, of add, the other term; none
 * is padded. */
static inline void naive_layer(const naive_net *n, const nml_layer *l,
                               const double *map, const double *other,
                               double *out) {
  for (int y = 0; y < l->out.h; y++)
    for (int x = 0; x < l->out.w; x++)
      for (int k = 0; k < l->out.c; k++) {
        double value = naive_value_at(n, l, map, y, x, k);
        if (l->spec.kind == NML_ADD) value += *other++;
        int relu = nml_relu_of(&l->spec);
        if (relu) value = fmax(0, value);
        *out++ = relu == 6 ? fmin(6, value) : value;
      }
}

/* All layers from `first` on; maps[i + 1] is what comes out of layer i, and
 * maps[0] the image. */
static inline void naive_run(const naive_net *n, double **maps, int first) {
  for (int i = first; i < n->net->layer_count; i++) {
    const nml_layer *l = &n->net->layers[i];
    naive_layer(n, l, maps[l->from + 1], maps[l->other + 1], maps[i + 1]);
  }
}

/* Memory for layer i's output; -1: for the image. The caller frees it. */
static inline double *naive_map(const naive_net *n, int layer) {
  nml_shape shape = n->net->layers[layer < 0 ? 0 : layer].out;
  if (layer < 0) shape = n->net->layers[0].in;
  return calloc((size_t)shape.h * (size_t)shape.w * (size_t)shape.c,
                sizeof(double));
}

/* Statistics and scales that are no accident, some of them negative. */
static inline void naive_stir_norms(const naive_net *n) {
  nml_random random = nml_random_init(3, NML_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < n->net->layer_count; i++) {
    const nml_layer *l = &n->net->layers[i];
    if (l->spec.kind != NML_BATCHNORM) continue;
    for (int k = 0; k < l->out.c; k++) {
      size_t lane = (size_t)k;
      n->params[l->weight_at + lane] = nml_random_range(&random, -1.0f, 1.5f);
      n->params[l->bias_at + lane] = nml_random_range(&random, -0.3f, 0.3f);
      n->state[l->state_at + lane] = nml_random_range(&random, -0.2f, 0.4f);
      n->state[l->state_at + (size_t)l->w_pitch + lane] =
          nml_random_range(&random, 0.3f, 1.2f);
    }
  }
}

/* Larger weights before the end: else all digits are about as likely, and no
 * mistake shows. */
static inline void naive_sharpen(const naive_net *n) {
  int last = n->net->layer_count - 1;
  while (n->net->layers[last].taps == 0) last--;
  const nml_layer *l = &n->net->layers[last];
  for (size_t i = l->weight_at; i < l->bias_at; i++) n->params[i] *= 16;
}

/* Smooth pictures, since noise averages to the same everywhere. */
static inline void naive_draw(uint8_t *image, int index) {
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    double y = i / NUMERAL_IMAGE_SIDE, x = i % NUMERAL_IMAGE_SIDE;
    double wave = sin(x * 0.13 * (index % 5 + 1) + index) *
                  cos(y * 0.11 * (index % 7 + 1) - index);
    image[i] = (uint8_t)(wave > 0 ? 255 * wave : 0);
  }
}

#endif
