/* comparison.h: what numeral compare is told and what it has found so far, as
 * compare.json holds it. Must not know how networks are trained or shown. */
#ifndef NUMERAL_APP_COMPARE_COMPARISON_H
#define NUMERAL_APP_COMPARE_COMPARISON_H
#include <jansson.h>
#include <limits.h>

#include "app/train_plan.h"
#include "numeral.h"

enum {
  COMPARE_NETS_MAX = 64,
  COMPARE_SEEDS_MAX = 100,
  COMPARE_WHY_BYTES = 256
};

/* One network trained with one seed. */
typedef struct compare_training {
  char trouble[COMPARE_WHY_BYTES]; /* why it gave no model; "" where it did */
  double accuracy, loss;           /* on the test set; NaN where no model */
  double val_accuracy;             /* NaN where no image was kept to watch */
  int epochs;
  double train_seconds;        /* without validation */
  double predict_microseconds; /* one image, one thread, fp32, the median */
} compare_training;

typedef struct compare_network {
  char net[TRAIN_NET_BYTES];
  numeral_recipe recipe;
  size_t parameters;
  uint64_t operations;                           /* forward, an image */
  compare_training trainings[COMPARE_SEEDS_MAX]; /* [count], in the order of
                                                    seeds */
  int count;
} compare_network;

typedef struct comparison {
  char data[PATH_MAX];     /* as --data, paths from the root */
  char data_dir[PATH_MAX]; /* "" where not given */
  uint64_t seed;           /* the first; also of synth and of the split */
  int seeds;
  json_t *record; /* compare.json without its networks: "settings" and where it
                     all was made */
  compare_network networks[COMPARE_NETS_MAX];
  int count;
} comparison;

/* Figures over the seeds of a network that gave a model. */
typedef struct compare_figures {
  int count;
  double accuracy, accuracy_deviation; /* mean; deviation of a sample, NaN
                                          below two */
  double train_seconds;                /* mean */
  double predict_microseconds;         /* median (of two, the lower) */
} compare_figures;

/* All NaN where count is 0. */
compare_figures compare_network_figures(const compare_network *network);

/* The network to train next and, by its count, with which seed: all with the
 * first, then all with the second. NULL where all is done. */
compare_network *comparison_next(comparison *all);

/* Adds what `network` was found to do with its next seed, rounded as it is
 * recorded. */
void compare_network_add(compare_network *network,
                         const compare_training *training);

/* Trainings that are recorded, and that are wanted. */
int comparison_done(const comparison *all);
int comparison_wanted(const comparison *all);

/* compare.json, and back; comparison_release ends what the second fills,
 * whatever it returns. FORMAT says what is missing. */
json_t *comparison_to_json(const comparison *all);
numeral_status comparison_from_json(const json_t *object, comparison *all,
                                    numeral_error *error);

/* Accepts an empty one. */
void comparison_release(comparison *all);

#endif
