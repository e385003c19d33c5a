/* train.h: from options and data to a trained model. Contract as numeral.h
 * says of numeral_train. */
#ifndef NML_ENGINE_TRAIN_H
#define NML_ENGINE_TRAIN_H

#include "data/dataset.h"
#include "model/model.h"

/* Arguments were checked; validation may be NULL. */
numeral_status nml_train(const numeral_train_options *options,
                         const numeral_dataset *train,
                         const numeral_dataset *validation,
                         numeral_model **model, numeral_error *error);

#endif
