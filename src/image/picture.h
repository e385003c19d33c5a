/* picture.h: a raster of any kind made plain: 1 or 3 channels, no alpha, no
 * larger than is needed to find a digit. Must not know ink from paper. */
#ifndef NML_IMAGE_PICTURE_H
#define NML_IMAGE_PICTURE_H

#include "base/fail.h"

enum { NML_PICTURE_LIMIT_PX = 1 << 21 }; /* pixels of a plain picture */

typedef struct nml_picture {
  uint8_t *pixels; /* [height][width][channels] */
  int width_px, height_px, channels;
  double block_px; /* pixels of the raster that one stands for, each way */
} nml_picture;

/* Lays alpha on white (or takes the alpha itself, dark on light, where all
 * that is visible has one colour), undoes an enlargement of each pixel to a
 * square, and averages square blocks of pixels until at most
 * NML_PICTURE_LIMIT_PX are left. End with nml_picture_release. */
numeral_status nml_picture_create(const numeral_raster *raster,
                                  nml_picture *picture, numeral_error *error);

/* Accepts a half-built picture. */
void nml_picture_release(nml_picture *picture);

#endif
