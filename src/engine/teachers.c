/* teachers.c: see teachers.h. They answer in bytes where the processor
 * multiplies them: a lesson costs a fraction of a step then. */
#include "engine/teachers.h"

#include "base/hash.h"
#include "base/memory.h"
#include "engine/precision.h"
#include "engine/prepare.h"
#include "nn/softmax.h"

#include <string.h>

struct nml_teachers {
  nml_predictor *predictors[NUMERAL_MODELS_MAX];
  size_t count;
  float *values, *probabilities; /* [max_batch][10] */
};

numeral_status nml_teachers_create(const numeral_model *const *models,
                                   size_t count, int max_batch, int threads,
                                   nml_teachers **teachers,
                                   numeral_error *error) {
  const size_t answers = (size_t)max_batch * NUMERAL_CLASSES;
  const numeral_precision precision =
      nml_precision_available(NUMERAL_PRECISION_INT8)
          ? NUMERAL_PRECISION_INT8
          : nml_precision_of_training(NUMERAL_PRECISION_AUTO);
  numeral_status status = NUMERAL_OK;
  *teachers = NULL;
  nml_teachers *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "teachers", sizeof *made);
  made->values = nml_alloc(answers, sizeof *made->values);
  made->probabilities = nml_alloc(answers, sizeof *made->probabilities);
  if (!made->values || !made->probabilities)
    status = nml_fail_memory(error, "teachers", answers * sizeof(float));
  for (; status == NUMERAL_OK && made->count < count; made->count++)
    status = nml_prepare(models[made->count], precision, max_batch, threads,
                         &made->predictors[made->count], error);
  if (status != NUMERAL_OK) {
    nml_teachers_destroy(made);
    return status;
  }
  *teachers = made;
  return NUMERAL_OK;
}

void nml_teachers_destroy(nml_teachers *teachers) {
  if (!teachers) return;
  for (size_t i = 0; i < NUMERAL_MODELS_MAX; i++)
    nml_predictor_destroy(teachers->predictors[i]);
  nml_free(teachers->values);
  nml_free(teachers->probabilities);
  nml_free(teachers);
}

void nml_teachers_ask(nml_teachers *teachers, const uint8_t *images, int count,
                      float *answers) {
  const int numbers = count * NUMERAL_CLASSES;
  const float share = 1.0f / (float)teachers->count;
  memset(answers, 0, (size_t)numbers * sizeof *answers);
  for (size_t t = 0; t < teachers->count; t++) {
    nml_predictor_values(teachers->predictors[t], images, count,
                         teachers->values, teachers->probabilities);
    for (int i = 0; i < numbers; i += NUMERAL_CLASSES) {
      float said[NUMERAL_CLASSES];
      nml_softmax(teachers->values + i, said);
      for (int k = 0; k < NUMERAL_CLASSES; k++)
        answers[i + k] += said[k] * share;
    }
  }
}

uint64_t nml_teachers_checksum(const numeral_model *const *models,
                               size_t count) {
  uint64_t hash = nml_hash_start;
  for (size_t i = 0; i < count; i++) {
    uint64_t own = nml_model_checksum(models[i]);
    hash = nml_hash(hash, &own, sizeof own);
  }
  return hash;
}
