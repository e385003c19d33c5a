/* train_start.h: what a training run begins with: its network, its first
 * numbers, and which layers stay as they are. Must not know files. */
#ifndef NUMERAL_APP_TRAIN_START_H
#define NUMERAL_APP_TRAIN_START_H
#include "app/train_plan.h"

/* The network of a model, as --net would say it: the name of a named network
 * where it is one, else its spec, which belongs to the model. */
const char *train_start_net(const numeral_model *model);

/* Would numeral_train take this plan with this model to begin with (or NULL)?
 * ARGUMENT says in terms of options what is wrong; SPEC and LIMIT are about the
 * text of the network. *parameter_bytes: how large its numbers are. */
numeral_status train_start_check(const train_plan *plan,
                                 const numeral_model *init,
                                 double *parameter_bytes, numeral_error *error);

#endif
