/* calibrate.h: what comes out of each layer of a trained network, so that bytes
 * can stand for it. */
#ifndef NML_ENGINE_CALIBRATE_H
#define NML_ENGINE_CALIBRATE_H

#include "data/dataset.h"
#include "model/model.h"

/* Sets the model's ranges from images of `dataset`, evenly spaced. The model is
 * still being made. */
numeral_status nml_calibrate(numeral_model *model,
                             const numeral_dataset *dataset,
                             numeral_error *error);

/* Fills ranges [layer_count] from digits that the library draws itself: for
 * models that know nothing of their own. */
numeral_status nml_calibrate_on_drawn(const numeral_model *model,
                                      nml_range *ranges, numeral_error *error);

#endif
