/* light.h: light that falls on the paper from one side. Must not know ink from
 * paper. */
#ifndef NML_IMAGE_LIGHT_H
#define NML_IMAGE_LIGHT_H

#include "image/picture.h"

/* Evens light that grows evenly along some direction, if the picture is little
 * but two tones in it: `even` becomes the picture without it, else it has no
 * pixels. A digit that was cut out tightly shows as much ink as paper: what is
 * darker than its surroundings says little there. End with nml_picture_release.
 */
numeral_status nml_light_even(const nml_picture *picture, nml_picture *even,
                              numeral_error *error);

#endif
