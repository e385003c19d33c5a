/* picture.c: see picture.h. */
#include "image/picture.h"

#include "image/pixel_blocks.h"

#include "base/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
  ONE_COLOUR = 32 /* channels of "one colour" differ by no more than this */
};

typedef enum alpha_use {
  ALPHA_NONE, /* there is none, or it is the same everywhere */
  ALPHA_ON_WHITE,
  ALPHA_IS_INK
} alpha_use;

static const uint8_t *raster_row(const numeral_raster *raster, int y) {
  return raster->pixels + (size_t)y * raster->stride_bytes;
}

static void alpha_range(const numeral_raster *raster, int *low, int *high) {
  size_t channels = (size_t)raster->channels;
  *low = 255;
  *high = 0;
  for (int y = 0; y < raster->height_px; y++) {
    const uint8_t *alpha = raster_row(raster, y) + channels - 1;
    for (int x = 0; x < raster->width_px; x++, alpha += channels) {
      if (*alpha < *low) *low = *alpha;
      if (*alpha > *high) *high = *alpha;
    }
  }
}

static bool visible_is_one_colour(const numeral_raster *raster, int visible) {
  int colours = raster->channels - 1;
  uint8_t low[3] = {255, 255, 255}, high[3] = {0, 0, 0};
  for (int y = 0; y < raster->height_px; y++) {
    const uint8_t *pixel = raster_row(raster, y);
    for (int x = 0; x < raster->width_px; x++, pixel += raster->channels) {
      if (pixel[colours] < visible) continue;
      for (int c = 0; c < colours; c++) {
        if (pixel[c] < low[c]) low[c] = pixel[c];
        if (pixel[c] > high[c]) high[c] = pixel[c];
        if (high[c] - low[c] > ONE_COLOUR) return false;
      }
    }
  }
  return true;
}

/* White strokes on nothing vanish on white paper, and so do black ones on
 * black: where only one colour is to be seen, the shape is in the alpha. */
static alpha_use decide_alpha(const numeral_raster *raster) {
  int low, high;
  if (raster->channels == 1 || raster->channels == 3) return ALPHA_NONE;
  alpha_range(raster, &low, &high);
  if (low >= high / 2) return low == 255 ? ALPHA_NONE : ALPHA_ON_WHITE;
  return visible_is_one_colour(raster, (high + 1) / 2) ? ALPHA_IS_INK
                                                       : ALPHA_ON_WHITE;
}

/* One row of the raster without its alpha. */
static void plain_row(const numeral_raster *raster, alpha_use use, int y,
                      int channels, uint8_t *plain) {
  const uint8_t *pixel = raster_row(raster, y);
  int step = raster->channels;
  if (step == channels) {
    memcpy(plain, pixel, (size_t)raster->width_px * (size_t)step);
    return;
  }
  for (int x = 0; x < raster->width_px; x++, pixel += step) {
    int alpha = pixel[step - 1];
    if (use == ALPHA_IS_INK) {
      *plain++ = (uint8_t)(255 - alpha);
      continue;
    }
    for (int c = 0; c < channels; c++) {
      *plain++ =
          (uint8_t)((pixel[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}

static void add_row(const uint8_t *plain, int width_px, int channels, int block,
                    uint32_t *sums) {
  for (int x = 0; x < width_px; x++) {
    uint32_t *sum = sums + (size_t)(x / block) * (size_t)channels;
    for (int c = 0; c < channels; c++) sum[c] += *plain++;
  }
}

/* Blocks at the right and lower edge may be smaller. */
static void average_blocks(const uint32_t *sums, const nml_picture *picture,
                           const numeral_raster *raster, int block, int rows,
                           uint8_t *out) {
  for (int x = 0; x < picture->width_px; x++) {
    int columns = raster->width_px - x * block;
    if (columns > block) columns = block;
    uint32_t count = (uint32_t)(rows * columns);
    for (int c = 0; c < picture->channels; c++) {
      *out++ = (uint8_t)((*sums++ + count / 2) / count);
    }
  }
}

static void reduce(const numeral_raster *raster, alpha_use use, int block,
                   nml_picture *picture, uint8_t *plain, uint32_t *sums) {
  size_t row_values = (size_t)picture->width_px * (size_t)picture->channels;
  for (int y = 0; y < picture->height_px; y++) {
    int rows = raster->height_px - y * block;
    if (rows > block) rows = block;
    if (block == 1) { /* most pictures: nothing to average */
      plain_row(raster, use, y, picture->channels,
                picture->pixels + (size_t)y * row_values);
      continue;
    }
    memset(sums, 0, row_values * sizeof *sums);
    for (int i = 0; i < rows; i++) {
      plain_row(raster, use, y * block + i, picture->channels, plain);
      add_row(plain, raster->width_px, picture->channels, block, sums);
    }
    average_blocks(sums, picture, raster, block, rows,
                   picture->pixels + (size_t)y * row_values);
  }
}

static int blocks_in(int length_px, int block) {
  return (length_px + block - 1) / block;
}

static int choose_block(const numeral_raster *raster) {
  int block = 1;
  while ((int64_t)blocks_in(raster->width_px, block) *
             blocks_in(raster->height_px, block) >
         NML_PICTURE_LIMIT_PX) {
    block++;
  }
  return block;
}

static numeral_status create(const numeral_raster *raster, nml_picture *picture,
                             numeral_error *error) {
  int block = choose_block(raster);
  alpha_use use = decide_alpha(raster);
  *picture = (nml_picture){
      .width_px = blocks_in(raster->width_px, block),
      .height_px = blocks_in(raster->height_px, block),
      .channels = raster->channels <= 2 || use == ALPHA_IS_INK ? 1 : 3,
      .block_px = block};
  size_t row_values = (size_t)picture->width_px * (size_t)picture->channels;
  size_t plain_values = (size_t)raster->width_px * (size_t)picture->channels;
  size_t size_bytes = row_values * (size_t)picture->height_px;
  numeral_status status = NUMERAL_OK;
  uint8_t *plain = nml_alloc(plain_values, 1);
  uint32_t *sums = nml_alloc(row_values, sizeof *sums);
  picture->pixels = nml_alloc(size_bytes, 1);
  if (!plain || !sums || !picture->pixels) {
    status = nml_fail_memory(error, "a picture", size_bytes);
    nml_picture_release(picture);
    goto done;
  }
  reduce(raster, use, block, picture, plain, sums);
done:
  nml_free(plain);
  nml_free(sums);
  return status;
}

numeral_status nml_picture_create(const numeral_raster *raster,
                                  nml_picture *picture, numeral_error *error) {
  uint8_t pixels[NML_PIXEL_BLOCKS_BYTES];
  numeral_raster small = *raster;
  assert(raster->width_px >= 1 && raster->height_px >= 1);
  assert(raster->channels >= 1 && raster->channels <= 4);
  nml_pixel_blocks_undo(raster, pixels, &small);
  numeral_status status = create(&small, picture, error);
  picture->block_px *= (double)raster->width_px / small.width_px;
  return status;
}

void nml_picture_release(nml_picture *picture) {
  nml_free(picture->pixels);
  *picture = (nml_picture){0};
}
