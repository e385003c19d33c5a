/* sureness.h: makes a model say how sure it is, and refuse. Contract as
 * numeral.h says of numeral_model_calibrate. */
#ifndef NML_ENGINE_SURENESS_H
#define NML_ENGINE_SURENESS_H

#include "data/dataset.h"
#include "model/model.h"

numeral_status nml_model_calibrate(const numeral_model *model,
                                   const numeral_dataset *train,
                                   const numeral_dataset *validation,
                                   const numeral_calibrate_options *options,
                                   numeral_model **calibrated,
                                   numeral_error *error);

#endif
