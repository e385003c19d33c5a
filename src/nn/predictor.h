/* predictor.h: a network prepared to predict, and nothing else.
 *
 * Layers that follow one another become one step (fuse.c), weights are packed
 * as the kernels want them (pack.c), and each few images go from pixels to
 * probabilities on one thread, in memory that stays in its cache: threads never
 * wait for one another. An image's result does not depend on the others of its
 * batch, nor on the threads. Must not know files or training. */
#ifndef NML_NN_PREDICTOR_H
#define NML_NN_PREDICTOR_H

#include "base/team.h"
#include "nn/net.h"

typedef struct nml_predictor nml_predictor; /* for one caller at a time */

/* The values that came out of a layer; low <= high. */
typedef struct nml_range {
  float low, high;
} nml_range;

typedef struct nml_predictor_options {
  numeral_precision precision; /* AUTO is FP32; the processor has it */
  const nml_range *ranges;     /* INT8: [layer_count], by which outputs become
                                  bytes; read by create only */
  int max_batch;               /* most images of one call, 1 or more */
  int threads;                 /* 1 or more */
  bool apart;                  /* every layer a step of its own */
  float temperature; /* divides the last layer's values before softmax; 0: 1 */
} nml_predictor_options;

/* Takes all memory at once; nothing is allocated later. The net must outlive
 * the predictor. Errors: MEMORY; LIMIT where sums of bytes could overflow. */
numeral_status nml_predictor_create(const nml_net *net,
                                    const nml_predictor_options *options,
                                    nml_predictor **predictor,
                                    numeral_error *error);
void nml_predictor_destroy(nml_predictor *predictor);

/* Before the first prediction, and again whenever the numbers have changed:
 * params and state as nml_net_init made them. They must stay where they are,
 * and as they are, until the next load. */
void nml_predictor_load(nml_predictor *predictor, const float *params,
                        const float *state);

/* images [count][28][28] -> probabilities [count][10]; count <= max_batch. */
void nml_predictor_run(nml_predictor *predictor, const uint8_t *images,
                       int count, float *probabilities);

/* One image, and what comes out of its layers: seen(user, first, last, values)
 * for each step in order, whose values [h][w][pitch] are those of layer `last`
 * and of the layers from `first` on that change nothing. What comes before the
 * first step is the image itself. Only a predictor of FP32 made with `apart`.
 */
typedef void (*nml_seen_fn)(void *user, int first, int last,
                            const float *values);
void nml_predictor_trace(nml_predictor *predictor, const uint8_t *image,
                         nml_seen_fn seen, void *user, float *probabilities);

/* The same, and what comes out of the last layer, the temperature left out:
 * values [count][10]. */
void nml_predictor_values(nml_predictor *predictor, const uint8_t *images,
                          int count, float *values, float *probabilities);

/* How many numbers go into the last layer with weights, and these numbers for
 * each image: features [count][feature_count], as nml_predictor_run counts.
 * Only a predictor of FP32. */
size_t nml_predictor_feature_count(const nml_net *net);
void nml_predictor_features(nml_predictor *predictor, const uint8_t *images,
                            int count, float *features, float *probabilities);

/* Widens ranges [layer_count] by what comes out of each layer for these images,
 * of any count. Only a predictor of FP32 made with `apart`. */
void nml_predictor_watch(nml_predictor *predictor, const uint8_t *images,
                         size_t count, nml_range *ranges);

#endif
