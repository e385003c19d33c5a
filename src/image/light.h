/* light.h: light that falls on the paper from one side. Must not know ink from
 * paper. */
#ifndef NML_IMAGE_LIGHT_H
#define NML_IMAGE_LIGHT_H

#include "image/picture.h"

#include <stdbool.h>

/* Makes light even that grows evenly along some direction, if the picture is
 * little but two tones in it: `evened`; else the picture stays. A digit that
 * was cut out tightly shows as much ink as paper: what is darker than its
 * surroundings says little there. */
numeral_status nml_light_even(nml_picture *picture, bool *evened,
                              numeral_error *error);

#endif
