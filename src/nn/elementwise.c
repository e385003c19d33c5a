/* elementwise.c: layers that treat every value alone: relu, relu6, dropout,
 * flatten.
 */
#include "nn/layer.h"

#include "base/random.h"

static size_t floats_of(const nml_run *run, int layer) {
  return nml_shape_floats(run->net->layers[layer].out);
}

static void relu_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->relu(floats * (size_t)slab->count, place->in + at,
                     place->out + at);
}

static void relu_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->relu_gradient(floats * (size_t)slab->count, place->out + at,
                              place->delta + at, place->in_delta + at);
}

static void relu6_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->relu6(floats * (size_t)slab->count, place->in + at,
                      place->out + at);
}

static void relu6_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->relu6_gradient(floats * (size_t)slab->count, place->out + at,
                               place->delta + at, place->in_delta + at);
}

static void relu_forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, relu_slab);
}

static void relu_backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, relu_back_slab);
}

static void relu6_forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, relu6_slab);
}

static void relu6_backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, relu6_back_slab);
}

/* Srivastava et al. 2014, inverted: what is kept grows, so that prediction
 * needs no change. The mask depends on the step, the layer and the image's
 * place in the batch, and is drawn again for the gradient. */
static void drop(const nml_run *run, int layer, int image, const float *x,
                 float *y) {
  float rate = run->net->layers[layer].spec.rate, kept = 1.0f / (1.0f - rate);
  uint64_t key = (uint64_t)layer << 32 | (uint64_t)image;
  nml_random random = nml_random_init(run->options.seed, NML_PURPOSE_DROPOUT,
                                      run->batch.step, key);
  size_t count = floats_of(run, layer);
  for (size_t i = 0; i < count; i++)
    y[i] = nml_random_unit(&random) < rate ? 0.0f : x[i] * kept;
}

static void dropout_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  for (int i = 0; i < slab->count; i++) {
    size_t at = floats_of(run, layer) * (size_t)(slab->first + i);
    drop(run, layer, slab->image + i, place->in + at, place->out + at);
  }
}

static void dropout_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  for (int i = 0; i < slab->count; i++) {
    size_t at = floats_of(run, layer) * (size_t)(slab->first + i);
    drop(run, layer, slab->image + i, place->delta + at, place->in_delta + at);
  }
}

static void dropout_forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, dropout_slab);
}

static void dropout_backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, dropout_back_slab);
}

const nml_layer_kind_ops nml_relu_ops = {
    .plan = nml_plan_out, .forward = relu_forward, .backward = relu_backward};
const nml_layer_kind_ops nml_relu6_ops = {
    .plan = nml_plan_out, .forward = relu6_forward, .backward = relu6_backward};
const nml_layer_kind_ops nml_dropout_ops = {.plan = nml_plan_out,
                                            .forward = dropout_forward,
                                            .backward = dropout_backward};
const nml_layer_kind_ops nml_flatten_ops = {.plan = nml_plan_alias};
/* input.c did it */
const nml_layer_kind_ops nml_crop_ops = {.plan = nml_plan_alias};
