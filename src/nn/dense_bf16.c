/* dense_bf16.c: dense.c with products of bf16. Inputs and gradients stay
 * floats in memory; pairs are made of them a slab at a time. */
#include "nn/narrow.h"

#include <string.h>

enum { BLOCK_TAPS = 96, BLOCK_PAIRS = 64 };

static const nml_layer *layer_of(const nml_run *run, int layer) {
  return &run->net->layers[layer];
}

static int in_floats(const nml_layer *l) {
  return (int)nml_shape_floats(l->in);
}

static int padded(int lanes) {
  return (lanes + NML_LANES - 1) / NML_LANES * NML_LANES;
}

static int image_pairs(int images) { return (images + 1) / 2; }

static int unit_pairs(const nml_layer *l) { return (l->out.c + 1) / 2; }

/* pair_taps of the input, rows of images (in elements of what is narrowed a
 * slab at a time), pairs of units, pairs of images. */
static void fill_tables(const nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  nml_pair_taps(nml_tap_runs_of(l), place->taps, place->pair_taps);
  for (int i = 0; i < NML_SLAB; i++) {
    place->rows[i] = i * in_floats(l);
    place->back_rows[i] = i * l->out.pitch;
  }
  for (int k = 0; k < l->out.c; k += 2) place->back_pair_taps[k / 2] = k;
  for (int q = 0; q < l->taps; q++) place->back_taps[q] = 2 * place->taps[q];
  for (int i = 0; i < image_pairs(run->options.max_batch); i++)
    place->image_pairs[i] = 2 * i * in_floats(l);
}

static void fill_taps(const nml_layer *l, int32_t *tap) {
  for (int pixel = 0; pixel < l->in.h * l->in.w; pixel++)
    for (int c = 0; c < l->in.c; c++) *tap++ = pixel * l->in.pitch + c;
}

static void plan(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  nml_place *place = &run->places[layer];
  size_t taps = (size_t)l->taps, floats = (size_t)in_floats(l);
  size_t pairs = (size_t)nml_pairs_of(nml_tap_runs_of(l));
  size_t batch_pairs = (size_t)image_pairs(run->options.max_batch);
  nml_plan_out(run, layer);
  place->kept_delta = nml_plan_kept(run, (size_t)l->out.pitch, place->delta);
  place->rows = nml_run_take(run, NML_SLAB, sizeof *place->rows);
  place->back_rows = nml_run_take(run, NML_SLAB, sizeof *place->back_rows);
  place->taps = nml_run_take(run, taps, sizeof *place->taps);
  place->back_taps = nml_run_take(run, taps, sizeof *place->back_taps);
  place->pair_taps = nml_run_take(run, pairs, sizeof *place->pair_taps);
  place->back_pair_taps =
      nml_run_take(run, (size_t)unit_pairs(l), sizeof *place->back_pair_taps);
  place->image_pairs =
      nml_run_take(run, batch_pairs, sizeof *place->image_pairs);
  place->pairs =
      nml_run_take(run, 2 * pairs * (size_t)l->w_pitch, sizeof *place->pairs);
  place->in_pairs =
      nml_run_take(run, 2 * batch_pairs * floats, sizeof *place->in_pairs);
  place->delta_pairs = nml_run_take(run, 2 * batch_pairs * (size_t)l->out.pitch,
                                    sizeof *place->delta_pairs);
  nml_run_need_zeros(run, floats);
  nml_run_need_zeros(run, (size_t)l->w_pitch);
  nml_run_need_scratch(run, nml_narrow_floats(NML_SLAB * floats));
  nml_run_need_scratch(run, nml_narrow_floats(NML_SLAB * (size_t)l->out.pitch));
  if (nml_sends_back(run, layer)) {
    place->turned =
        nml_run_take(run, taps * (size_t)l->w_pitch / 2, sizeof *place->turned);
    place->turned_pairs =
        nml_run_take(run, (size_t)(2 * unit_pairs(l) * padded(in_floats(l))),
                     sizeof *place->turned_pairs);
  }
  if (!run->arena.base) return;
  fill_taps(l, place->taps);
  fill_tables(run, layer);
}

/* Pairs of taps, a block of pairs a task where they are one run, else a run. */
static void pair_weights(nml_run *run, int layer, int task) {
  const nml_layer *l = layer_of(run, layer);
  nml_tap_runs runs = nml_tap_runs_of(l);
  size_t width = (size_t)l->w_pitch;
  int tap = task * runs.run_taps, pair = task * nml_pairs_of_run(runs);
  int taps = runs.run_taps;
  if (runs.runs == 1) {
    pair = task * BLOCK_PAIRS;
    tap = 2 * pair;
    taps = l->taps - tap < 2 * BLOCK_PAIRS ? l->taps - tap : 2 * BLOCK_PAIRS;
  }
  nml_pair_rows(run, taps, run->params + l->weight_at + (size_t)tap * width,
                l->w_pitch,
                run->places[layer].pairs + 2 * (size_t)pair * width);
}

/* turned_pairs[k / 2][place of the input] = w[input][k], w[input][k + 1]; a
 * pixel a task. Narrowed where they are, a row's units already lie in pairs,
 * so words of 32 bits are turned: half as many as there are floats. */
static void turn_weights(nml_run *run, int layer, int pixel) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t from = (size_t)(pixel * l->in.c) * (size_t)l->w_pitch;
  float *words = place->turned + from / 2;
  float *pairs = (float *)place->turned_pairs + pixel * l->in.pitch;
  run->bf16->convert((size_t)(l->in.c * l->w_pitch),
                     run->params + l->weight_at + from, (nml_bf16 *)words);
  run->kernels->transpose(words, l->in.c, unit_pairs(l), l->w_pitch / 2, pairs,
                          padded(in_floats(l)));
}

static void prepare(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  nml_tap_runs runs = nml_tap_runs_of(l);
  int tasks = runs.runs > 1
                  ? runs.runs
                  : (nml_pairs_of_run(runs) + BLOCK_PAIRS - 1) / BLOCK_PAIRS;
  nml_add_task(run, layer, tasks, pair_weights);
  if (run->places[layer].in_delta)
    nml_add_task(run, layer, l->in.h * l->in.w, turn_weights);
}

/* Rows of floats of the slab's images, pair by pair; the odd one of the batch
 * beside zeros. */
static void pair_images(const nml_run *run, const nml_slab *slab,
                        const float *rows, size_t width, nml_bf16 *pairs) {
  for (int i = 0; i < slab->count; i += 2) {
    const float *row = rows + (size_t)(slab->first + i) * width;
    run->bf16->interleave(width, row,
                          i + 1 < slab->count ? row + width : run->zeros,
                          pairs + (size_t)(slab->image + i) * width);
  }
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t floats = (size_t)in_floats(l);
  nml_bf16 *narrow = (nml_bf16 *)slab->scratch;
  pair_images(run, slab, place->in, floats, place->in_pairs);
  nml_narrow(run, floats * (size_t)slab->count,
             place->in + (size_t)slab->first * floats, narrow);
  const nml_product_bf16 product = {
      .x = narrow,
      .row = place->rows,
      .rows = slab->count,
      .tap = place->pair_taps,
      .taps = nml_pairs_of(nml_tap_runs_of(l)),
      .w = place->pairs,
      .w_pitch = l->w_pitch,
      .bias = run->params + l->bias_at,
      .y = place->out + (size_t)slab->first * (size_t)l->out.pitch,
      .y_pitch = l->out.pitch,
      .lanes = l->w_pitch,
      .relu = l->spec.relu};
  run->bf16->product(&product);
}

static void forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, forward_slab);
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t pitch = (size_t)l->out.pitch, floats = (size_t)in_floats(l);
  nml_bf16 *narrow = (nml_bf16 *)slab->scratch;
  if (l->spec.relu) nml_close_relu(run, layer, slab);
  pair_images(run, slab, place->delta, pitch, place->delta_pairs);
  nml_keep_rows(slab, pitch, place->delta, place->kept_delta);
  if (!place->in_delta) return;
  nml_narrow(run, pitch * (size_t)slab->count,
             place->delta + (size_t)slab->first * pitch, narrow);
  const nml_product_bf16 product = {
      .x = narrow,
      .row = place->back_rows,
      .rows = slab->count,
      .tap = place->back_pair_taps,
      .taps = unit_pairs(l),
      .w = place->turned_pairs,
      .w_pitch = padded(in_floats(l)),
      .y = place->in_delta + (size_t)slab->first * floats,
      .y_pitch = in_floats(l),
      .lanes = in_floats(l)};
  run->bf16->product(&product);
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, backward_slab);
}

static void gradient_block(nml_run *run, int layer, int task) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  int from = task * BLOCK_TAPS;
  int taps = l->taps - from < BLOCK_TAPS ? l->taps - from : BLOCK_TAPS;
  float *bias = run->gradient + l->bias_at;
  const nml_product_bf16 product = {
      .x = place->in_pairs,
      .row = place->back_taps + from,
      .rows = taps,
      .tap = place->image_pairs,
      .taps = image_pairs(run->batch.count),
      .w = place->delta_pairs,
      .w_pitch = l->out.pitch,
      .y = run->gradient + l->weight_at + (size_t)from * (size_t)l->w_pitch,
      .y_pitch = l->w_pitch,
      .lanes = l->w_pitch};
  run->bf16->product(&product);
  if (task > 0) return;
  memset(bias, 0, (size_t)l->w_pitch * sizeof *bias);
  run->kernels->sum_rows(place->kept_delta, run->batch.count, l->out.pitch,
                         l->w_pitch, bias);
}

static void finish(nml_run *run, int layer) {
  nml_add_task(run, layer,
               (layer_of(run, layer)->taps + BLOCK_TAPS - 1) / BLOCK_TAPS,
               gradient_block);
}

const nml_layer_kind_ops nml_dense_bf16_ops = {plan, prepare, forward, backward,
                                               finish};
