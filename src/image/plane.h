/* plane.h: one channel of floats, and how it is scaled, thickened and thinned.
 * Must not know what it shows. */
#ifndef NML_IMAGE_PLANE_H
#define NML_IMAGE_PLANE_H

#include "base/fail.h"

typedef struct nml_plane {
  float *values; /* [height][width] */
  int width_px, height_px;
} nml_plane;

/* All 0. End with nml_plane_release. */
numeral_status nml_plane_create(int width_px, int height_px, nml_plane *plane,
                                numeral_error *error);

/* Accepts a half-built plane. */
void nml_plane_release(nml_plane *plane);

/* How values between the middles of pixels are found: on straight lines, or on
 * Lanczos' curve (Duchon 1979) as far as it stays among the values around. */
typedef enum nml_between {
  NML_BETWEEN_LINEAR,
  NML_BETWEEN_LANCZOS
} nml_between;

/* Fills `to` with `from` at `scale` (pixels of `to` for one of `from`), where
 * the upper left corner of `to` lies at (left, top) of `from`; outside, `from`
 * is 0. Smaller: each pixel is the mean of the area it covers, whatever
 * `between` says. */
numeral_status nml_plane_scale(const nml_plane *from, double left, double top,
                               double scale, nml_between between, nml_plane *to,
                               numeral_error *error);

/* Each value becomes the largest (thicker) or smallest (thinner) within
 * radius_px of it; the outermost ring of that disc, where it covers only part
 * of a pixel, counts by that part. Outside is 0. */
numeral_status nml_plane_thicken(nml_plane *plane, double radius_px,
                                 numeral_error *error);
numeral_status nml_plane_thin(nml_plane *plane, double radius_px,
                              numeral_error *error);

#endif
