/* frame.h: a digit's ink, put into 28 x 28 as MNIST's digits are. Must not
 * know the picture it came from. */
#ifndef NML_IMAGE_FRAME_H
#define NML_IMAGE_FRAME_H

#include "image/components.h"
#include "image/ink.h"

/* The ink inside `box` (0 = paper, strokes near 255): strokes too thin or too
 * fat to be read at this size are mended, the longer side becomes 20 pixels,
 * the centre of mass the middle. *frame: where the image lies on the map; all 0
 * on failure. */
numeral_status nml_frame_digit(const nml_ink *map, const nml_box *box,
                               uint8_t image[NUMERAL_IMAGE_PIXELS],
                               numeral_frame *frame, numeral_error *error);

#endif
