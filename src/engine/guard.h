/* guard.h: is this a digit at all? A second, small network, the guard, was
 * trained on digits and on pictures of what is none; its word and the model's
 * own are weighed into one score. docs/confidence.md has the reasons. */
#ifndef NML_ENGINE_GUARD_H
#define NML_ENGINE_GUARD_H

#include "data/dataset.h"
#include "model/model.h"

/* The guard's ten outputs: five groups of digits, then five kinds of pictures
 * of no digit. */
enum { NML_GUARD_GROUPS = 5 };

/* How much a picture is a digit, as log odds; below 0 it is refused. `own` and
 * `guard` [10]: what came out of the last layers of the model and of its guard,
 * which it has. */
float nml_guard_score(const numeral_model *model, const float *own,
                      const float *guard);

typedef struct nml_guard_plan {
  size_t digits, drawn, others; /* most images of each: of the training set,
                                   drawn digits, pictures of no digit */
  int epochs;
  double refused; /* share of the validation digits, 0 < x < 0.5 */
  uint64_t seed;
  int threads;
  numeral_progress_fn progress; /* or NULL */
  void *user;
} nml_guard_plan;

/* Trains a guard for `model`, which is still being made, and weighs its word on
 * the validation set: both sets are not empty. */
numeral_status nml_guard_train(numeral_model *model,
                               const numeral_dataset *train,
                               const numeral_dataset *validation,
                               const nml_guard_plan *plan,
                               numeral_error *error);

#endif
