/* loss.c: softmax and cross-entropy over the last layer's ten values. */
#include "nn/layer.h"

#include <math.h>

/* p = softmax(x) without overflow; returns log of the sum that divides, so
 * that -log p[k] = result - x[k]. */
static float softmax(const float *x, float *p) {
  float largest = x[0], sum = 0.0f;
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (x[k] > largest) largest = x[k];
  for (int k = 0; k < NUMERAL_CLASSES; k++) {
    p[k] = expf(x[k] - largest);
    sum += p[k];
  }
  for (int k = 0; k < NUMERAL_CLASSES; k++) p[k] /= sum;
  return largest + logf(sum);
}

void nml_softmax(nml_run *run, int layer, const nml_slab *slab) {
  size_t pitch = nml_shape_floats(run->net->layers[layer].out);
  const float *out = run->places[layer].out;
  for (int i = slab->first; i < slab->first + slab->count; i++)
    softmax(out + (size_t)i * pitch,
            run->probabilities + (size_t)i * NUMERAL_CLASSES);
}

void nml_cross_entropy(nml_run *run, int layer, const nml_slab *slab) {
  size_t pitch = nml_shape_floats(run->net->layers[layer].out);
  const nml_place *place = &run->places[layer];
  float share = 1.0f / (float)run->batch.count;
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *x = place->out + (size_t)i * pitch;
    float *delta = place->delta + (size_t)i * pitch;
    int label =
        run->batch.labels[run->batch.order ? run->batch.order[i] : (size_t)i];
    int best = 0;
    run->losses[i] = softmax(x, delta) - x[label];
    for (int k = 1; k < NUMERAL_CLASSES; k++)
      if (x[k] > x[best]) best = k;
    run->correct[i] = best == label;
    delta[label] -= 1.0f;
    for (int k = 0; k < NUMERAL_CLASSES; k++) delta[k] *= share;
  }
}
