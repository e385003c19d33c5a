/* sharpness.h: how steep the edges of what stands out from the paper are. */
#ifndef NML_IMAGE_SHARPNESS_H
#define NML_IMAGE_SHARPNESS_H

#include "image/ink.h"

#include <stdbool.h>

typedef struct nml_sharpness {
  /* What stands out does so with an edge somewhere. A stroke has one, however
   * thin or blurred; the light's slope across a narrow picture has none. */
  bool has_edges;
  /* Nothing in the picture is as sharp as a camera or a screen would have shown
   * it: it was enlarged smoothly from a few pixels each way. Its strokes are as
   * soft and as wide as shades, of which so small a picture has none. */
  bool is_enlarged;
} nml_sharpness;

/* `scratch` is as large as the map's ink. */
nml_sharpness nml_sharpness_measure(const nml_ink *map, uint8_t *scratch);

#endif
