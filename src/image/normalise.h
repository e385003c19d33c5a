/* normalise.h: from a picture of any kind to the 28 x 28 that a network
 * reads. Bytes in, bytes out; must not know networks or files. */
#ifndef NML_IMAGE_NORMALISE_H
#define NML_IMAGE_NORMALISE_H

#include "base/fail.h"

#include "image/stages.h"

typedef struct nml_finding {
  int digits;          /* side by side; 0: the picture is blank */
  numeral_frame frame; /* where the image lies in the raster; all 0 if blank */
} nml_finding;

/* Decides paper and ink (polarity, alpha, colour), finds the ink, and centres
 * it as MNIST did: longer side of the ink box to 20 pixels by area averaging,
 * aspect kept, centre of mass to the middle of 28 x 28. Where there are several
 * digits, the image is of the one with most ink and what lies near it; where
 * there is none, it is all 0. The raster was checked. */
numeral_status nml_normalise(const numeral_raster *raster,
                             const nml_stages *stages,
                             uint8_t image[NUMERAL_IMAGE_PIXELS],
                             nml_finding *finding, numeral_error *error);

#endif
