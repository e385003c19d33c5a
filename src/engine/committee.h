/* committee.h: several networks, and an image and its shifts, asked for one
 * answer: the mean of what they say. Must not know files or labels. */
#ifndef NML_ENGINE_COMMITTEE_H
#define NML_ENGINE_COMMITTEE_H

#include "model/model.h"

typedef struct nml_committee nml_committee; /* for one caller at a time */

/* Arguments were checked: count 1..NUMERAL_MODELS_MAX, options->shifts 0, 4 or
 * 8. The models must outlive the committee. */
numeral_status nml_committee_create(const numeral_model *const *models,
                                    size_t count,
                                    const numeral_session_options *options,
                                    nml_committee **committee,
                                    numeral_error *error);
void nml_committee_destroy(nml_committee *committee);

/* The predictor of the first model; it stays the committee's. */
nml_predictor *nml_committee_first(const nml_committee *committee);

/* images [count][28][28] -> probabilities [count][10]; count <= max_batch. */
void nml_committee_run(nml_committee *committee, const uint8_t *images,
                       int count, float *probabilities);

#endif
