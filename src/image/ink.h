/* ink.h: from a plain picture to how much ink is where. Must not know what
 * the ink means. */
#ifndef NML_IMAGE_INK_H
#define NML_IMAGE_INK_H

#include "image/paper.h"

#include "base/numbers.h"

#include <stdbool.h>

/* 0 = paper; the larger, the further from the paper's colour. */
typedef struct nml_ink {
  uint8_t *ink; /* [height][width] */
  int width_px, height_px;
  int least_contrast; /* fainter strokes cannot be told from paper */
  float grain;        /* deviation of the paper from pixel to pixel */
  bool sloped;        /* taken as evenly lit, yet shades may be left */
  bool tiny;          /* or enlarged from a tiny picture, see sharpness.h */
} nml_ink;

static inline int nml_ink_longer(const nml_ink *map) {
  return nml_larger(map->width_px, map->height_px);
}

/* Decides how the paper is lit. Dark on light, light on dark and
 * coloured ink on coloured paper come out alike. End with nml_ink_release. */
numeral_status nml_ink_create(const nml_picture *picture,
                              const nml_paper *paper, nml_ink *map,
                              numeral_error *error);

/* The same without shades, for a picture whose map is `sloped` and shows no
 * digit, or hardly one. */
numeral_status nml_ink_create_evened(const nml_picture *picture, nml_ink *map,
                                     numeral_error *error);

/* Accepts a half-built map. */
void nml_ink_release(nml_ink *map);

#endif
