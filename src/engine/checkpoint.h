/* checkpoint.h: all that a training run needs to go on bit for bit, as one
 * safetensors file. Knows the state of a run; must not know how it trains. */
#ifndef NML_ENGINE_CHECKPOINT_H
#define NML_ENGINE_CHECKPOINT_H

#include "nn/net.h"

#include <stdbool.h>

/* Numbers that move while training. Fixed-width, so that they can be stored
 * as they are. */
typedef struct nml_train_counters {
  int64_t epoch;      /* epochs done */
  int64_t step;       /* steps done in the epoch under way */
  int64_t correct;    /* of the images seen in it */
  int64_t best_epoch; /* of the lowest validation loss; 0: none yet */
  double loss_sum;    /* over the images seen in this epoch */
  double best_val_loss, best_val_accuracy;
  double last_val_loss, last_val_accuracy; /* NaN: no validation */
} nml_train_counters;

typedef struct nml_train_state {
  const nml_net *net;
  int slot_count;
  float *params;      /* [params_floats] */
  float *state;       /* [state_floats] */
  float *slots;       /* [slot_count][params_floats] */
  float *best_params; /* NULL where the best epoch is not kept */
  float *best_state;
  float *mean_params; /* running means; NULL where there are none */
  float *mean_state;
  nml_train_counters counters;
} nml_train_state;

/* What makes a run this run and no other: a checkpoint of another is refused
 * with a sentence that says what differs. */
typedef struct nml_train_identity {
  const char *spec, *recipe; /* canonical texts */
  uint64_t seed, train_checksum, validation_checksum;
  const char *start;    /* the numbers it began with, or NULL: drawn by seed */
  const char *teachers; /* whom it learns from, or NULL: labels */
} nml_train_identity;

/* Memory for the state of a run, all 0. */
numeral_status nml_train_state_init(nml_train_state *state, const nml_net *net,
                                    int slot_count, bool keep_best,
                                    bool keep_mean, numeral_error *error);
void nml_train_state_release(nml_train_state *state);

/* Whole or not at all: see base/file.h. */
numeral_status nml_checkpoint_write(const char *path,
                                    const nml_train_identity *identity,
                                    const nml_train_state *state,
                                    numeral_error *error);

/* Fills a state made for the same net. On failure its numbers are undefined. */
numeral_status nml_checkpoint_read(const char *path,
                                   const nml_train_identity *identity,
                                   nml_train_state *state,
                                   numeral_error *error);

#endif
