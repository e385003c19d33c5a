/* guard.c: see guard.h. */
#include "engine/guard.h"

#include "base/linear.h"
#include "base/memory.h"
#include "data/augment.h"
#include "data/nondigit.h"
#include "data/synth.h"
#include "engine/prepare.h"
#include "engine/train.h"
#include "model/spec.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Telling five groups of digits and five kinds of others apart, instead of one
 * from one, makes it learn what digits look like (docs/confidence.md). What it
 * is trained on is changed as digits are (augmentation): else it refuses what
 * is blurred or thin. */
static const char GUARD_NET[] =
    "conv 16 3x3, batchnorm relu, maxpool 2, conv 32 3x3, batchnorm relu, "
    "conv 64 3x3, batchnorm relu, maxpool 2, flatten, dropout 0.2, dense 128, "
    "batchnorm relu, dense 10";
/* Digits that share strokes are in one group. */
static const uint8_t groups[NUMERAL_CLASSES] = {0, 1, 2, 2, 3, 4, 0, 1, 4, 3};

enum {
  BATCH = 256,
  FACTS = NML_JUDGE_WEIGHTS - 1, /* the last weight stands alone */
  NEWTON_STEPS = 30,
  WEIGHED_OTHERS = 6000
};

/* ---- The score ---- */

static float log_sum_exp(const float *values, int count) {
  int largest = 0;
  float rest = 0; /* the largest adds 1 */
  for (int i = 1; i < count; i++)
    if (values[i] > values[largest]) largest = i;
  for (int i = 0; i < count; i++)
    if (i != largest) rest += expf(values[i] - values[largest]);
  return values[largest] + log1pf(rest);
}

/* The guard's word for any digit and for the digit that the model reads, the
 * model's own energy (Liu et al. 2020), and how far it holds the other digits
 * down: the mean of all but its first two. Bounded, so that no single one of
 * them outweighs the rest in pictures unlike all that were seen. */
static void take_facts(const float *own, const float *guard, float *facts) {
  int digit = own[1] > own[0], second = !digit;
  float sum = own[0] + own[1];
  for (int k = 2; k < NUMERAL_CLASSES; k++) {
    sum += own[k];
    if (own[k] > own[second]) second = k;
    if (own[second] > own[digit]) {
      int first = second;
      second = digit;
      digit = first;
    }
  }
  float others =
      log_sum_exp(guard + NML_GUARD_GROUPS, NUMERAL_CLASSES - NML_GUARD_GROUPS);
  facts[0] = log_sum_exp(guard, NML_GUARD_GROUPS) - others;
  facts[1] = guard[groups[digit]] - others;
  facts[2] = log_sum_exp(own, NUMERAL_CLASSES);
  facts[3] = (sum - own[digit] - own[second]) / (NUMERAL_CLASSES - 2);
  for (int i = 0; i < FACTS; i++) facts[i] = fmaxf(-100, fminf(facts[i], 100));
}

float nml_guard_score(const numeral_model *model, const float *own,
                      const float *guard) {
  float facts[FACTS], score = model->judge[FACTS];
  take_facts(own, guard, facts);
  for (int i = 0; i < FACTS; i++) score += model->judge[i] * facts[i];
  return score;
}

/* ---- What the guard is trained on ---- */

/* Copies `count` images of `from`, evenly spaced, to `to` from place `at`. */
static void take_digits(const numeral_dataset *from, size_t count,
                        numeral_dataset *to, size_t at) {
  for (size_t i = 0; i < count; i++) {
    size_t index = i * from->count / count;
    memcpy(to->images + (at + i) * NUMERAL_IMAGE_PIXELS,
           from->images + index * NUMERAL_IMAGE_PIXELS, NUMERAL_IMAGE_PIXELS);
    to->labels[at + i] = groups[from->labels[index]];
  }
}

static void take_others(const numeral_dataset *from, numeral_dataset *to,
                        size_t at) {
  memcpy(to->images + at * NUMERAL_IMAGE_PIXELS, from->images,
         from->count * NUMERAL_IMAGE_PIXELS);
  for (size_t i = 0; i < from->count; i++)
    to->labels[at + i] = (uint8_t)(NML_GUARD_GROUPS + from->labels[i]);
}

static numeral_status make_set(const numeral_dataset *train,
                               const nml_guard_plan *plan,
                               numeral_dataset **set, numeral_error *error) {
  numeral_dataset *drawn = NULL, *others = NULL;
  size_t digits = plan->digits < train->count ? plan->digits : train->count;
  numeral_status status =
      nml_synth_dataset(plan->drawn, plan->seed, &drawn, error);
  *set = NULL;
  if (status == NUMERAL_OK)
    status = nml_nondigits(train, plan->others, plan->seed, &others, error);
  if (status == NUMERAL_OK)
    status = nml_dataset_alloc(digits + plan->drawn + plan->others, set, error);
  if (status == NUMERAL_OK) {
    take_digits(train, digits, *set, 0);
    take_digits(drawn, plan->drawn, *set, digits);
    take_others(others, *set, digits + plan->drawn);
  }
  nml_dataset_destroy(drawn);
  nml_dataset_destroy(others);
  return status;
}

static numeral_status train_guard(const numeral_dataset *set,
                                  const nml_guard_plan *plan,
                                  numeral_model **guard, numeral_error *error) {
  numeral_model *trained;
  numeral_train_options options = {.struct_size = sizeof options,
                                   .net = GUARD_NET,
                                   .recipe = nml_recipe_for(GUARD_NET),
                                   .seed = plan->seed,
                                   .threads = plan->threads,
                                   .progress = plan->progress,
                                   .user = plan->user};
  options.recipe.epochs = plan->epochs;
  options.recipe.schedule = NUMERAL_SCHEDULE_ONE_CYCLE;
  options.recipe.learning_rate = 4e-3;
  options.recipe.augment = nml_augment_preset(NUMERAL_STRENGTH_MEDIUM);
  options.recipe.augment.clutter = 0.3;
  /* what is photographed or made smaller is not sharp: after 16 epochs 16% of
   * letters pass for digits, without blur 18% */
  options.recipe.augment.blur_px = 1;
  numeral_status status = nml_train(&options, set, NULL, &trained, error);
  *guard = trained;
  if (status != NUMERAL_OK) return status;
  nml_free(trained->ranges); /* it always predicts in fp32 */
  trained->ranges = NULL;
  return NUMERAL_OK;
}

/* ---- How its word is weighed ---- */

typedef struct weighing {
  size_t digits, count; /* digits first */
  float *facts;         /* [count][FACTS] */
  double weights[FACTS + 1];
} weighing;

static numeral_status look_at(const numeral_model *model,
                              const numeral_model *guard, int threads,
                              const numeral_dataset *set, float *facts,
                              numeral_error *error) {
  nml_predictor *own = NULL, *other = NULL;
  float values[2][BATCH * NUMERAL_CLASSES];
  float probabilities[BATCH * NUMERAL_CLASSES];
  numeral_status status =
      nml_prepare(model, NUMERAL_PRECISION_FP32, BATCH, threads, &own, error);
  if (status == NUMERAL_OK)
    status = nml_prepare(guard, NUMERAL_PRECISION_FP32, BATCH, threads, &other,
                         error);
  for (size_t at = 0; status == NUMERAL_OK && at < set->count; at += BATCH) {
    size_t left = set->count - at;
    int count = left < BATCH ? (int)left : BATCH;
    const uint8_t *images = set->images + at * NUMERAL_IMAGE_PIXELS;
    nml_predictor_values(own, images, count, values[0], probabilities);
    nml_predictor_values(other, images, count, values[1], probabilities);
    for (int i = 0; i < count; i++)
      take_facts(values[0] + i * NUMERAL_CLASSES,
                 values[1] + i * NUMERAL_CLASSES,
                 facts + (at + (size_t)i) * FACTS);
  }
  nml_predictor_destroy(own);
  nml_predictor_destroy(other);
  return status;
}

static double weigh(const double *weights, const float *facts) {
  double sum = weights[FACTS];
  for (int i = 0; i < FACTS; i++) sum += weights[i] * (double)facts[i];
  return sum;
}

enum { SIZE = FACTS + 1 };

/* A step of Newton's towards the weights by which a logistic model tells the
 * digits from the rest; large weights cost a little. */
static void newton_step(weighing *w) {
  const double cost = 1e-2;
  double curve[SIZE][SIZE] = {{0}}, slope[SIZE];
  for (int i = 0; i < SIZE; i++) {
    curve[i][i] = cost;
    slope[i] = -cost * w->weights[i];
  }
  for (size_t n = 0; n < w->count; n++) {
    const float *facts = w->facts + n * FACTS;
    double p = 1 / (1 + exp(-weigh(w->weights, facts)));
    double rest = (n < w->digits ? 1 : 0) - p, bend = p * (1 - p) + 1e-9;
    for (int i = 0; i < SIZE; i++) {
      double x = i < FACTS ? (double)facts[i] : 1;
      slope[i] += rest * x;
      for (int j = 0; j < SIZE; j++)
        curve[i][j] += bend * x * (j < FACTS ? (double)facts[j] : 1);
    }
  }
  nml_solve(curve[0], slope, SIZE); /* the cost makes it definite */
  for (int i = 0; i < SIZE; i++) w->weights[i] += slope[i];
}

static int compare_floats(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Moves the last weight so that `refused` of the digits score below 0, and the
 * next one above, by more than floats may lose. The digits' facts are
 * overwritten. */
static void set_threshold(weighing *w, double refused) {
  float *scores = w->facts;
  size_t most = (size_t)(refused * (double)w->digits);
  for (size_t n = 0; n < w->digits; n++)
    scores[n] = (float)weigh(w->weights, w->facts + n * FACTS);
  qsort(scores, w->digits, sizeof *scores, compare_floats);
  w->weights[FACTS] += 1e-4 - (double)scores[most];
}

static numeral_status weigh_words(const numeral_model *model,
                                  const numeral_model *guard,
                                  const numeral_dataset *validation,
                                  const numeral_dataset *others,
                                  const nml_guard_plan *plan, float *judge,
                                  numeral_error *error) {
  weighing w = {.digits = validation->count,
                .count = validation->count + others->count};
  w.facts = nml_alloc(w.count * FACTS, sizeof *w.facts);
  if (!w.facts)
    return nml_fail_memory(error, "the guard's words", w.count * FACTS);
  numeral_status status =
      look_at(model, guard, plan->threads, validation, w.facts, error);
  if (status == NUMERAL_OK)
    status = look_at(model, guard, plan->threads, others,
                     w.facts + w.digits * FACTS, error);
  if (status == NUMERAL_OK) {
    for (int i = 0; i < NEWTON_STEPS; i++) newton_step(&w);
    set_threshold(&w, plan->refused);
    for (int i = 0; i < SIZE; i++) judge[i] = (float)w.weights[i];
  }
  nml_free(w.facts);
  return status;
}

numeral_status nml_guard_train(numeral_model *model,
                               const numeral_dataset *train,
                               const numeral_dataset *validation,
                               const nml_guard_plan *plan,
                               numeral_error *error) {
  numeral_dataset *set = NULL, *others = NULL;
  numeral_model *guard = NULL, *bare = NULL;
  float judge[NML_JUDGE_WEIGHTS];
  assert(train->count > 0 && validation->count > 0);
  numeral_status status = make_set(train, plan, &set, error);
  if (status == NUMERAL_OK) status = train_guard(set, plan, &guard, error);
  /* the weighing is done on pictures that the guard never saw */
  if (status == NUMERAL_OK)
    status = nml_nondigits(validation, WEIGHED_OTHERS, plan->seed + 1, &others,
                           error);
  if (status == NUMERAL_OK)
    status = weigh_words(model, guard, validation, others, plan, judge, error);
  if (status == NUMERAL_OK) {
    bare = guard;
    guard = NULL;
    status = nml_model_set_guard(model, bare, judge, error);
  }
  nml_dataset_destroy(set);
  nml_dataset_destroy(others);
  nml_model_destroy(guard);
  return status;
}
