/* normalise.c: the steps from a raster to 28 x 28, in order. */
#include "image/normalise.h"

#include "image/digit_ink.h"
#include "image/frame.h"
#include "image/ink.h"
#include "image/picture.h"
#include "image/table.h"

#include <string.h>

static void show_picture(const nml_stages *stages, const char *name,
                         const nml_picture *picture) {
  nml_stages_show(stages, name, picture->pixels, picture->width_px,
                  picture->height_px, picture->channels);
}

static void show_map(const nml_stages *stages, const char *name,
                     const nml_ink *map) {
  nml_stages_show(stages, name, map->ink, map->width_px, map->height_px, 1);
}

/* The colour of the paper, after a table around it is covered with it. */
static numeral_status find_paper(nml_picture *picture, const nml_stages *stages,
                                 nml_paper *paper, numeral_error *error) {
  bool covered;
  numeral_status status = nml_paper_find(picture, paper, error);
  if (status != NUMERAL_OK) return status;
  status = nml_table_cover(picture, paper, &covered, error);
  if (status != NUMERAL_OK || !covered) return status;
  show_picture(stages, "sheet", picture);
  return nml_paper_find(picture, paper, error);
}

/* The map of the picture with nothing left in it but the digit, if any. */
static numeral_status find_digit(nml_picture *picture, const nml_stages *stages,
                                 nml_ink *map, nml_box *box, int *digits,
                                 numeral_error *error) {
  nml_paper paper;
  *digits = 0;
  numeral_status status = find_paper(picture, stages, &paper, error);
  if (status != NUMERAL_OK) return status;
  status = nml_ink_create(picture, &paper, map, error);
  if (status != NUMERAL_OK) return status;
  show_map(stages, "ink", map);
  status = nml_digit_ink_select(map, stages, box, digits, error);
  if (status != NUMERAL_OK || *digits > 0 || !map->sloped) return status;
  status = nml_ink_remove_shades(picture, map, error);
  if (status != NUMERAL_OK) return status;
  show_map(stages, "evened", map);
  return nml_digit_ink_select(map, stages, box, digits, error);
}

static numeral_status frame_digit(const nml_ink *map, const nml_box *box,
                                  const nml_stages *stages, uint8_t *image,
                                  numeral_frame *frame, numeral_error *error) {
  show_map(stages, "digit", map);
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
  show_picture(stages, "plain", &picture);
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
