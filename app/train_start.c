/* train_start.c: see train_start.h. */
#include "app/train_start.h"

#include <string.h>

#include "formats/format_fail.h"

static const char *spec_of(const numeral_model *model) {
  return numeral_model_get_info(model).spec;
}

const char *train_start_net(const numeral_model *model) {
  const numeral_named_net *nets;
  size_t count = numeral_named_nets(&nets);
  for (size_t i = 0; i < count; ++i) {
    numeral_model *named;
    if (numeral_model_create(nets[i].name, 1, &named, NULL) != NUMERAL_OK)
      continue;
    bool same = strcmp(spec_of(named), spec_of(model)) == 0;
    numeral_model_destroy(named);
    if (same) return nets[i].name;
  }
  return spec_of(model);
}

static numeral_status check_frozen(const numeral_model *untrained, int freeze,
                                   numeral_error *error) {
  size_t layers = numeral_model_get_info(untrained).layer_count;
  for (size_t i = (size_t)freeze; i < layers; ++i)
    if (numeral_model_layer(untrained, i).parameter_count > 0)
      return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "--freeze %d leaves nothing to train: the network has %zu "
                     "layers",
                     freeze, layers);
}

numeral_status train_start_check(const train_plan *plan,
                                 const numeral_model *init,
                                 double *parameter_bytes,
                                 numeral_error *error) {
  numeral_model *untrained;
  numeral_status status =
      numeral_model_create(plan->net, plan->seed, &untrained, error);
  *parameter_bytes = 0;
  if (status != NUMERAL_OK) return status;
  numeral_model_info info = numeral_model_get_info(untrained);
  *parameter_bytes = (double)info.parameter_count * sizeof(float);
  status = check_frozen(untrained, plan->recipe.freeze, error);
  if (status == NUMERAL_OK && init != NULL &&
      strcmp(info.spec, spec_of(init)) != 0) {
    status = format_fail(error, NUMERAL_ERROR_ARGUMENT,
                         "--init: that model is another network than --net "
                         "%.160s: leave --net out",
                         plan->net);
  }
  numeral_model_destroy(untrained);
  return status;
}
