/* residual.c: a residual block (He et al. 2016): what comes to `residual` goes
 * two ways, through the layers of the block and past them, or through those of
 * the shortcut, and `add` adds the two. docs/decisions/0014-branches.md.
 *
 * Only one array of gradients is more than in a chain: `skipped`, what comes
 * back past the block. It is added last, to what came through the block. */
#include "nn/layer.h"

#include <string.h>

static const nml_layer *layer_of(const nml_run *run, int layer) {
  return &run->net->layers[layer];
}

static size_t floats_of(const nml_run *run, int layer) {
  return nml_shape_floats(layer_of(run, layer)->out);
}

/* ---- Where the branches part -------------------------------------------- */

static void plan_residual(nml_run *run, int layer) {
  nml_plan_alias(run, layer);
  if (nml_sends_back(run, layer))
    run->places[layer].skipped = nml_run_take(
        run, floats_of(run, layer) * (size_t)run->maps, sizeof(float));
}

static void join_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->add(floats * (size_t)slab->count, place->skipped + at,
                    place->delta + at);
}

static void residual_backward(nml_run *run, int layer) {
  if (run->places[layer].skipped) nml_add_slab(run, layer, join_slab);
}

/* What the shortcut's first layer sends back is what comes past the block. */
static void plan_shortcut(nml_run *run, int layer) {
  nml_plan_alias(run, layer);
  run->places[layer].delta = run->places[layer_of(run, layer)->from].skipped;
}

/* ---- Where they meet ---------------------------------------------------- */

/* The gradient is the same by both terms: it is left where the last layer
 * expects it, and copied for the other branch. */
static void plan_add(nml_run *run, int layer) {
  nml_place *place = &run->places[layer];
  size_t count = floats_of(run, layer) * (size_t)run->maps;
  place->out = nml_run_take(run, count, sizeof(float));
  place->delta = place->in_delta;
  if (!nml_sends_back(run, layer))
    place->delta = nml_run_take(run, count, sizeof(float));
}

static void add_slab(nml_run *run, int layer, const nml_slab *slab) {
  const nml_layer *l = layer_of(run, layer);
  const nml_place *place = &run->places[layer];
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  run->kernels->sum(floats * (size_t)slab->count, place->in + at,
                    run->places[l->other].out + at, l->spec.relu,
                    place->out + at);
}

static void add_forward(nml_run *run, int layer) {
  nml_add_slab(run, layer, add_slab);
}

/* NULL where the other branch needs no gradient. */
static float *other_delta(const nml_run *run, int layer) {
  int other = layer_of(run, layer)->other;
  const nml_place *place = &run->places[other];
  if (!place->moves) return NULL;
  return layer_of(run, other)->spec.kind == NML_RESIDUAL ? place->skipped
                                                         : place->delta;
}

static void add_back_slab(nml_run *run, int layer, const nml_slab *slab) {
  float *other = other_delta(run, layer);
  size_t floats = floats_of(run, layer), at = floats * (size_t)slab->first;
  if (layer_of(run, layer)->spec.relu) nml_close_relu(run, layer, slab);
  if (other)
    memcpy(other + at, run->places[layer].delta + at,
           floats * (size_t)slab->count * sizeof *other);
}

static void add_backward(nml_run *run, int layer) {
  nml_add_slab(run, layer, add_back_slab);
}

const nml_layer_kind_ops nml_residual_ops = {.plan = plan_residual,
                                             .backward = residual_backward};
const nml_layer_kind_ops nml_shortcut_ops = {.plan = plan_shortcut};
const nml_layer_kind_ops nml_add_ops = {
    .plan = plan_add, .forward = add_forward, .backward = add_backward};
