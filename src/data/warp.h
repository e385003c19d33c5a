/* warp.h: an image turned, moved, stretched, slanted and bent, in one pass. */
#ifndef NML_DATA_WARP_H
#define NML_DATA_WARP_H

#include "base/random.h"
#include "data/sheet.h"

/* What happens to the digit, about the middle of the image. */
typedef struct nml_warp {
  float turn;                 /* radians, clockwise */
  float right_px, down_px;    /* 0: stays */
  float stretch_x, stretch_y; /* > 0; 1: stays as it is */
  float slant;   /* columns to the right for each row up; 0: upright */
  float bend_px; /* root mean square of the way that a pixel is bent to by an
                    elastic field; 0: none, and none is drawn */
} nml_warp;

/* `random` draws the elastic field: as many numbers for every bend above 0. */
void nml_warp_apply(const nml_warp *warp, nml_random *random, nml_sheet *sheet);

#endif
