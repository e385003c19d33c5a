/* sharpness.c: see sharpness.h. */
#include "image/sharpness.h"

#include "base/numbers.h"

#include <stdlib.h>

enum {
  PARTS = 48,           /* of the longer side, a block each */
  EDGE_BLOCKS = 2,      /* hold the edge of a stroke */
  AROUND_BLOCKS = 4,    /* on both sides of an edge, that are seen with it */
  LEAST_BLOCKS = 28,    /* along a side: fewer are all seen at once */
  FAINT_PERCENT = 25,   /* of the largest contrast: less may be noise */
  SHARP_PERCENT = 75,   /* of the contrast around it: a sharp edge */
  CONTRAST_PERCENT = 60 /* of the largest, seen at once: it is no slope */
};

/* The map's means over squares of side x side pixels; rests at the right and
 * below are left out. */
typedef struct blocks {
  uint8_t *mean; /* [rows][columns] */
  int columns, rows;
} blocks;

static blocks average(const nml_ink *map, uint8_t *scratch) {
  int side = nml_larger(nml_ink_longer(map) / PARTS, 1);
  blocks all = {scratch, map->width_px / side, map->height_px / side};
  uint8_t *mean = scratch;
  for (int y = 0; y < all.rows * side; y += side) {
    for (int x = 0; x < all.columns * side; x += side) {
      int sum = 0;
      for (int v = y; v < y + side; v++)
        for (int u = x; u < x + side; u++)
          sum += map->ink[(size_t)v * (size_t)map->width_px + (size_t)u];
      *mean++ = (uint8_t)(sum / (side * side));
    }
  }
  return all;
}

/* What is seen along all rows and columns of blocks. */
typedef struct view {
  int most;     /* ink of a block */
  int steepest; /* difference of an edge's blocks */
  int widest;   /* contrast of an edge and what is around it */
  bool is_sharp;
} view;

/* The contrast around `edge`, which is between *at and the block EDGE_BLOCKS
 * further. */
static void see_around(const uint8_t *at, int step, int edge, view *seen) {
  int low = 255, high = 0;
  for (int i = -AROUND_BLOCKS; i <= EDGE_BLOCKS + AROUND_BLOCKS; i++) {
    low = nml_smaller(low, at[i * step]);
    high = nml_larger(high, at[i * step]);
  }
  int contrast = high - low;
  seen->widest = nml_larger(seen->widest, contrast);
  if (contrast * 100 >= seen->most * FAINT_PERCENT &&
      edge * 100 >= contrast * SHARP_PERCENT)
    seen->is_sharp = true;
}

/* One row or column of blocks. */
static void look_along(const uint8_t *line, int count, int step, view *seen) {
  for (int i = 0; i + EDGE_BLOCKS < count; i++) {
    const uint8_t *at = line + i * step;
    int edge = abs(at[EDGE_BLOCKS * step] - at[0]);
    seen->steepest = nml_larger(seen->steepest, edge);
    if (count >= LEAST_BLOCKS && i >= AROUND_BLOCKS &&
        i + EDGE_BLOCKS + AROUND_BLOCKS < count)
      see_around(at, step, edge, seen);
  }
}

nml_sharpness nml_sharpness_measure(const nml_ink *map, uint8_t *scratch) {
  blocks all = average(map, scratch);
  view seen = {0};
  for (int i = 0; i < all.rows * all.columns; i++)
    seen.most = nml_larger(seen.most, all.mean[i]);
  for (int y = 0; y < all.rows; y++)
    look_along(all.mean + y * all.columns, all.columns, 1, &seen);
  for (int x = 0; x < all.columns; x++)
    look_along(all.mean + x, all.rows, all.columns, &seen);
  return (nml_sharpness){
      .has_edges = 2 * seen.steepest >= seen.most,
      .is_enlarged =
          !seen.is_sharp && seen.widest * 100 >= seen.most * CONTRAST_PERCENT};
}
