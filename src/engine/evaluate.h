/* evaluate.h: how right a network is on a labelled set. */
#ifndef NML_ENGINE_EVALUATE_H
#define NML_ENGINE_EVALUATE_H

#include "data/dataset.h"
#include "model/model.h"
#include "nn/predictor.h"

enum { NML_EVALUATE_BATCH = 256 };

/* images [count][28][28] -> probabilities [count][10]; count is at most
 * NML_EVALUATE_BATCH. */
typedef void (*nml_read_fn)(void *reader, const uint8_t *images, int count,
                            float *probabilities);

/* nml_measure, for whoever reads. */
void nml_measure_by(nml_read_fn read, void *reader,
                    const numeral_dataset *dataset, float *batch,
                    numeral_evaluation *evaluation, float *probabilities);

/* Predicts the whole set with `predictor` (of batches of NML_EVALUATE_BATCH)
 * and fills `evaluation`. batch [NML_EVALUATE_BATCH][10] is working memory;
 * probabilities [count][10] may be NULL. The set is not empty. */
void nml_measure(nml_predictor *predictor, const numeral_dataset *dataset,
                 float *batch, numeral_evaluation *evaluation,
                 float *probabilities);

/* numeral_evaluate_session: that, and how surely, and what is refused. */
numeral_status nml_session_evaluate(numeral_session *session,
                                    const numeral_dataset *dataset,
                                    numeral_evaluation *evaluation,
                                    float *probabilities, numeral_error *error);

/* The same of a session made for it. */
numeral_status nml_evaluate(const numeral_model *model,
                            const numeral_dataset *dataset, int threads,
                            numeral_precision precision,
                            numeral_evaluation *evaluation,
                            float *probabilities, numeral_error *error);

#endif
