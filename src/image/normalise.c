/* normalise.c: the steps from a raster to 28 x 28, in order. */
#include "image/normalise.h"

#include "image/digit_ink.h"
#include "image/frame.h"
#include "image/ink.h"
#include "image/picture.h"

#include <string.h>

/* The map of the picture with nothing left in it but the digit, if any. */
static numeral_status find_digit(const nml_picture *picture,
                                 const nml_stages *stages, nml_ink *map,
                                 nml_box *box, int *digits,
                                 numeral_error *error) {
  *digits = 0;
  numeral_status status = nml_ink_create(picture, map, error);
  if (status != NUMERAL_OK) return status;
  nml_stages_show(stages, "ink", map->ink, map->width_px, map->height_px, 1);
  status = nml_digit_ink_select(map, stages, box, digits, error);
  if (status != NUMERAL_OK || *digits > 0 || !map->sloped) return status;
  status = nml_ink_remove_shades(picture, map, error);
  if (status != NUMERAL_OK) return status;
  nml_stages_show(stages, "evened", map->ink, map->width_px, map->height_px, 1);
  return nml_digit_ink_select(map, stages, box, digits, error);
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
                             numeral_frame *frame, numeral_error *error) {
  nml_picture picture;
  nml_ink map = {0};
  nml_box box;
  int digits = 0;
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *frame = (numeral_frame){0};
  numeral_status status = nml_picture_create(raster, &picture, error);
  if (status != NUMERAL_OK) return status;
  nml_stages_show(stages, "plain", picture.pixels, picture.width_px,
                  picture.height_px, picture.channels);
  status = find_digit(&picture, stages, &map, &box, &digits, error);
  if (status == NUMERAL_OK && digits > 0) {
    status = frame_digit(&map, &box, stages, image, frame, error);
    frame->digits = status == NUMERAL_OK ? digits : 0;
  }
  frame->left_px *= picture.block_px;
  frame->top_px *= picture.block_px;
  frame->pixel_px *= picture.block_px;
  nml_picture_release(&picture);
  nml_ink_release(&map);
  return status;
}
