/* normalise.c: the steps from a raster to 28 x 28, in order. */
#include "image/normalise.h"

#include "image/digit_ink.h"
#include "image/frame.h"
#include "image/ink.h"
#include "image/picture.h"
#include "image/table.h"

#include "base/numbers.h"

#include <string.h>

enum {
  CRUMB_PARTS = 5 /* of the picture's shorter side: less may be a crumb */
};

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

/* A map with nothing left in it but the digit, if any. */
typedef struct look {
  nml_ink map;
  nml_box box;
  int digits;
} look;

/* Whether light alone may have hidden the digit or most of it. */
static bool is_doubtful(const look *l) {
  int shorter = nml_smaller(l->map.width_px, l->map.height_px);
  return l->map.sloped &&
         (l->digits == 0 || nml_box_longer(&l->box) * CRUMB_PARTS < shorter);
}

/* Once more without shades: what is found then counts if it is much larger. */
static numeral_status look_again(const nml_picture *picture,
                                 const nml_stages *stages, look *l,
                                 numeral_error *error) {
  look evened = {.digits = 0};
  numeral_status status = nml_ink_create_evened(picture, &evened.map, error);
  if (status != NUMERAL_OK) return status;
  show_map(stages, "evened", &evened.map);
  status = nml_digit_ink_select(&evened.map, stages, &evened.box,
                                &evened.digits, error);
  if (status == NUMERAL_OK && evened.digits > 0 &&
      (l->digits == 0 ||
       nml_box_longer(&evened.box) > 2 * nml_box_longer(&l->box))) {
    look first = *l;
    *l = evened;
    evened = first;
  }
  nml_ink_release(&evened.map);
  return status;
}

static numeral_status find_digit(nml_picture *picture, const nml_stages *stages,
                                 look *l, numeral_error *error) {
  nml_paper paper;
  numeral_status status = find_paper(picture, stages, &paper, error);
  if (status != NUMERAL_OK) return status;
  status = nml_ink_create(picture, &paper, &l->map, error);
  if (status != NUMERAL_OK) return status;
  show_map(stages, "ink", &l->map);
  status = nml_digit_ink_select(&l->map, stages, &l->box, &l->digits, error);
  if (status != NUMERAL_OK || !is_doubtful(l)) return status;
  return look_again(picture, stages, l, error);
}

static numeral_status frame_digit(const look *l, const nml_stages *stages,
                                  uint8_t *image, numeral_frame *frame,
                                  numeral_error *error) {
  show_map(stages, "digit", &l->map);
  numeral_status status =
      nml_frame_digit(&l->map, &l->box, image, frame, error);
  frame->digits = status == NUMERAL_OK ? l->digits : 0;
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
  look l = {.digits = 0};
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *frame = (numeral_frame){0};
  numeral_status status = nml_picture_create(raster, &picture, error);
  if (status != NUMERAL_OK) return status;
  show_picture(stages, "plain", &picture);
  status = find_digit(&picture, stages, &l, error);
  if (status == NUMERAL_OK && l.digits > 0)
    status = frame_digit(&l, stages, image, frame, error);
  frame->left_px *= picture.block_px;
  frame->top_px *= picture.block_px;
  frame->pixel_px *= picture.block_px;
  nml_picture_release(&picture);
  nml_ink_release(&l.map);
  return status;
}
