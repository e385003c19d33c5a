/* conv_backward.c: a convolution's gradients where every output pixel has one:
 * by the weights a product of input and output, by the data products of the
 * output with the weights mirrored (conv_data.h). */
#include "nn/conv_data.h"

#include <string.h>

enum { BLOCK_FLOATS = 4096 }; /* of a partial gradient, summed as one task */

/* The slab's gradients by the output, where they are not in place. */
static size_t outputs_floats(const nml_conv *g) {
  return g->pool ? NML_SLAB * nml_conv_used_floats(g) : 0;
}

void nml_conv_plan_data(nml_run *run, int layer, const nml_conv *g) {
  const nml_layer *l = g->layer;
  nml_place *place = &run->places[layer];
  size_t pixels = (size_t)NML_SLAB * (size_t)l->in.h * (size_t)l->in.w;
  size_t places = (size_t)nml_conv_data_tap_places(g);
  nml_conv_data data = {.parts_count = nml_conv_data_parts(g, NULL)};
  place->data = nml_run_take(run, 1, sizeof data);
  data.parts = nml_run_take(run, (size_t)data.parts_count, sizeof *data.parts);
  data.from = nml_run_take(run, pixels, sizeof *data.from);
  data.to = nml_run_take(run, pixels, sizeof *data.to);
  data.taps = nml_run_take(run, places * (size_t)l->out.c, sizeof *data.taps);
  if (run->bf16)
    data.pair_taps = nml_run_take(run, places * (size_t)((l->out.c + 1) / 2),
                                  sizeof *data.pair_taps);
  if (!run->arena.base) return;
  nml_conv_data_fill(g, &data);
  *place->data = data;
}

static void plan(nml_run *run, int layer, const nml_conv *g) {
  const nml_layer *l = g->layer;
  nml_place *place = &run->places[layer];
  size_t window_places = (size_t)l->spec.window_h * (size_t)l->spec.window_w;
  place->partial = nml_run_take(run, NML_MAX_GROUPS * nml_conv_weight_floats(l),
                                sizeof *place->partial);
  place->pixels = nml_run_take(run, (size_t)g->used_h * (size_t)g->used_w,
                               sizeof *place->pixels);
  if (run->arena.base) nml_conv_fill_rows(g, 1, place->pixels);
  if (!nml_sends_back(run, layer)) return;
  place->turned =
      nml_run_take(run, window_places * (size_t)l->out.c * (size_t)l->in.pitch,
                   sizeof *place->turned);
  nml_conv_plan_data(run, layer, g);
  nml_run_need_scratch(run, nml_conv_padded_floats(g) + outputs_floats(g));
}

/* turned[place][unit][channel], a place of the window a task. */
static void turn_weights(nml_run *run, int layer, int place) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  int width = l->spec.window_w;
  size_t to = (size_t)nml_conv_data_place(&g, place / width, place % width);
  run->kernels->transpose(
      run->params + l->weight_at +
          (size_t)place * (size_t)l->in.c * (size_t)l->w_pitch,
      l->in.c, l->out.c, l->w_pitch,
      run->places[layer].turned + to * (size_t)l->out.c * (size_t)l->in.pitch,
      l->in.pitch);
}

/* The gradient by the convolution's own output, before relu: [used_h][used_w]
 * in scratch or in place. */
const float *nml_conv_output_gradient(nml_run *run, const nml_conv *g,
                                      int image, float *scratch) {
  const nml_place *place = &run->places[g->layer - run->net->layers];
  if (!g->pool)
    return place->delta + (size_t)image * nml_shape_floats(g->layer->out);
  const nml_place *pooled = &run->places[place->pool];
  size_t at = (size_t)image * nml_shape_floats(g->pool->out);
  nml_windows windows = nml_pool_windows(g->pool, g->used_h, g->used_w);
  run->kernels->maxpool_gradient(&windows, pooled->delta + at,
                                 pooled->best + at, scratch);
  return scratch;
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(l->in);
  float *dw = place->partial + (size_t)slab->group * nml_conv_weight_floats(l);
  float *db = dw + (size_t)l->taps * (size_t)l->w_pitch;
  float *dy_scratch = slab->scratch + nml_conv_padded_floats(&g);
  /* kept for the whole slab where the data's gradient comes after */
  size_t apart = place->in_delta ? nml_conv_used_floats(&g) : 0;
  /* where a window's largest value is 0 the relu was shut on all of it */
  if (l->spec.relu) nml_close_relu(run, g.pool ? place->pool : layer, slab);
  if (slab->opens_group) memset(db, 0, (size_t)l->w_pitch * sizeof *db);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *dy = nml_conv_output_gradient(
        run, &g, i, dy_scratch + (size_t)(i - slab->first) * apart);
    const nml_product_gradient product = {
        .x = nml_conv_pad(&g, place->in + (size_t)i * in_floats, slab->scratch),
        .row = place->pixels,
        .rows = g.used_h * g.used_w,
        .tap = place->taps,
        .taps = l->taps,
        .dy = dy,
        .dy_pitch = l->out.pitch,
        .dw = dw,
        .w_pitch = l->w_pitch,
        .lanes = l->w_pitch,
        .accumulate = !slab->opens_group || i > slab->first};
    run->kernels->product_gradient(&product);
    run->kernels->sum_rows(dy, product.rows, l->out.pitch, l->w_pitch, db);
  }
  if (!place->in_delta) return;
  const float *dy =
      g.pool ? dy_scratch
             : place->delta + (size_t)slab->first * nml_conv_used_floats(&g);
  nml_conv_data_gradient(run->kernels, &g, place->data, slab->count, dy,
                         place->turned,
                         place->in_delta + (size_t)slab->first * in_floats);
}

/* The groups' sums added in their order, a block of parameters a task. */
static void add_partials(nml_run *run, int layer, int task) {
  const nml_layer *l = &run->net->layers[layer];
  size_t all = nml_conv_weight_floats(l), from = (size_t)task * BLOCK_FLOATS;
  size_t count = all - from < BLOCK_FLOATS ? all - from : BLOCK_FLOATS;
  const float *partial = run->places[layer].partial + from;
  float *gradient = run->gradient + l->weight_at + from;
  memcpy(gradient, partial, count * sizeof *gradient);
  for (int group = 1; group < run->groups; group++)
    run->kernels->add(count, partial + (size_t)group * all, gradient);
  if (l->spec.kind == NML_CONV)
    nml_conv_clear_between(l, from, count, gradient);
}

static void finish(nml_run *run, int layer) {
  size_t all = nml_conv_weight_floats(&run->net->layers[layer]);
  nml_add_task(run, layer, (int)((all + BLOCK_FLOATS - 1) / BLOCK_FLOATS),
               add_partials);
}

const nml_conv_gradient nml_conv_all = {plan, turn_weights, backward_slab,
                                        finish};
