/* kernels.h: the table of functions that do the arithmetic.
 *
 * Floats in, floats out: a kernel must not know layers, images or training.
 * The portable versions fill the table first; the best set that the processor
 * offers replaces them once. A naive twin in double precision (tests/kernels)
 * is what each is held against.
 *
 * Words
 *   lane    one channel of a pixel. Rows of lanes are padded with zeros to a
 *           multiple of NML_LANES, on every instruction set, so that memory
 *           looks the same everywhere.
 *   pitch   floats from one row of lanes to the next.
 *
 * Every pointer to rows of lanes is aligned to 64 bytes unless said otherwise.
 * A NaN passes through everything, relu and maxpool included.
 */
#ifndef NML_KERNELS_H
#define NML_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { NML_LANES = 16 };

/* The gathered matrix product: convolution (any kernel size, stride, padding
 * once padded), its gradient by data, and dense layers are this one sum.
 *
 *   y[p][k] = start + sum over q of x[row[p] + tap[q]] * w[q][k]
 *
 * p < rows (output pixels, or images), q < taps (kernel y, kernel x, input
 * channel), k < lanes. start is y[p][k] itself with accumulate set, else
 * bias[k] or 0. Then, with relu set, max(0, .).
 * The order of the sum is q ascending, for every p and k alike, whatever
 * `rows` is: a row's result does not depend on its neighbours. */
typedef struct nml_product {
  const float *x;       /* no alignment needed */
  const int32_t *row;   /* [rows] offsets in floats, >= 0 */
  int rows;             /* >= 0 */
  const int32_t *tap;   /* [taps] offsets in floats, >= 0 */
  int taps;             /* >= 1 */
  const float *w;       /* [taps][w_pitch] */
  int w_pitch;          /* multiple of NML_LANES, >= lanes */
  const float *bias;    /* [lanes] or NULL */
  float *y;             /* [rows][y_pitch], or row p at y_row[p] */
  int y_pitch;          /* multiple of NML_LANES, >= lanes */
  const int32_t *y_row; /* [rows] multiples of NML_LANES, or NULL */
  int lanes;            /* multiple of NML_LANES */
  int relu;             /* 0 or 1 */
  int accumulate;       /* 0 or 1 */
} nml_product;

/* The gradient of that sum by w:
 *
 *   dw[q][k] = (accumulate ? dw[q][k] : 0)
 *            + sum over p of x[row[p] + tap[q]] * dy[p][k]      p ascending */
typedef struct nml_product_gradient {
  const float *x;
  const int32_t *row;
  int rows;
  const int32_t *tap;
  int taps;
  const float *dy; /* [rows][dy_pitch] */
  int dy_pitch;
  float *dw; /* [taps][w_pitch] */
  int w_pitch;
  int lanes;
  int accumulate; /* 0 or 1 */
} nml_product_gradient;

/* The product whose results are pooled, narrowed or scaled before they leave
 * the registers: that of prediction, and of training where a pool follows.
 *
 *   sum[p][k] = sum over q, e < E of x[row[p] + tap[q] + e] * w[q][k][e]
 *   value     = sum + shift[k], of bytes sum * scale[k] + shift[k];
 *               with relu 1, max(0, value); with relu 6, min(6, .) of that
 *   y[p][k]   = value; in a group the largest or the mean of the four values
 *               of the pixels at row[p] + 0, right, below, right + below
 *
 * x is floats (E = 1), bf16 (E = 2) or bytes (E = 4), by the table that the
 * function comes from, and y is the same, rounded to the nearest (bytes: and
 * cut to 0..255); or floats with `floats` set. Offsets and pitches count
 * elements. The sum is taken in the order of q, whatever `outputs` is. */
typedef enum nml_group {
  NML_GROUP_NONE = 0,
  NML_GROUP_LARGEST, /* of bytes: scale must not be negative */
  NML_GROUP_MEAN
} nml_group;

typedef struct nml_forward {
  const void *x;      /* no alignment needed */
  const int32_t *row; /* [outputs] offsets >= 0 */
  int outputs;        /* >= 0 */
  nml_group group;
  int32_t right, below; /* offsets >= 0 */
  const int32_t *tap;   /* [taps] offsets >= 0 */
  int taps;             /* >= 1 */
  const void *w;        /* [taps][w_pitch][E] */
  int w_pitch;          /* multiple of NML_LANES, >= lanes */
  int lanes;            /* multiple of NML_LANES */
  const float *scale;   /* [lanes], of bytes; else NULL */
  const float *shift;   /* [lanes] */
  int relu;             /* 0, 1 or 6 */
  int floats;           /* 0 or 1 */
  void *y;              /* [outputs][y_pitch], aligned as its vectors are */
  int y_pitch;          /* >= lanes */
  uint8_t *best; /* or NULL; of the largest, as floats: [outputs][y_pitch]
                    receives which pixel it was, 0..3, the first of equals */
} nml_forward;

/* The gradients of a product whose outputs went through a maximum: of the
 * outputs that a window chose from, only the best carries any. Output j of the
 * maximum came, in unit k, from the product's row at
 *
 *   at(j, k) = row[j] + place[best[j][k]]
 *
 * and its taps are runs of lanes: with a map of pixels, the rows of the
 * convolution's window.
 *
 *   weights  dw[k][r][i] += sum over j of x[at(j, k) + r * run_pitch + i]
 *                                         * dy[j][k]
 *   data     dx[at(j, k) + r * run_pitch + i] += w[k][r][i] * dy[j][k] */
typedef struct nml_winners {
  const float *dy;      /* [outputs][pitch] */
  const uint8_t *best;  /* [outputs][pitch], each below places */
  const int32_t *row;   /* [outputs] offsets in floats; at(j, k) >= 0 */
  const int32_t *place; /* [places] offsets in floats */
  int outputs, places;  /* places 1..255 */
  int units, pitch;     /* pitch a multiple of NML_LANES, >= units */
  int runs, run_lanes;  /* run_lanes a multiple of NML_LANES */
  int run_pitch;        /* a multiple of NML_LANES, as row and place are */
} nml_winners;

/* Windows over a map of pixels [in_h][in_w][pitch]; a window may hang over
 * the edge by the padding, where it sees nothing. window_h * window_w <= 255
 * for maxpool. Every window holds at least one real pixel. */
typedef struct nml_windows {
  int in_h, in_w, out_h, out_w;
  int window_h, window_w, stride;
  int pad_top, pad_left;
  int pitch; /* of input and output, multiple of NML_LANES */
} nml_windows;

/* What a byte stands for: step * (byte - zero). */
typedef struct nml_byte_scale {
  float step;
  uint8_t zero;
} nml_byte_scale;

typedef struct nml_adam {
  float learning_rate; /* not yet corrected for bias */
  float beta1, beta2, epsilon;
  float correction1, correction2; /* 1 - beta^step */
  float weight_decay;
  int decoupled;        /* 1: AdamW */
  float gradient_scale; /* clipping; 1: none */
} nml_adam;

typedef struct nml_sgd {
  float learning_rate, momentum, weight_decay;
  int nesterov;
  float gradient_scale;
} nml_sgd;

typedef struct nml_kernels {
  const char *name; /* "portable", "avx2", "avx512", "neon" */

  void (*product)(const nml_product *p);
  void (*forward)(const nml_forward *p);
  void (*product_gradient)(const nml_product_gradient *p);
  void (*winner_weights)(const nml_winners *w, const float *x, float *dw);
  void (*winner_data)(const nml_winners *w, const float *weights, float *dx);
  /* By the weights of 3 x 3 taps in one channel (run_lanes is not looked at,
   * runs of pixels are run_pitch apart) behind windows of 2 x 2, whose places
   * are 0..3: dw [9][dw_pitch], by tap and unit, += as above. NULL where the
   * set has nothing better than product_gradient. */
  void (*winner_pixels)(const nml_winners *w, const float *x, float *dw,
                        int dw_pitch);

  /* y[c][r] = x[r][c]; x [rows][x_pitch], y [cols][y_pitch]; lanes of y at or
   * past `rows` are not touched. Any rows and cols; no alignment needed. */
  void (*transpose)(const float *x, int rows, int cols, int x_pitch, float *y,
                    int y_pitch);

  /* best[out pixel][lane] is the place in the window (row by row, 0-based) of
   * its largest value, the first of equals; best may be NULL (prediction). */
  void (*maxpool)(const nml_windows *w, const float *x, float *y,
                  uint8_t *best);
  /* dx is overwritten: dy goes to the place that was best, 0 elsewhere. */
  void (*maxpool_gradient)(const nml_windows *w, const float *dy,
                           const uint8_t *best, float *dx);
  /* Mean over the real pixels of the window (padding does not count). */
  void (*avgpool)(const nml_windows *w, const float *x, float *y);
  void (*avgpool_gradient)(const nml_windows *w, const float *dy, float *dx);

  /* Depthwise convolution: a window of weights [window_h * window_w][pitch]
   * for each lane. Padding is 0.
   *   y[p][k] = shift[k] + sum over places q of x[at q of p][k] * weights[q][k]
   * then with relu 1 max(0, .), with relu 6 min(6, .) of that too.
   * Of the gradients, dx is overwritten, and dw [as weights] added to. */
  void (*depthwise)(const nml_windows *w, const float *x, const float *weights,
                    const float *shift, int relu, float *y);
  void (*depthwise_data)(const nml_windows *w, const float *dy,
                         const float *weights, float *dx);
  void (*depthwise_weights)(const nml_windows *w, const float *x,
                            const float *dy, float *dw);

  /* count is a multiple of NML_LANES in all of these; in and out may be the
   * same array. */
  void (*relu)(size_t count, const float *x, float *y);
  void (*relu_gradient)(size_t count, const float *y, const float *dy,
                        float *dx); /* dy where y > 0, else 0 */
  void (*relu6)(size_t count, const float *x, float *y); /* min(6, max(0, x)) */
  void (*relu6_gradient)(size_t count, const float *y, const float *dy,
                         float *dx); /* dy where 0 < y < 6, else 0 */
  void (*add)(size_t count, const float *x, float *y); /* y += x */
  /* y = a + b; with relu set max(0, .) */
  void (*sum)(size_t count, const float *a, const float *b, int relu, float *y);
  void (*multiply)(size_t count, const float *x, float *y); /* y *= x */
  double (*sum_of_squares)(size_t count,
                           const float *x); /* in double precision or by blocks:
                                               relative error < 1e-6 */

  /* Over rows [rows][pitch] of lanes: */
  void (*sum_rows)(const float *x, int rows, int pitch, int lanes,
                   float *sum); /* sum[k] += */
  /* sum[k] += x, sum_product[k] += x * y */
  void (*sum_rows_product)(const float *x, const float *y, int rows, int pitch,
                           int lanes, float *sum, float *sum_product);
  /* y = x * scale[k] + shift[k] */
  void (*scale_rows)(const float *x, int rows, int pitch, int lanes,
                     const float *scale, const float *shift, float *y);
  /* dx = dy * a[k] + x * b[k] + c[k]: batch normalisation's gradient */
  void (*combine_rows)(const float *dy, const float *x, int rows, int pitch,
                       int lanes, const float *a, const float *b,
                       const float *c, float *dx);

  /* y[i] = x[i] * scale; any count; x unaligned */
  void (*bytes_to_floats)(size_t count, const uint8_t *x, float scale,
                          float *y);

  /* What bytes stand for, and back: to the nearest, halves up, cut to 0..255;
   * any count. */
  void (*bytes_to_values)(size_t count, const uint8_t *x, nml_byte_scale scale,
                          float *y);
  void (*values_to_bytes)(size_t count, const float *x, nml_byte_scale scale,
                          uint8_t *y);
  /* sum, of bytes: count a multiple of NML_LANES */
  void (*sum_bytes)(size_t count, const uint8_t *a, nml_byte_scale a_scale,
                    const uint8_t *b, nml_byte_scale b_scale, int relu,
                    uint8_t *y, nml_byte_scale y_scale);

  /* One step over `count` (multiple of NML_LANES) parameters.
   *   SGD  (PyTorch's form): g = scale * g + wd * p;  v = momentum * v + g;
   *        p -= lr * (nesterov ? g + momentum * v : v)
   *   Adam: g = scale * g (+ wd * p, or p -= lr * wd * p where decoupled);
   *        m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g g;
   *        p -= lr * (m / correction1) / (sqrt(v / correction2) + epsilon) */
  void (*sgd)(const nml_sgd *s, size_t count, const float *gradient,
              float *velocity, float *parameter);
  void (*adam)(const nml_adam *a, size_t count, const float *gradient, float *m,
               float *v, float *parameter);

  /* Burns `rounds` rounds of independent multiply-adds in registers; returns
   * the operations done (an addition and a multiplication are two). The value
   * written to *sink keeps the compiler from removing them. */
  double (*peak)(long rounds, float *sink);
} nml_kernels;

/* ---- Narrow numbers: products of pairs of bf16, of fours of bytes ------ */

typedef uint16_t nml_bf16; /* the upper half of a float, rounded to even */

/*   y[p][k] = start + sum over q, e < 2 of
 *                     x[row[p] + tap[q] + e] * w[q][k][e]
 *
 * start is y[p][k] itself with accumulate set, else bias[k] or 0. Products are
 * exact, sums are floats, q ascending; denormal numbers count as 0. */
typedef struct nml_product_bf16 {
  const nml_bf16 *x;    /* no alignment needed */
  const int32_t *row;   /* [rows] offsets in elements of x, >= 0 */
  int rows;             /* >= 0 */
  const int32_t *tap;   /* [taps] offsets in elements of x, >= 0 */
  int taps;             /* >= 1, in pairs */
  const nml_bf16 *w;    /* [taps][w_pitch][2] */
  int w_pitch;          /* multiple of NML_LANES, >= lanes */
  const float *bias;    /* [lanes] or NULL */
  float *y;             /* [rows][y_pitch], or row p at y_row[p] */
  int y_pitch;          /* multiple of NML_LANES, >= lanes */
  const int32_t *y_row; /* [rows] multiples of NML_LANES, or NULL */
  int lanes;            /* multiple of NML_LANES */
  int relu;             /* 0 or 1 */
  int accumulate;       /* 0 or 1 */
} nml_product_bf16;

/* The gradient of a convolution of 3 x 3 in one channel by its weights:
 *
 *   dw[q][k] = (accumulate ? dw[q][k] : 0)
 *            + sum over p, e < 2 of x[row[p] + tap[q] + e] * dy[p][e][k]
 *
 * where pair p are two pixels of a line of dy, rounded to bf16, p and e
 * ascending; the last of a line of odd width has a pixel of 0 beside it. */
enum { NML_PIXEL_TAPS = 9 };

typedef struct nml_pixel_gradient {
  const nml_bf16 *x;  /* each value beside the one that the next pixel sees */
  const int32_t *row; /* [height][(width + 1) / 2] offsets, >= 0 */
  const int32_t *tap; /* [NML_PIXEL_TAPS] offsets, >= 0 */
  const float *dy;    /* [height][width][pitch] */
  int height, width, pitch;
  float *dw; /* [NML_PIXEL_TAPS][w_pitch] */
  int w_pitch;
  int lanes;      /* multiple of NML_LANES */
  int accumulate; /* 0 or 1 */
} nml_pixel_gradient;

typedef struct nml_bf16_kernels {
  const char *name; /* "avx512_bf16" */
  void (*product)(const nml_product_bf16 *p);
  void (*forward)(const nml_forward *p);
  /* y[i] = x[i], rounded; any count, no alignment needed. */
  void (*convert)(size_t count, const float *x, nml_bf16 *y);
  /* The same in the order in which winners are read: of 32 neighbours, each
   * eight are four of the first half and four of the second, in turns. count a
   * multiple of 32. */
  void (*convert_folded)(size_t count, const float *x, nml_bf16 *y);
  /* y[i][0] = a[i], y[i][1] = b[i], rounded; any count, no alignment needed. */
  void (*interleave)(size_t count, const float *a, const float *b, nml_bf16 *y);
  void (*pixel_gradient)(const nml_pixel_gradient *p);
  /* As in nml_kernels; run_lanes, and wherever a winner can be, are multiples
   * of 32, x and weights are folded, dy is rounded. */
  void (*winner_weights)(const nml_winners *w, const nml_bf16 *x, float *dw);
  void (*winner_data)(const nml_winners *w, const nml_bf16 *weights, float *dx);
  /* As in nml_kernels, dy rounded; x as it is, not folded. */
  void (*winner_pixels)(const nml_winners *w, const nml_bf16 *x, float *dw,
                        int dw_pitch);
  double (*peak)(long rounds, float *sink);
} nml_bf16_kernels;

/* Bytes: sums are 32-bit integers, exact, the same on every instruction set.
 * x is unsigned, w signed; the caller sees to it that no sum overflows. */
typedef struct nml_int8_kernels {
  const char *name; /* "avx512_vnni" */
  void (*forward)(const nml_forward *p);
} nml_int8_kernels;

/* The table for this processor: decided at the first call, the same ever
 * after, safe from any thread. */
const nml_kernels *nml_kernels_get(void);

/* The same for narrow numbers; NULL where the processor has none. */
const nml_bf16_kernels *nml_bf16_kernels_get(void);
const nml_int8_kernels *nml_int8_kernels_get(void);

/* The table of one set by name, for tests and benchmarks; NULL where this build
 * or processor (or NUMERAL_CPU_MASK) lacks it. */
const nml_kernels *nml_kernels_named(const char *name);

#endif
