/* model_copy.c: a model that is a copy, to be changed while it is still being
 * made. See model.h. */
#include "model/model.h"

#include <string.h>

static numeral_status copy_numbers(const numeral_model *model,
                                   numeral_model *copy, numeral_error *error) {
  const nml_net *net = model->net;
  memcpy(copy->params, model->params, net->params_floats * sizeof(float));
  if (net->state_floats)
    memcpy(copy->state, model->state, net->state_floats * sizeof(float));
  copy->temperature = model->temperature;
  return model->ranges ? nml_model_set_ranges(copy, model->ranges, error)
                       : NUMERAL_OK;
}

static numeral_status copy_guard(const numeral_model *model,
                                 numeral_model *copy, numeral_error *error) {
  numeral_model *guard;
  numeral_status status = nml_model_copy(model->guard, &guard, error);
  if (status != NUMERAL_OK) return status;
  return nml_model_set_guard(copy, guard, model->judge, error);
}

numeral_status nml_model_copy(const numeral_model *model, numeral_model **copy,
                              numeral_error *error) {
  numeral_model *made;
  *copy = NULL;
  numeral_status status = nml_model_create(model->spec, &made, error);
  if (status != NUMERAL_OK) return status;
  status = copy_numbers(model, made, error);
  if (status == NUMERAL_OK && model->guard)
    status = copy_guard(model, made, error);
  for (size_t i = 0; i < model->metadata_count && status == NUMERAL_OK; i++)
    status =
        nml_model_set_metadata(made, model->keys[i], model->values[i], error);
  if (status == NUMERAL_OK)
    *copy = made;
  else
    nml_model_destroy(made);
  return status;
}
