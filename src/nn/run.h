/* run.h: working memory and the order of work for one net that is trained: the
 * gradient of a batch.
 *
 * A batch is cut into groups of images by its size alone. Whoever computes a
 * group, its sums stay its own until all are added up in order, so results do
 * not depend on the number of threads. Must not know epochs, data sets or
 * optimisers. */
#ifndef NML_NN_RUN_H
#define NML_NN_RUN_H

#include "base/team.h"
#include "nn/net.h"

enum { NML_MAX_BATCH = 4096 };

enum { NML_SHARE_ONE = 256 }; /* all of an image */

typedef struct nml_run nml_run; /* for one caller at a time */

typedef struct nml_run_options {
  int max_batch;         /* 1..NML_MAX_BATCH */
  int threads;           /* >= 1 */
  bool bf16;             /* products of bf16, but for the last layer's; needs
                            nml_bf16_kernels_get() */
  uint64_t seed;         /* of dropout */
  float label_smoothing; /* 0 <= x < 1, see loss.c */
  int frozen;            /* the first so many layers have no gradient, and batch
                            normalisation among them works as in prediction; at least one
                            layer with parameters is left */
} nml_run_options;

/* Takes all memory at once; nothing is allocated later. The net must outlive
 * the run. Errors: MEMORY, LIMIT. */
numeral_status nml_run_create(const nml_net *net,
                              const nml_run_options *options, nml_run **run,
                              numeral_error *error);
void nml_run_destroy(nml_run *run);

/* The threads of the run, for its owner's other work between calls. */
nml_team *nml_run_team(const nml_run *run);

/* What a batch does to image `index` of `images` before it is used; called from
 * any thread. image and changed [28][28]. */
typedef void (*nml_change_fn)(const void *context, size_t index,
                              const uint8_t *image, uint8_t *changed);

typedef struct nml_batch {
  const uint8_t *images; /* [][28][28] */
  const uint8_t *labels; /* [] */
  const uint32_t *order; /* image i of the batch is images[order[i]]; NULL: i */
  int count;             /* 1..max_batch */
  uint64_t step;         /* number of the training step: key of dropout */
  int ahead; /* images behind those that will be asked for next, or 0 */
  nml_change_fn change; /* or NULL: images as they are */
  const void *change_context;
  /* Mixup: in 256 parts, what is left of image i when the last image but i is
   * laid over it [count]; NULL: all */
  const uint16_t *shares;
  /* What is wanted of each image instead of its label, adding up to 1 before it
   * is smoothed [count][10]; NULL: its label */
  const float *wanted;
} nml_batch;

/* Image i as it is trained on, before mixup: `room` is used where it is not as
 * it lies in memory. */
const uint8_t *nml_batch_image(const nml_batch *batch, int i,
                               uint8_t room[NUMERAL_IMAGE_PIXELS]);

typedef struct nml_loss {
  double sum;  /* of the images' cross-entropy, nats */
  int correct; /* images whose highest value was the label's, of two that of
                  the larger share */
} nml_loss;

/* The gradient of the batch's mean loss by each parameter: gradient
 * [params_floats] is overwritten, but for that of frozen layers. Batch
 * normalisation moves its running statistics in `state`. */
nml_loss nml_run_gradient(nml_run *run, const float *params, float *state,
                          const nml_batch *batch, float *gradient);

#endif
