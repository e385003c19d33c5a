/* conv_winners.c: a convolution's gradients behind a maxpool: one output pixel
 * of each window has any (nml_winners in kernels.h), so three quarters of the
 * work of conv_backward.c is never done, and the map of gradients between the
 * two layers never made.
 *
 * Sums by the weights are kept [unit][y][x][channel], a unit's taps together,
 * and turned into the parameters' order when the groups are added up. */
#include "nn/conv.h"
#include "nn/narrow.h"

#include <string.h>

/* Images whose winners are summed together, so that a unit's sums are read and
 * written once for all: 0.6 of 3.0 microseconds an image by the weights, in
 * bf16, for 13x13x32 to 64 units (AMD Zen 5, 2026-11-30); more gain nothing. */
enum { TOGETHER = 2 };

static int places_of(const nml_layer *l) {
  return l->spec.window_h * l->spec.window_w;
}

/* Floats of one unit's taps. */
static size_t unit_floats(const nml_layer *l) {
  return (size_t)places_of(l) * (size_t)l->in.pitch;
}

/* With the bias, behind all units. */
static size_t group_floats(const nml_layer *l) {
  return (size_t)l->out.c * unit_floats(l) + (size_t)l->w_pitch;
}

/* Whether the products are of bf16. */
static bool is_narrow(const nml_run *run, const nml_layer *l) {
  return run->bf16 && l->in.pitch % (2 * NML_LANES) == 0;
}

/* Of one image's input, with its border. */
static size_t map_floats(const nml_conv *g) {
  return g->padded ? nml_conv_padded_floats(g) : nml_shape_floats(g->layer->in);
}

static int outputs_of(const nml_conv *g) {
  return g->pool->out.h * g->pool->out.w;
}

/* rows: where each window begins in the padded input, which may be before its
 * start, of images whose inputs follow one another; taps: what a place in the
 * window adds. */
static void fill_tables(const nml_conv *g, const nml_place *place) {
  const nml_layer *l = g->layer, *pool = g->pool;
  int pixel = l->spec.stride * l->in.pitch;
  int32_t *row = place->back_rows, *tap = place->back_taps;
  for (int i = 0; i < TOGETHER; i++)
    for (int y = 0; y < pool->out.h; y++)
      for (int x = 0; x < pool->out.w; x++)
        *row++ = i * (int)map_floats(g) +
                 ((y * pool->spec.stride - pool->pad_top) * g->padded_w +
                  x * pool->spec.stride - pool->pad_left) *
                     pixel;
  for (int y = 0; y < pool->spec.window_h; y++)
    for (int x = 0; x < pool->spec.window_w; x++)
      *tap++ = (y * g->padded_w + x) * pixel;
}

static void plan_tables(nml_run *run, nml_place *place, const nml_conv *g) {
  const nml_layer *pool = g->pool;
  place->back_rows = nml_run_take(run, (size_t)(TOGETHER * outputs_of(g)),
                                  sizeof *place->back_rows);
  place->back_taps =
      nml_run_take(run, (size_t)(pool->spec.window_h * pool->spec.window_w),
                   sizeof *place->back_taps);
  if (run->arena.base) fill_tables(g, place);
}

static void plan(nml_run *run, int layer, const nml_conv *g) {
  const nml_layer *l = g->layer;
  nml_place *place = &run->places[layer];
  place->partial = nml_run_take(run, NML_MAX_GROUPS * group_floats(l),
                                sizeof *place->partial);
  plan_tables(run, place, g);
  nml_run_need_scratch(
      run, TOGETHER * (2 * nml_conv_padded_floats(g) + map_floats(g)));
  if (nml_sends_back(run, layer)) {
    size_t weights = (size_t)l->out.c * unit_floats(l);
    place->turned = nml_run_take(run, weights, sizeof *place->turned);
    if (is_narrow(run, l))
      place->turned_pairs =
          nml_run_take(run, weights, sizeof *place->turned_pairs);
  }
}

/* turned[unit][place][channel] = w */
static void turn_weights(nml_run *run, int layer, int place) {
  const nml_layer *l = &run->net->layers[layer];
  const nml_place *at = &run->places[layer];
  size_t from = (size_t)place * (size_t)l->in.pitch;
  run->kernels->transpose(
      run->params + l->weight_at +
          (size_t)place * (size_t)l->in.c * (size_t)l->w_pitch,
      l->in.c, l->out.c, l->w_pitch, at->turned + from, (int)unit_floats(l));
  if (!at->turned_pairs) return;
  for (int k = 0; k < l->out.c; k++, from += unit_floats(l))
    run->bf16->convert_folded((size_t)l->in.pitch, at->turned + from,
                              at->turned_pairs + from);
}

static nml_winners winners_of(const nml_run *run, const nml_conv *g,
                              const nml_place *place, int image, int images) {
  const nml_place *pooled = &run->places[place->pool];
  const nml_layer *l = g->layer;
  size_t at = (size_t)image * nml_shape_floats(g->pool->out);
  const nml_winners winners = {
      .dy = pooled->delta + at,
      .best = pooled->best + at,
      .row = place->back_rows,
      .place = place->back_taps,
      .outputs = images * outputs_of(g),
      .places = g->pool->spec.window_h * g->pool->spec.window_w,
      .units = l->out.c,
      .pitch = l->out.pitch,
      .runs = l->spec.window_h,
      .run_lanes = l->spec.window_w * l->in.pitch,
      .run_pitch = g->padded_w * l->in.pitch};
  return winners;
}

/* The part of a padded map that is the image; with a stride, its last rows
 * and columns may not be in the map, because nobody looks at them. */
static void crop_image(const nml_conv *g, const float *map, float *image) {
  const nml_layer *l = g->layer;
  size_t pitch = (size_t)l->in.pitch, width = (size_t)l->in.w * pitch;
  size_t room = (size_t)(g->padded_w - l->pad_left) * pitch;
  memset(image, 0, (size_t)l->in.h * width * sizeof *image);
  for (int y = 0; y < l->in.h && y + l->pad_top < g->padded_h; y++)
    memcpy(image + (size_t)y * width,
           map + (size_t)((y + l->pad_top) * g->padded_w + l->pad_left) * pitch,
           (width < room ? width : room) * sizeof *image);
}

/* The inputs of some images, each with its border. */
static const float *pad_images(const nml_conv *g, const float *images,
                               int count, float *scratch) {
  if (!g->padded) return images;
  for (int i = 0; i < count; i++)
    nml_conv_pad(g, images + (size_t)i * nml_shape_floats(g->layer->in),
                 scratch + (size_t)i * map_floats(g));
  return scratch;
}

static void data_gradient(nml_run *run, const nml_conv *g,
                          const nml_place *place, const nml_winners *winners,
                          int images, float *scratch, float *dx) {
  float *maps = g->padded ? scratch : dx;
  memset(maps, 0, (size_t)images * map_floats(g) * sizeof *maps);
  if (place->turned_pairs)
    run->bf16->winner_data(winners, place->turned_pairs, maps);
  else
    run->kernels->winner_data(winners, place->turned, maps);
  if (!g->padded) return;
  for (int i = 0; i < images; i++)
    crop_image(g, maps + (size_t)i * map_floats(g),
               dx + (size_t)i * nml_shape_floats(g->layer->in));
}

static void weight_gradient(nml_run *run, const nml_conv *g,
                            const nml_winners *winners, int images,
                            const float *x, float *scratch, float *dw) {
  if (!is_narrow(run, g->layer)) {
    run->kernels->winner_weights(winners, x, dw);
    return;
  }
  run->bf16->convert_folded((size_t)images * map_floats(g), x,
                            (nml_bf16 *)scratch);
  run->bf16->winner_weights(winners, (nml_bf16 *)scratch, dw);
}

typedef void (*weights_fn)(nml_run *run, const nml_conv *g,
                           const nml_winners *winners, int images,
                           const float *x, float *scratch, float *dw);

/* A group's sums are so many by the weights, then the bias. */
static void winners_slab(nml_run *run, int layer, const nml_slab *slab,
                         size_t weights, weights_fn by_weights) {
  const nml_conv g = nml_conv_of(run, layer);
  const nml_layer *l = g.layer;
  const nml_place *place = &run->places[layer];
  size_t in_floats = nml_shape_floats(l->in);
  size_t floats = weights + (size_t)l->w_pitch;
  float *dw = place->partial + (size_t)slab->group * floats;
  float *scratch = slab->scratch + TOGETHER * nml_conv_padded_floats(&g);
  /* where a window's largest value is 0 the relu was shut on all of it */
  if (l->spec.relu) nml_close_relu(run, place->pool, slab);
  if (slab->opens_group) memset(dw, 0, floats * sizeof *dw);
  const int end = slab->first + slab->count;
  for (int i = slab->first, images; i < end; i += images) {
    images = end - i < TOGETHER ? end - i : TOGETHER;
    const nml_winners winners = winners_of(run, &g, place, i, images);
    const float *x = pad_images(&g, place->in + (size_t)i * in_floats, images,
                                slab->scratch);
    by_weights(run, &g, &winners, images, x, scratch, dw);
    run->kernels->sum_rows(winners.dy, winners.outputs, winners.pitch,
                           l->w_pitch, dw + weights);
    if (place->in_delta)
      data_gradient(run, &g, place, &winners, images, scratch,
                    place->in_delta + (size_t)i * in_floats);
  }
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = &run->net->layers[layer];
  winners_slab(run, layer, slab, (size_t)l->out.c * unit_floats(l),
               weight_gradient);
}

/* Adds `count` floats of all groups, in their order, into the first's. */
static void add_groups(nml_run *run, int layer, size_t from, size_t count) {
  size_t group = group_floats(&run->net->layers[layer]);
  float *sum = run->places[layer].partial + from;
  for (int i = 1; i < run->groups; i++)
    run->kernels->add(count, sum + (size_t)i * group, sum);
}

/* NML_LANES units a task, from [unit][place][channel] to
 * [place][channel][unit]; the bias with the first. */
static void add_units(nml_run *run, int layer, int task) {
  const nml_layer *l = &run->net->layers[layer];
  int unit = task * NML_LANES;
  int units = l->out.c - unit < NML_LANES ? l->out.c - unit : NML_LANES;
  size_t from = (size_t)unit * unit_floats(l);
  const float *sum = run->places[layer].partial;
  add_groups(run, layer, from, (size_t)units * unit_floats(l));
  for (int place = 0; place < places_of(l); place++)
    run->kernels->transpose(
        sum + from + (size_t)place * (size_t)l->in.pitch, units, l->in.c,
        (int)unit_floats(l),
        run->gradient + l->weight_at +
            (size_t)place * (size_t)l->in.c * (size_t)l->w_pitch + unit,
        l->w_pitch);
  for (int q = 0; q < l->taps; q++) {
    size_t at = (size_t)q * (size_t)l->w_pitch + (size_t)unit;
    nml_conv_clear_between(l, at, (size_t)units,
                           run->gradient + l->weight_at + at);
  }
  if (task > 0) return;
  from = (size_t)l->out.c * unit_floats(l);
  add_groups(run, layer, from, (size_t)l->w_pitch);
  memcpy(run->gradient + l->bias_at, sum + from,
         (size_t)l->w_pitch * sizeof *sum);
}

static void finish(nml_run *run, int layer) {
  nml_add_task(run, layer, run->net->layers[layer].w_pitch / NML_LANES,
               add_units);
}

const nml_conv_gradient nml_conv_winners = {plan, turn_weights, backward_slab,
                                            finish};

/* ---- One channel: the first layer's ----------------------------------------
 */

static void plan_pixels(nml_run *run, int layer, const nml_conv *g) {
  nml_conv_all.plan(run, layer, g);
  plan_tables(run, &run->places[layer], g);
  nml_run_need_scratch(run,
                       TOGETHER * (nml_conv_padded_floats(g) + map_floats(g)));
}

static void pixel_weights(nml_run *run, const nml_conv *g,
                          const nml_winners *winners, int images,
                          const float *x, float *scratch, float *dw) {
  const int pitch = g->layer->w_pitch;
  if (!run->bf16) {
    run->kernels->winner_pixels(winners, x, dw, pitch);
    return;
  }
  run->bf16->convert((size_t)images * map_floats(g), x, (nml_bf16 *)scratch);
  run->bf16->winner_pixels(winners, (nml_bf16 *)scratch, dw, pitch);
}

static void pixels_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = &run->net->layers[layer];
  winners_slab(run, layer, slab, (size_t)l->taps * (size_t)l->w_pitch,
               pixel_weights);
}

static void finish_pixels(nml_run *run, int layer) {
  nml_conv_all.finish(run, layer);
}

const nml_conv_gradient nml_conv_winner_pixels = {plan_pixels, NULL,
                                                  pixels_slab, finish_pixels};
