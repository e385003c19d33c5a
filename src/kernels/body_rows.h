/* body_rows.h: loops over arrays and rows of lanes, for body.h: transposing,
 * sums, element by element arithmetic, optimiser steps, the peak. Nearly all
 * of them wait for memory, not for arithmetic. */

#include "kernels/body_transpose.h"

static void transpose_edge(const float *x, int rows, int cols,
                           ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch) {
  for (int c = 0; c < cols; c++) {
    for (int r = 0; r < rows; r++) y[c * y_pitch + r] = x[r * x_pitch + c];
  }
}

static void transpose(const float *x, int rows, int cols, int x_pitch, float *y,
                      int y_pitch) {
  const ptrdiff_t from = x_pitch, to = y_pitch;
  const int full_cols = cols / WIDTH * WIDTH;
  int r = 0;
  for (; r + WIDTH <= rows; r += WIDTH) {
    for (int c = 0; c < full_cols; c += WIDTH) {
      transpose_square(x + r * from + c, from, y + c * to + r, to);
    }
    transpose_edge(x + r * from + full_cols, WIDTH, cols - full_cols, from,
                   y + full_cols * to + r, to);
  }
  transpose_edge(x + r * from, rows - r, cols, from, y + r, to);
}

static void relu(size_t count, const float *x, float *y) {
  INDEPENDENT for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_gradient(size_t count, const float *y, const float *dy,
                          float *dx) {
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float gradient = dy[i]; /* read either way: else it takes a branch */
    dx[i] = y[i] > 0 ? gradient : 0;
  }
}

static void relu6(size_t count, const float *x, float *y) {
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float value = x[i] < 0 ? 0 : x[i];
    y[i] = value > 6 ? 6 : value;
  }
}

static void relu6_gradient(size_t count, const float *y, const float *dy,
                           float *dx) {
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float gradient = dy[i];
    gradient = y[i] > 0 ? gradient : 0;
    dx[i] = y[i] < 6 ? gradient : 0;
  }
}

static void add(size_t count, const float *x, float *y) {
  INDEPENDENT for (size_t i = 0; i < count; i++) y[i] += x[i];
}

static void sum(size_t count, const float *a, const float *b, int relu,
                float *y) {
  if (!relu) {
    INDEPENDENT for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
    return;
  }
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float value = a[i] + b[i];
    y[i] = value < 0 ? 0 : value;
  }
}

static void multiply(size_t count, const float *x, float *y) {
  INDEPENDENT for (size_t i = 0; i < count; i++) y[i] *= x[i];
}

/* In double precision: squares of floats can pass a float's range. */
static double sum_of_squares(size_t count, const float *x) {
  enum { HALF = WIDTH / 2, SUMS = 4 };
  typedef double vd __attribute__((vector_size(VECTOR_BYTES)));
  typedef float vhalf
      __attribute__((vector_size(VECTOR_BYTES / 2), may_alias, aligned(4)));
  vd sum[SUMS] = {{0}};
  double total = 0;
  size_t i = 0;
  for (; i + SUMS * HALF <= count; i += SUMS * HALF) {
    UNROLL for (size_t s = 0; s < SUMS; s++) {
      vd value =
          __builtin_convertvector(*(const vhalf *)(x + i + s * HALF), vd);
      sum[s] += value * value;
    }
  }
  for (; i < count; i++) total += (double)x[i] * (double)x[i];
  sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (int h = 0; h < HALF; h++) total += sum[0][h];
  return total;
}

/* Several vectors side by side: an addition waits for the one before it. */
INLINE void sum_columns(const float *x, int rows, int pitch, const int vectors,
                        float *sum) {
  vf total[4];
  UNROLL for (int v = 0; v < vectors; v++) total[v] = load(sum + v * WIDTH);
  for (int r = 0; r < rows; r++, x += pitch) {
    UNROLL for (int v = 0; v < vectors; v++) total[v] += load(x + v * WIDTH);
  }
  UNROLL for (int v = 0; v < vectors; v++) store(sum + v * WIDTH, total[v]);
}

static void sum_rows(const float *x, int rows, int pitch, int lanes,
                     float *sum) {
  int k = 0;
  for (; k + 4 * WIDTH <= lanes; k += 4 * WIDTH)
    sum_columns(x + k, rows, pitch, 4, sum + k);
  for (; k + 2 * WIDTH <= lanes; k += 2 * WIDTH)
    sum_columns(x + k, rows, pitch, 2, sum + k);
  if (k < lanes) sum_columns(x + k, rows, pitch, 1, sum + k);
}

static void sum_rows_product(const float *x, const float *y, int rows,
                             int pitch, int lanes, float *sum,
                             float *sum_product) {
  for (int k = 0; k < lanes; k += WIDTH) {
    vf total = load(sum + k), product_total = load(sum_product + k);
    for (ptrdiff_t r = 0; r < rows; r++) {
      vf value = load(x + r * pitch + k);
      total += value;
      product_total += value * load(y + r * pitch + k);
    }
    store(sum + k, total);
    store(sum_product + k, product_total);
  }
}

static void scale_rows(const float *x, int rows, int pitch, int lanes,
                       const float *scale, const float *shift, float *y) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (int k = 0; k < lanes; k += WIDTH) {
      ptrdiff_t at = r * pitch + k;
      store(y + at, load(x + at) * load(scale + k) + load(shift + k));
    }
  }
}

static void combine_rows(const float *dy, const float *x, int rows, int pitch,
                         int lanes, const float *a, const float *b,
                         const float *c, float *dx) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (int k = 0; k < lanes; k += WIDTH) {
      ptrdiff_t at = r * pitch + k;
      vf shifted = load(x + at) * load(b + k) + load(c + k);
      store(dx + at, load(dy + at) * load(a + k) + shifted);
    }
  }
}

INLINE vf widen(const uint8_t *x) {
  return __builtin_convertvector(load_bytes(x), vf);
}

static void bytes_to_floats(size_t count, const uint8_t *restrict x,
                            float scale, float *restrict y) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(y + i, widen(x + i) * scale);
  if (i == count) return;
  /* the end once more, by a whole vector: rows of pixels are short */
  if (count >= WIDTH) {
    i = count - WIDTH;
    store(y + i, widen(x + i) * scale);
    return;
  }
  for (; i < count; i++) y[i] = (float)x[i] * scale;
}

INLINE vf value_of(const uint8_t *x, nml_byte_scale scale) {
  return (widen(x) - (float)scale.zero) * scale.step;
}

static void bytes_to_values(size_t count, const uint8_t *restrict x,
                            nml_byte_scale scale, float *restrict y) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(y + i, value_of(x + i, scale));
  for (; i < count; i++) y[i] = ((float)x[i] - (float)scale.zero) * scale.step;
}

/* Rounds, halves up, and cuts to 0..255; a NaN is 0. */
INLINE void cut_value(uint8_t *at, vf value, nml_byte_scale scale) {
  value = value / scale.step + (float)scale.zero;
#if defined(CUT_TO_BYTES)
  CUT_TO_BYTES(at, value);
#else
  value = choose(value > 0.0f, value, (vf){0});
  value = choose(value < 255.0f, value + 0.5f, (vf){0} + 255.0f);
  store_bytes(at, __builtin_convertvector(value, vi));
#endif
}

static void values_to_bytes(size_t count, const float *restrict x,
                            nml_byte_scale scale, uint8_t *restrict y) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) cut_value(y + i, load(x + i), scale);
  for (; i < count; i++) {
    float value = x[i] / scale.step + (float)scale.zero;
    value = value > 0.0f ? value : 0.0f;
    y[i] = (uint8_t)(value < 255.0f ? value + 0.5f : 255.0f);
  }
}

static void sum_bytes(size_t count, const uint8_t *a, nml_byte_scale a_scale,
                      const uint8_t *b, nml_byte_scale b_scale, int relu,
                      uint8_t *y, nml_byte_scale y_scale) {
  assert(count % WIDTH == 0);
  for (size_t i = 0; i < count; i += WIDTH) {
    const vf value = value_of(a + i, a_scale) + value_of(b + i, b_scale);
    cut_value(y + i, relu ? rectify(value) : value, y_scale);
  }
}

static void sgd(const nml_sgd *s, size_t count, const float *gradient,
                float *velocity, float *parameter) {
  const nml_sgd o = *s; /* a copy: the loop's stores cannot change it */
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float g = o.gradient_scale * gradient[i] + o.weight_decay * parameter[i];
    float v = o.momentum * velocity[i] + g;
    float step = o.nesterov ? g + o.momentum * v : v;
    velocity[i] = v;
    parameter[i] -= o.learning_rate * step;
  }
}

/* The corrections for bias move out of the loop: one division and one root a
 * parameter instead of three and one. */
static void adam(const nml_adam *a, size_t count, const float *gradient,
                 float *m, float *v, float *parameter) {
  const nml_adam o = *a;
  const float rate = (float)((double)o.learning_rate / (double)o.correction1);
  const float root_scale = (float)(1.0 / sqrt((double)o.correction2));
  const float coupled = o.decoupled ? 0.0f : o.weight_decay;
  const float kept =
      o.decoupled ? 1.0f - o.learning_rate * o.weight_decay : 1.0f;
  const float rest1 = 1.0f - o.beta1, rest2 = 1.0f - o.beta2;
  INDEPENDENT for (size_t i = 0; i < count; i++) {
    float g = o.gradient_scale * gradient[i] + coupled * parameter[i];
    float mean = o.beta1 * m[i] + rest1 * g;
    float square = o.beta2 * v[i] + rest2 * (g * g);
    m[i] = mean;
    v[i] = square;
    parameter[i] = kept * parameter[i] -
                   rate * mean / (sqrtf(square) * root_scale + o.epsilon);
  }
}

/* Enough independent sums to hide the latency of an operation. */
static double peak(long rounds, float *sink) {
  enum { SUMS = 12 };
  vf sum[SUMS], factor = (vf){0} + 0.5f, term = (vf){0} + *sink;
  UNROLL for (int i = 0; i < SUMS; i++) sum[i] = term + (float)i;
  for (long round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < SUMS; i++) sum[i] = sum[i] * factor + term;
  }
  UNROLL for (int i = 1; i < SUMS; i++) sum[0] += sum[i];
  *sink = sum[0][0];
  return 2.0 * SUMS * WIDTH * (double)rounds;
}
