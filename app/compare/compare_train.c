/* compare_train.c: see compare_train.h. */
#include "app/compare/compare_train.h"

#include <math.h>
#include <stdio.h>

#include "app/predict_time.h"
#include "app/progress.h"
#include "app/stop_signal.h"
#include "formats/format_fail.h"

typedef struct watch {
  progress_view view;
  compare_training *result;
} watch;

/* Epochs are not told one by one: there are many, of many trainings. */
static int on_progress(const numeral_progress *progress, void *user) {
  watch *w = user;
  if (progress->event == NUMERAL_EVENT_STEP) {
    progress_show(&w->view, progress);
  } else if (progress->event == NUMERAL_EVENT_EPOCH) {
    w->result->epochs = progress->epoch;
    w->result->train_seconds += progress->seconds;
    w->result->val_accuracy = progress->val_accuracy;
  }
  return stop_signal_came() != 0;
}

static numeral_status train(const compare_network *network, uint64_t seed,
                            int threads, const train_data *sets,
                            compare_training *result, numeral_model **model,
                            numeral_error *error) {
  watch w = {progress_begin(network->recipe.batch), result};
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.net = network->net;
  options.recipe = network->recipe;
  options.seed = seed;
  options.threads = threads;
  options.progress = on_progress;
  options.user = &w;
  numeral_status status =
      numeral_train(&options, sets->train, sets->validation, model, error);
  progress_end(&w.view);
  return status;
}

static numeral_status measure(const numeral_model *model, int threads,
                              const train_data *sets, compare_training *result,
                              numeral_error *error) {
  const numeral_dataset *test = sets->source.test;
  numeral_evaluation evaluation;
  double seconds = 0;
  numeral_status status = numeral_evaluate(
      model, test, threads, NUMERAL_PRECISION_FP32, &evaluation, NULL, error);
  if (status == NUMERAL_OK) {
    status = predict_time(model, numeral_dataset_images(test), 1, 1,
                          PREDICT_TIME_ROUNDS, &seconds, error);
  }
  if (status != NUMERAL_OK) return status;
  result->accuracy = evaluation.accuracy;
  result->loss = evaluation.loss;
  result->predict_microseconds = 1e6 * seconds;
  return NUMERAL_OK;
}

numeral_status compare_train(const compare_network *network, uint64_t seed,
                             int threads, const train_data *sets,
                             compare_training *result, numeral_error *error) {
  numeral_model *model = NULL;
  *result = (compare_training){.accuracy = NAN,
                               .loss = NAN,
                               .val_accuracy = NAN,
                               .predict_microseconds = NAN};
  numeral_status status =
      train(network, seed, threads, sets, result, &model, error);
  if (status == NUMERAL_ERROR_DIVERGED) {
    snprintf(result->trouble, sizeof result->trouble, "%.*s",
             COMPARE_WHY_BYTES - 1, error->message);
    return NUMERAL_OK;
  }
  if (status == NUMERAL_OK)
    status = measure(model, threads, sets, result, error);
  numeral_model_destroy(model);
  return status;
}
