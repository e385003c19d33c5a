/* train_plan.h: everything that decides what a training run gives, from the
 * command line or from a run's run.json. Must not know how training is done or
 * shown. */
#ifndef NUMERAL_APP_TRAIN_PLAN_H
#define NUMERAL_APP_TRAIN_PLAN_H
#include <jansson.h>
#include <limits.h>

#include "app/options.h"
#include "numeral.h"

enum {
  TRAIN_NET_BYTES = 4096,
  TRAIN_MAX_EPOCHS = 100000,
  TRAIN_MAX_BATCH = 4096
};

typedef struct train_plan {
  char net[TRAIN_NET_BYTES];
  char data[PATH_MAX]; /* as --data, paths from the root */
  char init[PATH_MAX]; /* a model file from the root; "" where not given */
  char teachers[NUMERAL_MODELS_MAX][PATH_MAX]; /* model files from the root */
  int teacher_count;
  char data_dir[PATH_MAX]; /* "" where not given */
  char out[PATH_MAX];      /* from the root; "" where not given */
  numeral_recipe recipe;
  uint64_t seed;
  bool guard; /* train one at the end */
} train_plan;

/* The command line of numeral train, as it was typed. */
typedef struct train_request {
  const char *net, *data, *data_dir, *out, *run, *resume, *init;
  option_list teachers;
  numeral_recipe recipe; /* only what was given means something */
  int optimizer, schedule, precision, augment;
  bool nesterov, no_report, guard;
  double checkpoint_seconds;
} train_request;

/* The option rows of numeral train, pointing into `request`, which gets its
 * defaults; `table` [OPTIONS_MAX]. */
void train_request_options(train_request *request, option_row *table);

/* The whole plan: what was given, over the recipe of the network. */
numeral_status train_plan_make(const train_request *request,
                               const arguments *args, train_plan *plan,
                               numeral_error *error);

/* A plan as the "options" of run.json, and back. FORMAT says what is missing.
 */
json_t *train_plan_to_json(const train_plan *plan);
numeral_status train_plan_from_json(const json_t *object, train_plan *plan,
                                    numeral_error *error);

/* A recipe as members of `object`, and back: what a member does not say is that
 * of the recipe of `net`, where an older version left it out. */
void train_recipe_to_json(const numeral_recipe *recipe, json_t *object);
numeral_status train_recipe_from_json(const json_t *object, const char *net,
                                      numeral_recipe *recipe,
                                      numeral_error *error);

/* The first option of the command line that says something else than `plan`,
 * or NULL. Where files go may differ, and the threads. */
const char *train_plan_contradiction(const train_request *request,
                                     const arguments *args,
                                     const train_plan *plan);

#endif
