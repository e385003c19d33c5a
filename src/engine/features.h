/* features.h: many images as the network's last layer sees them, and where
 * they lie to one another. Contracts as numeral.h says of numeral_features,
 * numeral_project and numeral_nearest. */
#ifndef NML_ENGINE_FEATURES_H
#define NML_ENGINE_FEATURES_H

#include "model/model.h"

numeral_status nml_features(const numeral_model *model, const uint8_t *images,
                            size_t count, int threads, float *features,
                            numeral_error *error);
numeral_status nml_project(const float *features, size_t count, size_t width,
                           float *points, double shares[2],
                           numeral_error *error);
void nml_nearest(const float *features, size_t count, size_t width,
                 const float *query, size_t wanted, size_t *indices,
                 float *distances);

#endif
