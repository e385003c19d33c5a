/* conv_bf16.c: convolution as products of bf16, forward and, where every
 * output pixel has a gradient, backward (see conv_backward.c). Maps stay
 * floats in memory and are narrowed an image at a time: 0.1 of the 9
 * microseconds that such a product takes. */
#include "nn/conv_data.h"
#include "nn/narrow.h"

#include <string.h>

/* Floats of the input as the products see it. */
static size_t map_floats(const nml_conv *g) {
  return g->padded ? nml_conv_padded_floats(g) : nml_shape_floats(g->layer->in);
}

static size_t aligned(size_t floats) {
  return (floats + NML_LANES - 1) / NML_LANES * NML_LANES;
}

/* ---- Forward --------------------------------------------------------------
 */

static void plan(nml_run *run, int layer) {
  nml_conv_ops.plan(run, layer);
  const nml_conv g = nml_conv_of(run, layer);
  const nml_tap_runs runs = nml_tap_runs_of(g.layer);
  nml_place *place = &run->places[layer];
  size_t pairs = (size_t)nml_pairs_of(runs);
  place->pairs = nml_run_take(run, 2 * pairs * (size_t)g.layer->w_pitch,
                              sizeof *place->pairs);
  place->pair_taps = nml_run_take(run, pairs, sizeof *place->pair_taps);
  nml_run_need_zeros(run, (size_t)g.layer->w_pitch);
  nml_run_need_scratch(run, nml_conv_padded_floats(&g) +
                                nml_conv_used_floats(&g) +
                                nml_narrow_floats(map_floats(&g)));
  if (run->arena.base) nml_pair_taps(runs, place->taps, place->pair_taps);
}

/* A run of taps a task. */
static void pair_weights(nml_run *run, int layer, int task) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_tap_runs runs = nml_tap_runs_of(l);
  nml_bf16 *pairs = run->places[layer].pairs;
  size_t width = (size_t)l->w_pitch;
  const float *row =
      run->params + l->weight_at + (size_t)(task * runs.run_taps) * width;
  int pair = task * nml_pairs_of_run(runs);
  nml_pair_rows(run, runs.run_taps, row, l->w_pitch,
                pairs + (size_t)pair * 2 * width);
}

static void prepare(nml_run *run, int layer) {
  nml_add_task(run, layer, nml_tap_runs_of(&run->net->layers[layer]).runs,
               pair_weights);
  nml_conv_ops.prepare(run, layer);
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(l->in);
  float *map = slab->scratch + nml_conv_padded_floats(&g);
  nml_bf16 *narrow = (nml_bf16 *)(map + nml_conv_used_floats(&g));
  nml_product_bf16 product = {.x = narrow,
                              .row = place->rows,
                              .rows = g.used_h * g.used_w,
                              .tap = place->pair_taps,
                              .taps = nml_pairs_of(nml_tap_runs_of(l)),
                              .w = place->pairs,
                              .w_pitch = l->w_pitch,
                              .bias = run->params + l->bias_at,
                              .y_pitch = l->out.pitch,
                              .lanes = l->w_pitch,
                              .relu = l->spec.relu};
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *x =
        nml_conv_pad(&g, place->in + (size_t)i * in_floats, slab->scratch);
    nml_narrow(run, map_floats(&g), x, narrow);
    product.y = nml_conv_map(run, &g, i, map);
    run->bf16->product(&product);
    nml_conv_pool(run, &g, i, product.y);
  }
}

static void grouped_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(g.layer->in);
  nml_bf16 *narrow = (nml_bf16 *)(slab->scratch + nml_conv_padded_floats(&g));
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    nml_forward product = nml_conv_grouped(run, &g, i);
    nml_narrow(
        run, map_floats(&g),
        nml_conv_pad(&g, place->in + (size_t)i * in_floats, slab->scratch),
        narrow);
    product.x = narrow;
    product.tap = place->pair_taps;
    product.taps = nml_pairs_of(nml_tap_runs_of(g.layer));
    product.w = place->pairs;
    run->bf16->forward(&product);
  }
}

static void forward(nml_run *run, int layer) {
  const nml_conv g = nml_conv_of(run, layer);
  nml_add_slab(run, layer,
               nml_conv_is_grouped(&g) ? grouped_slab : forward_slab);
}

static void backward(nml_run *run, int layer) {
  nml_conv_ops.backward(run, layer);
}

static void finish(nml_run *run, int layer) { nml_conv_ops.finish(run, layer); }

const nml_layer_kind_ops nml_conv_bf16_ops = {plan, prepare, forward, backward,
                                              finish};

/* ---- Backward -------------------------------------------------------------
 */

static int pairs_of_row(const nml_conv *g) { return (g->used_w + 1) / 2; }

static nml_tap_runs back_runs(const nml_layer *l) {
  return (nml_tap_runs){l->spec.window_h * l->spec.window_w, l->out.c};
}

/* The parts of a thread's scratch, each behind the last; dy_narrow is that of
 * the whole slab, for the gradient by the data. */
typedef struct parts {
  float *padded, *dy;
  nml_bf16 *x_pairs, *dy_pairs, *dy_narrow;
  size_t floats; /* of all */
} parts;

static parts parts_of(const nml_conv *g, float *scratch) {
  parts p = {.padded = scratch};
  size_t pitch = (size_t)g->layer->out.pitch;
  p.dy = p.padded + nml_conv_padded_floats(g);
  float *x_pairs = p.dy + nml_conv_used_floats(g);
  float *dy_pairs = x_pairs + aligned(map_floats(g));
  float *narrow =
      dy_pairs + (size_t)g->used_h * (size_t)pairs_of_row(g) * pitch;
  p.x_pairs = (nml_bf16 *)x_pairs;
  p.dy_pairs = (nml_bf16 *)dy_pairs;
  p.dy_narrow = (nml_bf16 *)narrow;
  p.floats = (size_t)(narrow - scratch) +
             nml_narrow_floats(NML_SLAB * nml_conv_used_floats(g));
  return p;
}

/* image_pairs: the taps, then the pairs of output pixels, as offsets into the
 * map of input pairs. */
static void fill_tables(const nml_conv *g, const nml_place *place) {
  const nml_layer *l = g->layer;
  int32_t *at = place->image_pairs;
  for (int q = 0; q < l->taps; q++) *at++ = 2 * place->taps[q];
  for (int y = 0; y < g->used_h; y++)
    for (int x = 0; x < g->used_w; x += 2)
      *at++ = 2 * (y * g->padded_w + x) * l->spec.stride * l->in.pitch;
}

static void plan_all(nml_run *run, int layer, const nml_conv *g) {
  const nml_layer *l = g->layer;
  nml_place *place = &run->places[layer];
  size_t pairs = (size_t)nml_pairs_of(back_runs(l));
  nml_conv_all.plan(run, layer, g);
  place->image_pairs = nml_run_take(
      run, (size_t)l->taps + (size_t)g->used_h * (size_t)pairs_of_row(g),
      sizeof *place->image_pairs);
  nml_run_need_zeros(run, (size_t)(l->spec.stride * l->in.pitch));
  nml_run_need_zeros(run, (size_t)l->out.pitch);
  nml_run_need_scratch(run, parts_of(g, run->zeros).floats);
  if (nml_sends_back(run, layer)) {
    place->turned_pairs = nml_run_take(run, 2 * pairs * (size_t)l->in.pitch,
                                       sizeof *place->turned_pairs);
    nml_run_need_zeros(run, (size_t)l->in.pitch);
  }
  if (run->arena.base) fill_tables(g, place);
}

static void turn_weights(nml_run *run, int layer, int place) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  int width = l->spec.window_w;
  int to = nml_conv_data_place(&g, place / width, place % width);
  size_t pitch = (size_t)l->in.pitch;
  nml_conv_all.turn(run, layer, place);
  nml_pair_rows(run, l->out.c,
                run->places[layer].turned + (size_t)(to * l->out.c) * pitch,
                l->in.pitch,
                run->places[layer].turned_pairs +
                    (size_t)(to * nml_pairs_of_run(back_runs(l))) * 2 * pitch);
}

/* Each input pixel beside the one that the next output pixel sees. */
static void pair_input(const nml_run *run, const nml_conv *g, const float *x,
                       nml_bf16 *pairs) {
  size_t next = (size_t)(g->layer->spec.stride * g->layer->in.pitch);
  size_t last = map_floats(g) - next;
  run->bf16->interleave(last, x, x + next, pairs);
  run->bf16->interleave(next, x + last, run->zeros, pairs + 2 * last);
}

static void pair_outputs(const nml_run *run, const nml_conv *g, const float *dy,
                         nml_bf16 *pairs) {
  size_t pitch = (size_t)g->layer->out.pitch;
  for (int y = 0; y < g->used_h; y++) {
    nml_pair_rows(run, g->used_w, dy, g->layer->out.pitch, pairs);
    dy += (size_t)g->used_w * pitch;
    pairs += (size_t)pairs_of_row(g) * 2 * pitch;
  }
}

/* Few enough taps for the registers: then outputs are paired on the way. */
static bool is_pixel_gradient(const nml_conv *g) {
  return g->layer->taps == NML_PIXEL_TAPS && g->layer->in.c == 1;
}

static void pixel_gradient(const nml_run *run, const nml_conv *g,
                           const nml_place *place, const parts *p,
                           const float *dy, float *dw, bool accumulate) {
  const nml_layer *l = g->layer;
  const nml_pixel_gradient gradient = {.x = p->x_pairs,
                                       .row = place->image_pairs + l->taps,
                                       .tap = place->image_pairs,
                                       .dy = dy,
                                       .height = g->used_h,
                                       .width = g->used_w,
                                       .pitch = l->out.pitch,
                                       .dw = dw,
                                       .w_pitch = l->w_pitch,
                                       .lanes = l->w_pitch,
                                       .accumulate = accumulate};
  run->bf16->pixel_gradient(&gradient);
}

static void weight_gradient(const nml_run *run, const nml_conv *g,
                            const nml_place *place, const parts *p,
                            const float *dy, float *dw, bool accumulate) {
  const nml_layer *l = g->layer;
  if (is_pixel_gradient(g)) {
    pixel_gradient(run, g, place, p, dy, dw, accumulate);
    return;
  }
  pair_outputs(run, g, dy, p->dy_pairs);
  const nml_product_bf16 product = {.x = p->x_pairs,
                                    .row = place->image_pairs,
                                    .rows = l->taps,
                                    .tap = place->image_pairs + l->taps,
                                    .taps = g->used_h * pairs_of_row(g),
                                    .w = p->dy_pairs,
                                    .w_pitch = l->out.pitch,
                                    .y = dw,
                                    .y_pitch = l->w_pitch,
                                    .lanes = l->w_pitch,
                                    .accumulate = accumulate};
  run->bf16->product(&product);
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  const parts p = parts_of(&g, slab->scratch);
  size_t in_floats = nml_shape_floats(l->in), used = nml_conv_used_floats(&g);
  float *dw = place->partial + (size_t)slab->group * nml_conv_weight_floats(l);
  float *db = dw + (size_t)l->taps * (size_t)l->w_pitch;
  if (l->spec.relu) nml_close_relu(run, g.pool ? place->pool : layer, slab);
  if (slab->opens_group) memset(db, 0, (size_t)l->w_pitch * sizeof *db);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *dy = nml_conv_output_gradient(run, &g, i, p.dy);
    pair_input(run, &g,
               nml_conv_pad(&g, place->in + (size_t)i * in_floats, p.padded),
               p.x_pairs);
    weight_gradient(run, &g, place, &p, dy, dw,
                    !slab->opens_group || i > slab->first);
    run->kernels->sum_rows(dy, g.used_h * g.used_w, l->out.pitch, l->w_pitch,
                           db);
    if (place->in_delta)
      nml_narrow(run, used, dy, p.dy_narrow + (size_t)(i - slab->first) * used);
  }
  if (place->in_delta)
    nml_conv_data_gradient_bf16(
        run->bf16, &g, place->data, slab->count, p.dy_narrow,
        place->turned_pairs, place->in_delta + (size_t)slab->first * in_floats);
}

static void finish_all(nml_run *run, int layer) {
  nml_conv_all.finish(run, layer);
}

const nml_conv_gradient nml_conv_all_bf16 = {plan_all, turn_weights,
                                             backward_slab, finish_all};
