/* normalise.h: from a picture of any kind to the 28 x 28 that a network
 * reads. Bytes in, bytes out; must not know networks or files. */
#ifndef NML_IMAGE_NORMALISE_H
#define NML_IMAGE_NORMALISE_H

#include "base/fail.h"

#include <stdbool.h>

/* Decides paper and ink (polarity, alpha, colour), finds the ink, and centres
 * it as MNIST did: longer side of the ink box to 20 pixels by area averaging,
 * aspect kept, centre of mass to the middle of 28 x 28.
 * *has_ink false: the picture is blank, `image` all 0. The raster was checked.
 */
numeral_status nml_normalise(const numeral_raster *raster,
                             uint8_t image[NUMERAL_IMAGE_PIXELS], bool *has_ink,
                             numeral_error *error);

/* The same, and where the image lies in the raster; *frame is all 0 where there
 * is no ink. */
numeral_status nml_normalise_framed(const numeral_raster *raster,
                                    uint8_t image[NUMERAL_IMAGE_PIXELS],
                                    bool *has_ink, numeral_frame *frame,
                                    numeral_error *error);

#endif
