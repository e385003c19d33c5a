/* opening.h: what is wider than a stroke. Bytes in, bytes out; must not know
 * what the bytes mean. */
#ifndef NML_IMAGE_OPENING_H
#define NML_IMAGE_OPENING_H

#include "base/fail.h"

/* What is assumed to lie outside of the map. */
typedef enum nml_outside {
  NML_OUTSIDE_ZERO,
  NML_OUTSIDE_CONTINUED /* the map turned about its edge: slopes go on */
} nml_outside;

/* opened[height][width]: the opening (minimum, then maximum) of the smoothed
 * `map` with a square of side_px. What is brighter than its surroundings and
 * narrower than the square is gone; wide bright regions keep their edges. */
numeral_status nml_opening(const uint8_t *map, int width_px, int height_px,
                           int side_px, nml_outside outside, uint8_t *opened,
                           numeral_error *error);

#endif
