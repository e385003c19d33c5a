/* prepare.h: a predictor of a model, its numbers loaded: what sessions and
 * evaluations work with. */
#ifndef NML_ENGINE_PREPARE_H
#define NML_ENGINE_PREPARE_H

#include "model/model.h"
#include "nn/predictor.h"

/* INT8 uses the model's ranges, or where it has none those that drawn digits
 * show. The processor has the precision. `threads` 0: all. */
numeral_status nml_prepare(const numeral_model *model,
                           numeral_precision precision, int max_batch,
                           int threads, nml_predictor **predictor,
                           numeral_error *error);

#endif
