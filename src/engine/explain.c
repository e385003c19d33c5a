/* explain.c: see explain.h. */
#include "engine/explain.h"

#include "base/memory.h"
#include "kernels/kernels.h"
#include "nn/input.h"
#include "nn/sensitivity.h"

#include <math.h>
#include <string.h>

struct numeral_explainer {
  const numeral_model *model;
  nml_predictor *predictor;
  nml_arena arena;
  float **maps; /* [layer_count + 1]: the input, then each layer's output */
  nml_sensitivity_memory memory;
  float *sums; /* of weighted channels: [pixels of the heat layer] */
  int heat_layer;
  int seen; /* layers of the run in progress whose output is known */
  bool has_run;
};

/* ---- Which layer shows where
 * ------------------------------------------------- */

static bool is_convolution(nml_layer_kind kind) {
  return kind == NML_CONV || kind == NML_DEPTHWISE;
}

static bool is_behind_activation(nml_layer_kind kind) {
  return kind == NML_BATCHNORM || kind == NML_RELU || kind == NML_RELU6 ||
         kind == NML_DROPOUT || kind == NML_ADD;
}

/* The last convolution that still has places, and what is done to each of its
 * values. The network's end shows nothing: there the gradient is 1. */
static int choose_heat_layer(const nml_net *net) {
  for (int i = net->layer_count - 2; i >= 0; i--) {
    const nml_layer *l = &net->layers[i];
    if (!is_convolution(l->spec.kind) || l->out.h * l->out.w < 2) continue;
    int last = i;
    while (is_behind_activation(net->layers[last + 1].spec.kind)) last++;
    if (last < net->layer_count - 1) return last;
  }
  return -1;
}

/* ---- Memory
 * ------------------------------------------------------------------ */

static void *take(numeral_explainer *e, size_t count, size_t size_bytes) {
  size_t at = nml_arena_take(&e->arena, count, size_bytes);
  return e->arena.base ? nml_arena_at(&e->arena, at) : NULL;
}

static void plan(numeral_explainer *e) {
  const nml_net *net = e->model->net;
  size_t layers = (size_t)net->layer_count, largest = nml_largest_map(net);
  e->arena.used_bytes = 0;
  float **maps = take(e, layers + 1, sizeof *maps);
  for (size_t i = 0; i <= layers; i++) {
    nml_shape shape = i ? net->layers[i - 1].out : nml_input_shape(net);
    float *map = take(e, nml_shape_floats(shape), sizeof *map);
    if (maps) maps[i] = map;
  }
  e->maps = maps;
  for (int i = 0; i < 2; i++)
    e->memory.delta[i] = take(e, largest, sizeof(float));
  e->memory.kept = take(e, largest, sizeof(float));
  e->memory.pooled = take(e, largest, sizeof(float));
  e->memory.best = take(e, largest, 1);
  e->sums = take(e, largest, sizeof *e->sums);
}

static numeral_status fill(numeral_explainer *e, numeral_error *error) {
  const nml_predictor_options options = {.max_batch = 1,
                                         .threads = 1,
                                         .apart = true,
                                         .temperature = e->model->temperature};
  plan(e); /* measures */
  if (!e->arena.overflow) e->arena.base = nml_alloc(e->arena.used_bytes, 1);
  if (!e->arena.base)
    return nml_fail_memory(error, "a look into a network", e->arena.used_bytes);
  plan(e); /* carves */
  numeral_status status =
      nml_predictor_create(e->model->net, &options, &e->predictor, error);
  if (status == NUMERAL_OK)
    nml_predictor_load(e->predictor, e->model->params, e->model->state);
  return status;
}

numeral_status nml_explainer_create(const numeral_model *model,
                                    numeral_explainer **explainer,
                                    numeral_error *error) {
  *explainer = NULL;
  numeral_explainer *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "an explainer", sizeof *made);
  made->model = model;
  made->heat_layer = choose_heat_layer(model->net);
  numeral_status status = fill(made, error);
  if (status == NUMERAL_OK)
    *explainer = made;
  else
    nml_explainer_destroy(made);
  return status;
}

void nml_explainer_destroy(numeral_explainer *e) {
  if (!e) return;
  nml_predictor_destroy(e->predictor);
  nml_free(e->arena.base);
  nml_free(e);
}

/* ---- Forward
 * ----------------------------------------------------------------- */

static void keep(numeral_explainer *e, int layer, const float *values) {
  size_t floats = nml_shape_floats(e->model->net->layers[layer].out);
  memcpy(e->maps[layer + 1], values, floats * sizeof *values);
}

/* Layers in front that change nothing have the image itself for their output.
 */
static void keep_step(void *user, int first, int last, const float *values) {
  numeral_explainer *e = user;
  for (; e->seen < first; e->seen++) keep(e, e->seen, e->maps[0]);
  for (; e->seen <= last; e->seen++) keep(e, e->seen, values);
}

void nml_explainer_run(numeral_explainer *e, const uint8_t *image,
                       float *probabilities) {
  e->seen = 0;
  nml_input_floats(e->model->net, nml_kernels_get(), image, e->maps[0]);
  nml_predictor_trace(e->predictor, image, keep_step, e, probabilities);
  e->has_run = true;
}

bool nml_explainer_has_run(const numeral_explainer *e) { return e->has_run; }

size_t nml_explainer_layer_count(const numeral_explainer *e) {
  return (size_t)e->model->net->layer_count;
}

numeral_maps nml_explainer_layer(const numeral_explainer *e, int layer) {
  const nml_net *net = e->model->net;
  nml_shape shape = layer < 0 ? nml_input_shape(net) : net->layers[layer].out;
  return (numeral_maps){.height = shape.h,
                        .width = shape.w,
                        .channels = shape.c,
                        .pitch = shape.pitch,
                        .values = e->maps[layer + 1]};
}

/* ---- Heat
 * -------------------------------------------------------------------- */

const float *nml_explainer_gradient(numeral_explainer *e, int digit,
                                    int layer) {
  const nml_trace trace = {e->model->net, e->model->params, e->model->state,
                           (const float *const *)(e->maps + 1)};
  return nml_sensitivity(&trace, digit, layer, &e->memory);
}

/* Which pixels a map's places look at: the middle of the window of place i is
 * at first + i * apart, and so down. */
typedef struct view {
  float first_y, first_x, apart_y, apart_x;
} view;

/* Whether layer `i` lies on one way from the image to `layer`. Branches of a
 * block look at the same pixels. */
static bool leads_to(const nml_net *net, int i, int layer) {
  while (layer > i) layer = net->layers[layer].from;
  return layer == i;
}

static view view_of(const nml_net *net, int layer) {
  view v = {0, 0, 1, 1};
  for (int i = 0; i <= layer; i++) {
    const nml_layer *l = &net->layers[i];
    if (!leads_to(net, i, layer)) continue;
    float half_h = 0, half_w = 0;
    int stride = 1;
    switch (l->spec.kind) {
      case NML_CONV:
      case NML_DEPTHWISE:
      case NML_MAXPOOL:
      case NML_AVGPOOL:
      case NML_GLOBALAVGPOOL:
        half_h = (float)(l->spec.window_h - 1) / 2 - (float)l->pad_top;
        half_w = (float)(l->spec.window_w - 1) / 2 - (float)l->pad_left;
        stride = l->spec.stride;
        break;
      case NML_CROP:
        half_h = (float)l->pad_top;
        half_w = (float)l->pad_left;
        break;
      default:
        break;
    }
    v.first_y += half_h * v.apart_y;
    v.first_x += half_w * v.apart_x;
    v.apart_y *= (float)stride;
    v.apart_x *= (float)stride;
  }
  return v;
}

/* Between two places of a line of `count`, and how far from the first. */
typedef struct between {
  int low, high;
  float share;
} between;

static between find_between(float at, int count) {
  if (!(at > 0)) return (between){0, 0, 0};
  if (at >= (float)(count - 1)) return (between){count - 1, count - 1, 0};
  int low = (int)at;
  return (between){low, low + 1, at - (float)low};
}

static void spread_over_pixels(const float *map, int height, int width, view v,
                               float *heat) {
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; y++) {
    between r = find_between(((float)y - v.first_y) / v.apart_y, height);
    for (int x = 0; x < NUMERAL_IMAGE_SIDE; x++) {
      between c = find_between(((float)x - v.first_x) / v.apart_x, width);
      float upper = map[r.low * width + c.low] * (1 - c.share) +
                    map[r.low * width + c.high] * c.share;
      float lower = map[r.high * width + c.low] * (1 - c.share) +
                    map[r.high * width + c.high] * c.share;
      *heat++ = upper * (1 - r.share) + lower * r.share;
    }
  }
}

static void add_channel(const numeral_maps *maps, const float *gradient,
                        int channel, float *sums) {
  int pixels = maps->height * maps->width;
  double weight = 0;
  for (int i = 0; i < pixels; i++)
    weight += (double)gradient[i * maps->pitch + channel];
  weight /= pixels;
  for (int i = 0; i < pixels; i++)
    sums[i] += (float)weight * maps->values[i * maps->pitch + channel];
}

static void heat_of_maps(numeral_explainer *e, int digit, float *heat) {
  const numeral_maps maps = nml_explainer_layer(e, e->heat_layer);
  const float *gradient = nml_explainer_gradient(e, digit, e->heat_layer);
  int pixels = maps.height * maps.width;
  memset(e->sums, 0, (size_t)pixels * sizeof *e->sums);
  for (int c = 0; c < maps.channels; c++)
    add_channel(&maps, gradient, c, e->sums);
  for (int i = 0; i < pixels; i++) e->sums[i] = fmaxf(e->sums[i], 0);
  spread_over_pixels(e->sums, maps.height, maps.width,
                     view_of(e->model->net, e->heat_layer), heat);
}

static void heat_of_pixels(numeral_explainer *e, int digit, float *heat) {
  const numeral_maps image = nml_explainer_layer(e, -1);
  const float *gradient = nml_explainer_gradient(e, digit, -1);
  const nml_layer *first = &e->model->net->layers[0];
  bool cropped = first->spec.kind == NML_CROP;
  memset(heat, 0, NUMERAL_IMAGE_PIXELS * sizeof *heat);
  if (cropped) heat += first->pad_top * NUMERAL_IMAGE_SIDE + first->pad_left;
  for (int y = 0; y < image.height; y++)
    for (int x = 0; x < image.width; x++) {
      int at = (y * image.width + x) * image.pitch;
      heat[y * NUMERAL_IMAGE_SIDE + x] =
          fmaxf(image.values[at] * gradient[at], 0);
    }
}

void nml_explainer_heat(numeral_explainer *e, int digit, float *heat) {
  float highest = 0;
  if (e->heat_layer >= 0)
    heat_of_maps(e, digit, heat);
  else
    heat_of_pixels(e, digit, heat);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++)
    highest = fmaxf(highest, heat[i]);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++)
    heat[i] = highest > 0 ? heat[i] / highest : 0;
}

int nml_explainer_heat_layer(const numeral_explainer *e) {
  return e->heat_layer;
}
