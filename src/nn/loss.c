/* loss.c: softmax and cross-entropy over the last layer's ten values.
 *
 * With label smoothing s (Szegedy et al. 2016) the label is only 1 - s of what
 * is wanted, and s is shared by all ten: an image that is right already no
 * longer asks for ever larger values. With mixup (Zhang et al. 2018) two labels
 * share it as the images do. Where the batch says what is wanted, that is it,
 * and smoothing and mixup change it as they do labels. */
#include "nn/layer.h"
#include "nn/softmax.h"

#include <math.h>

/* The digits that image i of the batch shows, and how much the first is. */
typedef struct target {
  int label, other;
  float share;
} target;

static int label_of(const nml_run *run, int i) {
  return run->batch.labels[run->batch.order ? run->batch.order[i] : (size_t)i];
}

static target target_of(const nml_run *run, int i) {
  target t = {.label = label_of(run, i), .share = 1.0f};
  t.other = t.label;
  if (!run->batch.shares) return t;
  t.other = label_of(run, nml_run_partner(run, i));
  t.share = (float)run->batch.shares[i] / NML_SHARE_ONE;
  return t;
}

/* What is wanted of image i, which is said for each image of the batch. */
static void wanted_of(const nml_run *run, int i, float *wanted) {
  const float *own = run->batch.wanted + (size_t)i * NUMERAL_CLASSES;
  const float *other =
      run->batch.wanted + (size_t)nml_run_partner(run, i) * NUMERAL_CLASSES;
  float share =
      run->batch.shares ? (float)run->batch.shares[i] / NML_SHARE_ONE : 1.0f;
  float smoothing = run->options.label_smoothing;
  for (int k = 0; k < NUMERAL_CLASSES; k++)
    wanted[k] =
        (1.0f - smoothing) * (share * own[k] + (1.0f - share) * other[k]) +
        smoothing / NUMERAL_CLASSES;
}

/* Cross-entropy of values x [10] towards what is wanted of image i; `delta`
 * holds their softmax, whose sum is given, and receives the gradient. */
static float imitate(const nml_run *run, int i, const float *x, float largest,
                     float sum, float *delta) {
  float wanted[NUMERAL_CLASSES], loss = largest + logf(sum);
  float share = 1.0f / (float)run->batch.count;
  wanted_of(run, i, wanted);
  for (int k = 0; k < NUMERAL_CLASSES; k++) {
    loss -= wanted[k] * x[k];
    delta[k] = (delta[k] - wanted[k]) * share;
  }
  return loss;
}

void nml_cross_entropy(nml_run *run, int layer, const nml_slab *slab) {
  size_t pitch = nml_shape_floats(run->net->layers[layer].out);
  const nml_place *place = &run->places[layer];
  float share = 1.0f / (float)run->batch.count;
  float smoothing = run->options.label_smoothing;
  for (int i = slab->image; i < slab->image + slab->count; i++) {
    const size_t at = (size_t)(slab->first + i - slab->image) * pitch;
    const float *x = place->out + at;
    float *delta = place->delta + at;
    const target t = target_of(run, i);
    int best = 0;
    float total = 0.0f, sum = nml_softmax(x, delta);
    for (int k = 0; k < NUMERAL_CLASSES; k++) {
      if (x[k] > x[best]) best = k;
      total += x[k];
    }
    run->correct[i] = best == (t.share < 0.5f ? t.other : t.label);
    if (run->batch.wanted) {
      run->losses[i] = imitate(run, i, x, x[best], sum, delta);
      continue;
    }
    float hit = t.share == 1.0f
                    ? x[t.label]
                    : t.share * x[t.label] + (1.0f - t.share) * x[t.other];
    float wanted = hit + smoothing * (total / NUMERAL_CLASSES - hit);
    run->losses[i] = x[best] + logf(sum) - wanted;
    delta[t.label] -= (1.0f - smoothing) * t.share;
    delta[t.other] -= (1.0f - smoothing) * (1.0f - t.share);
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      delta[k] = (delta[k] - smoothing / NUMERAL_CLASSES) * share;
  }
}
