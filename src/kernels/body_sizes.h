/* body_sizes.h: how large a tile of sums may be, from ACCUMULATORS, TILE_ROWS,
 * TILE_VECTORS and WIDE_ROWS of body.h, and how work is cut into tiles. */
#ifndef NML_KERNELS_BODY_SIZES_H
#define NML_KERNELS_BODY_SIZES_H

#include "kernels/body_vectors.h"

enum { ROWS_MOST = 10, TILE_WIDE = 8 };

/* How many rows of `vectors` vectors fit the registers. */
INLINE int tile_rows(int vectors) {
  int rows = ACCUMULATORS / vectors;
  return rows < TILE_ROWS ? rows : TILE_ROWS;
}

/* How many vectors a tile may have. A row or two (one image through a dense
 * layer) take wider ones: more sums at once, and longer runs of m, which then
 * comes from afar. */
INLINE int tile_vectors(int rows) {
  return rows <= WIDE_ROWS ? TILE_WIDE : TILE_VECTORS;
}

INLINE int least(int a, int b) { return a < b ? a : b; }

INLINE int ceil_div(int a, int b) { return (a + b - 1) / b; }

/* The next of nearly equal shares, none above `most`: a last tile of one row
 * would leave most of the processor idle. */
INLINE int next_share(int left, int most) {
  return left <= most ? left : ceil_div(left, ceil_div(left, most));
}

#endif
