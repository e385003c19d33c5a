/* loss.c: softmax and cross-entropy over the last layer's ten values. */
#include "nn/layer.h"
#include "nn/softmax.h"

#include <math.h>

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
    float sum = nml_softmax(x, delta);
    for (int k = 1; k < NUMERAL_CLASSES; k++)
      if (x[k] > x[best]) best = k;
    run->losses[i] = x[best] + logf(sum) - x[label];
    run->correct[i] = best == label;
    delta[label] -= 1.0f;
    for (int k = 0; k < NUMERAL_CLASSES; k++) delta[k] *= share;
  }
}
