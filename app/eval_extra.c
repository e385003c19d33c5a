/* eval_extra.c: see eval_extra.h. */
#include "app/eval_extra.h"

#include <stdio.h>

#include "app/json_text.h"
#include "app/message.h"
#include "app/prediction_text.h"
#include "app/text_format.h"

/* ---- Doubtful labels ---- */

/* The test images of MNIST that are cited most as wrongly labelled or beyond
 * reading. The set is known by its checksum, so that no other is meant. */
static const uint64_t mnist_test_checksum = UINT64_C(0x7ae766b314a92a20);
static const size_t mnist_doubtful[] = {947,  1621, 1901, 2130, 2462,
                                        2597, 2654, 3520, 3558, 5937,
                                        6651, 6783, 8527, 9679, 9729};
enum { DOUBTFUL = sizeof mnist_doubtful / sizeof *mnist_doubtful };

doubtful_labels eval_doubtful(const numeral_dataset *dataset,
                              const float *probabilities) {
  doubtful_labels found = {0, 0};
  if (numeral_dataset_checksum(dataset) != mnist_test_checksum) return found;
  const uint8_t *labels = numeral_dataset_labels(dataset);
  for (int i = 0; i < DOUBTFUL; ++i) {
    size_t index = mnist_doubtful[i];
    const float *p = probabilities + index * NUMERAL_CLASSES;
    found.correct += prediction_likeliest(p, -1) == labels[index];
    found.count++;
  }
  return found;
}

/* ---- Spoilt images ---- */

static numeral_status measure(numeral_session *session,
                              const numeral_dataset *dataset, double *accuracy,
                              numeral_error *error) {
  numeral_evaluation evaluation;
  numeral_status status =
      numeral_evaluate_session(session, dataset, &evaluation, NULL, error);
  *accuracy = evaluation.accuracy;
  return status;
}

numeral_status eval_corrupt(numeral_session *session,
                            const numeral_dataset *dataset, uint64_t seed,
                            corruption_table *table, numeral_error *error) {
  *table = (corruption_table){0};
  numeral_status status = measure(session, dataset, &table->clean, error);
  for (int i = 0; i < NUMERAL_CORRUPTIONS * 3 && status == NUMERAL_OK; ++i) {
    numeral_dataset *spoilt = NULL;
    double *accuracy = &table->accuracy[i / 3][i % 3];
    status = numeral_dataset_corrupt(dataset, (numeral_corruption)(i / 3),
                                     i % 3 + 1, seed, &spoilt, error);
    if (status == NUMERAL_OK)
      status = measure(session, spoilt, accuracy, error);
    numeral_dataset_destroy(spoilt);
    table->mean += *accuracy / (NUMERAL_CORRUPTIONS * 3);
  }
  return status;
}

void eval_corrupt_print(const corruption_table *table) {
  printf("\n%sSpoilt      Slightly   Clearly  Strongly%s\n",
         style_on(stdout, STYLE_BOLD), style_off(stdout));
  for (int kind = 0; kind < NUMERAL_CORRUPTIONS; ++kind) {
    const double *row = table->accuracy[kind];
    printf("%-10s %9s %9s %9s\n",
           numeral_corruption_name((numeral_corruption)kind),
           text_percent(row[0]).text, text_percent(row[1]).text,
           text_percent(row[2]).text);
  }
  printf("%-10s %9s right on average, %s as they are\n", "all",
         text_percent(table->mean).text, text_percent(table->clean).text);
}

json_t *eval_corrupt_to_json(const corruption_table *table) {
  json_t *kinds = json_object();
  for (int kind = 0; kind < NUMERAL_CORRUPTIONS; ++kind) {
    json_t *row = json_array();
    for (int i = 0; i < 3; ++i)
      json_array_append_new(row, json_rounded(table->accuracy[kind][i], 6));
    json_object_set_new(kinds,
                        numeral_corruption_name((numeral_corruption)kind), row);
  }
  json_object_set_new(kinds, "mean", json_rounded(table->mean, 6));
  return kinds;
}
