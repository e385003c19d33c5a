/* Checks of the gathered product and its gradient. The tables of offsets are
 * random: nothing about a convolution is assumed. */
#include "check.h"
#include "naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OFFSET = 400, LANES_MOST = 208 };

/* Each way to cut lanes into tiles. */
static const int widths[] = {16, 32, 48, 64, 80, LANES_MOST};
enum { WIDTHS = sizeof widths / sizeof widths[0] };

/* All arrays that a product and its gradient need. */
typedef struct setting {
  int rows, taps, lanes, m_pitch, out_pitch;
  float *x, *w, *dy, *bias, *y, *dw;
  int32_t *row, *tap;
} setting;

static int32_t *offsets(int count, unsigned seed) {
  int32_t *at = guarded((size_t)count, sizeof *at);
  unsigned state = seed * 77u + 5;
  for (int i = 0; i < count; i++)
    at[i] = (int32_t)(next_random(&state) % OFFSET);
  return at;
}

/* A matrix of `rows` rows whose padding, right of `lanes`, is NaN: reading or
 * writing it shows. */
static float *matrix(int rows, int lanes, int pitch, value_kind kind,
                     unsigned seed) {
  float *m = guarded((size_t)rows * (size_t)pitch, sizeof *m);
  for (int r = 0; r < rows; r++)
    fill(m + r * pitch, (size_t)lanes, kind, seed + (unsigned)r);
  return m;
}

static setting setting_create(int rows, int taps, int lanes, value_kind kind,
                              unsigned seed) {
  setting s = {.rows = rows, .taps = taps, .lanes = lanes};
  s.m_pitch = lanes + (int)(seed % 3) * NML_LANES;
  s.out_pitch = lanes + (int)(seed % 2) * 5 * NML_LANES;
  s.row = offsets(rows, seed);
  s.tap = offsets(taps, seed + 1);
  s.x = exact(2 * OFFSET - 1);
  fill(s.x, 2 * OFFSET - 1, kind, seed + 2);
  s.w = matrix(taps, lanes, s.m_pitch, kind, seed + 3);
  s.dy = matrix(rows, lanes, s.m_pitch, kind, seed + 4);
  s.bias = matrix(1, lanes, lanes, kind, seed + 5);
  s.y = guarded((size_t)rows * (size_t)s.out_pitch, sizeof *s.y);
  s.dw = matrix(taps, lanes, s.out_pitch, kind, seed + 6);
  return s;
}

static void setting_destroy(setting *s) {
  release(s->row);
  release(s->tap);
  release_exact(s->x);
  release(s->w);
  release(s->dy);
  release(s->bias);
  release(s->y);
  release(s->dw);
}

static nml_product product_of(const setting *s, bool bias, bool relu) {
  return (nml_product){.x = s->x,
                       .row = s->row,
                       .rows = s->rows,
                       .tap = s->tap,
                       .taps = s->taps,
                       .w = s->w,
                       .w_pitch = s->m_pitch,
                       .bias = bias ? s->bias : NULL,
                       .y = s->y,
                       .y_pitch = s->out_pitch,
                       .lanes = s->lanes,
                       .relu = relu};
}

static nml_product_gradient gradient_of(const setting *s, bool accumulate) {
  return (nml_product_gradient){.x = s->x,
                                .row = s->row,
                                .rows = s->rows,
                                .tap = s->tap,
                                .taps = s->taps,
                                .dy = s->dy,
                                .dy_pitch = s->m_pitch,
                                .dw = s->dw,
                                .w_pitch = s->out_pitch,
                                .lanes = s->lanes,
                                .accumulate = accumulate};
}

/* out [rows][pitch] against want [rows][lanes]; the padding must still be the
 * bits that matrix() left. */
static bool agrees(const float *out, int pitch, int rows, int lanes,
                   const double *want, const double *magnitude, int terms) {
  for (int r = 0; r < rows; r++) {
    for (int k = 0; k < lanes; k++) {
      int at = r * lanes + k;
      if (!near(out[r * pitch + k], want[at], magnitude[at], terms + 2))
        return wrong("row %d lane %d: %.9g, not %.9g", r, k,
                     (double)out[r * pitch + k], want[at]);
    }
    for (int k = lanes; k < pitch; k++) {
      uint32_t bits;
      memcpy(&bits, &out[r * pitch + k], sizeof bits);
      if (bits != 0xffffffffu) return wrong("row %d: padding written", r);
    }
  }
  return guard_holds(out, "result");
}

static bool product_agrees(const nml_kernels *kernels, const setting *s,
                           bool bias, bool relu) {
  nml_product p = product_of(s, bias, relu);
  size_t count = (size_t)s->rows * (size_t)s->lanes;
  double *want = guarded(count, sizeof *want);
  double *magnitude = guarded(count, sizeof *magnitude);
  naive_product(&p, want, magnitude);
  kernels->product(&p);
  bool holds =
      agrees(s->y, s->out_pitch, s->rows, s->lanes, want, magnitude, s->taps);
  release(want);
  release(magnitude);
  return holds;
}

static bool gradient_agrees(const nml_kernels *kernels, const setting *s,
                            bool accumulate) {
  nml_product_gradient p = gradient_of(s, accumulate);
  size_t count = (size_t)s->taps * (size_t)s->lanes;
  double *want = guarded(count, sizeof *want);
  double *magnitude = guarded(count, sizeof *magnitude);
  naive_product_gradient(&p, want, magnitude);
  kernels->product_gradient(&p);
  bool holds =
      agrees(s->dw, s->out_pitch, s->taps, s->lanes, want, magnitude, s->rows);
  release(want);
  release(magnitude);
  return holds;
}

typedef bool (*agree_fn)(const nml_kernels *kernels, const setting *s,
                         unsigned variant);

static bool product_variant(const nml_kernels *kernels, const setting *s,
                            unsigned variant) {
  return product_agrees(kernels, s, variant & 1, (variant & 2) != 0);
}

static bool gradient_variant(const nml_kernels *kernels, const setting *s,
                             unsigned variant) {
  return gradient_agrees(kernels, s, variant & 1);
}

/* Lengths about the sizes of tiles and blocks. */
static bool all_shapes(const nml_kernels *kernels, agree_fn agree,
                       const int *rows, int rows_count, const int *taps,
                       int taps_count) {
  unsigned n = 0;
  for (int w = 0; w < WIDTHS; w++) {
    for (int i = 0; i < rows_count * taps_count; i++, n++) {
      int lanes = widths[w];
      int r = rows[i / taps_count], t = taps[i % taps_count];
      value_kind kind = (value_kind)(n % VALUE_KINDS);
      setting s = setting_create(r, t, lanes, kind, n);
      bool holds = agree(kernels, &s, n / VALUE_KINDS);
      setting_destroy(&s);
      if (!holds)
        return wrong("... rows %d, taps %d, lanes %d, values %d, variant %u", r,
                     t, lanes, (int)kind, n / VALUE_KINDS % 4);
    }
  }
  return true;
}

static const int few[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 25};
static const int many[] = {1, 9, 95, 97, 200, 400};
enum { FEW = sizeof few / sizeof few[0], MANY = sizeof many / sizeof many[0] };

bool check_product(const nml_kernels *kernels) {
  return all_shapes(kernels, product_variant, few, FEW, many, MANY);
}

/* Here the long sum is over rows; at least one tap. */
bool check_product_gradient(const nml_kernels *kernels) {
  return all_shapes(kernels, gradient_variant, many, MANY, few + 1, FEW - 1) &&
         all_shapes(kernels, gradient_variant, few, 1, few + 1, FEW - 1);
}

/* Each row alone, each lane group alone, and x elsewhere in memory: the same
 * bits as all together. */
static bool parts_agree(const nml_kernels *kernels, const setting *s) {
  float alone[LANES_MOST] __attribute__((aligned(64)));
  float *moved = exact(2 * OFFSET + 2);
  bool holds = true;
  memcpy(moved + 3, s->x, (2 * OFFSET - 1) * sizeof *moved);
  nml_product p = product_of(s, true, false);
  kernels->product(&p);
  for (int r = 0; r < s->rows && holds; r++) {
    int first = r % (s->lanes / NML_LANES) * NML_LANES;
    nml_product one = p;
    one.x = moved + 3;
    one.row = s->row + r;
    one.rows = 1;
    one.y = alone;
    kernels->product(&one);
    holds = memcmp(alone, s->y + r * s->out_pitch,
                   (size_t)s->lanes * sizeof *alone) == 0;
    one.lanes = NML_LANES;
    one.w += first;
    one.bias += first;
    kernels->product(&one);
    holds = holds && memcmp(alone, s->y + r * s->out_pitch + first,
                            NML_LANES * sizeof *alone) == 0;
    if (!holds) wrong("row %d of %d, lanes %d", r, s->rows, s->lanes);
  }
  release_exact(moved);
  return holds;
}

static bool taps_agree(const nml_kernels *kernels, const setting *s) {
  float alone[LANES_MOST] __attribute__((aligned(64)));
  nml_product_gradient p = gradient_of(s, false);
  kernels->product_gradient(&p);
  for (int q = 0; q < s->taps; q++) {
    nml_product_gradient one = p;
    one.tap = s->tap + q;
    one.taps = 1;
    one.dw = alone;
    kernels->product_gradient(&one);
    if (memcmp(alone, s->dw + q * s->out_pitch,
               (size_t)s->lanes * sizeof *alone) != 0)
      return wrong("tap %d of %d, lanes %d", q, s->taps, s->lanes);
  }
  return true;
}

/* The sum in two parts, the second on top of the first, its rows anywhere: the
 * bits of the whole. */
static bool scattered_agree(const nml_kernels *kernels, const setting *s) {
  size_t floats = (size_t)s->rows * (size_t)s->out_pitch;
  float *scattered = guarded(floats, sizeof *scattered);
  int32_t *at = guarded((size_t)s->rows, sizeof *at);
  bool holds = true;
  for (int r = 0; r < s->rows; r++) at[r] = (s->rows - 1 - r) * s->out_pitch;
  nml_product p = product_of(s, true, true);
  kernels->product(&p);
  p.y = scattered;
  p.y_row = at;
  p.taps = s->taps / 2;
  p.relu = 0;
  kernels->product(&p);
  p.tap += p.taps;
  p.w += p.taps * p.w_pitch;
  p.taps = s->taps - p.taps;
  p.accumulate = p.relu = 1;
  kernels->product(&p);
  for (int r = 0; r < s->rows && holds; r++)
    holds = memcmp(scattered + at[r], s->y + r * s->out_pitch,
                   (size_t)s->lanes * sizeof *scattered) == 0 ||
            wrong("row %d of %d, lanes %d, scattered", r, s->rows, s->lanes);
  holds = holds && guard_holds(scattered, "scattered");
  release(scattered);
  release(at);
  return holds;
}

bool check_product_rows_independent(const nml_kernels *kernels) {
  for (int w = 0; w < WIDTHS; w++) {
    for (int rows = 1; rows <= 27; rows++) {
      int lanes = widths[w];
      setting s =
          setting_create(rows, 400 - 11 * rows, lanes, VALUES_RANDOM, 9);
      setting t =
          setting_create(400 - 11 * rows, rows, lanes, VALUES_RANDOM, 8);
      bool holds = parts_agree(kernels, &s) && taps_agree(kernels, &t) &&
                   scattered_agree(kernels, &s);
      setting_destroy(&s);
      setting_destroy(&t);
      if (!holds) return false;
    }
  }
  return true;
}

/* Sets with fused operations: exactly the sum that fmaf makes in order. The
 * portable set may or may not fuse; then either must fit, the same for all. */
bool check_product_order(const nml_kernels *kernels) {
  setting s = setting_create(29, 331, 112, VALUES_RANDOM, 4);
  nml_product p = product_of(&s, true, false);
  bool all_fused = true, all_separate = true;
  kernels->product(&p);
  for (int r = 0; r < s.rows; r++) {
    for (int k = 0; k < s.lanes; k++) {
      float fused = s.bias[k];
      volatile float separate = s.bias[k],
                     term; /* keeps a compiler from fusing */
      for (int q = 0; q < s.taps; q++) {
        float x = s.x[s.row[r] + s.tap[q]], w = s.w[q * s.m_pitch + k];
        fused = fmaf(x, w, fused);
        term = x * w;
        separate = separate + term;
      }
      float got = s.y[r * s.out_pitch + k];
      all_fused = all_fused && memcmp(&got, &fused, sizeof got) == 0;
      float by_two = separate;
      all_separate = all_separate && memcmp(&got, &by_two, sizeof got) == 0;
    }
  }
  setting_destroy(&s);
  if (strcmp(kernels->name, "portable") == 0 && all_separate) return true;
  return all_fused || wrong("not the sum of fused operations, q ascending");
}

/* A NaN in x reaches the rows that read it, through relu too, and no other. */
bool check_product_nan(const nml_kernels *kernels) {
  setting s = setting_create(9, 5, 64, VALUES_RANDOM, 1);
  bool holds = true;
  for (int r = 0; r < s.rows; r++) s.row[r] = 40 * r;
  for (int q = 0; q < s.taps; q++) s.tap[q] = q;
  s.x[40 * 6 + 2] = NAN;
  nml_product p = product_of(&s, true, true);
  kernels->product(&p);
  for (int i = 0; i < s.rows * s.lanes; i++) {
    float got = s.y[i / s.lanes * s.out_pitch + i % s.lanes];
    holds = holds && !isnan(got) == (i / s.lanes != 6);
  }
  setting_destroy(&s);
  return holds || wrong("a NaN in row 6 belongs there alone");
}
