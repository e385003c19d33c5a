/* batchnorm.c: batch normalisation by channel (Ioffe and Szegedy 2015), with
 * PyTorch's conventions: epsilon 1e-5, running statistics moved by 0.1, their
 * variance unbiased. The whole batch must have come before anyone can go on,
 * so each direction sums in slabs, meets in a sync, and applies in slabs. */
#include "nn/layer.h"

#include <math.h>
#include <string.h>

static const double running_share = 0.1;

/* Rows of the layer's `lanes` memory, [w_pitch] each. */
enum { SCALE, SHIFT, MEAN, INVERSE, BY_DELTA, BY_INPUT, CONSTANT, LANE_ROWS };

static const nml_layer *layer_of(const nml_run *run, int layer) {
  return &run->net->layers[layer];
}

static float *lanes_of(const nml_run *run, int layer, int row) {
  return run->places[layer].lanes + row * layer_of(run, layer)->w_pitch;
}

static void plan(nml_run *run, int layer) {
  nml_place *place = &run->places[layer];
  size_t pitch = (size_t)layer_of(run, layer)->w_pitch;
  nml_plan_out(run, layer);
  place->lanes = nml_run_take(run, LANE_ROWS * pitch, sizeof *place->lanes);
  place->sums =
      nml_run_take(run, NML_MAX_GROUPS * 2 * pitch, sizeof *place->sums);
  nml_run_need_scratch(run, 2 * pitch);
}

/* Adds sums over one slab of x, and of x * y, to the group's, in double:
 * single precision is only asked to hold one image's. */
static void sum_slab(nml_run *run, int layer, const nml_slab *slab,
                     const float *x, const float *y) {
  const nml_layer *l = layer_of(run, layer);
  size_t pitch = (size_t)l->w_pitch, floats = nml_shape_floats(l->in);
  double *sums = run->places[layer].sums + (size_t)slab->group * 2 * pitch;
  if (slab->opens_group) memset(sums, 0, 2 * pitch * sizeof *sums);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    size_t at = (size_t)i * floats;
    memset(slab->scratch, 0, 2 * pitch * sizeof *slab->scratch);
    run->kernels->sum_rows_product(x + at, y + at, l->in.h * l->in.w,
                                   l->in.pitch, l->w_pitch, slab->scratch,
                                   slab->scratch + pitch);
    for (size_t k = 0; k < 2 * pitch; k++) sums[k] += (double)slab->scratch[k];
  }
}

/* Total of the groups' sums, in order: [0] of x, [1] of x * y. */
static void total(const nml_run *run, int layer, int lane, double sum[2]) {
  size_t pitch = (size_t)layer_of(run, layer)->w_pitch;
  sum[0] = sum[1] = 0;
  for (int group = 0; group < run->groups; group++) {
    const double *sums = run->places[layer].sums + (size_t)group * 2 * pitch;
    sum[0] += sums[lane];
    sum[1] += sums[pitch + (size_t)lane];
  }
}

static double values_a_lane(const nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  return (double)run->batch.count * l->in.h * l->in.w;
}

static void forward_sum(nml_run *run, int layer, const nml_slab *slab) {
  const float *in = run->places[layer].in;
  sum_slab(run, layer, slab, in, in);
}

static void set_scale(nml_run *run, int layer, int lane, double mean,
                      double inverse) {
  const nml_layer *l = layer_of(run, layer);
  double scale = (double)run->params[l->weight_at + (size_t)lane] * inverse;
  lanes_of(run, layer, SCALE)[lane] = (float)scale;
  lanes_of(run, layer, SHIFT)[lane] =
      (float)((double)run->params[l->bias_at + (size_t)lane] - mean * scale);
}

static void batch_statistics(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  double n = values_a_lane(run, layer), sum[2];
  float *running = run->state + l->state_at;
  for (int k = 0; k < l->w_pitch; k++) {
    total(run, layer, k, sum);
    double mean = sum[0] / n;
    double variance = fmax(sum[1] / n - mean * mean, 0);
    double inverse = 1 / sqrt(variance + nml_norm_epsilon);
    set_scale(run, layer, k, mean, inverse);
    lanes_of(run, layer, MEAN)[k] = (float)mean;
    lanes_of(run, layer, INVERSE)[k] = (float)inverse;
    double unbiased = n > 1 ? variance * n / (n - 1) : variance;
    running[k] += (float)(running_share * (mean - (double)running[k]));
    running[l->w_pitch + k] +=
        (float)(running_share * (unbiased - (double)running[l->w_pitch + k]));
  }
}

/* Of a frozen layer: the values of a batch say nothing, as in prediction. */
static void running_statistics(nml_run *run, int layer, int task) {
  const nml_layer *l = layer_of(run, layer);
  const float *running = run->state + l->state_at;
  (void)task; /* there is one */
  for (int k = 0; k < l->w_pitch; k++) {
    double variance = (double)running[l->w_pitch + k];
    set_scale(run, layer, k, (double)running[k],
              1 / sqrt(variance + nml_norm_epsilon));
  }
}

static void prepare(nml_run *run, int layer) {
  if (layer < run->options.frozen)
    nml_add_task(run, layer, 1, running_statistics);
}

static void apply_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t floats = nml_shape_floats(l->out), at = floats * (size_t)slab->first;
  run->kernels->scale_rows(place->in + at, l->in.h * l->in.w * slab->count,
                           l->in.pitch, l->w_pitch, lanes_of(run, layer, SCALE),
                           lanes_of(run, layer, SHIFT), place->out + at);
  if (l->spec.relu)
    (l->spec.relu == 6 ? run->kernels->relu6 : run->kernels->relu)(
        floats * (size_t)slab->count, place->out + at, place->out + at);
}

static void forward(nml_run *run, int layer) {
  if (layer >= run->options.frozen) {
    nml_add_slab(run, layer, forward_sum);
    nml_add_sync(run, layer, batch_statistics);
  }
  nml_add_slab(run, layer, apply_slab);
}

static void backward_sum(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  if (layer_of(run, layer)->spec.relu) nml_close_relu(run, layer, slab);
  sum_slab(run, layer, slab, place->delta, place->in);
}

/* With xhat = (x - mean) * inverse:
 *   dbeta = sum dy,  dgamma = sum dy * xhat
 *   dx = gamma * inverse * (dy - dbeta / n - xhat * dgamma / n) */
static void parameter_gradient(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  double n = values_a_lane(run, layer), sum[2];
  for (int k = 0; k < l->w_pitch; k++) {
    total(run, layer, k, sum);
    double mean = (double)lanes_of(run, layer, MEAN)[k];
    double inverse = (double)lanes_of(run, layer, INVERSE)[k];
    double dgamma = inverse * (sum[1] - mean * sum[0]);
    double by_delta = (double)run->params[l->weight_at + (size_t)k] * inverse;
    double by_input = -by_delta * inverse * dgamma / n;
    run->gradient[l->weight_at + (size_t)k] = (float)dgamma;
    run->gradient[l->bias_at + (size_t)k] = (float)sum[0];
    lanes_of(run, layer, BY_DELTA)[k] = (float)by_delta;
    lanes_of(run, layer, BY_INPUT)[k] = (float)by_input;
    lanes_of(run, layer, CONSTANT)[k] =
        (float)(-by_delta * sum[0] / n - by_input * mean);
  }
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t at = nml_shape_floats(l->in) * (size_t)slab->first;
  if (!place->in_delta) return;
  run->kernels->combine_rows(
      place->delta + at, place->in + at, l->in.h * l->in.w * slab->count,
      l->in.pitch, l->w_pitch, lanes_of(run, layer, BY_DELTA),
      lanes_of(run, layer, BY_INPUT), lanes_of(run, layer, CONSTANT),
      place->in_delta + at);
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, backward_sum);
  nml_add_sync(run, layer, parameter_gradient);
  nml_add_slab(run, layer, backward_slab);
}

const nml_layer_kind_ops nml_batchnorm_ops = {
    .plan = plan, .prepare = prepare, .forward = forward, .backward = backward};
