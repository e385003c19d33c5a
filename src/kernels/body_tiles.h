/* body_tiles.h: the gathered sum that products of every kind are, for one
 * kind of number:
 *
 *   out[i][k] = start + sum over j of x[outer[i] + inner[j]] * m[j][k]
 *
 * The file that includes it sets
 *
 *   ELEMENT        what offsets into x count: float, nml_bf16, uint8_t
 *   SUM            a vector of sums: vf or vi
 *   SPREAD(x)      the 32 bits at x in the form that ADD takes: one float, two
 *                  bf16 or four bytes
 *   ADD(sum, spread, m)   sum + spread * m, by 32-bit lanes
 *   FINISH(sum)    what relu does to a finished sum
 *
 * and ACCUMULATORS, TILE_ROWS, TILE_VECTORS, WIDE_ROWS of body.h. A tile holds
 * some outputs i times some vectors of k in registers while j runs; m is cut
 * into blocks of j that stay in the first cache, and between blocks the sums
 * rest in `out`. Every tile adds in the same order, with one fused operation a
 * term where the processor has it: how outputs are grouped never shows in the
 * result. Must not know layers. */
#ifndef NML_KERNELS_BODY_TILES_H
#define NML_KERNELS_BODY_TILES_H

#include "kernels/body_sizes.h"

enum { BLOCK_BYTES = 24 * 1024 };

/* Lanes are 32 bits wide, whatever they hold; pitches count lanes. */
typedef struct gather {
  const ELEMENT *x;
  const int32_t *outer, *inner;
  int inner_count;
  const int32_t *m;
  ptrdiff_t m_pitch;
  const int32_t *start; /* [lanes] or NULL */
  bool resume;          /* go on from the sums in `out` */
  bool relu;
  int32_t *out;
  ptrdiff_t out_pitch;
  const int32_t *out_row; /* offsets of the rows of `out`, or NULL */
} gather;

typedef SUM sum_anywhere __attribute__((may_alias, aligned(4)));

INLINE ptrdiff_t gather_out(const gather *g, int r) {
  return g->out_row ? g->out_row[r] : r * g->out_pitch;
}

INLINE void gather_start(const gather *g, const int rows, const int vectors,
                         SUM sum[ROWS_MOST][TILE_WIDE]) {
  if (g->resume) {
    UNROLL for (int r = 0; r < rows; r++) {
      const int32_t *from = g->out + gather_out(g, r);
      UNROLL for (int v = 0; v < vectors; v++) {
        sum[r][v] = *(const SUM *)(from + v * WIDTH);
      }
    }
    return;
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    SUM start = {0};
    if (g->start) start = *(const sum_anywhere *)(g->start + v * WIDTH);
    UNROLL for (int r = 0; r < rows; r++) sum[r][v] = start;
  }
}

INLINE void gather_end(const gather *g, const int rows, const int vectors,
                       SUM sum[ROWS_MOST][TILE_WIDE]) {
  if (g->relu) {
    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int v = 0; v < vectors; v++) {
        sum[r][v] = FINISH(sum[r][v]);
      }
    }
  }
  UNROLL for (int r = 0; r < rows; r++) {
    int32_t *to = g->out + gather_out(g, r);
    UNROLL for (int v = 0; v < vectors; v++) {
      *(SUM *)(to + v * WIDTH) = sum[r][v];
    }
  }
}

/* Called with constants, so that the loops over rows and vectors vanish and
 * `sum` is registers. */
INLINE void gather_tile(const gather *g, const int rows, const int vectors) {
  SUM sum[ROWS_MOST][TILE_WIDE];
  gather_start(g, rows, vectors, sum);
  const ELEMENT *x[ROWS_MOST];
  UNROLL for (int r = 0; r < rows; r++) x[r] = g->x + g->outer[r];
  const int32_t *m = g->m;
  const ptrdiff_t m_pitch = g->m_pitch;
  const int32_t *inner = g->inner, *end = inner + g->inner_count;
  for (; inner < end; inner++, m += m_pitch) {
    ptrdiff_t at = *inner;
    SUM factor[TILE_WIDE];
    UNROLL for (int v = 0; v < vectors; v++) {
      factor[v] = *(const SUM *)(m + v * WIDTH);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int v = 0; v < vectors; v++) {
        sum[r][v] = ADD(sum[r][v], SPREAD(x[r] + at), factor[v]);
      }
    }
  }
  FORGET(g); /* else places in `out` are kept in the loop's few registers */
  gather_end(g, rows, vectors, sum);
}

typedef void (*gather_fn)(const gather *g);

/* A tile that does not fit is an empty function that is never called. */
#define TILE(rows, vectors)                                          \
  static void tile_##rows##x##vectors(const gather *g) {             \
    if (vectors <= tile_vectors(rows) && rows <= tile_rows(vectors)) \
      gather_tile(g, rows, vectors);                                 \
  }
#define TILES(rows) \
  TILE(rows, 1)     \
  TILE(rows, 2)     \
  TILE(rows, 3)     \
  TILE(rows, 4) TILE(rows, 5) TILE(rows, 6) TILE(rows, 7) TILE(rows, 8)
#define NAMES(rows)                                                        \
  {                                                                        \
    tile_##rows##x1, tile_##rows##x2, tile_##rows##x3, tile_##rows##x4,    \
        tile_##rows##x5, tile_##rows##x6, tile_##rows##x7, tile_##rows##x8 \
  }

TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)
TILES(7)
TILES(8)
TILES(9)
TILES(10)

static const gather_fn tiles[ROWS_MOST][TILE_WIDE] = {
    NAMES(1), NAMES(2), NAMES(3), NAMES(4), NAMES(5),
    NAMES(6), NAMES(7), NAMES(8), NAMES(9), NAMES(10)};

/* One block of j for all outputs. */
static void gather_rows(gather g, int rows, int vectors) {
  const int most = tile_rows(vectors);
  while (rows > 0) {
    int count = next_share(rows, most);
    tiles[count - 1][vectors - 1](&g);
    g.outer += count;
    if (g.out_row)
      g.out_row += count;
    else
      g.out += count * g.out_pitch;
    rows -= count;
  }
}

/* All of the sum for `vectors` vectors of lanes. */
static void gather_columns(gather g, int rows, int vectors) {
  const int most = BLOCK_BYTES / (VECTOR_BYTES * vectors);
  const bool relu = g.relu;
  int left = g.inner_count;
  do {
    g.inner_count = next_share(left, most);
    left -= g.inner_count;
    g.relu = relu && left == 0;
    gather_rows(g, rows, vectors);
    g.inner += g.inner_count;
    g.m += g.inner_count * g.m_pitch;
    g.resume = true;
  } while (left > 0);
}

static void gather_all(gather g, int rows, int lanes) {
  const int most = tile_vectors(rows);
  int left = lanes / WIDTH;
  assert(lanes % NML_LANES == 0 && g.m_pitch % NML_LANES == 0);
  assert((uintptr_t)g.m % 64 == 0 && (uintptr_t)g.out % 64 == 0);
  while (left > 0) {
    int vectors = next_share(left, most);
    gather_columns(g, rows, vectors);
    g.m += vectors * WIDTH;
    g.out += vectors * WIDTH;
    if (g.start) g.start += vectors * WIDTH;
    left -= vectors;
  }
}

#endif
