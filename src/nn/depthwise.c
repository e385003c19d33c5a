/* depthwise.c: convolution of each channel by itself (Howard et al. 2017): a
 * kernel of its own, since as a product it would multiply by zeros, or be one
 * of a single lane. In floats whatever the products are made of: it waits for
 * memory as long as it computes. */
#include "nn/conv.h"

#include <string.h>

static const nml_layer *layer_of(const nml_run *run, int layer) {
  return &run->net->layers[layer];
}

static nml_windows windows_of(const nml_layer *l) {
  return nml_pool_windows(l, l->in.h, l->in.w);
}

static void plan(nml_run *run, int layer) {
  nml_plan_out(run, layer);
  run->places[layer].partial = nml_run_take(
      run, NML_MAX_GROUPS * nml_conv_weight_floats(layer_of(run, layer)),
      sizeof(float));
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  const nml_windows windows = windows_of(l);
  const size_t in = nml_shape_floats(l->in), out = nml_shape_floats(l->out);
  for (int i = slab->first; i < slab->first + slab->count; i++)
    run->kernels->depthwise(
        &windows, place->in + (size_t)i * in, run->params + l->weight_at,
        run->params + l->bias_at, l->spec.relu, place->out + (size_t)i * out);
}

static void forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, forward_slab);
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  const nml_windows windows = windows_of(l);
  const size_t in = nml_shape_floats(l->in), out = nml_shape_floats(l->out);
  const size_t floats = nml_conv_weight_floats(l);
  float *dw = place->partial + (size_t)slab->group * floats;
  float *db = dw + (size_t)l->taps * (size_t)l->w_pitch;
  if (l->spec.relu) nml_close_relu(run, layer, slab);
  if (slab->opens_group) memset(dw, 0, floats * sizeof *dw);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *dy = place->delta + (size_t)i * out;
    run->kernels->depthwise_weights(&windows, place->in + (size_t)i * in, dy,
                                    dw);
    run->kernels->sum_rows(dy, l->out.h * l->out.w, l->out.pitch, l->w_pitch,
                           db);
    if (place->in_delta)
      run->kernels->depthwise_data(&windows, dy, run->params + l->weight_at,
                                   place->in_delta + (size_t)i * in);
  }
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, backward_slab);
}

static void finish(nml_run *run, int layer) { nml_conv_all.finish(run, layer); }

const nml_layer_kind_ops nml_depthwise_ops = {
    .plan = plan, .forward = forward, .backward = backward, .finish = finish};
