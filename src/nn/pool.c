/* pool.c: maximum and mean over windows. A maxpool that follows a convolution
 * is done by conv.c; here it only plans the memory. */
#include "nn/layer.h"

nml_windows nml_pool_windows(const nml_layer *pool, int in_h, int in_w) {
  const nml_windows windows = {.in_h = in_h,
                               .in_w = in_w,
                               .out_h = pool->out.h,
                               .out_w = pool->out.w,
                               .window_h = pool->spec.window_h,
                               .window_w = pool->spec.window_w,
                               .stride = pool->spec.stride,
                               .pad_top = pool->pad_top,
                               .pad_left = pool->pad_left,
                               .pitch = pool->out.pitch};
  return windows;
}

static bool done_by_conv(const nml_run *run, int layer) {
  return layer > 0 && run->net->layers[layer - 1].spec.kind == NML_CONV;
}

static void plan_max(nml_run *run, int layer) {
  nml_place *place = &run->places[layer];
  nml_plan_out(run, layer);
  place->best = nml_run_take(
      run, nml_shape_floats(run->net->layers[layer].out) * (size_t)run->maps,
      sizeof *place->best);
}

/* Where image i begins in a layer's input and output. */
static size_t in_at(const nml_run *run, int layer, int image) {
  return (size_t)image * nml_shape_floats(run->net->layers[layer].in);
}

static size_t out_at(const nml_run *run, int layer, int image) {
  return (size_t)image * nml_shape_floats(run->net->layers[layer].out);
}

static nml_windows windows_of(const nml_run *run, int layer) {
  const nml_layer *l = &run->net->layers[layer];
  return nml_pool_windows(l, l->in.h, l->in.w);
}

static void max_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_windows windows = windows_of(run, layer);
  const nml_place *place = &run->places[layer];
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    size_t at = out_at(run, layer, i);
    run->kernels->maxpool(&windows, place->in + in_at(run, layer, i),
                          place->out + at,
                          place->best ? place->best + at : NULL);
  }
}

static void max_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_windows windows = windows_of(run, layer);
  const nml_place *place = &run->places[layer];
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    size_t at = out_at(run, layer, i);
    run->kernels->maxpool_gradient(&windows, place->delta + at,
                                   place->best + at,
                                   place->in_delta + in_at(run, layer, i));
  }
}

static void mean_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_windows windows = windows_of(run, layer);
  const nml_place *place = &run->places[layer];
  for (int i = slab->first; i < slab->first + slab->count; i++)
    run->kernels->avgpool(&windows, place->in + in_at(run, layer, i),
                          place->out + out_at(run, layer, i));
}

static void mean_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_windows windows = windows_of(run, layer);
  const nml_place *place = &run->places[layer];
  for (int i = slab->first; i < slab->first + slab->count; i++)
    run->kernels->avgpool_gradient(&windows,
                                   place->delta + out_at(run, layer, i),
                                   place->in_delta + in_at(run, layer, i));
}

static void max_forward(nml_run *run, int layer) {
  if (!done_by_conv(run, layer)) nml_add_slab(run, layer, max_slab);
}

static void max_backward(nml_run *run, int layer) {
  if (!done_by_conv(run, layer)) nml_add_slab(run, layer, max_back_slab);
}

static void mean_forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, mean_slab);
}

static void mean_backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, mean_back_slab);
}

const nml_layer_kind_ops nml_maxpool_ops = {
    .plan = plan_max, .forward = max_forward, .backward = max_backward};
const nml_layer_kind_ops nml_avgpool_ops = {
    .plan = nml_plan_out, .forward = mean_forward, .backward = mean_backward};
