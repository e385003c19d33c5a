/* pen.h: lines of a round pen whose width varies, drawn smooth-edged. Must
 * not know digits. */
#ifndef NML_DATA_PEN_H
#define NML_DATA_PEN_H

#include <stdint.h>

/* Where the pen is, and half the width of its line. */
typedef struct nml_dot {
  float x, y, radius;
} nml_dot;

typedef struct nml_extent {
  float left, top, right, bottom;
} nml_extent;

/* The box around the ink of dots; count > 0. */
nml_extent nml_pen_extent(const nml_dot *dots, int count);

/* Draws the line through `count` dots (in pixels; the centre of the first
 * pixel is at 0.5, 0.5) into side x side pixels, where the darker of old and
 * new ink stays. What falls outside is cut off. */
void nml_pen_draw(const nml_dot *dots, int count, int side, uint8_t *pixels);

#endif
