/* sheet_draw.h: many small images on one picture, drawn with Cairo. */
#ifndef NUMERAL_APP_CAIRO_SHEET_DRAW_H
#define NUMERAL_APP_CAIRO_SHEET_DRAW_H

#include "formats/image_file.h"

/* A grey picture of a square of images [count][28][28], ink dark on white and
 * twice as large, each over its label. image_file_release ends *sheet. In
 * module "cairo". */
typedef numeral_status sheet_draw_fn(const uint8_t *images,
                                     const uint8_t *labels, size_t count,
                                     image_file *sheet, numeral_error *error);
sheet_draw_fn sheet_draw;

#endif
