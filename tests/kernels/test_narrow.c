/* The kernels of narrow numbers against naive twins: bf16 in double precision
 * from values rounded here, bytes exactly (check_forward.c). */
#include "base/cpu.h"
#include "check_forward.h"
#include "check_winners.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OFFSET = 300, X_COUNT = 2 * OFFSET + 8, ROWS_MOST = 23 };
static const int widths[] = {16, 32, 48, 64, 80, 208};
enum { WIDTHS = sizeof widths / sizeof widths[0] };
static const int depths[] = {1, 5, 150};
enum { DEPTHS = sizeof depths / sizeof depths[0] };

/* Round to nearest, halves to even; denormals to 0 of their sign. */
static nml_bf16 rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7f800000) == 0) return (nml_bf16)(bits >> 16 & 0x8000);
  if (isnan(value)) return (nml_bf16)(bits >> 16 | 0x40);
  return (nml_bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static double widened(nml_bf16 value) {
  uint32_t bits = (uint32_t)value << 16;
  float wide;
  memcpy(&wide, &bits, sizeof wide);
  return (double)wide;
}

static int32_t *offsets(int count, unsigned seed) {
  int32_t *at = guarded((size_t)count, sizeof *at);
  for (int i = 0; i < count; i++) at[i] = (int)(next_random(&seed) % OFFSET);
  return at;
}

/* ---- bf16 ---------------------------------------------------------------- */

static void test_rounding(void **state) {
  (void)state;
  const nml_bf16_kernels *kernels = nml_bf16_kernels_get();
  if (!kernels) skip();
  enum { COUNT = 77 };
  float *a = exact(COUNT), *b = exact(COUNT);
  nml_bf16 *y = guarded(COUNT, sizeof *y), *z = guarded(COUNT, 2 * sizeof *z);
  for (int kind = 0; kind < VALUE_KINDS; kind++) {
    fill(a, COUNT, (value_kind)kind, 3);
    fill(b, COUNT, (value_kind)kind, 4);
    a[0] = 1.00390625f; /* half way, down to the even 1 */
    a[76] = 1.01171875f;
    b[76] = INFINITY;
    a[40] = NAN;
    for (size_t count = 0; count <= COUNT; count += 7) {
      kernels->convert(count, a, y);
      kernels->interleave(count, a, b, z);
      for (size_t i = 0; i < count; i++) {
        assert_int_equal(y[i], rounded(a[i]));
        assert_int_equal(z[2 * i], rounded(a[i]));
        assert_int_equal(z[2 * i + 1], rounded(b[i]));
      }
    }
  }
  assert_true(guard_holds(y, "convert") && guard_holds(z, "interleave"));
  release(y);
  release(z);
  release_exact(a);
  release_exact(b);
}

typedef struct pairs {
  nml_product_bf16 p;
  nml_bf16 *x, *w;
  float *bias;
  int32_t *row, *tap;
} pairs;

static nml_bf16 *narrow(size_t count, unsigned seed) {
  float *values = exact(count);
  nml_bf16 *y = guarded(count, sizeof *y);
  fill(values, count, VALUES_RANDOM, seed);
  for (size_t i = 0; i < count; i++) y[i] = rounded(values[i]);
  release_exact(values);
  return y;
}

static pairs pairs_create(int rows, int taps, int lanes, unsigned seed) {
  pairs s = {.x = narrow(X_COUNT, seed),
             .w = narrow((size_t)(taps * (lanes + 16) * 2), seed + 1),
             .bias = exact((size_t)lanes),
             .row = offsets(rows, seed + 2),
             .tap = offsets(taps, seed + 3)};
  fill(s.bias, (size_t)lanes, VALUES_RANDOM, seed + 4);
  s.p = (nml_product_bf16){.x = s.x,
                           .row = s.row,
                           .rows = rows,
                           .tap = s.tap,
                           .taps = taps,
                           .w = s.w,
                           .w_pitch = lanes + 16,
                           .bias = seed % 2 ? s.bias : NULL,
                           .y_pitch = lanes + 32,
                           .lanes = lanes,
                           .relu = seed % 3 == 0,
                           .accumulate = seed % 5 == 0};
  s.p.y = guarded((size_t)rows * (size_t)s.p.y_pitch, sizeof(float));
  for (int r = 0; r < rows; r++)
    fill(s.p.y + r * s.p.y_pitch, (size_t)lanes, VALUES_RANDOM, seed + 9);
  return s;
}

static void pairs_destroy(pairs *s) {
  release(s->x);
  release(s->w);
  release(s->row);
  release(s->tap);
  release(s->p.y);
  release_exact(s->bias);
}

static void check_pairs(const nml_product_bf16 *p, const float *before) {
  for (int r = 0; r < p->rows; r++) {
    for (int k = 0; k < p->lanes; k++) {
      double sum = p->accumulate ? (double)before[r * p->y_pitch + k]
                   : p->bias     ? (double)p->bias[k]
                                 : 0;
      double size = fabs(sum);
      for (int q = 0; q < p->taps; q++) {
        for (int e = 0; e < 2; e++) {
          double term = widened(p->x[p->row[r] + p->tap[q] + e]) *
                        widened(p->w[(q * p->w_pitch + k) * 2 + e]);
          sum += term;
          size += fabs(term);
        }
      }
      if (p->relu && sum < 0) sum = 0;
      assert_true(near(p->y[r * p->y_pitch + k], sum, size, 2 * p->taps));
    }
  }
}

static void test_pairs(void **state) {
  (void)state;
  const nml_bf16_kernels *kernels = nml_bf16_kernels_get();
  if (!kernels) skip();
  unsigned seed = 1;
  for (int d = 0; d < DEPTHS; d++) {
    for (int w = 0; w < WIDTHS; w++) {
      for (int rows = 0; rows <= ROWS_MOST; rows++, seed++) {
        pairs s = pairs_create(rows, depths[d], widths[w], seed);
        size_t bytes = (size_t)rows * (size_t)s.p.y_pitch * sizeof(float) + 1;
        float *before = malloc(bytes);
        assert_non_null(before);
        memcpy(before, s.p.y, bytes - 1);
        kernels->product(&s.p);
        check_pairs(&s.p, before);
        assert_true(guard_holds(s.p.y, "product of pairs"));
        free(before);
        pairs_destroy(&s);
      }
    }
  }
}

/* A row's bits do not depend on the rows it is computed with. */
static void test_pairs_rows_independent(void **state) {
  (void)state;
  const nml_bf16_kernels *kernels = nml_bf16_kernels_get();
  if (!kernels) skip();
  pairs s = pairs_create(ROWS_MOST, 150, 80, 2);
  float *all = s.p.y, alone[112];
  kernels->product(&s.p);
  for (int r = 0; r < ROWS_MOST; r++) {
    nml_product_bf16 one = s.p;
    one.row += r;
    one.rows = 1;
    one.y = memset(aligned_alloc(64, sizeof alone), 0, sizeof alone);
    kernels->product(&one);
    assert_memory_equal(one.y, all + r * s.p.y_pitch, 80 * sizeof(float));
    free(one.y);
  }
  nml_product_bf16 all_rows = s.p; /* last to first */
  float *scattered =
      guarded((size_t)(ROWS_MOST * s.p.y_pitch), sizeof *scattered);
  int32_t at[ROWS_MOST];
  for (int r = 0; r < ROWS_MOST; r++) at[r] = (ROWS_MOST - 1 - r) * s.p.y_pitch;
  all_rows.y = scattered;
  all_rows.y_row = at;
  kernels->product(&all_rows);
  for (int r = 0; r < ROWS_MOST; r++)
    assert_memory_equal(scattered + at[r], all + r * s.p.y_pitch,
                        80 * sizeof(float));
  release(scattered);
  pairs_destroy(&s);
}

/* Nine taps that stay in registers give the bits of the product of pairs that
 * were written down. */
static void test_pixel_gradient(void **state) {
  (void)state;
  enum {
    HEIGHT = 5,
    WIDTH_MOST = 7,
    PAIRS_MOST = HEIGHT * ((WIDTH_MOST + 1) / 2)
  };
  const nml_bf16_kernels *kernels = nml_bf16_kernels_get();
  if (!kernels) skip();
  for (unsigned seed = 1; seed <= 24; seed++) {
    const int width = 1 + (int)seed % WIDTH_MOST,
              lanes = 16 * (1 + (int)seed % 3);
    const int couples = (width + 1) / 2, w_pitch = lanes + (seed % 2 ? 16 : 0);
    size_t lane_count = (size_t)lanes, dw_count = (size_t)(9 * w_pitch);
    nml_bf16 *x = narrow(X_COUNT, seed);
    nml_bf16 *dy_pairs = guarded(PAIRS_MOST * 2 * lane_count, sizeof *dy_pairs);
    int32_t *row = offsets(HEIGHT * couples, seed + 1), *tap = offsets(9, seed);
    float *dy = exact((size_t)(HEIGHT * width) * lane_count);
    float *zeros = exact(lane_count);
    float *got = guarded(dw_count, sizeof *got);
    float *wanted = guarded(dw_count, sizeof *wanted);
    fill(dy, (size_t)(HEIGHT * width) * lane_count, VALUES_RANDOM, seed + 2);
    fill(wanted, dw_count, VALUES_RANDOM, seed + 3);
    memset(zeros, 0, lane_count * sizeof *zeros);
    memcpy(got, wanted, dw_count * sizeof *got);
    for (int i = 0; i < HEIGHT * couples; i++) {
      int column = i % couples * 2;
      const float *at =
          dy + (size_t)(i / couples * width + column) * lane_count;
      kernels->interleave(lane_count, at,
                          column + 1 < width ? at + lanes : zeros,
                          dy_pairs + (size_t)i * 2 * lane_count);
    }
    const nml_product_bf16 product = {.x = x,
                                      .row = tap,
                                      .rows = 9,
                                      .tap = row,
                                      .taps = HEIGHT * couples,
                                      .w = dy_pairs,
                                      .w_pitch = lanes,
                                      .y = wanted,
                                      .y_pitch = w_pitch,
                                      .lanes = lanes,
                                      .accumulate = seed % 4 < 2};
    const nml_pixel_gradient gradient = {.x = x,
                                         .row = row,
                                         .tap = tap,
                                         .dy = dy,
                                         .height = HEIGHT,
                                         .width = width,
                                         .pitch = lanes,
                                         .dw = got,
                                         .w_pitch = w_pitch,
                                         .lanes = lanes,
                                         .accumulate = seed % 4 < 2};
    kernels->product(&product);
    kernels->pixel_gradient(&gradient);
    assert_memory_equal(got, wanted, dw_count * sizeof *got);
    assert_true(guard_holds(got, "pixel gradient"));
    release(x), release(dy_pairs), release(row), release(tap), release(got),
        release(wanted);
    release_exact(dy), release_exact(zeros);
  }
}

static void test_winner_pairs(void **state) {
  (void)state;
  const winner_kernels winners = {.bf16 = nml_bf16_kernels_get()};
  if (!winners.bf16) skip();
  assert_true(winners_hold(&winners));
  assert_true(winner_pixels_hold(&winners));
}

/* ---- Products of prediction ---------------------------------------------- */

static void test_forward_pairs(void **state) {
  (void)state;
  const nml_bf16_kernels *kernels = nml_bf16_kernels_get();
  if (!kernels) skip();
  assert_true(forward_holds(kernels->forward, PAIRS));
  assert_true(best_holds(kernels->forward, PAIRS));
}

static void test_forward_bytes(void **state) {
  (void)state;
  const nml_int8_kernels *kernels = nml_int8_kernels_get();
  if (!kernels) skip();
  assert_true(forward_holds(kernels->forward, BYTES));
  /* without the wide vectors: another set, or the end of it */
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "2", 1), 0);
  kernels = nml_int8_kernels_get();
  unsetenv("NUMERAL_CPU_MASK");
  if (kernels) assert_true(forward_holds(kernels->forward, BYTES));
}

static void mask(const char *text, bool bf16, bool int8) {
  assert_int_equal(setenv("NUMERAL_CPU_MASK", text, 1), 0);
  assert_int_equal(nml_bf16_kernels_get() != NULL, bf16);
  assert_int_equal(nml_int8_kernels_get() != NULL, int8);
  unsetenv("NUMERAL_CPU_MASK");
}

static void test_masked(void **state) {
  (void)state;
  const unsigned has = nml_cpu_features();
  const bool wide = has & NML_CPU_AVX512, narrow = has & NML_CPU_AVX_VNNI;
  mask("0", wide && (has & NML_CPU_BF16),
       (wide && (has & NML_CPU_VNNI)) || narrow);
  mask("2", false, narrow);
  mask("24", false, narrow);
  mask("34", false, false);
  mask("56", false, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rounding),
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_pairs_rows_independent),
      cmocka_unit_test(test_pixel_gradient),
      cmocka_unit_test(test_winner_pairs),
      cmocka_unit_test(test_forward_pairs),
      cmocka_unit_test(test_forward_bytes),
      cmocka_unit_test(test_masked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
