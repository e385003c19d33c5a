/* shading.h: the level of the paper under each part of a map, where the light
 * on it is uneven. Bytes in, bytes out; must not know colours. */
#ifndef NML_IMAGE_SHADING_H
#define NML_IMAGE_SHADING_H

#include "base/fail.h"

/* Below this shorter side a map is too small to tell shading from strokes. */
enum { NML_SHADING_SIDE_PX = 32 };

/* level[height][width]: at each place the `percent`th percentile of the values
 * of `map` in a window of 3/8 of either side. Both sides must be at least
 * NML_SHADING_SIDE_PX. */
numeral_status nml_shading_level(const uint8_t *map, int width_px,
                                 int height_px, int percent, uint8_t *level,
                                 numeral_error *error);

#endif
