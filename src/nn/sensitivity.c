/* sensitivity.c: the chain rule from the end backwards, a layer at a time.
 * Written for one image now and then; training has its own, faster way. */
#include "nn/sensitivity.h"

#include "nn/input.h"
#include "nn/layer.h"

#include <math.h>
#include <string.h>

size_t nml_largest_map(const nml_net *net) {
  size_t most = nml_shape_floats(nml_input_shape(net));
  for (int i = 0; i < net->layer_count; i++) {
    size_t floats = nml_shape_floats(net->layers[i].out);
    if (floats > most) most = floats;
  }
  return most;
}

/* All output units of one place of the window, weighted. */
static float weighted_sum(const nml_layer *l, const float *weights,
                          const float *delta) {
  float sum = 0;
  for (int k = 0; k < l->out.c; k++) sum += weights[k] * delta[k];
  return sum;
}

/* What the output pixel at (y, x) sends back to the pixels it looked at. */
static void send_back(const nml_layer *l, const float *weights, int y, int x,
                      const float *delta, float *in_delta) {
  for (int wy = 0; wy < l->spec.window_h; wy++)
    for (int wx = 0; wx < l->spec.window_w; wx++) {
      int in_y = y + wy, in_x = x + wx;
      const float *w =
          weights +
          (size_t)((wy * l->spec.window_w + wx) * l->in.c) * (size_t)l->w_pitch;
      if (in_y < 0 || in_x < 0 || in_y >= l->in.h || in_x >= l->in.w) continue;
      float *pixel = in_delta + (in_y * l->in.w + in_x) * l->in.pitch;
      for (int c = 0; c < l->in.c; c++, w += l->w_pitch)
        pixel[c] += weighted_sum(l, w, delta);
    }
}

/* A dense layer is a convolution whose window is its whole input. */
static void back_product(const nml_trace *t, const nml_layer *l,
                         const float *delta, float *in_delta) {
  int stride = l->spec.kind == NML_CONV ? l->spec.stride : 1;
  memset(in_delta, 0, nml_shape_floats(l->in) * sizeof *in_delta);
  for (int y = 0; y < l->out.h; y++)
    for (int x = 0; x < l->out.w; x++, delta += l->out.pitch)
      send_back(l, t->params + l->weight_at, y * stride - l->pad_top,
                x * stride - l->pad_left, delta, in_delta);
}

static void back_depthwise(const nml_trace *t, const nml_layer *l,
                           const float *delta, float *in_delta) {
  const nml_windows windows = nml_pool_windows(l, l->in.h, l->in.w);
  nml_kernels_get()->depthwise_data(&windows, delta, t->params + l->weight_at,
                                    in_delta);
}

static void back_norm(const nml_trace *t, const nml_layer *l,
                      const float *delta, float *in_delta) {
  const float *gamma = t->params + l->weight_at;
  const float *variance = t->state + l->state_at + l->w_pitch;
  for (int i = 0; i < l->out.h * l->out.w; i++)
    for (int k = 0; k < l->out.c; k++) {
      double scale =
          (double)gamma[k] / sqrt((double)variance[k] + nml_norm_epsilon);
      in_delta[i * l->in.pitch + k] =
          (float)(scale * (double)delta[i * l->out.pitch + k]);
    }
}

static void back_pool(const nml_layer *l, const float *in, const float *delta,
                      const nml_sensitivity_memory *memory, float *in_delta) {
  const nml_kernels *kernels = nml_kernels_get();
  const nml_windows windows = nml_pool_windows(l, l->in.h, l->in.w);
  if (l->spec.kind != NML_MAXPOOL) {
    kernels->avgpool_gradient(&windows, delta, in_delta);
    return;
  }
  kernels->maxpool(&windows, in, memory->pooled, memory->best);
  kernels->maxpool_gradient(&windows, delta, memory->best, in_delta);
}

static void close_relu(const nml_layer *l, const float *out, float *delta) {
  const bool six = nml_relu_of(&l->spec) == 6;
  for (size_t i = 0; i < nml_shape_floats(l->out); i++)
    if (!(out[i] > 0) || (six && !(out[i] < 6))) delta[i] = 0;
}

/* From the gradient by layer i's output to that by its input; false where the
 * two are the same numbers. */
static bool back(const nml_trace *t, int i, float *delta,
                 const nml_sensitivity_memory *memory, float *in_delta) {
  const nml_layer *l = &t->net->layers[i];
  if (nml_relu_of(&l->spec)) close_relu(l, t->outputs[i], delta);
  switch (l->spec.kind) {
    case NML_CONV:
    case NML_DENSE:
      back_product(t, l, delta, in_delta);
      return true;
    case NML_DEPTHWISE:
      back_depthwise(t, l, delta, in_delta);
      return true;
    case NML_BATCHNORM:
      back_norm(t, l, delta, in_delta);
      return true;
    case NML_MAXPOOL:
    case NML_AVGPOOL:
    case NML_GLOBALAVGPOOL:
      back_pool(l, t->outputs[i - 1], delta, memory, in_delta);
      return true;
    default:
      return false;
  }
}

static void exchange(float **a, float **b) {
  float *was = *a;
  *a = *b;
  *b = was;
}

static void add_kept(const nml_layer *l, const float *kept, float *delta) {
  for (size_t i = 0; i < nml_shape_floats(l->out); i++) delta[i] += kept[i];
}

/* Of a block with branches, the one that is not gone through yet has its
 * gradient kept: at `add` it is the same for both, `shortcut` is where the
 * other's turn comes, and what `residual` read gets the sum. */
const float *nml_sensitivity(const nml_trace *t, int unit, int layer,
                             const nml_sensitivity_memory *memory) {
  const nml_net *net = t->net;
  float *delta = memory->delta[0], *next = memory->delta[1];
  float *kept = memory->kept;
  memset(delta, 0, nml_largest_map(net) * sizeof *delta);
  memset(next, 0, nml_largest_map(net) * sizeof *next);
  delta[unit] = 1;
  for (int i = net->layer_count - 1; i > layer; i--) {
    const nml_layer *l = &net->layers[i];
    if (back(t, i, delta, memory, next))
      exchange(&delta, &next);
    else if (l->spec.kind == NML_ADD)
      memcpy(kept, delta, nml_shape_floats(l->out) * sizeof *kept);
    else if (l->spec.kind == NML_SHORTCUT)
      exchange(&delta, &kept);
    else if (l->spec.kind == NML_RESIDUAL)
      add_kept(l, kept, delta);
  }
  if (layer >= 0 && net->layers[layer].spec.kind == NML_RESIDUAL)
    add_kept(&net->layers[layer], kept, delta);
  return delta;
}
