/* pen.h: lines of a round pen whose width varies, drawn smooth-edged. Must
 * not know digits. */
#ifndef NML_DATA_PEN_H
#define NML_DATA_PEN_H

#include "numeral.h"

typedef struct nml_extent {
  float left, top, right, bottom;
} nml_extent;

/* The box around the ink of dots; count > 0. */
nml_extent nml_pen_extent(const numeral_dot *dots, int count);

/* Draws the line through `count` dots, or the one dot, as numeral_draw_line
 * says. */
void nml_pen_draw(const numeral_dot *dots, int count, int side,
                  uint8_t *pixels);

#endif
