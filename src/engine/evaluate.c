/* evaluate.c: see evaluate.h. */
#include "engine/evaluate.h"

#include "base/memory.h"
#include "engine/clock.h"
#include "engine/prepare.h"

#include <math.h>
#include <string.h>

static int highest(const float *values) {
  int best = 0;
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (values[k] > values[best]) best = k;
  return best;
}

/* Wilson 1927: an interval that stays inside 0..1 and is right near its ends.
 */
static void wilson(double correct, double count, double *low, double *high) {
  const double z = 1.959963984540054; /* 97.5% point of the normal law */
  double p = correct / count, zz = z * z / count;
  double middle = (p + zz / 2) / (1 + zz);
  double half = z * sqrt(p * (1 - p) / count + zz / (4 * count)) / (1 + zz);
  *low = fmax(middle - half, 0);
  *high = fmin(middle + half, 1);
}

static double ratio(size_t part, size_t whole) {
  return whole ? (double)part / (double)whole : 0;
}

static void derive(numeral_evaluation *e) {
  e->accuracy = ratio(e->correct, e->count);
  wilson((double)e->correct, (double)e->count, &e->accuracy_low,
         &e->accuracy_high);
  for (int k = 0; k < NUMERAL_CLASSES; k++) {
    size_t said = 0, there = 0, hit = e->confusion[k][k];
    for (int j = 0; j < NUMERAL_CLASSES; j++) {
      said += e->confusion[j][k];
      there += e->confusion[k][j];
    }
    e->precision[k] = ratio(hit, said);
    e->recall[k] = ratio(hit, there);
    e->f1[k] = ratio(2 * hit, said + there);
  }
}

void nml_measure(nml_predictor *predictor, const numeral_dataset *dataset,
                 float *probabilities, numeral_evaluation *evaluation,
                 uint8_t *predictions) {
  numeral_evaluation *e = evaluation;
  double start = nml_clock_seconds(), loss = 0;
  memset(e, 0, sizeof *e);
  e->count = dataset->count;
  for (size_t at = 0; at < dataset->count; at += NML_EVALUATE_BATCH) {
    size_t left = dataset->count - at;
    int count = left < NML_EVALUATE_BATCH ? (int)left : NML_EVALUATE_BATCH;
    nml_predictor_run(predictor, dataset->images + at * NUMERAL_IMAGE_PIXELS,
                      count, probabilities);
    for (int i = 0; i < count; i++) {
      const float *p = probabilities + i * NUMERAL_CLASSES;
      int label = dataset->labels[at + (size_t)i], digit = highest(p);
      e->confusion[label][digit]++;
      e->correct += digit == label;
      loss -= log(fmax((double)p[label], 1e-38));
      if (predictions) predictions[at + (size_t)i] = (uint8_t)digit;
    }
  }
  e->loss = loss / (double)e->count;
  e->seconds = nml_clock_seconds() - start;
  derive(e);
}

numeral_status nml_evaluate(const numeral_model *model,
                            const numeral_dataset *dataset, int threads,
                            numeral_precision precision,
                            numeral_evaluation *evaluation,
                            uint8_t *predictions, numeral_error *error) {
  nml_predictor *predictor;
  float *probabilities =
      nml_alloc(NML_EVALUATE_BATCH * NUMERAL_CLASSES, sizeof *probabilities);
  if (!probabilities)
    return nml_fail_memory(error, "an evaluation",
                           NML_EVALUATE_BATCH * NUMERAL_CLASSES);
  numeral_status status = nml_prepare(model, precision, NML_EVALUATE_BATCH,
                                      threads, &predictor, error);
  if (status == NUMERAL_OK)
    nml_measure(predictor, dataset, probabilities, evaluation, predictions);
  nml_predictor_destroy(predictor);
  nml_free(probabilities);
  return status;
}
