/* dense.c: every input to every output. One product over the images of a
 * slab; its weights' gradient is taken over the whole batch at once, a block
 * of inputs a task, because the weights are many and the images few. */
#include "nn/layer.h"

enum { BLOCK_TAPS = 96 };

static const nml_layer *layer_of(const nml_run *run, int layer) {
  return &run->net->layers[layer];
}

static int padded(int lanes) {
  return (lanes + NML_LANES - 1) / NML_LANES * NML_LANES;
}

/* taps: where input (y, x, channel) lies in an image's map.
 * rows: where image i lies. back_taps: output k of its row. */
static void fill_tables(const nml_run *run, int layer, nml_place *place) {
  const nml_layer *l = layer_of(run, layer);
  int in_floats = (int)nml_shape_floats(l->in), tap = 0;
  for (int pixel = 0; pixel < l->in.h * l->in.w; pixel++)
    for (int c = 0; c < l->in.c; c++)
      place->taps[tap++] = pixel * l->in.pitch + c;
  for (int i = 0; i < run->options.max_batch; i++) {
    place->rows[i] = i * in_floats;
    place->rows[run->options.max_batch + i] = i * l->out.pitch;
  }
  for (int k = 0; k < l->out.c; k++) place->back_taps[k] = k;
}

static void plan(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  nml_place *place = &run->places[layer];
  nml_plan_out(run, layer);
  place->kept_in =
      nml_plan_kept(run, nml_shape_floats(l->in), nml_map_below(run, layer));
  place->kept_delta = nml_plan_kept(run, (size_t)l->out.pitch, place->delta);
  place->rows = nml_run_take(run, 2 * (size_t)run->options.max_batch,
                             sizeof *place->rows);
  place->taps = nml_run_take(run, (size_t)l->taps, sizeof *place->taps);
  place->back_taps =
      nml_run_take(run, (size_t)l->out.c, sizeof *place->back_taps);
  if (nml_sends_back(run, layer))
    place->turned = nml_run_take(
        run, (size_t)l->out.c * (size_t)padded((int)nml_shape_floats(l->in)),
        sizeof *place->turned);
  if (run->arena.base) fill_tables(run, layer, place);
}

static void forward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  nml_keep_rows(slab, nml_shape_floats(l->in), place->in, place->kept_in);
  const nml_product product = {
      .x = place->in,
      .row = place->rows + slab->first,
      .rows = slab->count,
      .tap = place->taps,
      .taps = l->taps,
      .w = run->params + l->weight_at,
      .w_pitch = l->w_pitch,
      .bias = run->params + l->bias_at,
      .y = place->out + (size_t)slab->first * (size_t)l->out.pitch,
      .y_pitch = l->out.pitch,
      .lanes = l->w_pitch,
      .relu = l->spec.relu};
  run->kernels->product(&product);
}

static void forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, forward_slab);
}

/* turned[k][place of the input] = w[input][k], a pixel a task. */
static void turn_weights(nml_run *run, int layer, int pixel) {
  const nml_layer *l = layer_of(run, layer);
  run->kernels->transpose(
      run->params + l->weight_at +
          (size_t)pixel * (size_t)l->in.c * (size_t)l->w_pitch,
      l->in.c, l->out.c, l->w_pitch,
      run->places[layer].turned + (size_t)pixel * (size_t)l->in.pitch,
      padded((int)nml_shape_floats(l->in)));
}

static void prepare(nml_run *run, int layer) {
  const nml_layer *l = layer_of(run, layer);
  if (run->places[layer].in_delta)
    nml_add_task(run, layer, l->in.h * l->in.w, turn_weights);
}

static void backward_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  int in_floats = (int)nml_shape_floats(l->in);
  if (l->spec.relu) nml_close_relu(run, layer, slab);
  nml_keep_rows(slab, (size_t)l->out.pitch, place->delta, place->kept_delta);
  if (!place->in_delta) return;
  const nml_product product = {
      .x = place->delta,
      .row = place->rows + run->options.max_batch + slab->first,
      .rows = slab->count,
      .tap = place->back_taps,
      .taps = l->out.c,
      .w = place->turned,
      .w_pitch = padded(in_floats),
      .y = place->in_delta + (size_t)slab->first * (size_t)in_floats,
      .y_pitch = in_floats,
      .lanes = in_floats};
  run->kernels->product(&product);
}

static void backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, backward_slab);
}

static void gradient_block(nml_run *run, int layer, int task) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  int from = task * BLOCK_TAPS;
  int taps = l->taps - from < BLOCK_TAPS ? l->taps - from : BLOCK_TAPS;
  const float *dy = place->kept_delta;
  float *bias = run->gradient + l->bias_at;
  const nml_product_gradient product = {
      .x = place->kept_in,
      .row = place->rows,
      .rows = run->batch.count,
      .tap = place->taps + from,
      .taps = taps,
      .dy = dy,
      .dy_pitch = l->out.pitch,
      .dw = run->gradient + l->weight_at + (size_t)from * (size_t)l->w_pitch,
      .w_pitch = l->w_pitch,
      .lanes = l->w_pitch};
  run->kernels->product_gradient(&product);
  if (task > 0) return;
  for (int k = 0; k < l->w_pitch; k++) bias[k] = 0.0f;
  run->kernels->sum_rows(dy, run->batch.count, l->out.pitch, l->w_pitch, bias);
}

static void finish(nml_run *run, int layer) {
  nml_add_task(run, layer,
               (layer_of(run, layer)->taps + BLOCK_TAPS - 1) / BLOCK_TAPS,
               gradient_block);
}

const nml_layer_kind_ops nml_dense_ops = {plan, prepare, forward, backward,
                                          finish};
