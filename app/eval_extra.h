/* eval_extra.h: what numeral eval measures besides a set as it is: the set
 * without its doubtful labels, and spoilt on purpose. */
#ifndef NUMERAL_APP_EVAL_EXTRA_H
#define NUMERAL_APP_EVAL_EXTRA_H

#include <jansson.h>
#include <stdbool.h>

#include "numeral.h"

/* Images of a known set whose label careful readers doubt. */
typedef struct doubtful_labels {
  size_t count,
      correct; /* how many, and how many the model takes as labelled */
} doubtful_labels;

/* count 0 where the set is none that is known. probabilities [count][10]. */
doubtful_labels eval_doubtful(const numeral_dataset *dataset,
                              const float *probabilities);

/* Accuracy at each kind and strength (1 to 3). */
typedef struct corruption_table {
  double clean;
  double accuracy[NUMERAL_CORRUPTIONS][3];
  double mean; /* of all of them */
} corruption_table;

numeral_status eval_corrupt(numeral_session *session,
                            const numeral_dataset *dataset, uint64_t seed,
                            corruption_table *table, numeral_error *error);

void eval_corrupt_print(const corruption_table *table);
json_t *eval_corrupt_to_json(const corruption_table *table);

#endif
