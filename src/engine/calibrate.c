/* calibrate.c: see calibrate.h. Each layer is a step of its own here: which
 * layers are joined for speed may change, what came out of them does not. */
#include "engine/calibrate.h"

#include "base/memory.h"
#include "data/synth.h"
#include "nn/predictor.h"

enum { IMAGES = 1000, DRAWN_IMAGES = 200 };

static numeral_status watch(const numeral_model *model,
                            const numeral_dataset *dataset, size_t most,
                            nml_range *ranges, numeral_error *error) {
  nml_predictor *predictor;
  const nml_predictor_options options = {
      .max_batch = 1, .threads = 1, .apart = true};
  numeral_status status =
      nml_predictor_create(model->net, &options, &predictor, error);
  if (status != NUMERAL_OK) return status;
  nml_predictor_load(predictor, model->params, model->state);
  size_t count = dataset->count < most ? dataset->count : most;
  for (size_t i = 0; i < count; i++) {
    size_t image = i * dataset->count / count;
    nml_predictor_watch(
        predictor, dataset->images + image * NUMERAL_IMAGE_PIXELS, 1, ranges);
  }
  nml_predictor_destroy(predictor);
  return NUMERAL_OK;
}

numeral_status nml_calibrate(numeral_model *model,
                             const numeral_dataset *dataset,
                             numeral_error *error) {
  size_t layers = (size_t)model->net->layer_count;
  nml_range *ranges = nml_alloc(layers, sizeof *ranges);
  if (!ranges)
    return nml_fail_memory(error, "a model's ranges", layers * sizeof *ranges);
  numeral_status status = watch(model, dataset, IMAGES, ranges, error);
  if (status == NUMERAL_OK) status = nml_model_set_ranges(model, ranges, error);
  nml_free(ranges);
  return status;
}

numeral_status nml_calibrate_on_drawn(const numeral_model *model,
                                      nml_range *ranges, numeral_error *error) {
  numeral_dataset *drawn;
  numeral_status status = nml_synth_dataset(DRAWN_IMAGES, 1, &drawn, error);
  if (status != NUMERAL_OK) return status;
  status = watch(model, drawn, DRAWN_IMAGES, ranges, error);
  nml_dataset_destroy(drawn);
  return status;
}
