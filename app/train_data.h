/* train_data.h: what a network is trained on, watched with and tested on: a
 * source of data, split. Must not know networks. */
#ifndef NUMERAL_APP_TRAIN_DATA_H
#define NUMERAL_APP_TRAIN_DATA_H
#include "app/data_source.h"

typedef struct train_data {
  data_source source;                        /* its test set is what measures */
  const numeral_dataset *train, *validation; /* of source, or of those below;
                                                validation may be NULL */
  numeral_dataset *split_train, *split_validation, *joined;
} train_data;

/* Fills *sets, which train_data_release ends, whatever it returns. `data` and
 * `data_dir` (or NULL) as --data and --data-dir; `seed` draws synth and says
 * which images validate. What is joined by + is only trained on. */
numeral_status train_data_load(const char *data, const char *data_dir,
                               double val_split, uint64_t seed,
                               train_data *sets, numeral_error *error);

/* Splits the source anew, as another network's recipe wants it. */
numeral_status train_data_split(train_data *sets, double val_split,
                                uint64_t seed, numeral_error *error);

/* What the model file calls the data, into `name` [size_bytes]: no folders of
 * this machine, so that the same data gives the same file everywhere. */
const char *train_data_name(const train_data *sets, char *name,
                            size_t size_bytes);

/* Accepts empty sets, and empties them. */
void train_data_release(train_data *sets);

#endif
