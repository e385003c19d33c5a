/* measured.h: what measuring a model gave, with what it was measured on. */
#ifndef NUMERAL_APP_MEASURED_H
#define NUMERAL_APP_MEASURED_H
#include <jansson.h>

#include "numeral.h"

typedef struct measured {
  const char *model_name, *data_name;
  size_t models, parameters; /* of all of them */
  int shifts;
  int threads, precision; /* a place in precision_words */
  numeral_model_info info;
  numeral_evaluation evaluation;
} measured;

double measured_speed(const numeral_evaluation *e); /* images a second */

/* How many images of a digit there were. */
size_t measured_images(const numeral_evaluation *e, int digit);

/* What numeral eval --json prints, and a run's eval.json holds. */
json_t *measured_to_json(const measured *m);

#endif
