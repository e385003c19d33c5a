/* prepare.c: see prepare.h. */
#include "engine/prepare.h"

#include "base/memory.h"
#include "engine/calibrate.h"
#include "engine/threads.h"

numeral_status nml_prepare(const numeral_model *model,
                           numeral_precision precision, int max_batch,
                           int threads, nml_predictor **predictor,
                           numeral_error *error) {
  const bool bytes = precision == NUMERAL_PRECISION_INT8;
  nml_predictor_options options = {.precision = precision,
                                   .ranges = model->ranges,
                                   .max_batch = max_batch,
                                   .temperature = model->temperature,
                                   .threads = nml_threads(threads)};
  nml_range *drawn = NULL;
  numeral_status status = NUMERAL_OK;
  *predictor = NULL;
  if (bytes && !model->ranges) {
    drawn = nml_alloc((size_t)model->net->layer_count, sizeof *drawn);
    options.ranges = drawn;
    status = drawn ? nml_calibrate_on_drawn(model, drawn, error)
                   : nml_fail_memory(error, "a model's ranges",
                                     (size_t)model->net->layer_count);
  }
  if (status == NUMERAL_OK)
    status = nml_predictor_create(model->net, &options, predictor, error);
  if (status == NUMERAL_OK)
    nml_predictor_load(*predictor, model->params, model->state);
  nml_free(drawn);
  return status;
}
