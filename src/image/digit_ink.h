/* digit_ink.h: which of the ink in a map is the digit. Must not know how the
 * map was made. */
#ifndef NML_IMAGE_DIGIT_INK_H
#define NML_IMAGE_DIGIT_INK_H

#include "image/components.h"
#include "image/ink.h"
#include "image/stages.h"

/* Clears from `map` all that is not the digit (noise, specks, a dark border),
 * scales the rest so that the digit's strokes are near 255, and gives the
 * digit's box. *digits: how many stand side by side; 0: there is no ink, only
 * paper and its noise. Shows the "parts". */
numeral_status nml_digit_ink_select(nml_ink *map, const nml_stages *stages,
                                    nml_box *box, int *digits,
                                    numeral_error *error);

#endif
