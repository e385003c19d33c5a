/* conv_backward.c: a convolution's gradients where every output pixel has one:
 * by the weights a product of input and output, by the data a product of the
 * output, spread by the stride and bordered, with the weights mirrored. */
#include "nn/conv.h"

#include <string.h>

enum { BLOCK_FLOATS = 4096 }; /* of a partial gradient, summed as one task */

size_t nml_conv_spread_floats(const nml_conv *g) {
  return (size_t)g->spread_h * (size_t)g->spread_w *
         (size_t)g->layer->out.pitch;
}

/* The gradient by data walks the input's pixels over the spread map. */
static void fill_tables(const nml_conv *g, const nml_place *place) {
  const nml_layer *l = g->layer;
  int32_t *row = place->back_rows;
  for (int y = 0; y < l->in.h; y++)
    for (int x = 0; x < l->in.w; x++)
      *row++ = (y * g->spread_w + x) * l->out.pitch;
  nml_conv_fill_taps(l, g->spread_w, l->out.pitch, l->out.c, place->back_taps);
}

static void plan(nml_run *run, int layer, const nml_conv *g) {
  const nml_layer *l = g->layer;
  nml_place *place = &run->places[layer];
  size_t taps =
      (size_t)l->spec.window_h * (size_t)l->spec.window_w * (size_t)l->out.c;
  place->partial = nml_run_take(run, NML_MAX_GROUPS * nml_conv_weight_floats(l),
                                sizeof *place->partial);
  place->pixels = nml_run_take(run, (size_t)g->used_h * (size_t)g->used_w,
                               sizeof *place->pixels);
  if (run->arena.base) nml_conv_fill_rows(g, 1, place->pixels);
  if (layer <= run->first_trained) return;
  place->turned =
      nml_run_take(run, taps * (size_t)l->in.pitch, sizeof *place->turned);
  place->back_taps = nml_run_take(run, taps, sizeof *place->back_taps);
  place->back_rows = nml_run_take(run, (size_t)l->in.h * (size_t)l->in.w,
                                  sizeof *place->back_rows);
  nml_run_need_scratch(run, nml_conv_padded_floats(g) +
                                nml_conv_used_floats(g) +
                                nml_conv_spread_floats(g));
  if (run->arena.base) fill_tables(g, place);
}

/* turned[y][x][unit][channel] = w at the mirrored place, a place a task. */
static void turn_weights(nml_run *run, int layer, int place) {
  const nml_layer *l = &run->net->layers[layer];
  int mirrored = l->spec.window_h * l->spec.window_w - 1 - place;
  run->kernels->transpose(
      run->params + l->weight_at +
          (size_t)mirrored * (size_t)l->in.c * (size_t)l->w_pitch,
      l->in.c, l->out.c, l->w_pitch,
      run->places[layer].turned +
          (size_t)place * (size_t)l->out.c * (size_t)l->in.pitch,
      l->in.pitch);
}

/* dy [used_h][used_w], spread by the stride into a map whose border and gaps
 * are zero. */
void nml_conv_spread(const nml_conv *g, const float *dy, float *spread) {
  const nml_layer *l = g->layer;
  size_t pitch = (size_t)l->out.pitch;
  int top = l->spec.window_h - 1 - l->pad_top;
  int left = l->spec.window_w - 1 - l->pad_left;
  memset(spread, 0, nml_conv_spread_floats(g) * sizeof *spread);
  for (int y = 0; y < g->used_h; y++) {
    float *to =
        spread + ((size_t)(y * l->spec.stride + top) * (size_t)g->spread_w +
                  (size_t)left) *
                     pitch;
    const float *from = dy + (size_t)y * (size_t)g->used_w * pitch;
    if (l->spec.stride == 1) {
      memcpy(to, from, (size_t)g->used_w * pitch * sizeof *to);
      continue;
    }
    for (int x = 0; x < g->used_w; x++)
      memcpy(to + (size_t)(x * l->spec.stride) * pitch,
             from + (size_t)x * pitch, pitch * sizeof *to);
  }
}

/* Rows of the window, [*from, *to), under which row y of the input meets
 * gradients that are not all zero. */
static void window_rows(const nml_conv *g, int y, int *from, int *to) {
  int first = g->layer->spec.window_h - 1 - g->layer->pad_top;
  int last = first + (g->used_h - 1) * g->layer->spec.stride;
  *from = first > y ? first - y : 0;
  *to = last - y + 1;
  if (*to > g->layer->spec.window_h) *to = g->layer->spec.window_h;
  if (*to < *from) *to = *from;
}

nml_conv_rows nml_conv_next_rows(const nml_conv *g, int y) {
  nml_conv_rows rows = {.y = y, .end = y + 1};
  int from, to;
  window_rows(g, y, &rows.from, &rows.to);
  for (; rows.end < g->layer->in.h; rows.end++) {
    window_rows(g, rows.end, &from, &to);
    if (from != rows.from || to != rows.to) break;
  }
  return rows;
}

/* Gradient by the input, from the spread map. */
static void data_gradient(nml_run *run, const nml_conv *g,
                          const nml_place *place, const float *spread,
                          float *dx) {
  const nml_layer *l = g->layer;
  size_t dx_row = (size_t)l->in.w * (size_t)l->in.pitch;
  int taps_a_row = l->spec.window_w * l->out.c;
  nml_conv_rows r = {0};
  for (; r.end < l->in.h;) {
    r = nml_conv_next_rows(g, r.end);
    float *to = dx + (size_t)r.y * dx_row;
    if (r.from == r.to) {
      memset(to, 0, (size_t)(r.end - r.y) * dx_row * sizeof *dx);
      continue;
    }
    const nml_product product = {
        .x = spread,
        .row = place->back_rows + r.y * l->in.w,
        .rows = (r.end - r.y) * l->in.w,
        .tap = place->back_taps + r.from * taps_a_row,
        .taps = (r.to - r.from) * taps_a_row,
        .w =
            place->turned + (size_t)(r.from * taps_a_row) * (size_t)l->in.pitch,
        .w_pitch = l->in.pitch,
        .y = to,
        .y_pitch = l->in.pitch,
        .lanes = l->in.pitch};
    run->kernels->product(&product);
  }
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
  float *spread = dy_scratch + nml_conv_used_floats(&g);
  /* where a window's largest value is 0 the relu was shut on all of it */
  if (l->spec.relu) nml_close_relu(run, g.pool ? place->pool : layer, slab);
  if (slab->opens_group) memset(db, 0, (size_t)l->w_pitch * sizeof *db);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *dy = nml_conv_output_gradient(run, &g, i, dy_scratch);
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
    if (!place->in_delta) continue;
    nml_conv_spread(&g, dy, spread);
    data_gradient(run, &g, place, spread,
                  place->in_delta + (size_t)i * in_floats);
  }
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
}

static void finish(nml_run *run, int layer) {
  size_t all = nml_conv_weight_floats(&run->net->layers[layer]);
  nml_add_task(run, layer, (int)((all + BLOCK_FLOATS - 1) / BLOCK_FLOATS),
               add_partials);
}

const nml_conv_gradient nml_conv_all = {plan, turn_weights, backward_slab,
                                        finish};
