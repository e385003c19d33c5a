/* drawing.h: what a hand wrote, put into pixels. Must not know what it is. */
#ifndef NML_DATA_DRAWING_H
#define NML_DATA_DRAWING_H

#include "data/hand.h"

enum { NML_FRAME_PX = 20 }; /* longer side of MNIST's digits, in 28 */

/* The box around all ink. */
nml_extent nml_drawing_extent(const nml_drawing *drawing);

/* Scales the drawing and moves the corner of `box`, its extent, to (left, top).
 */
void nml_drawing_place(nml_drawing *drawing, const nml_extent *box, float scale,
                       float left, float top);

/* Draws it into pixels [side][side], where it lies. */
void nml_drawing_draw(const nml_drawing *drawing, int side, uint8_t *pixels);

/* Puts it into MNIST's frame: the longer side 20 pixels, the centre of mass in
 * the middle. A gain above 1 hardens its edges. The drawing is moved. */
void nml_drawing_frame(nml_drawing *drawing, float gain,
                       uint8_t image[NUMERAL_IMAGE_PIXELS]);

/* The same for what was drawn otherwise. */
void nml_drawing_centre(uint8_t small[NML_FRAME_PX][NML_FRAME_PX],
                        uint8_t image[NUMERAL_IMAGE_PIXELS]);

#endif
