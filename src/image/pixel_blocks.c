/* pixel_blocks.c: see pixel_blocks.h. */
#include "image/pixel_blocks.h"

#include "base/numbers.h"

#include <string.h>

enum {
  LONGEST_PX = 1 << 16, /* a side: nobody enlarges so far */
  LEAST_BLOCKS = 7,     /* along the longer side: a picture of fewer is none */
  USED_PERCENT = 50 /* of the borders between blocks, where colours change */
};

/* Programs begin a block at the pixel below, nearest to or above its place. */
typedef enum rounding {
  ROUND_DOWN,
  ROUND_NEAREST,
  ROUND_UP,
  ROUNDINGS
} rounding;

/* Where rows or columns of pixels differ from the one before. */
typedef struct borders {
  int at[NML_PIXEL_BLOCKS_MOST], count;
  int length_px;
} borders;

static const uint8_t *pixel_at(const numeral_raster *raster, int x, int y) {
  return raster->pixels + (size_t)y * raster->stride_bytes +
         (size_t)x * (size_t)raster->channels;
}

/* False: there are too many. */
static bool add(borders *found, int at) {
  if (found->count == NML_PIXEL_BLOCKS_MOST) return false;
  found->at[found->count++] = at;
  return true;
}

static bool find_rows(const numeral_raster *raster, borders *rows) {
  size_t bytes = (size_t)raster->width_px * (size_t)raster->channels;
  *rows = (borders){.length_px = raster->height_px};
  for (int y = 1; y < raster->height_px; y++) {
    const uint8_t *row = pixel_at(raster, 0, y);
    if (memcmp(row - raster->stride_bytes, row, bytes) && !add(rows, y))
      return false;
  }
  return true;
}

static bool is_column_border(const numeral_raster *raster, int x,
                             const borders *rows) {
  size_t channels = (size_t)raster->channels;
  for (int i = -1; i < rows->count; i++) {
    const uint8_t *here = pixel_at(raster, x, i < 0 ? 0 : rows->at[i]);
    if (memcmp(here - channels, here, channels)) return true;
  }
  return false;
}

/* Only the rows after a border need a look: the others are like them. */
static bool find_columns(const numeral_raster *raster, const borders *rows,
                         borders *columns) {
  *columns = (borders){.length_px = raster->width_px};
  for (int x = 1; x < raster->width_px; x++)
    if (is_column_border(raster, x, rows) && !add(columns, x)) return false;
  return true;
}

static int begin_of(int block, int blocks, int length_px, rounding how) {
  int more = how == ROUND_UP        ? blocks - 1
             : how == ROUND_NEAREST ? blocks / 2
                                    : 0;
  return (block * length_px + more) / blocks;
}

/* Whether all borders are such of `blocks` equal blocks, and most of these are
 * borders: where few are, it is a shape of straight lines that happen to fall
 * on them. */
static bool is_made_of(const borders *found, int blocks, rounding how) {
  int block = 1;
  for (int i = 0; i < found->count; i++) {
    while (block < blocks &&
           begin_of(block, blocks, found->length_px, how) < found->at[i])
      block++;
    if (block == blocks ||
        begin_of(block, blocks, found->length_px, how) != found->at[i])
      return false;
  }
  return found->count * 100 >= (blocks - 1) * USED_PERCENT;
}

/* The fewest blocks that the picture is made of, about as wide as high; their
 * number each way. */
static bool find_blocks(const numeral_raster *raster, int *columns, int *rows) {
  borders across, down;
  int longer = nml_larger(raster->width_px, raster->height_px);
  if (longer > LONGEST_PX || !find_rows(raster, &down) ||
      !find_columns(raster, &down, &across))
    return false;
  for (int most = LEAST_BLOCKS;
       most <= NML_PIXEL_BLOCKS_MOST && 2 * most <= longer; most++) {
    *columns = (raster->width_px * most + longer / 2) / longer;
    *rows = (raster->height_px * most + longer / 2) / longer;
    if (*columns == 0 || *rows == 0) continue;
    for (rounding how = 0; how < ROUNDINGS; how++)
      if (is_made_of(&across, *columns, how) && is_made_of(&down, *rows, how))
        return true;
  }
  return false;
}

bool nml_pixel_blocks_undo(const numeral_raster *raster,
                           uint8_t pixels[NML_PIXEL_BLOCKS_BYTES],
                           numeral_raster *small) {
  int columns, rows;
  size_t channels = (size_t)raster->channels;
  if (!find_blocks(raster, &columns, &rows)) return false;
  *small = (numeral_raster){pixels, columns, rows, raster->channels,
                            channels * (size_t)columns};
  for (int y = 0; y < rows; y++) {
    int from_y = (2 * y + 1) * raster->height_px / (2 * rows);
    for (int x = 0; x < columns; x++) {
      int from_x = (2 * x + 1) * raster->width_px / (2 * columns);
      memcpy(pixels, pixel_at(raster, from_x, from_y), channels);
      pixels += channels;
    }
  }
  return true;
}
