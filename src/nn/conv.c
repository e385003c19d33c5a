/* conv.c: convolution as a gathered product (kernels.h): a row is an output
 * pixel, a tap is a place of the window in one channel.
 *
 * A maxpool that follows directly is done with it, image by image, while the
 * convolution's map is still in the cache: that map is never stored, and what
 * the pool does not look at is never computed. */
#include "nn/conv.h"

#include <string.h>

nml_conv nml_conv_of(const nml_run *run, int layer) {
  const nml_layer *l = &run->net->layers[layer];
  int pool = run->places[layer].pool, stride = l->spec.stride;
  nml_conv g = {.layer = l, .used_h = l->out.h, .used_w = l->out.w};
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
  return g;
}

size_t nml_conv_used_floats(const nml_conv *g) {
  return (size_t)g->used_h * (size_t)g->used_w * (size_t)g->layer->out.pitch;
}

size_t nml_conv_padded_floats(const nml_conv *g) {
  if (!g->padded) return 0;
  size_t floats =
      (size_t)g->padded_h * (size_t)g->padded_w * (size_t)g->layer->in.pitch;
  return (floats + NML_LANES - 1) / NML_LANES * NML_LANES;
}

size_t nml_conv_weight_floats(const nml_layer *l) {
  return (size_t)(l->taps + 1) * (size_t)l->w_pitch;
}

/* A grouped convolution is computed as a whole one whose weights between groups
 * are 0: all forms and precisions as they are, for G times the work that its
 * result needs. No named network has one; depthwise.c is for those that do. */
void nml_conv_clear_between(const nml_layer *l, size_t from, size_t count,
                            float *gradient) {
  if (l->spec.groups <= 1) return;
  size_t pitch = (size_t)l->w_pitch, channels = (size_t)l->in.c;
  size_t weights = (size_t)l->taps * pitch;
  size_t units = (size_t)(l->spec.units / l->spec.groups);
  for (size_t i = 0; i < count && from + i < weights; i++) {
    size_t channel = (from + i) / pitch % channels, unit = (from + i) % pitch;
    if (channel / (size_t)l->seen_channels != unit / units) gradient[i] = 0;
  }
}

void nml_conv_fill_taps(const nml_layer *l, int width, int pitch, int channels,
                        int32_t *taps) {
  for (int y = 0; y < l->spec.window_h; y++)
    for (int x = 0; x < l->spec.window_w; x++)
      for (int c = 0; c < channels; c++) *taps++ = (y * width + x) * pitch + c;
}

bool nml_conv_is_grouped(const nml_conv *g) {
  if (!g->pool) return false;
  const nml_layer_spec *spec = &g->pool->spec;
  return spec->window_h == 2 && spec->window_w == 2 && spec->stride == 2 &&
         g->used_h == 2 * g->pool->out.h && g->used_w == 2 * g->pool->out.w;
}

void nml_conv_fill_rows(const nml_conv *g, int step, int32_t *row) {
  const nml_layer *l = g->layer;
  for (int y = 0; y < g->used_h; y += step)
    for (int x = 0; x < g->used_w; x += step)
      *row++ = (y * g->padded_w + x) * l->spec.stride * l->in.pitch;
}

/* rows: output pixels, or the first pixels of windows. */
static void fill_tables(const nml_conv *g, const nml_place *place) {
  const nml_layer *l = g->layer;
  nml_conv_fill_rows(g, nml_conv_is_grouped(g) ? 2 : 1, place->rows);
  nml_conv_fill_taps(l, g->padded_w, l->in.pitch, l->in.c, place->taps);
}

/* Of one channel, 3 x 3, nobody before it to send a gradient to. */
static bool is_first_3x3(const nml_run *run, const nml_conv *g) {
  const nml_layer *l = g->layer;
  return l->in.pitch == 1 && l->spec.window_h == 3 && l->spec.window_w == 3 &&
         l->spec.stride == 1 &&
         !nml_sends_back(run, (int)(l - run->net->layers));
}

/* Where a quarter of the outputs or fewer carry a gradient, winners. */
static const nml_conv_gradient *gradient_form(const nml_run *run,
                                              const nml_conv *g) {
  if (nml_conv_is_grouped(g) && is_first_3x3(run, g) &&
      run->kernels->winner_pixels)
    return &nml_conv_winner_pixels;
  int winners = g->pool ? g->pool->out.h * g->pool->out.w : 0;
  if (g->layer->in.pitch % NML_LANES == 0 && winners > 0 &&
      4 * winners <= g->used_h * g->used_w)
    return &nml_conv_winners;
  return run->bf16 ? &nml_conv_all_bf16 : &nml_conv_all;
}

static void plan(nml_run *run, int layer) {
  const nml_net *net = run->net;
  const nml_layer *l = &net->layers[layer];
  nml_place *place = &run->places[layer];
  bool pooled = layer + 1 < net->layer_count &&
                net->layers[layer + 1].spec.kind == NML_MAXPOOL;
  place->pool = pooled ? layer + 1 : -1;
  const nml_conv g = nml_conv_of(run, layer);
  if (!pooled) nml_plan_out(run, layer);
  place->rows = nml_run_take(run, (size_t)g.used_h * (size_t)g.used_w,
                             sizeof *place->rows);
  place->taps = nml_run_take(run, (size_t)l->taps, sizeof *place->taps);
  nml_run_need_scratch(run,
                       nml_conv_padded_floats(&g) + nml_conv_used_floats(&g));
  if (run->arena.base) fill_tables(&g, place);
  place->gradient = gradient_form(run, &g);
  place->gradient->plan(run, layer, &g);
}

const float *nml_conv_pad(const nml_conv *g, const float *image,
                          float *scratch) {
  const nml_layer *l = g->layer;
  if (!g->padded) return image;
  size_t pitch = (size_t)l->in.pitch, width = (size_t)l->in.w * pitch;
  memset(scratch, 0, nml_conv_padded_floats(g) * sizeof *scratch);
  for (int y = 0; y < l->in.h && y + l->pad_top < g->padded_h; y++) {
    size_t at = (size_t)((y + l->pad_top) * g->padded_w + l->pad_left) * pitch;
    size_t room = (size_t)(g->padded_w - l->pad_left) * pitch;
    memcpy(scratch + at, image + (size_t)y * width,
           (width < room ? width : room) * sizeof *scratch);
  }
  return scratch;
}

float *nml_conv_map(const nml_run *run, const nml_conv *g, int image,
                    float *scratch) {
  if (g->pool) return scratch;
  return run->places[g->layer - run->net->layers].out +
         (size_t)image * nml_shape_floats(g->layer->out);
}

void nml_conv_pool(const nml_run *run, const nml_conv *g, int image,
                   const float *map) {
  if (!g->pool) return;
  const nml_place *pooled = &run->places[g->pool - run->net->layers];
  size_t at = (size_t)image * nml_shape_floats(g->pool->out);
  nml_windows windows = nml_pool_windows(g->pool, g->used_h, g->used_w);
  run->kernels->maxpool(&windows, map, pooled->out + at,
                        pooled->best ? pooled->best + at : NULL);
}

nml_forward nml_conv_grouped(const nml_run *run, const nml_conv *g, int image) {
  const nml_layer *l = g->layer;
  const nml_place *pooled = &run->places[g->pool - run->net->layers];
  size_t at = (size_t)image * nml_shape_floats(g->pool->out);
  int pixel = l->spec.stride * l->in.pitch;
  const nml_forward product = {.row = run->places[l - run->net->layers].rows,
                               .outputs = g->pool->out.h * g->pool->out.w,
                               .group = NML_GROUP_LARGEST,
                               .right = pixel,
                               .below = g->padded_w * pixel,
                               .w_pitch = l->w_pitch,
                               .lanes = l->w_pitch,
                               .shift = run->params + l->bias_at,
                               .relu = l->spec.relu,
                               .floats = 1,
                               .y = pooled->out + at,
                               .y_pitch = g->pool->out.pitch,
                               .best = pooled->best ? pooled->best + at : NULL};
  return product;
}

static void grouped_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(g.layer->in);
  for (int i = slab->first; i < slab->first + slab->count; i++) {
    nml_forward product = nml_conv_grouped(run, &g, i);
    product.x =
        nml_conv_pad(&g, place->in + (size_t)i * in_floats, slab->scratch);
    product.tap = place->taps;
    product.taps = g.layer->taps;
    product.w = run->params + g.layer->weight_at;
    run->kernels->forward(&product);
  }
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(l->in);
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
    product.x =
        nml_conv_pad(&g, place->in + (size_t)i * in_floats, slab->scratch);
    product.y =
        nml_conv_map(run, &g, i, slab->scratch + nml_conv_padded_floats(&g));
    run->kernels->product(&product);
    nml_conv_pool(run, &g, i, product.y);
  }
}

static void forward(nml_run *run, int layer) {
  const nml_conv g = nml_conv_of(run, layer);
  nml_add_slab(run, layer,
               nml_conv_is_grouped(&g) ? grouped_slab : forward_slab);
}

static void prepare(nml_run *run, int layer) {
  const nml_layer *l = &run->net->layers[layer];
  const nml_place *place = &run->places[layer];
  int window_places = l->spec.window_h * l->spec.window_w;
  if (place->in_delta)
    nml_add_task(run, layer, window_places, place->gradient->turn);
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, run->places[layer].gradient->slab);
}

static void finish(nml_run *run, int layer) {
  run->places[layer].gradient->finish(run, layer);
}

const nml_layer_kind_ops nml_conv_ops = {plan, prepare, forward, backward,
                                         finish};
