/* sureness.c: see sureness.h. The temperature is that of Guo et al. 2017, "On
 * calibration of modern neural networks": one number, so that a few hundred
 * images are enough and no answer changes. */
#include "engine/sureness.h"

#include "base/memory.h"
#include "engine/guard.h"
#include "engine/prepare.h"

#include <math.h>

enum {
  BATCH = 256,
  SEARCH_STEPS = 40,
  GUARD_DIGITS = 60000,  /* at most: all of MNIST's */
  GUARD_SHARE_DRAWN = 3, /* one drawn digit for so many */
  GUARD_SHARE_OTHERS = 2 /* so many other pictures for a digit */
};

/* ---- The temperature ---- */

/* values [count][10]: what comes out of the last layer. */
static numeral_status take_values(const numeral_model *model,
                                  const numeral_dataset *set, int threads,
                                  float *values, numeral_error *error) {
  nml_predictor *predictor;
  float probabilities[BATCH * NUMERAL_CLASSES];
  numeral_status status = nml_prepare(model, NUMERAL_PRECISION_FP32, BATCH,
                                      threads, &predictor, error);
  for (size_t at = 0; status == NUMERAL_OK && at < set->count; at += BATCH) {
    size_t left = set->count - at;
    nml_predictor_values(predictor, set->images + at * NUMERAL_IMAGE_PIXELS,
                         left < BATCH ? (int)left : BATCH,
                         values + at * NUMERAL_CLASSES, probabilities);
  }
  nml_predictor_destroy(predictor);
  return status;
}

/* The mean cross-entropy at a temperature. */
static double loss_at(const numeral_dataset *set, const float *values,
                      double temperature) {
  double loss = 0;
  for (size_t i = 0; i < set->count; i++) {
    const float *x = values + i * NUMERAL_CLASSES;
    double largest = (double)x[0], sum = 0;
    for (int k = 1; k < NUMERAL_CLASSES; k++)
      largest = fmax(largest, (double)x[k]);
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      sum += exp(((double)x[k] - largest) / temperature);
    loss += log(sum) - ((double)x[set->labels[i]] - largest) / temperature;
  }
  return loss / (double)set->count;
}

/* Golden-section search (Kiefer 1953) along the logarithm, where the loss has
 * one valley. */
static float best_temperature(const numeral_dataset *set, const float *values) {
  const double golden = (sqrt(5) - 1) / 2;
  double low = log(0.1), high = log(10);
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = loss_at(set, values, exp(a));
  double at_b = loss_at(set, values, exp(b));
  for (int i = 0; i < SEARCH_STEPS; i++) {
    if (at_a < at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - golden * (high - low);
      at_a = loss_at(set, values, exp(a));
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + golden * (high - low);
      at_b = loss_at(set, values, exp(b));
    }
  }
  return (float)exp((low + high) / 2);
}

static numeral_status set_temperature(numeral_model *model,
                                      const numeral_dataset *validation,
                                      int threads, numeral_error *error) {
  size_t count = validation->count * NUMERAL_CLASSES;
  float *values = nml_alloc(count, sizeof *values);
  if (!values)
    return nml_fail_memory(error, "a calibration", count * sizeof *values);
  numeral_status status =
      take_values(model, validation, threads, values, error);
  if (status == NUMERAL_OK)
    model->temperature = best_temperature(validation, values);
  nml_free(values);
  return status;
}

/* ---- All of it ---- */

static numeral_status set_guard(numeral_model *model,
                                const numeral_dataset *train,
                                const numeral_dataset *validation,
                                const numeral_calibrate_options *options,
                                numeral_error *error) {
  size_t digits = train->count < GUARD_DIGITS ? train->count : GUARD_DIGITS;
  const nml_guard_plan plan = {.digits = digits,
                               .drawn = digits / GUARD_SHARE_DRAWN,
                               .others = digits * GUARD_SHARE_OTHERS,
                               .epochs = options->guard_epochs,
                               .refused = options->refused,
                               .seed = options->seed,
                               .threads = options->threads,
                               .progress = options->progress,
                               .user = options->user};
  return nml_guard_train(model, train, validation, &plan, error);
}

numeral_status nml_model_calibrate(const numeral_model *model,
                                   const numeral_dataset *train,
                                   const numeral_dataset *validation,
                                   const numeral_calibrate_options *options,
                                   numeral_model **calibrated,
                                   numeral_error *error) {
  numeral_model *made;
  *calibrated = NULL;
  numeral_status status = nml_model_copy(model, &made, error);
  if (status == NUMERAL_OK)
    status = set_temperature(made, validation, options->threads, error);
  if (status == NUMERAL_OK && options->guard_epochs > 0)
    status = set_guard(made, train, validation, options, error);
  if (status == NUMERAL_OK)
    *calibrated = made;
  else
    nml_model_destroy(made);
  return status;
}
