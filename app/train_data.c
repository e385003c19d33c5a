/* train_data.c: see train_data.h. */
#include "app/train_data.h"

#include <stdio.h>
#include <string.h>

#include "formats/format_fail.h"

/* What is added is not watched: validation stays that of the first set. */
static numeral_status add(train_data *sets, numeral_error *error) {
  if (sets->source.added == NULL) return NUMERAL_OK;
  numeral_status status = numeral_dataset_join(sets->train, sets->source.added,
                                               &sets->joined, error);
  numeral_dataset_destroy(sets->split_train);
  sets->split_train = NULL;
  sets->train = sets->joined;
  return status;
}

static void drop_split(train_data *sets) {
  numeral_dataset_destroy(sets->split_train);
  numeral_dataset_destroy(sets->split_validation);
  numeral_dataset_destroy(sets->joined);
  sets->split_train = sets->split_validation = sets->joined = NULL;
  sets->train = sets->validation = NULL;
}

numeral_status train_data_split(train_data *sets, double val_split,
                                uint64_t seed, numeral_error *error) {
  drop_split(sets);
  sets->train = sets->source.train;
  if (val_split > 0) {
    numeral_status status = numeral_dataset_split(
        sets->source.train, val_split, seed, &sets->split_train,
        &sets->split_validation, error);
    if (status != NUMERAL_OK) return status;
    sets->train = sets->split_train;
    sets->validation = sets->split_validation;
  }
  return add(sets, error);
}

numeral_status train_data_load(const char *data, const char *data_dir,
                               double val_split, uint64_t seed,
                               train_data *sets, numeral_error *error) {
  data_source_options options = data_source_defaults();
  *sets = (train_data){.train = NULL};
  options.data = data;
  options.data_dir = data_dir;
  options.seed = seed;
  options.parts = DATA_BOTH;
  options.joins = true;
  numeral_status status = data_source_load(&options, &sets->source, error);
  if (status != NUMERAL_OK) return status;
  if (sets->source.train == NULL ||
      numeral_dataset_count(sets->source.train) == 0) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "%.400s has no images to train with", sets->source.name);
  }
  return train_data_split(sets, val_split, seed, error);
}

const char *train_data_name(const train_data *sets, char *name,
                            size_t size_bytes) {
  char set[DATA_PATH_MAX];
  size_t used = 0;
  name[0] = '\0';
  for (const char *next = sets->source.name;
       next != NULL && used < size_bytes;) {
    next = data_source_next(next, set, sizeof set);
    const char *slash = strrchr(set, '/');
    int length =
        snprintf(name + used, size_bytes - used, "%s%s", used > 0 ? "+" : "",
                 slash != NULL && slash[1] != '\0' ? slash + 1 : set);
    used += (size_t)length;
  }
  return name;
}

void train_data_release(train_data *sets) {
  drop_split(sets);
  data_source_release(&sets->source);
}
