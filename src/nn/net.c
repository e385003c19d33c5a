/* net.c: from layer specs to shapes and places. See net.h. */
#include "nn/net.h"

#include "base/memory.h"
#include "base/random.h"
#include "kernels/kernels.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_PARAMS = 1 << 26, MAX_ACTIVATIONS = 1 << 24, TENSORS_A_LAYER = 4 };

static const char *const kind_names[NML_LAYER_KINDS] = {
    "conv",     "dense",    "maxpool", "avgpool", "batchnorm",
    "relu",     "dropout",  "flatten", "crop",    "globalavgpool",
    "residual", "shortcut", "add",     "relu6",   "conv"};

static int round_up(int value) {
  return (value + NML_LANES - 1) / NML_LANES * NML_LANES;
}

static nml_shape shape_make(int h, int w, int c) {
  nml_shape shape = {h, w, c, round_up(c)};
  return shape;
}

size_t nml_shape_floats(nml_shape shape) {
  return (size_t)shape.h * (size_t)shape.w * (size_t)shape.pitch;
}

static bool is_flat(const nml_net *net, int layer) {
  const nml_shape in = net->layers[layer].in;
  for (int i = 0; i < layer; i++)
    if (net->layers[i].spec.kind == NML_FLATTEN) return true;
  return in.h == 1 && in.w == 1;
}

/* ---- Branches ----------------------------------------------------------- */

/* The residual that is open, and its shortcut; -1: none. */
typedef struct block {
  int residual, shortcut;
} block;

static numeral_status fail_block(const nml_net *net, int index, const char *why,
                                 numeral_error *error) {
  return nml_fail(error, NUMERAL_ERROR_SPEC, "layer %d (%s) %s", index + 1,
                  kind_names[net->layers[index].spec.kind], why);
}

static numeral_status wire_shortcut(nml_net *net, int index, block *b,
                                    numeral_error *error) {
  if (b->residual < 0)
    return fail_block(net, index,
                      "has no residual: put \"residual\" where the branches "
                      "part",
                      error);
  if (b->shortcut >= 0)
    return fail_block(net, index,
                      "is the second of its residual: end that with \"add\" "
                      "first",
                      error);
  net->layers[index].from = b->residual;
  b->shortcut = index;
  return NUMERAL_OK;
}

static numeral_status wire_add(nml_net *net, int index, block *b,
                               numeral_error *error) {
  if (b->residual < 0)
    return fail_block(net, index,
                      "has nothing to add: put \"residual\" where the branches "
                      "part",
                      error);
  net->layers[index].other = b->shortcut >= 0 ? b->shortcut - 1 : b->residual;
  *b = (block){-1, -1};
  return NUMERAL_OK;
}

/* A branch has layers, so that no two branches end in the same one. */
static bool is_empty_branch(const block *b, int index) {
  return index - 1 == b->residual || index - 1 == b->shortcut;
}

/* Which layers a layer reads. */
static numeral_status wire(nml_net *net, int index, block *b,
                           numeral_error *error) {
  const nml_layer_kind kind = net->layers[index].spec.kind;
  const bool inside = b->residual >= 0;
  net->layers[index].from = index - 1;
  net->layers[index].other = -1;
  if ((kind == NML_SHORTCUT || kind == NML_ADD) && inside &&
      is_empty_branch(b, index))
    return fail_block(
        net, index, "ends a branch without layers: put some before it", error);
  if (kind == NML_SHORTCUT) return wire_shortcut(net, index, b, error);
  if (kind == NML_ADD) return wire_add(net, index, b, error);
  if (kind == NML_RESIDUAL && inside)
    return fail_block(net, index,
                      "stands inside another: end that with \"add\" first",
                      error);
  if (kind == NML_FLATTEN && inside)
    return fail_block(net, index,
                      "stands inside a residual: put it before that, or behind "
                      "its \"add\"",
                      error);
  if (kind == NML_DENSE && inside && !is_flat(net, b->residual))
    return fail_block(net, index,
                      "stands inside a residual of maps: use \"conv N 1x1\"",
                      error);
  if (kind == NML_RESIDUAL) b->residual = index;
  return NUMERAL_OK;
}

static numeral_status shape_add(const nml_net *net, int index,
                                numeral_error *error) {
  const nml_shape a = net->layers[index].in;
  const nml_shape b = net->layers[net->layers[index].other].out;
  if (a.h == b.h && a.w == b.w && a.c == b.c) return NUMERAL_OK;
  return nml_fail(error, NUMERAL_ERROR_SPEC,
                  "layer %d (add) cannot add %dx%dx%d to %dx%dx%d: make the "
                  "branches alike, for example with \"shortcut, conv N 1x1\"",
                  index + 1, a.h, a.w, a.c, b.h, b.w, b.c);
}

/* ---- Shapes ------------------------------------------------------------- */

/* Output length and leading padding along one side; out 0: does not fit. */
static void place_windows(int in, int window, int stride, bool same, int *out,
                          int *pad) {
  *pad = 0;
  if (same) {
    *out = (in + stride - 1) / stride;
    int over = (*out - 1) * stride + window - in;
    if (over > 0) *pad = over / 2;
  } else {
    *out = in < window ? 0 : (in - window) / stride + 1;
  }
}

static bool is_pool(nml_layer_kind kind) {
  return kind == NML_MAXPOOL || kind == NML_AVGPOOL;
}

/* Groups of single channels are another kind of layer to those who compute it.
 */
static numeral_status shape_groups(nml_layer *layer, int index,
                                   numeral_error *error) {
  nml_layer_spec *spec = &layer->spec;
  int channels = layer->in.c;
  if (spec->groups <= 1) {
    spec->groups = 1;
    return NUMERAL_OK;
  }
  if (channels % spec->groups || spec->units % spec->groups)
    return nml_fail(error, NUMERAL_ERROR_SPEC,
                    "layer %d (conv): %d groups do not divide its %d channels "
                    "into %d: use a number that divides both",
                    index + 1, spec->groups, channels, spec->units);
  if (spec->groups == channels && spec->groups == spec->units)
    spec->kind = NML_DEPTHWISE;
  return NUMERAL_OK;
}

static numeral_status shape_windowed(nml_layer *layer, int index,
                                     numeral_error *error) {
  const nml_layer_spec *spec = &layer->spec;
  int out_h, out_w;
  place_windows(layer->in.h, spec->window_h, spec->stride, spec->same, &out_h,
                &layer->pad_top);
  place_windows(layer->in.w, spec->window_w, spec->stride, spec->same, &out_w,
                &layer->pad_left);
  if (out_h == 0 || out_w == 0)
    return nml_fail(error, NUMERAL_ERROR_SPEC,
                    "layer %d (%s): a %dx%d window does not fit its %dx%d "
                    "input: use a smaller window, or \"same\"",
                    index + 1, kind_names[spec->kind], spec->window_h,
                    spec->window_w, layer->in.h, layer->in.w);
  int channels = is_pool(spec->kind) ? layer->in.c : spec->units;
  layer->out = shape_make(out_h, out_w, channels);
  return NUMERAL_OK;
}

/* An odd row or column more is left out below and at the right. */
static numeral_status shape_crop(nml_layer *layer, int index,
                                 numeral_error *error) {
  const nml_layer_spec *spec = &layer->spec;
  if (index > 0)
    return nml_fail(error, NUMERAL_ERROR_SPEC,
                    "layer %d (crop) is not the first: crop the image before "
                    "all else",
                    index + 1);
  if (spec->window_h > layer->in.h || spec->window_w > layer->in.w)
    return nml_fail(error, NUMERAL_ERROR_SPEC,
                    "layer %d (crop): %dx%d is more than the image's %dx%d: "
                    "use sides of at most %d",
                    index + 1, spec->window_h, spec->window_w, layer->in.h,
                    layer->in.w, NUMERAL_IMAGE_SIDE);
  layer->pad_top = (layer->in.h - spec->window_h) / 2;
  layer->pad_left = (layer->in.w - spec->window_w) / 2;
  layer->out.h = spec->window_h;
  layer->out.w = spec->window_w;
  return NUMERAL_OK;
}

static numeral_status fail_flat(int index, const nml_layer_spec *spec,
                                numeral_error *error) {
  return nml_fail(error, NUMERAL_ERROR_SPEC,
                  "layer %d (%s) needs rows and columns, but its input is "
                  "flat: put it before flatten",
                  index + 1, kind_names[spec->kind]);
}

static numeral_status shape_layer(nml_net *net, int index,
                                  numeral_error *error) {
  nml_layer *layer = &net->layers[index];
  const nml_layer_spec *spec = &layer->spec;
  bool flat = is_flat(net, index);
  numeral_status status;
  layer->out = layer->in;
  switch (spec->kind) {
    case NML_CONV:
      status = shape_groups(layer, index, error);
      if (status != NUMERAL_OK) return status;
      if (flat && index > 0) return fail_flat(index, spec, error);
      return shape_windowed(layer, index, error);
    case NML_MAXPOOL:
    case NML_AVGPOOL:
      if (flat && index > 0) return fail_flat(index, spec, error);
      return shape_windowed(layer, index, error);
    case NML_GLOBALAVGPOOL:
      if (flat && index > 0) return fail_flat(index, spec, error);
      layer->spec.window_h = layer->spec.stride = layer->in.h;
      layer->spec.window_w = layer->in.w;
      layer->out = shape_make(1, 1, layer->in.c);
      return NUMERAL_OK;
    case NML_DENSE:
      if (!flat)
        return nml_fail(error, NUMERAL_ERROR_SPEC,
                        "layer %d (dense) needs a flat input, not %dx%dx%d: "
                        "put flatten before it",
                        index + 1, layer->in.h, layer->in.w, layer->in.c);
      layer->spec.window_h = layer->in.h;
      layer->spec.window_w = layer->in.w;
      layer->out = shape_make(1, 1, spec->units);
      return NUMERAL_OK;
    case NML_CROP:
      return shape_crop(layer, index, error);
    case NML_BATCHNORM:
      if (flat && (layer->in.h > 1 || layer->in.w > 1))
        return nml_fail(error, NUMERAL_ERROR_SPEC,
                        "layer %d (batchnorm) works by channel: put it before "
                        "flatten",
                        index + 1);
      break;
    case NML_ADD:
      return shape_add(net, index, error);
    case NML_RELU:
    case NML_RELU6:
    case NML_RESIDUAL:
    case NML_SHORTCUT:
    case NML_DROPOUT:
    case NML_FLATTEN:
    case NML_DEPTHWISE: /* a conv until now */
    case NML_LAYER_KINDS:
      break;
  }
  return NUMERAL_OK;
}

static bool has_weights(nml_layer_kind kind) {
  return kind == NML_CONV || kind == NML_DENSE || kind == NML_DEPTHWISE;
}

static uint64_t window_of(const nml_layer_spec *spec) {
  return (uint64_t)spec->window_h * (uint64_t)spec->window_w;
}

/* Gives a layer its place in the arrays; false where they would grow past the
 * limit. Sizes are counted in 64 bits, each factor being bounded. */
static bool place_layer(nml_net *net, nml_layer *layer) {
  const nml_layer_spec *spec = &layer->spec;
  uint64_t weights = 0,
           pixels = (uint64_t)layer->out.h * (uint64_t)layer->out.w;
  if (has_weights(spec->kind)) {
    uint64_t window = window_of(spec);
    uint64_t rows = spec->kind == NML_DEPTHWISE ? 1 : (uint64_t)layer->in.c;
    layer->seen_channels =
        spec->groups > 1 ? layer->in.c / spec->groups : layer->in.c;
    uint64_t seen = window * (uint64_t)layer->seen_channels;
    layer->w_pitch = round_up(spec->units);
    weights = window * rows * (uint64_t)layer->w_pitch;
    if (weights > MAX_PARAMS) return false;
    layer->taps = (int)(window * rows);
    layer->parameter_count = (size_t)(seen + 1) * (size_t)spec->units;
    layer->forward_flops = 2 * seen * (uint64_t)spec->units * pixels;
  } else if (spec->kind == NML_BATCHNORM) {
    layer->w_pitch = layer->out.pitch;
    weights = (uint64_t)layer->w_pitch;
    layer->parameter_count = 2 * (size_t)layer->in.c;
    layer->forward_flops = 2 * pixels * (uint64_t)layer->in.c;
    layer->state_at = net->state_floats;
    net->state_floats += 2 * (size_t)layer->w_pitch;
  }
  layer->weight_at = net->params_floats;
  layer->bias_at = layer->weight_at + (size_t)weights;
  net->params_floats = layer->bias_at + (size_t)layer->w_pitch;
  net->parameter_count += layer->parameter_count;
  net->forward_flops += layer->forward_flops;
  return net->params_floats <= MAX_PARAMS;
}

static void add_tensor(nml_net *net, int index, int part, const char *name,
                       int rank, const int dims[4]) {
  nml_tensor *tensor = &net->tensors[net->tensor_count++];
  snprintf(tensor->name, sizeof tensor->name, "%d.%s.%s", index,
           kind_names[net->layers[index].spec.kind], name);
  tensor->rank = rank;
  tensor->count = 1;
  for (int i = 0; i < rank; i++) {
    tensor->dims[i] = dims[i];
    tensor->count *= (size_t)dims[i];
  }
  tensor->layer = index;
  tensor->part = part;
}

static void add_tensors(nml_net *net, int index) {
  const nml_layer *layer = &net->layers[index];
  const nml_layer_spec *spec = &layer->spec;
  const int conv[4] = {spec->units, layer->seen_channels, spec->window_h,
                       spec->window_w};
  const int dense[4] = {spec->units, layer->taps};
  const int lanes[4] = {layer->out.c};
  switch (spec->kind) {
    case NML_CONV:
    case NML_DEPTHWISE:
      add_tensor(net, index, NML_WEIGHT, "weight", 4, conv);
      add_tensor(net, index, NML_BIAS, "bias", 1, lanes);
      break;
    case NML_DENSE:
      add_tensor(net, index, NML_WEIGHT, "weight", 2, dense);
      add_tensor(net, index, NML_BIAS, "bias", 1, lanes);
      break;
    case NML_BATCHNORM:
      add_tensor(net, index, NML_WEIGHT, "weight", 1, lanes);
      add_tensor(net, index, NML_BIAS, "bias", 1, lanes);
      add_tensor(net, index, NML_MEAN, "running_mean", 1, lanes);
      add_tensor(net, index, NML_VARIANCE, "running_var", 1, lanes);
      break;
    default:
      break;
  }
}

static numeral_status build(nml_net *net, numeral_error *error) {
  /* products read single values, so the image needs no padded lanes where one
   * comes first; every other layer works on whole rows of lanes */
  bool crops = net->layers[0].spec.kind == NML_CROP && net->layer_count > 1;
  nml_layer_kind first = net->layers[crops ? 1 : 0].spec.kind;
  nml_shape shape = shape_make(NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE, 1);
  if (first == NML_CONV || first == NML_FLATTEN) shape.pitch = 1;
  uint64_t activations = 0;
  block open = {-1, -1};
  for (int i = 0; i < net->layer_count; i++) {
    nml_layer *layer = &net->layers[i];
    numeral_status status = wire(net, i, &open, error);
    if (status != NUMERAL_OK) return status;
    layer->in = layer->from < 0 ? shape : net->layers[layer->from].out;
    status = shape_layer(net, i, error);
    if (status != NUMERAL_OK) return status;
    shape = layer->out;
    activations += nml_shape_floats(shape);
    if (!place_layer(net, layer) || activations > MAX_ACTIVATIONS)
      return nml_fail(error, NUMERAL_ERROR_LIMIT,
                      "the network grows past %d million parameters or %d "
                      "million activations an image at layer %d (%s): make it "
                      "smaller",
                      MAX_PARAMS >> 20, MAX_ACTIVATIONS >> 20, i + 1,
                      kind_names[layer->spec.kind]);
    add_tensors(net, i);
  }
  if (open.residual >= 0)
    return fail_block(net, open.residual,
                      "has no end: put \"add\" where its branches meet", error);
  if (shape.h != 1 || shape.w != 1 || shape.c != NUMERAL_CLASSES)
    return nml_fail(error, NUMERAL_ERROR_SPEC,
                    "the network ends in %dx%dx%d values, but one is needed "
                    "for each of the %d digits: end it with \"dense %d\"",
                    shape.h, shape.w, shape.c, NUMERAL_CLASSES,
                    NUMERAL_CLASSES);
  return NUMERAL_OK;
}

numeral_status nml_net_create(const nml_layer_spec *specs, int count,
                              nml_net **net, numeral_error *error) {
  assert(count >= 0 && count <= NML_MAX_LAYERS);
  *net = NULL;
  if (count == 0)
    return nml_fail(error, NUMERAL_ERROR_SPEC, "the network has no layers");
  numeral_status status = NUMERAL_OK;
  nml_net *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a network", sizeof *made);
  made->layer_count = count;
  made->layers = nml_alloc((size_t)count, sizeof *made->layers);
  made->tensors =
      nml_alloc((size_t)count * TENSORS_A_LAYER, sizeof *made->tensors);
  if (!made->layers || !made->tensors) {
    status = nml_fail_memory(error, "the layers of a network",
                             (size_t)count * sizeof *made->layers);
    goto fail;
  }
  for (int i = 0; i < count; i++) made->layers[i].spec = specs[i];
  status = build(made, error);
  if (status != NUMERAL_OK) goto fail;
  *net = made;
  return NUMERAL_OK;
fail:
  nml_net_destroy(made);
  return status;
}

void nml_net_destroy(nml_net *net) {
  if (!net) return;
  nml_free(net->layers);
  nml_free(net->tensors);
  nml_free(net);
}

/* The row of weights that channel 0 of those that a unit sees has, at the
 * window's first place; from one place to the next there are as many rows as
 * channels are held together. */
static size_t first_row(const nml_layer *layer, size_t unit) {
  const nml_layer_spec *spec = &layer->spec;
  if (spec->kind != NML_CONV || spec->groups <= 1) return 0;
  size_t units = (size_t)(spec->units / spec->groups);
  return unit / units * (size_t)layer->seen_channels;
}

static size_t rows_a_place(const nml_layer *layer) {
  return (size_t)layer->taps / (size_t)window_of(&layer->spec);
}

/* Where element `i` (in file order) of a tensor lies in its array. */
static size_t element_at(const nml_net *net, const nml_tensor *tensor,
                         size_t i) {
  const nml_layer *layer = &net->layers[tensor->layer];
  size_t pitch = (size_t)layer->w_pitch;
  switch (tensor->part) {
    case NML_BIAS:
      return layer->bias_at + i;
    case NML_MEAN:
      return layer->state_at + i;
    case NML_VARIANCE:
      return layer->state_at + pitch + i;
    case NML_WEIGHT:
      break;
  }
  if (layer->spec.kind == NML_BATCHNORM) return layer->weight_at + i;
  /* [unit][channel][y][x] -> [y][x][channel][unit] */
  size_t window = (size_t)window_of(&layer->spec);
  size_t channels = (size_t)layer->seen_channels;
  size_t place = i % window, channel = i / window % channels;
  size_t unit = i / window / channels;
  size_t row = place * rows_a_place(layer) + first_row(layer, unit) + channel;
  return layer->weight_at + row * pitch + unit;
}

static bool in_state(const nml_tensor *tensor) {
  return tensor->part == NML_MEAN || tensor->part == NML_VARIANCE;
}

void nml_tensor_store(const nml_net *net, int tensor, const float *params,
                      const float *state, float *values) {
  const nml_tensor *t = &net->tensors[tensor];
  const float *from = in_state(t) ? state : params;
  for (size_t i = 0; i < t->count; i++) values[i] = from[element_at(net, t, i)];
}

/* As element_at says, a cache line of units at a time: writing unit after unit
 * touched a line for each number, a quarter of the time from a cold start to a
 * printed digit. */
static void fetch_weights(const nml_layer *layer, const unsigned char *values,
                          float *weights) {
  int window = (int)window_of(&layer->spec);
  size_t pitch = (size_t)layer->w_pitch, rows = rows_a_place(layer);
  size_t taps = (size_t)window * (size_t)layer->seen_channels;
  for (size_t first = 0; first < (size_t)layer->spec.units; first += 16) {
    size_t end = first + 16;
    if (end > (size_t)layer->spec.units) end = (size_t)layer->spec.units;
    size_t from = 0;
    for (int channel = 0; channel < layer->seen_channels; channel++)
      for (int place = 0; place < window; place++, from++) {
        size_t to = (size_t)place * rows + (size_t)channel;
        for (size_t unit = first; unit < end; unit++)
          memcpy(&weights[(to + first_row(layer, unit)) * pitch + unit],
                 values + (unit * taps + from) * sizeof(float), sizeof(float));
      }
  }
}

void nml_tensor_fetch(const nml_net *net, int tensor, const void *values,
                      float *params, float *state) {
  const nml_tensor *t = &net->tensors[tensor];
  const nml_layer *layer = &net->layers[t->layer];
  float *to = in_state(t) ? state : params;
  if (t->part == NML_WEIGHT && layer->spec.kind != NML_BATCHNORM)
    fetch_weights(layer, values, params + layer->weight_at);
  else
    memcpy(to + element_at(net, t, 0), values, t->count * sizeof(float));
}

static void init_weights(const nml_net *net, const nml_tensor *tensor,
                         uint64_t seed, float *params) {
  const nml_layer *layer = &net->layers[tensor->layer];
  double window = (double)window_of(&layer->spec);
  double fan_in = window * layer->seen_channels;
  double fan_out = window * layer->spec.units;
  if (layer->spec.kind == NML_DENSE) fan_out = layer->spec.units;
  if (layer->spec.groups > 1) fan_out /= layer->spec.groups;
  double fans = layer->spec.init == NML_INIT_HE ? fan_in : fan_in + fan_out;
  float bound = (float)sqrt(6.0 / fans);
  nml_random random =
      nml_random_init(seed, NML_PURPOSE_INIT, (uint64_t)tensor->layer, 0);
  /* drawn in file order, so that the values do not depend on the padding */
  for (size_t i = 0; i < tensor->count; i++)
    params[element_at(net, tensor, i)] =
        nml_random_range(&random, -bound, bound);
}

void nml_net_init(const nml_net *net, uint64_t seed, float *params,
                  float *state) {
  memset(params, 0, net->params_floats * sizeof *params);
  if (net->state_floats) memset(state, 0, net->state_floats * sizeof *state);
  for (int t = 0; t < net->tensor_count; t++) {
    const nml_tensor *tensor = &net->tensors[t];
    bool norm = net->layers[tensor->layer].spec.kind == NML_BATCHNORM;
    if (tensor->part == NML_WEIGHT && !norm)
      init_weights(net, tensor, seed, params);
    if ((tensor->part == NML_WEIGHT && norm) || tensor->part == NML_VARIANCE)
      for (size_t i = 0; i < tensor->count; i++)
        (in_state(tensor) ? state : params)[element_at(net, tensor, i)] = 1.0f;
  }
}
