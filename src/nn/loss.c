/* loss.c: softmax and cross-entropy over the last layer's ten values.
 *
 * With label smoothing s (Szegedy et al. 2016) the label is only 1 - s of what
 * is wanted, and s is shared by all ten: an image that is right already no
 * longer asks for ever larger values. */
#include "nn/layer.h"
#include "nn/softmax.h"

#include <math.h>

void nml_cross_entropy(nml_run *run, int layer, const nml_slab *slab) {
  size_t pitch = nml_shape_floats(run->net->layers[layer].out);
  const nml_place *place = &run->places[layer];
  float share = 1.0f / (float)run->batch.count;
  float smoothing = run->options.label_smoothing;
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *x = place->out + (size_t)i * pitch;
    float *delta = place->delta + (size_t)i * pitch;
    int label =
        run->batch.labels[run->batch.order ? run->batch.order[i] : (size_t)i];
    int best = 0;
    float total = 0.0f, sum = nml_softmax(x, delta);
    for (int k = 0; k < NUMERAL_CLASSES; k++) {
      if (x[k] > x[best]) best = k;
      total += x[k];
    }
    float wanted = x[label] + smoothing * (total / NUMERAL_CLASSES - x[label]);
    run->losses[i] = x[best] + logf(sum) - wanted;
    run->correct[i] = best == label;
    delta[label] -= 1.0f - smoothing;
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      delta[k] = (delta[k] - smoothing / NUMERAL_CLASSES) * share;
  }
}
