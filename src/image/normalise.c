/* normalise.c: the steps from a raster to 28 x 28, in order. */
#include "image/normalise.h"

#include "image/digit_ink.h"
#include "image/frame.h"
#include "image/ink.h"
#include "image/picture.h"

#include <string.h>

/* *block_px: pixels of the raster that a place of the map stands for. */
static numeral_status find_ink(const numeral_raster *raster,
                               const nml_stages *stages, nml_ink *map,
                               int *block_px, numeral_error *error) {
  nml_picture picture;
  *map = (nml_ink){0};
  numeral_status status = nml_picture_create(raster, &picture, error);
  if (status != NUMERAL_OK) return status;
  *block_px = picture.block_px;
  nml_stages_show(stages, "plain", picture.pixels, picture.width_px,
                  picture.height_px, picture.channels);
  status = nml_ink_create(&picture, map, error);
  nml_picture_release(&picture);
  return status;
}

static numeral_status frame_digit(const nml_ink *map, const nml_box *box,
                                  const nml_stages *stages, uint8_t *image,
                                  numeral_frame *frame, numeral_error *error) {
  nml_stages_show(stages, "digit", map->ink, map->width_px, map->height_px, 1);
  numeral_status status = nml_frame_digit(map, box, image, frame, error);
  if (status == NUMERAL_OK)
    nml_stages_show(stages, "image", image, NUMERAL_IMAGE_SIDE,
                    NUMERAL_IMAGE_SIDE, 1);
  return status;
}

numeral_status nml_normalise(const numeral_raster *raster,
                             const nml_stages *stages,
                             uint8_t image[NUMERAL_IMAGE_PIXELS],
                             nml_finding *finding, numeral_error *error) {
  nml_ink map;
  nml_box box;
  numeral_frame *frame = &finding->frame;
  int digits = 0, block_px = 1;
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *finding = (nml_finding){0};
  numeral_status status = find_ink(raster, stages, &map, &block_px, error);
  if (status == NUMERAL_OK) {
    nml_stages_show(stages, "ink", map.ink, map.width_px, map.height_px, 1);
    status = nml_digit_ink_select(&map, stages, &box, &digits, error);
  }
  if (status == NUMERAL_OK && digits > 0) {
    status = frame_digit(&map, &box, stages, image, frame, error);
    finding->digits = status == NUMERAL_OK ? digits : 0;
  }
  frame->left_px *= block_px;
  frame->top_px *= block_px;
  frame->pixel_px *= block_px;
  nml_ink_release(&map);
  return status;
}
