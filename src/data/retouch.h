/* retouch.h: what pen, light, lens and sensor do to an image, each as one plain
 * change of its bytes. In place; 0 is paper and 255 ink. */
#ifndef NML_DATA_RETOUCH_H
#define NML_DATA_RETOUCH_H

#include "base/random.h"
#include "data/sheet.h"

/* Strokes grow on each side by so much of a pixel, or shrink where it is below
 * 0; -1..1. */
void nml_retouch_thickness(nml_sheet *sheet, float by_px);

/* gain 0..2 of the ink; curve -1..1 lifts (or lowers) grey against both paper
 * and ink. */
void nml_retouch_contrast(nml_sheet *sheet, float gain, float curve);

/* Gaussian of this deviation, 0..2. */
void nml_retouch_blur(nml_sheet *sheet, float sigma_px);

/* Each pixel by noise of this deviation, as a share of full ink; 0..0.5. */
void nml_retouch_noise(nml_sheet *sheet, nml_random *random, float deviation);

/* Single dots of any grey, `count` of them. */
void nml_retouch_specks(nml_sheet *sheet, nml_random *random, int count);

/* Paper over a rectangle, which must lie inside the image. */
void nml_retouch_cover(nml_sheet *sheet, int left, int top, int width,
                       int height);

#endif
