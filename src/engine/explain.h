/* explain.h: what a network did with one image: what came out of its layers,
 * and where the evidence for a digit lies. Contracts as numeral.h says of
 * numeral_explainer_*. */
#ifndef NML_ENGINE_EXPLAIN_H
#define NML_ENGINE_EXPLAIN_H

#include "model/model.h"

numeral_status nml_explainer_create(const numeral_model *model,
                                    numeral_explainer **explainer,
                                    numeral_error *error);
void nml_explainer_destroy(numeral_explainer *explainer);

/* probabilities [10] */
void nml_explainer_run(numeral_explainer *explainer, const uint8_t *image,
                       float *probabilities);

size_t nml_explainer_layer_count(const numeral_explainer *explainer);

/* layer -1 is the image as the first layer sees it. */
numeral_maps nml_explainer_layer(const numeral_explainer *explainer, int layer);

/* Did nml_explainer_run ever run? */
bool nml_explainer_has_run(const numeral_explainer *explainer);

/* heat [28][28]; after a run. */
void nml_explainer_heat(numeral_explainer *explainer, int digit, float *heat);
int nml_explainer_heat_layer(const numeral_explainer *explainer);

/* The gradient of the value of `digit` by what came out of `layer`, laid out as
 * nml_explainer_layer's values; it stays until the next call of this or heat.
 * layer -1 .. layer_count - 2. */
const float *nml_explainer_gradient(numeral_explainer *explainer, int digit,
                                    int layer);

#endif
