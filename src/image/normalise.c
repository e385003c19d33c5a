/* normalise.c: the steps from a raster to 28 x 28, in order. */
#include "image/normalise.h"

#include "image/digit_ink.h"
#include "image/frame.h"
#include "image/ink.h"
#include "image/picture.h"

#include <string.h>

/* *block_px: pixels of the raster that a place of the map stands for. */
static numeral_status find_ink(const numeral_raster *raster, nml_ink *map,
                               int *block_px, numeral_error *error) {
  nml_picture picture;
  *map = (nml_ink){0};
  numeral_status status = nml_picture_create(raster, &picture, error);
  if (status != NUMERAL_OK) return status;
  *block_px = picture.block_px;
  status = nml_ink_create(&picture, map, error);
  nml_picture_release(&picture);
  return status;
}

numeral_status nml_normalise_framed(const numeral_raster *raster,
                                    uint8_t image[NUMERAL_IMAGE_PIXELS],
                                    bool *has_ink, numeral_frame *frame,
                                    numeral_error *error) {
  nml_ink map;
  nml_box box;
  bool found = false;
  int block_px = 1;
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *has_ink = false;
  *frame = (numeral_frame){0};
  numeral_status status = find_ink(raster, &map, &block_px, error);
  if (status == NUMERAL_OK) {
    status = nml_digit_ink_select(&map, &box, &found, error);
  }
  if (status == NUMERAL_OK && found) {
    status = nml_frame_digit(&map, &box, image, frame, error);
  }
  frame->left_px *= block_px;
  frame->top_px *= block_px;
  frame->pixel_px *= block_px;
  *has_ink = status == NUMERAL_OK && found;
  nml_ink_release(&map);
  return status;
}

numeral_status nml_normalise(const numeral_raster *raster,
                             uint8_t image[NUMERAL_IMAGE_PIXELS], bool *has_ink,
                             numeral_error *error) {
  numeral_frame frame;
  return nml_normalise_framed(raster, image, has_ink, &frame, error);
}
