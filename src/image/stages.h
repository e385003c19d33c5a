/* stages.h: who wants to see what becomes of a picture on its way. */
#ifndef NML_IMAGE_STAGES_H
#define NML_IMAGE_STAGES_H

#include "numeral.h"

/* NULL where nobody does. */
typedef struct nml_stages {
  numeral_stage_fn show;
  void *user;
} nml_stages;

/* pixels [height][width][channels]. */
static inline void nml_stages_show(const nml_stages *stages, const char *name,
                                   const uint8_t *pixels, int width_px,
                                   int height_px, int channels) {
  if (!stages) return;
  const numeral_raster raster = {pixels, width_px, height_px, channels,
                                 (size_t)width_px * (size_t)channels};
  stages->show(name, &raster, stages->user);
}

#endif
