/* sensitivity.h: how one of a network's outputs changes with the values inside
 * it, for one image, as the network predicts: nothing is dropped, and batch
 * normalisation uses its running statistics. Must not know what for. */
#ifndef NML_NN_SENSITIVITY_H
#define NML_NN_SENSITIVITY_H

#include "nn/net.h"

/* One image's way through a net: outputs[i] is what came out of layer i, and
 * outputs[-1] the input, [h][w][pitch] each. */
typedef struct nml_trace {
  const nml_net *net;
  const float *params, *state;
  const float *const *outputs;
} nml_trace;

/* What nml_sensitivity works in; arrays of nml_largest_map(net). */
typedef struct nml_sensitivity_memory {
  float *delta[2], *kept, *pooled;
  uint8_t *best;
} nml_sensitivity_memory;

/* Floats of the largest map, the input counted. */
size_t nml_largest_map(const nml_net *net);

/* The gradient of the last layer's value `unit` by each value of
 * outputs[layer], layer -1 .. layer_count - 2; it lies in `memory`. */
const float *nml_sensitivity(const nml_trace *trace, int unit, int layer,
                             const nml_sensitivity_memory *memory);

#endif
