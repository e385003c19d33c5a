/* teachers.h: models that say what a network in training should answer. Must
 * not know how it is trained. */
#ifndef NML_ENGINE_TEACHERS_H
#define NML_ENGINE_TEACHERS_H

#include "model/model.h"

typedef struct nml_teachers nml_teachers; /* for one caller at a time */

/* count 1..NUMERAL_MODELS_MAX; batches of at most max_batch; threads 1 or more.
 * The models must outlive the teachers. */
numeral_status nml_teachers_create(const numeral_model *const *models,
                                   size_t count, int max_batch, int threads,
                                   nml_teachers **teachers,
                                   numeral_error *error);
void nml_teachers_destroy(nml_teachers *teachers);

/* images [count][28][28] -> answers [count][10], the mean of what the teachers
 * say, each of which adds up to 1. They speak as they were trained, without the
 * temperature of a calibration: what label smoothing left among the digits is
 * learned too. */
void nml_teachers_ask(nml_teachers *teachers, const uint8_t *images, int count,
                      float *answers);

/* Of their numbers, in order. */
uint64_t nml_teachers_checksum(const numeral_model *const *models,
                               size_t count);

#endif
