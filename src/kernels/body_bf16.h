/* body_bf16.h: products of pairs of bf16. A file that includes it sets what
 * body_vectors.h and body_tiles.h want, and
 *
 *   NARROW_SET, NARROW_NAME   the table, and its name as a string
 *   ADD_PAIRS(sum, pairs, m)  the processor's product of pairs
 *   ROUND_TWO(low, high)      two vectors of floats as one of bf16, in order
 *   ZIP(vector)               the lower and the upper half interleaved
 *   FOLD_IN(vector)           quarters of the lower and of the upper half in
 *                             turns
 *   PAIR_LOW(a, b), PAIR_HIGH(a, b)   what the lower, and the upper, halves of
 *                             two vectors were before FOLD_IN, interleaved
 *   patch, load_patch, lookup   see body_winner_pixels.h
 */
#include "kernels/body_vectors.h"

typedef int32_t word __attribute__((may_alias, aligned(2)));

#define ELEMENT nml_bf16
#define SUM vf
#define SPREAD(x) ((vi){0} + *(const word *)(x))
#define ADD(sum, spread, m) ADD_PAIRS(sum, spread, m)
#define FINISH(sum) rectify(sum)
#include "kernels/body_tiles.h"

INLINE void store_bf16(nml_bf16 *to, vf value) {
  vi rounded = ROUND_TWO(value, value);
  memcpy(to, &rounded, VECTOR_BYTES / 2);
}

#define HELD_TAPS 6 /* 3 x 3 of one channel */
#define HELD_SUMS 16
#define START(shift) load(shift)
#define VALUE(sum, scale, shift) (sum)
#define LARGER(a, b) larger(a, b)
#define STORE(to, value) store_bf16(to, value)
#include "kernels/body_forward.h"

static void product(const nml_product_bf16 *p) {
  gather g = {.x = p->x,
              .outer = p->row,
              .inner = p->tap,
              .inner_count = p->taps,
              .m = (const int32_t *)p->w,
              .m_pitch = p->w_pitch,
              .start = (const int32_t *)p->bias,
              .resume = p->accumulate != 0,
              .relu = p->relu != 0,
              .out = (int32_t *)p->y,
              .out_pitch = p->y_pitch,
              .out_row = p->y_row};
  gather_all(g, p->rows, p->lanes);
}

typedef vi vi_anywhere __attribute__((may_alias, aligned(2)));

/* A float alone is rounded as the vectors are: to the nearest, halves to the
 * even; a NaN stays one; what is too small for a normal number becomes 0. */
static nml_bf16 round_one(float value) {
  vf low = {value};
  vi both = ROUND_TWO(low, low);
  return (nml_bf16)both[0];
}

static void convert(size_t count, const float *x, nml_bf16 *y) {
  size_t i = 0;
  for (; i + 2 * WIDTH <= count; i += 2 * WIDTH)
    *(vi_anywhere *)(y + i) = ROUND_TWO(load(x + i), load(x + i + WIDTH));
  for (; i < count; i++) y[i] = round_one(x[i]);
}

static void convert_folded(size_t count, const float *x, nml_bf16 *y) {
  for (size_t i = 0; i < count; i += 2 * WIDTH)
    *(vi_anywhere *)(y + i) =
        FOLD_IN(ROUND_TWO(load(x + i), load(x + i + WIDTH)));
}

static void interleave(size_t count, const float *a, const float *b,
                       nml_bf16 *y) {
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH)
    *(vi_anywhere *)(y + 2 * i) = ZIP(ROUND_TWO(load(a + i), load(b + i)));
  for (; i < count; i++) {
    y[2 * i] = round_one(a[i]);
    y[2 * i + 1] = round_one(b[i]);
  }
}

/* ---- 3 x 3 in one channel, by its weights ------------------------------- */

/* All nine taps stay in registers while pairs of pixels go by, which are
 * rounded on the way instead of being written down first: 192 GFLOP/s instead
 * of 129 for 28x28x1 to 32 units (AMD Zen 4, one thread, 2026-11-24). */
INLINE void pixel_tile(const nml_pixel_gradient *p, int lane,
                       const int vectors) {
  vf sum[NML_PIXEL_TAPS][2];
  ptrdiff_t tap[NML_PIXEL_TAPS];
  const int32_t *row = p->row;
  const float *dy = p->dy + lane;
  float *dw = p->dw + lane;
  UNROLL for (int q = 0; q < NML_PIXEL_TAPS; q++) {
    tap[q] = p->tap[q];
    UNROLL for (int v = 0; v < vectors; v++) sum[q][v] =
        p->accumulate ? load(dw + q * p->w_pitch + v * WIDTH) : (vf){0};
  }
  for (int y = 0; y < p->height; y++) {
    for (int x = 0; x < p->width; x += 2, row++) {
      const bool alone = x + 1 == p->width;
      const nml_bf16 *from = p->x + *row;
      vi pair[2];
      UNROLL for (int v = 0; v < vectors; v++) {
        const float *at = dy + v * WIDTH;
        vf next = {0};
        if (!alone) next = load(at + p->pitch);
        pair[v] = ZIP(ROUND_TWO(load(at), next));
      }
      UNROLL for (int q = 0; q < NML_PIXEL_TAPS; q++) {
        const vi spread = SPREAD(from + tap[q]);
        UNROLL for (int v = 0; v < vectors; v++) sum[q][v] =
            ADD_PAIRS(sum[q][v], spread, pair[v]);
      }
      dy += alone ? p->pitch : 2 * p->pitch;
    }
  }
  UNROLL for (int q = 0; q < NML_PIXEL_TAPS; q++) {
    UNROLL for (int v = 0; v < vectors; v++)
        store(dw + q * p->w_pitch + v * WIDTH, sum[q][v]);
  }
}

static void pixel_gradient(const nml_pixel_gradient *p) {
  int lane = 0;
  for (; lane + 2 * WIDTH <= p->lanes; lane += 2 * WIDTH)
    pixel_tile(p, lane, 2);
  for (; lane < p->lanes; lane += WIDTH) pixel_tile(p, lane, 1);
}

/* As in body_rows.h: four operations a lane and round here. */
static double peak(long rounds, float *sink) {
  enum { CHAINS = 16 };
  vf sum[CHAINS];
  vi a = (vi){0} + 0x3f803f80, b = (vi){0} + 0x00010001;
  float begin = *sink;
  UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = (vf){0} + begin;
  for (long r = 0; r < rounds; r++) {
    UNROLL for (int i = 0; i < CHAINS; i++) {
      sum[i] = ADD_PAIRS(sum[i], a, b);
      __asm__("" : "+v"(sum[i]));
    }
  }
  vf total = {0};
  UNROLL for (int i = 0; i < CHAINS; i++) total += sum[i];
  *sink = total[0];
  return (double)rounds * CHAINS * WIDTH * 4;
}

/* Lane by lane, two vectors of pairs. */
INLINE void add_winners(vf *sum, const nml_bf16 *x, const nml_bf16 *y,
                        vi factor) {
  vi a = *(const vi_anywhere *)x, b = *(const vi_anywhere *)y;
  __asm__("" : "+v"(a), "+v"(b)); /* else each is loaded twice */
  sum[0] = ADD_PAIRS(sum[0], PAIR_LOW(a, b), factor);
  sum[1] = ADD_PAIRS(sum[1], PAIR_HIGH(a, b), factor);
}

#define WINNER_ELEMENT nml_bf16
#define FOLD 2
#define WINNER_STORE(to, value) store_bf16(to, value)
#define FACTOR_TYPE vi
#define FACTOR(a, b) ((vi){0} + (int32_t)((a) | (uint32_t)(b) << 16))
#define ADD_WINNERS(sum, x, y, factor) add_winners(sum, x, y, factor)
#include "kernels/body_winners.h"

#define PATCH_INDEX(a, b) ((a) | ((b) + 16) << 16)
#define PATCH_STEP 0x00010001
#define PATCH_DY(a, b) ((vf)ZIP(ROUND_TWO(a, b)))
#define ADD_LOOKED_UP(sum, seen, dy) ADD_PAIRS(sum, seen, dy)
#include "kernels/body_winner_pixels.h"

#define TABLE_OF(set) nml_bf16_kernels_##set
#define TABLE(set) TABLE_OF(set)

const nml_bf16_kernels TABLE(NARROW_SET) = {.name = NARROW_NAME,
                                            .product = product,
                                            .forward = forward,
                                            .convert = convert,
                                            .convert_folded = convert_folded,
                                            .interleave = interleave,
                                            .pixel_gradient = pixel_gradient,
                                            .winner_weights = winner_weights,
                                            .winner_data = winner_data,
                                            .winner_pixels = winner_pixels,
                                            .peak = peak};
