/* pixel_blocks.h: small pictures that were enlarged by repeating pixels, as
 * viewers and plots do that do not smooth. What was read well becomes a drawing
 * of squares. */
#ifndef NML_IMAGE_PIXEL_BLOCKS_H
#define NML_IMAGE_PIXEL_BLOCKS_H

#include "numeral.h"

#include <stdbool.h>

enum {
  NML_PIXEL_BLOCKS_MOST = 64, /* along a side of the small picture */
  NML_PIXEL_BLOCKS_BYTES = NML_PIXEL_BLOCKS_MOST * NML_PIXEL_BLOCKS_MOST * 4
};

/* Finds the small picture in the raster, a pixel for each block: `small`, whose
 * pixels lie in `pixels`. False: the raster is not made of blocks, and `small`
 * stays. */
bool nml_pixel_blocks_undo(const numeral_raster *raster,
                           uint8_t pixels[NML_PIXEL_BLOCKS_BYTES],
                           numeral_raster *small);

#endif
