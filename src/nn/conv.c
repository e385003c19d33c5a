/* conv.c: convolution as a gathered product (kernels.h): a row is an output
 * pixel, a tap is a place of the window in one channel.
 *
 * A maxpool that follows directly is done with it, image by image, while the
 * convolution's map is still in the cache: that map is never stored, and what
 * the pool does not look at is never computed. */
#include "nn/layer.h"

#include <string.h>

enum { BLOCK_FLOATS = 4096 }; /* of a partial gradient, summed as one task */

/* The convolution's geometry. Sizes are of one image. */
typedef struct geometry {
  const nml_layer *layer;
  const nml_layer *pool;  /* or NULL */
  int used_h, used_w;     /* output pixels that anyone looks at */
  int padded_h, padded_w; /* the input with its border; pitch as the input */
  bool padded;
  int spread_h, spread_w; /* outputs' gradient, spread by the stride and
                             bordered, as the gradient by data reads it */
} geometry;

static geometry geometry_of(const nml_run *run, int layer) {
  const nml_layer *l = &run->net->layers[layer];
  int pool = run->places[layer].pool, stride = l->spec.stride;
  geometry g = {.layer = l, .used_h = l->out.h, .used_w = l->out.w};
  if (pool >= 0) {
    g.pool = &run->net->layers[pool];
    if (!g.pool->spec.same) {
      g.used_h =
          (g.pool->out.h - 1) * g.pool->spec.stride + g.pool->spec.window_h;
      g.used_w =
          (g.pool->out.w - 1) * g.pool->spec.stride + g.pool->spec.window_w;
    }
  }
  g.padded_h = (l->out.h - 1) * stride + l->spec.window_h;
  g.padded_w = (l->out.w - 1) * stride + l->spec.window_w;
  g.padded = l->spec.same && (g.padded_h > l->in.h || g.padded_w > l->in.w);
  if (!g.padded) {
    g.padded_h = l->in.h;
    g.padded_w = l->in.w;
  }
  g.spread_h = l->in.h + l->spec.window_h - 1;
  g.spread_w = l->in.w + l->spec.window_w - 1;
  return g;
}

static size_t used_floats(const geometry *g) {
  return (size_t)g->used_h * (size_t)g->used_w * (size_t)g->layer->out.pitch;
}

static size_t padded_floats(const geometry *g) {
  if (!g->padded) return 0;
  size_t floats =
      (size_t)g->padded_h * (size_t)g->padded_w * (size_t)g->layer->in.pitch;
  return (floats + NML_LANES - 1) / NML_LANES * NML_LANES;
}

static size_t spread_floats(const geometry *g) {
  return (size_t)g->spread_h * (size_t)g->spread_w *
         (size_t)g->layer->out.pitch;
}

static size_t weight_floats(const nml_layer *l) {
  return (size_t)(l->taps + 1) * (size_t)l->w_pitch; /* with the bias */
}

/* [window_h][window_w][channels] offsets into a map `width` pixels wide. */
static void fill_taps(const nml_layer *l, int width, int pitch, int channels,
                      int32_t *taps) {
  for (int y = 0; y < l->spec.window_h; y++)
    for (int x = 0; x < l->spec.window_w; x++)
      for (int c = 0; c < channels; c++) *taps++ = (y * width + x) * pitch + c;
}

static void fill_tables(const geometry *g, const nml_place *place) {
  const nml_layer *l = g->layer;
  int32_t *row = place->rows;
  for (int y = 0; y < g->used_h; y++)
    for (int x = 0; x < g->used_w; x++)
      *row++ = (y * g->padded_w + x) * l->spec.stride * l->in.pitch;
  fill_taps(l, g->padded_w, l->in.pitch, l->in.c, place->taps);
  if (!place->back_taps) return;
  /* the gradient by data walks the input's pixels over the spread map */
  for (int y = 0; y < l->in.h; y++)
    for (int x = 0; x < l->in.w; x++)
      *row++ = (y * g->spread_w + x) * l->out.pitch;
  fill_taps(l, g->spread_w, l->out.pitch, l->out.c, place->back_taps);
}

static void plan(nml_run *run, int layer) {
  const nml_net *net = run->net;
  const nml_layer *l = &net->layers[layer];
  nml_place *place = &run->places[layer];
  bool pooled = layer + 1 < net->layer_count &&
                net->layers[layer + 1].spec.kind == NML_MAXPOOL;
  size_t window = (size_t)l->spec.window_h * (size_t)l->spec.window_w;
  size_t rows;
  place->pool = pooled ? layer + 1 : -1;
  geometry g = geometry_of(run, layer);
  rows = (size_t)g.used_h * (size_t)g.used_w;
  if (!pooled) nml_plan_out(run, layer);
  place->rows = nml_run_take(run, rows + (size_t)l->in.h * (size_t)l->in.w,
                             sizeof *place->rows);
  place->taps = nml_run_take(run, (size_t)l->taps, sizeof *place->taps);
  nml_run_need_scratch(run, padded_floats(&g) + used_floats(&g));
  if (run->options.training) {
    place->partial = nml_run_take(run, NML_MAX_GROUPS * weight_floats(l),
                                  sizeof *place->partial);
    if (layer > run->first_trained) {
      place->turned =
          nml_run_take(run, window * (size_t)l->out.c * (size_t)l->in.pitch,
                       sizeof *place->turned);
      place->back_taps = nml_run_take(run, window * (size_t)l->out.c,
                                      sizeof *place->back_taps);
      nml_run_need_scratch(
          run, padded_floats(&g) + used_floats(&g) + spread_floats(&g));
    }
  }
  if (run->arena.base) fill_tables(&g, place);
}

/* The image with its border of zeros, or the image itself where it has none.
 * `scratch` holds padded_floats. */
static const float *pad_image(const geometry *g, const float *image,
                              float *scratch) {
  const nml_layer *l = g->layer;
  if (!g->padded) return image;
  size_t pitch = (size_t)l->in.pitch, width = (size_t)l->in.w * pitch;
  memset(scratch, 0, padded_floats(g) * sizeof *scratch);
  for (int y = 0; y < l->in.h && y + l->pad_top < g->padded_h; y++) {
    size_t at = (size_t)((y + l->pad_top) * g->padded_w + l->pad_left) * pitch;
    size_t room = (size_t)(g->padded_w - l->pad_left) * pitch;
    memcpy(scratch + at, image + (size_t)y * width,
           (width < room ? width : room) * sizeof *scratch);
  }
  return scratch;
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const geometry g = geometry_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  const nml_place *pooled = g.pool ? &run->places[place->pool] : NULL;
  size_t in_floats = nml_shape_floats(l->in);
  size_t out_floats = nml_shape_floats(g.pool ? g.pool->out : l->out);
  nml_product product = {.row = place->rows,
                         .rows = g.used_h * g.used_w,
                         .tap = place->taps,
                         .taps = l->taps,
                         .w = run->params + l->weight_at,
                         .w_pitch = l->w_pitch,
                         .bias = run->params + l->bias_at,
                         .y_pitch = l->out.pitch,
                         .lanes = l->w_pitch,
                         .relu = l->spec.relu};
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    size_t out_at = (size_t)i * out_floats;
    product.x = pad_image(&g, place->in + (size_t)i * in_floats, slab->scratch);
    product.y =
        pooled ? slab->scratch + padded_floats(&g) : place->out + out_at;
    run->kernels->product(&product);
    if (pooled) {
      nml_windows windows = nml_pool_windows(g.pool, g.used_h, g.used_w);
      run->kernels->maxpool(&windows, product.y, pooled->out + out_at,
                            pooled->best ? pooled->best + out_at : NULL);
    }
  }
}

static void forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, forward_slab);
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

static void prepare(nml_run *run, int layer) {
  const nml_layer *l = &run->net->layers[layer];
  if (run->places[layer].in_delta)
    nml_add_task(run, layer, l->spec.window_h * l->spec.window_w, turn_weights);
}

/* dy [used_h][used_w], spread by the stride into a map whose border and gaps
 * are zero. */
static void spread_gradient(const geometry *g, const float *dy, float *spread) {
  const nml_layer *l = g->layer;
  size_t pitch = (size_t)l->out.pitch;
  int top = l->spec.window_h - 1 - l->pad_top;
  int left = l->spec.window_w - 1 - l->pad_left;
  memset(spread, 0, spread_floats(g) * sizeof *spread);
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
static void window_rows(const geometry *g, int y, int *from, int *to) {
  int first = g->layer->spec.window_h - 1 - g->layer->pad_top;
  int last = first + (g->used_h - 1) * g->layer->spec.stride;
  *from = first > y ? first - y : 0;
  *to = last - y + 1;
  if (*to > g->layer->spec.window_h) *to = g->layer->spec.window_h;
  if (*to < *from) *to = *from;
}

/* Gradient by the input, from the spread map: the rows of the input that
 * share a range of the window go as one product. */
static void data_gradient(nml_run *run, const geometry *g,
                          const nml_place *place, const float *spread,
                          float *dx) {
  const nml_layer *l = g->layer;
  size_t dx_row = (size_t)l->in.w * (size_t)l->in.pitch;
  int taps_a_row = l->spec.window_w * l->out.c;
  for (int y = 0, end; y < l->in.h; y = end) {
    int from, to, next_from, next_to;
    window_rows(g, y, &from, &to);
    for (end = y + 1; end < l->in.h; end++) {
      window_rows(g, end, &next_from, &next_to);
      if (next_from != from || next_to != to) break;
    }
    if (from == to) {
      memset(dx + (size_t)y * dx_row, 0,
             (size_t)(end - y) * dx_row * sizeof *dx);
      continue;
    }
    const nml_product product = {
        .x = spread,
        .row = place->rows + g->used_h * g->used_w + y * l->in.w,
        .rows = (end - y) * l->in.w,
        .tap = place->back_taps + from * taps_a_row,
        .taps = (to - from) * taps_a_row,
        .w = place->turned + (size_t)(from * taps_a_row) * (size_t)l->in.pitch,
        .w_pitch = l->in.pitch,
        .y = dx + (size_t)y * dx_row,
        .y_pitch = l->in.pitch,
        .lanes = l->in.pitch};
    run->kernels->product(&product);
  }
}

/* The gradient by the convolution's own output, before relu: [used_h][used_w]
 * in scratch or in place. */
static const float *output_gradient(nml_run *run, const geometry *g,
                                    const nml_place *place, int image,
                                    float *scratch) {
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
  const geometry g = geometry_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(l->in);
  float *dw = place->partial + (size_t)slab->group * weight_floats(l);
  float *db = dw + (size_t)l->taps * (size_t)l->w_pitch;
  float *dy_scratch = slab->scratch + padded_floats(&g);
  float *spread = dy_scratch + used_floats(&g);
  /* where a window's largest value is 0 the relu was shut on all of it */
  if (l->spec.relu) nml_close_relu(run, g.pool ? place->pool : layer, slab);
  if (slab->opens_group) memset(db, 0, (size_t)l->w_pitch * sizeof *db);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    const float *dy = output_gradient(run, &g, place, i, dy_scratch);
    const nml_product_gradient product = {
        .x = pad_image(&g, place->in + (size_t)i * in_floats, slab->scratch),
        .row = place->rows,
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
    spread_gradient(&g, dy, spread);
    data_gradient(run, &g, place, spread,
                  place->in_delta + (size_t)i * in_floats);
  }
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, backward_slab);
}

/* The groups' sums added in their order, a block of parameters a task. */
static void add_partials(nml_run *run, int layer, int task) {
  const nml_layer *l = &run->net->layers[layer];
  size_t all = weight_floats(l), from = (size_t)task * BLOCK_FLOATS;
  size_t count = all - from < BLOCK_FLOATS ? all - from : BLOCK_FLOATS;
  const float *partial = run->places[layer].partial + from;
  float *gradient = run->gradient + l->weight_at + from;
  memcpy(gradient, partial, count * sizeof *gradient);
  for (int group = 1; group < run->groups; group++)
    run->kernels->add(count, partial + (size_t)group * all, gradient);
}

static void finish(nml_run *run, int layer) {
  size_t all = weight_floats(&run->net->layers[layer]);
  nml_add_task(run, layer, (int)((all + BLOCK_FLOATS - 1) / BLOCK_FLOATS),
               add_partials);
}

const nml_layer_kind_ops nml_conv_ops = {plan, prepare, forward, backward,
                                         finish};
