/* digit_ink.h: which of the ink in a map is the digit. Must not know how the
 * map was made. */
#ifndef NML_IMAGE_DIGIT_INK_H
#define NML_IMAGE_DIGIT_INK_H

#include "image/components.h"
#include "image/ink.h"

#include <stdbool.h>

/* Clears from `map` all that is not the digit (noise, specks, a dark border),
 * scales the rest so that the digit's strokes are near 255, and gives the
 * digit's box. *found false: there is no ink, only paper and its noise. */
numeral_status nml_digit_ink_select(nml_ink *map, nml_box *box, bool *found,
                                    numeral_error *error);

#endif
