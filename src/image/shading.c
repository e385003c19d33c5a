/* shading.c: see shading.h. */
#include "image/shading.h"

#include "image/histogram.h"

#include "base/memory.h"

#include <assert.h>

enum { TILES = 8, WINDOW = 1 /* tiles to either side */ };

typedef struct tile_grid {
  uint32_t histograms[TILES][TILES][NML_LEVELS];
  float levels[TILES][TILES];
} tile_grid;

static void count_tiles(const uint8_t *map, int width_px, int height_px,
                        tile_grid *grid) {
  for (int y = 0; y < height_px; y++) {
    for (int x = 0; x < width_px; x++) {
      int row = (int)((int64_t)y * TILES / height_px);
      int column = (int)((int64_t)x * TILES / width_px);
      grid->histograms[row][column][*map++]++;
    }
  }
}

static int clamp_int(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

static float window_percentile(const tile_grid *grid, int row, int column,
                               int percent) {
  uint64_t histogram[NML_LEVELS] = {0};
  int first_row = clamp_int(row - WINDOW, 0, TILES - 1);
  int last_row = clamp_int(row + WINDOW, 0, TILES - 1);
  int first_column = clamp_int(column - WINDOW, 0, TILES - 1);
  int last_column = clamp_int(column + WINDOW, 0, TILES - 1);
  for (int r = first_row; r <= last_row; r++) {
    for (int c = first_column; c <= last_column; c++) {
      for (int v = 0; v < NML_LEVELS; v++)
        histogram[v] += grid->histograms[r][c][v];
    }
  }
  return (float)nml_histogram_level(histogram, 0, percent / 100.0);
}

/* Position among the tiles' centres: the lower of two, and the way to the
 * other. */
static int tile_position(int at_px, int length_px, float *way) {
  float position =
      ((float)at_px + 0.5f) * (float)TILES / (float)length_px - 0.5f;
  int lower = clamp_int((int)position, 0, TILES - 2);
  float rest = position - (float)lower;
  *way = rest < 0 ? 0 : rest > 1 ? 1 : rest;
  return lower;
}

static void interpolate(const tile_grid *grid, int width_px, int height_px,
                        uint8_t *level) {
  for (int y = 0; y < height_px; y++) {
    float down, right;
    int row = tile_position(y, height_px, &down);
    for (int x = 0; x < width_px; x++) {
      int column = tile_position(x, width_px, &right);
      const float *upper = &grid->levels[row][column];
      const float *lower = &grid->levels[row + 1][column];
      float above = upper[0] + right * (upper[1] - upper[0]);
      float below = lower[0] + right * (lower[1] - lower[0]);
      *level++ = (uint8_t)(above + down * (below - above) + 0.5f);
    }
  }
}

numeral_status nml_shading_level(const uint8_t *map, int width_px,
                                 int height_px, int percent, uint8_t *level,
                                 numeral_error *error) {
  assert(width_px >= NML_SHADING_SIDE_PX && height_px >= NML_SHADING_SIDE_PX);
  tile_grid *grid = nml_alloc(1, sizeof *grid);
  if (!grid) return nml_fail_memory(error, "the paper's shading", sizeof *grid);
  count_tiles(map, width_px, height_px, grid);
  for (int row = 0; row < TILES; row++) {
    for (int column = 0; column < TILES; column++) {
      grid->levels[row][column] = window_percentile(grid, row, column, percent);
    }
  }
  interpolate(grid, width_px, height_px, level);
  nml_free(grid);
  return NUMERAL_OK;
}
