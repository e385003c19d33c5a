/* net.h: the shape of a network: its layers, whose output each one reads, what
 * its own looks like, and where each parameter lies in the one array that holds
 * them all. A layer reads layers before it only.
 *
 * A net is made from layer specs, never changes, and owns no numbers: the
 * parameters live in arrays of net->params_floats that others own. Must not
 * know text (model/), files, or training policy (engine/). */
#ifndef NML_NN_NET_H
#define NML_NN_NET_H

#include "base/fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum nml_layer_kind {
  NML_CONV = 0,
  NML_DENSE,
  NML_MAXPOOL,
  NML_AVGPOOL,
  NML_BATCHNORM,
  NML_RELU,
  NML_DROPOUT,
  NML_FLATTEN,
  NML_CROP,          /* the middle of the image; only as the first layer */
  NML_GLOBALAVGPOOL, /* the mean of each channel over the whole map */
  NML_RESIDUAL, /* what comes here is kept, and added at the next NML_ADD */
  NML_SHORTCUT, /* from here to NML_ADD, layers work on what was kept, and that
                   is added */
  NML_ADD,
  NML_RELU6,     /* min(6, max(0, .)) */
  NML_DEPTHWISE, /* in a net: a conv whose groups are single channels */
  NML_LAYER_KINDS
} nml_layer_kind;

typedef enum nml_init {
  NML_INIT_GLOROT = 0, /* uniform +-sqrt(6 / (fan_in + fan_out)), Glorot 2010 */
  NML_INIT_HE          /* uniform +-sqrt(6 / fan_in), He et al. 2015 */
} nml_init;

/* One item of the network's text, as numbers. Unused fields are 0. */
typedef struct nml_layer_spec {
  nml_layer_kind kind;
  int units;              /* conv: output channels; dense: outputs */
  int window_h, window_w; /* conv, pools; crop: what is left */
  int stride;             /* conv, pools; >= 1 */
  int groups;             /* conv: parts of the channels that do not see each
                             other; 0 or 1: all see all */
  bool same; /* conv, pools: padding so that out = ceil(in / stride) */
  int relu;  /* 1: followed by max(0, .) (conv, dense, batchnorm, add); 6: and
                by min(6, .) (batchnorm) */
  nml_init init; /* conv, dense */
  float rate;    /* dropout: share of values set to 0, 0 <= rate < 1 */
} nml_layer_spec;

/* What the layer ends with, or is: 0 nothing, 1 relu, 6 relu6. */
static inline int nml_relu_of(const nml_layer_spec *spec) {
  if (spec->kind == NML_RELU) return 1;
  return spec->kind == NML_RELU6 ? 6 : spec->relu;
}

enum {
  NML_MAX_LAYERS = 256,
  NML_MAX_UNITS = 65536,
  NML_MAX_WINDOW = 64, /* and window_h * window_w <= 255 for maxpool */
  NML_MAX_STRIDE = 64
};

/* Added to the variance by batch normalisation. */
static const double nml_norm_epsilon = 1e-5;

/* A map of h x w pixels with c channels, stored [h][w][pitch]. */
typedef struct nml_shape {
  int h, w, c;
  int pitch;
} nml_shape;

/* Floats in a map, padding counted. */
size_t nml_shape_floats(nml_shape shape);

typedef struct nml_layer {
  nml_layer_spec spec;
  int from;  /* the layer whose output is its input; -1: the image */
  int other; /* add: the layer whose output is added to that; else -1 */
  nml_shape in, out;
  int pad_top, pad_left; /* crop: rows and columns left out */
  /* conv, dense: weights [taps][w_pitch] then bias [w_pitch];
   * batchnorm: gamma [w_pitch] then beta [w_pitch]. taps = window_h *
   * window_w * in.c, where a dense layer's window is its whole input; of
   * depthwise, window_h * window_w. Weights between groups are there, and 0
   * for ever, like all padding. */
  int taps, w_pitch;
  int seen_channels; /* conv, dense: channels of the input that a unit sees */
  size_t weight_at, bias_at; /* floats into the parameter array */
  size_t
      state_at; /* batchnorm: running mean, then variance, in the state array */
  size_t parameter_count; /* padding not counted */
  uint64_t forward_flops; /* an image */
} nml_layer;

/* A tensor of the model file: the part of the arrays that one name stands
 * for, in the order the rest of the world uses: convolution weights
 * [out][in][h][w], dense weights [out][in] with in = channel, y, x. */
typedef struct nml_tensor {
  char name[32]; /* "0.conv.weight" */
  int rank, dims[4];
  size_t count; /* product of dims */
  int layer;
  enum { NML_WEIGHT, NML_BIAS, NML_MEAN, NML_VARIANCE } part;
} nml_tensor;

typedef struct nml_net {
  int layer_count, tensor_count;
  nml_layer *layers;
  nml_tensor *tensors;
  size_t params_floats; /* the trained array, padding counted, multiple of 16 */
  size_t state_floats;  /* kept but not trained: running statistics */
  size_t parameter_count;
  uint64_t forward_flops;
} nml_net;

/* The net for 28 x 28 x 1 images and 10 classes. Errors: SPEC where a layer
 * cannot take its input (named by number) or the end is not 10 outputs; LIMIT
 * where parameters pass 2^26 or an image's activations 2^24 floats; MEMORY. */
numeral_status nml_net_create(const nml_layer_spec *specs, int count,
                              nml_net **net, numeral_error *error);
void nml_net_destroy(nml_net *net);

/* Initial values: weights by each layer's init, biases 0, gamma 1, variance
 * 1. `params` [params_floats] and `state` [state_floats] are overwritten. */
void nml_net_init(const nml_net *net, uint64_t seed, float *params,
                  float *state);

/* Between the arrays and a tensor in file order. `state` may be NULL where
 * state_floats is 0; the values fetched may lie at any address. */
void nml_tensor_store(const nml_net *net, int tensor, const float *params,
                      const float *state, float *values);
void nml_tensor_fetch(const nml_net *net, int tensor, const void *values,
                      float *params, float *state);

#endif
