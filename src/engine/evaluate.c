/* evaluate.c: see evaluate.h. */
#include "engine/evaluate.h"

#include "base/memory.h"
#include "engine/clock.h"
#include "engine/prepare.h"
#include "engine/session.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* Counts one image: until derive_reliability the bins hold sums. */
static void count_image(numeral_evaluation *e, int label, const float *p) {
  int digit = highest(p);
  double confidence = (double)p[digit];
  int bin = (int)ceil(confidence * NUMERAL_RELIABILITY_BINS) - 1;
  if (bin < 0) bin = 0;
  if (bin >= NUMERAL_RELIABILITY_BINS) bin = NUMERAL_RELIABILITY_BINS - 1;
  e->confusion[label][digit]++;
  e->correct += digit == label;
  e->reliability[bin].count++;
  e->reliability[bin].confidence += confidence;
  e->reliability[bin].accuracy += digit == label;
}

static void derive_reliability(numeral_evaluation *e) {
  for (int i = 0; i < NUMERAL_RELIABILITY_BINS; i++) {
    numeral_reliability *bin = &e->reliability[i];
    if (bin->count == 0) continue;
    e->calibration_error +=
        fabs(bin->confidence - bin->accuracy) / (double)e->count;
    bin->confidence /= (double)bin->count;
    bin->accuracy /= (double)bin->count;
  }
}

void nml_measure_by(nml_read_fn read, void *reader,
                    const numeral_dataset *dataset, float *batch,
                    numeral_evaluation *evaluation, float *probabilities) {
  numeral_evaluation *e = evaluation;
  double start = nml_clock_seconds(), loss = 0;
  memset(e, 0, sizeof *e);
  e->count = dataset->count;
  for (size_t at = 0; at < dataset->count; at += NML_EVALUATE_BATCH) {
    size_t left = dataset->count - at;
    int count = left < NML_EVALUATE_BATCH ? (int)left : NML_EVALUATE_BATCH;
    float *p = probabilities ? probabilities + at * NUMERAL_CLASSES : batch;
    read(reader, dataset->images + at * NUMERAL_IMAGE_PIXELS, count, p);
    for (int i = 0; i < count; i++, p += NUMERAL_CLASSES) {
      int label = dataset->labels[at + (size_t)i];
      count_image(e, label, p);
      loss -= log(fmax((double)p[label], 1e-38));
    }
  }
  e->loss = loss / (double)e->count;
  e->seconds = nml_clock_seconds() - start;
  derive(e);
  derive_reliability(e);
}

static void read_with(void *reader, const uint8_t *images, int count,
                      float *probabilities) {
  nml_predictor_run(reader, images, count, probabilities);
}

void nml_measure(nml_predictor *predictor, const numeral_dataset *dataset,
                 float *batch, numeral_evaluation *evaluation,
                 float *probabilities) {
  nml_measure_by(read_with, predictor, dataset, batch, evaluation,
                 probabilities);
}

/* ---- What measuring while training does without ---- */

static int compare_floats(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

typedef struct verdicts {
  numeral_prediction *predictions; /* [NML_EVALUATE_BATCH] */
  float *confidences, *sorted;     /* [count] */
  bool *right;                     /* [count] */
} verdicts;

static void count_verdict(numeral_evaluation *e, verdicts *v, size_t index,
                          int label, const numeral_prediction *p) {
  int digit = highest(p->probabilities);
  v->right[index] = digit == label;
  v->confidences[index] = v->sorted[index] = p->probabilities[digit];
  if (p->digit < 0)
    e->refused++;
  else
    e->accuracy_of_rest += digit == label;
}

/* Where many images are as sure as the last one in, all of them are in. */
static void derive_verdicts(numeral_evaluation *e, const verdicts *v) {
  size_t right = 0, in = 0;
  qsort(v->sorted, e->count, sizeof *v->sorted, compare_floats);
  float least = v->sorted[e->count / 100];
  for (size_t i = 0; i < e->count; i++) {
    if (v->confidences[i] < least) continue;
    right += v->right[i];
    in++;
  }
  e->accuracy_at_99 = ratio(right, in);
  size_t rest = e->count - e->refused;
  e->accuracy_of_rest = rest ? e->accuracy_of_rest / (double)rest : 0;
}

static void judge(numeral_session *session, const numeral_dataset *set,
                  numeral_evaluation *e, verdicts *v) {
  for (size_t at = 0; at < set->count; at += NML_EVALUATE_BATCH) {
    size_t left = set->count - at;
    size_t count = left < NML_EVALUATE_BATCH ? left : NML_EVALUATE_BATCH;
    nml_session_judge(session, set->images + at * NUMERAL_IMAGE_PIXELS, count,
                      v->predictions);
    for (size_t i = 0; i < count; i++)
      count_verdict(e, v, at + i, set->labels[at + i], &v->predictions[i]);
  }
  derive_verdicts(e, v);
}

static numeral_status take_verdicts(numeral_session *session,
                                    const numeral_dataset *set,
                                    numeral_evaluation *e,
                                    numeral_error *error) {
  verdicts v = {nml_alloc(NML_EVALUATE_BATCH, sizeof *v.predictions),
                nml_alloc(set->count, sizeof *v.confidences),
                nml_alloc(set->count, sizeof *v.sorted),
                nml_alloc(set->count, sizeof *v.right)};
  bool has_memory = v.predictions && v.confidences && v.sorted && v.right;
  if (has_memory) judge(session, set, e, &v);
  nml_free(v.predictions);
  nml_free(v.confidences);
  nml_free(v.sorted);
  nml_free(v.right);
  if (has_memory) return NUMERAL_OK;
  return nml_fail_memory(error, "an evaluation",
                         set->count * 2 * sizeof *v.confidences);
}

static void read_by_session(void *session, const uint8_t *images, int count,
                            float *probabilities) {
  nml_session_predict(session, images, (size_t)count, probabilities);
}

numeral_status nml_session_evaluate(numeral_session *session,
                                    const numeral_dataset *dataset,
                                    numeral_evaluation *evaluation,
                                    float *probabilities,
                                    numeral_error *error) {
  float *batch = nml_alloc(NML_EVALUATE_BATCH * NUMERAL_CLASSES, sizeof *batch);
  if (!batch)
    return nml_fail_memory(error, "an evaluation",
                           NML_EVALUATE_BATCH * NUMERAL_CLASSES);
  nml_measure_by(read_by_session, session, dataset, batch, evaluation,
                 probabilities);
  nml_free(batch);
  return take_verdicts(session, dataset, evaluation, error);
}

numeral_status nml_evaluate(const numeral_model *model,
                            const numeral_dataset *dataset, int threads,
                            numeral_precision precision,
                            numeral_evaluation *evaluation,
                            float *probabilities, numeral_error *error) {
  const numeral_session_options options = {.struct_size = sizeof options,
                                           .threads = threads,
                                           .max_batch = NML_EVALUATE_BATCH,
                                           .precision = precision};
  numeral_session *session;
  numeral_status status =
      nml_session_create(&model, 1, &options, &session, error);
  if (status == NUMERAL_OK)
    status = nml_session_evaluate(session, dataset, evaluation, probabilities,
                                  error);
  nml_session_destroy(session);
  return status;
}
