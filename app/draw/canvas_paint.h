/* canvas_paint.h: the canvas in colours: ink on paper, and heat between them.
 */
#ifndef NUMERAL_APP_CANVAS_PAINT_H
#define NUMERAL_APP_CANVAS_PAINT_H

#include "app/draw/sketch.h"

typedef struct canvas_heat {
  const float *heat;   /* [28][28], 0..1 */
  numeral_frame frame; /* where they lie, in sides of the canvas */
} canvas_heat;

/* Writes `part` of `ink`, which lies inside it, as 0xffRRGGBB into `pixels`,
 * rows stride_bytes apart. `heat` may be NULL. */
void canvas_paint(const ink_raster *ink, look_theme theme,
                  const canvas_heat *heat, draw_rect part, void *pixels,
                  size_t stride_bytes);

#endif
