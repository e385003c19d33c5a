/* api_untrained.c: numeral_model_create: a network with its first numbers. */
#include "model/model.h"

numeral_status numeral_model_create(const char *net, uint64_t seed,
                                    numeral_model **model,
                                    numeral_error *error) {
  if (!model)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "numeral_model_create: model is NULL");
  *model = NULL;
  if (!net)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "numeral_model_create: net is NULL");
  numeral_status status = nml_model_create(net, model, error);
  if (status != NUMERAL_OK) return status;
  nml_net_init((*model)->net, seed, (*model)->params, (*model)->state);
  return NUMERAL_OK;
}
