/* predictor.c: the memory of a prepared network, and how its images are dealt
 * to threads. See predictor.h. */
#include "nn/predictor.h"

#include "nn/softmax.h"
#include "nn/step.h"

#include <assert.h>
#include <string.h>

enum {
  /* so many products of bytes cannot overflow 32 bits */
  MAX_BYTE_TAPS = INT32_MAX / (255 * 127) / 4
};

/* ---- Memory ----------------------------------------------------------------
 */

static void *take(nml_predictor *p, size_t count, size_t size_bytes) {
  size_t at = nml_arena_take(&p->arena, count, size_bytes);
  return p->arena.base ? nml_arena_at(&p->arena, at) : NULL;
}

static bool is_dense(const nml_predictor *p, const nml_step *step) {
  return p->net->layers[step->layer].spec.kind == NML_DENSE;
}

static void plan_product(nml_predictor *p, nml_step *step) {
  const nml_layer *l = &p->net->layers[step->layer];
  step->outputs = is_dense(p, step) ? p->slab : step->out.h * step->out.w;
  step->tap_count = nml_step_tap_count(p->net, step, p->elements);
  step->rows = take(p, (size_t)step->outputs, sizeof *step->rows);
  step->taps = take(p, (size_t)step->tap_count, sizeof *step->taps);
  step->packed = NULL;
  if (nml_step_packs(p->net, step, p->elements))
    step->packed =
        take(p, (size_t)step->tap_count * (size_t)l->w_pitch, sizeof(float));
  if (p->arena.base)
    nml_step_tables(p->net, step, p->elements,
                    p->row_bytes * (size_t)p->elements / sizeof(float));
}

static void plan_depthwise(nml_predictor *p, nml_step *step) {
  const nml_layer *l = &p->net->layers[step->layer];
  step->packed = NULL;
  if (nml_step_packs(p->net, step, 1))
    step->packed = take(p, (size_t)l->taps * (size_t)l->w_pitch, sizeof(float));
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t padded_bytes(const nml_predictor *p, const nml_step *step) {
  nml_shape shape = {step->padded_h, step->padded_w, step->in.c,
                     step->in.pitch};
  return step->padded ? nml_step_bytes(p, shape) : 0;
}

/* Sizes of one image's memory; rows of a slab are of one size, aligned. */
typedef struct sizes {
  size_t map, padded, wide;
} sizes;

static sizes measure(nml_predictor *p) {
  sizes s = {0, 0, nml_shape_floats(p->steps[0].in)};
  p->row_bytes = 0;
  for (int i = 0; i < p->step_count; i++) {
    const nml_step *step = &p->steps[i];
    size_t in = nml_step_bytes(p, step->in), out = nml_step_bytes(p, step->out);
    if (i < p->row_steps) s.map = larger(s.map, larger(in, out));
    if (i >= p->row_steps) p->row_bytes = larger(p->row_bytes, larger(in, out));
    s.padded = larger(s.padded, padded_bytes(p, step));
    if (step->kind != NML_STEP_PRODUCT)
      s.wide = larger(s.wide, larger(nml_shape_floats(step->in),
                                     nml_shape_floats(step->out)));
  }
  if (p->elements == 1) s.wide = 0;
  p->row_bytes =
      (p->row_bytes + NML_ALIGN_BYTES - 1) / NML_ALIGN_BYTES * NML_ALIGN_BYTES;
  p->logits_bytes =
      nml_shape_floats(p->steps[p->step_count - 1].out) * sizeof(float);
  return s;
}

static void plan_worker(nml_predictor *p, nml_worker *w, sizes s) {
  size_t slab = (size_t)p->slab;
  for (int i = 0; i < p->map_count; i++) {
    w->maps[i] = take(p, s.map + NML_SLACK, 1);
    w->rows[i] = take(p, slab * p->row_bytes + NML_SLACK, 1);
  }
  for (int i = 0; i < 2; i++)
    w->wide[i] = take(p, s.wide + NML_SLACK, sizeof(float));
  w->padded = take(p, s.padded + NML_SLACK, 1);
  w->logits = take(p, slab * p->logits_bytes, 1);
}

static void plan(nml_predictor *p) {
  const sizes s = measure(p);
  const size_t threads = (size_t)p->options.threads;
  p->arena.used_bytes = 0;
  nml_worker *workers = take(p, threads, sizeof *workers);
  if (p->arena.base) p->workers = workers;
  for (int i = 0; i < p->step_count; i++) {
    nml_step *step = &p->steps[i];
    size_t lanes = (size_t)step->out.pitch;
    step->scale = take(p, lanes, sizeof(float));
    step->shift = take(p, lanes, sizeof(float));
    if (step->kind == NML_STEP_PRODUCT) plan_product(p, step);
    if (step->kind == NML_STEP_DEPTHWISE) plan_depthwise(p, step);
  }
  nml_worker measured;
  for (size_t i = 0; i < threads; i++)
    plan_worker(p, p->arena.base ? &p->workers[i] : &measured, s);
}

/* ---- Making
 * ------------------------------------------------------------------ */

static void choose_kernels(nml_predictor *p) {
  p->kernels = nml_kernels_get();
  switch (p->options.precision) {
    case NUMERAL_PRECISION_BF16:
      p->elements = 2;
      p->bf16_kernels = nml_bf16_kernels_get();
      p->forward = p->bf16_kernels->forward;
      break;
    case NUMERAL_PRECISION_INT8:
      p->elements = 4;
      p->forward = nml_int8_kernels_get()->forward;
      break;
    default:
      p->elements = 1;
      p->forward = p->kernels->forward;
  }
}

static int map_of(const nml_predictor *p, int step) {
  return step < 0 ? 0 : p->steps[step].out_map; /* the image is in map 0 */
}

/* Whether step `i` or one behind it reads what lies in a map. */
static bool is_awaited(const nml_predictor *p, int map, int i) {
  for (int later = i; later < p->step_count; later++) {
    const nml_step *s = &p->steps[later];
    if (s->from < i && map_of(p, s->from) == map) return true;
    if (s->kind == NML_STEP_SUM && s->other < i && map_of(p, s->other) == map)
      return true;
  }
  return false;
}

/* Each step writes into a map that nobody awaits. Three do: what a step reads,
 * what it writes, and what is kept: the map before a residual, and, from its
 * shortcut's first layer on, which reads that map last, the block's own. */
static void place_maps(nml_predictor *p) {
  p->map_count = 2;
  for (int i = 0; i < p->step_count; i++) {
    nml_step *s = &p->steps[i];
    s->in_map = map_of(p, s->from);
    s->other_map = map_of(p, s->other);
    s->out_map = s->in_map;
    if (s->kind == NML_STEP_AGAIN) continue;
    s->out_map = 0;
    while (is_awaited(p, s->out_map, i)) s->out_map++;
    assert(s->out_map < NML_STEP_MAPS);
    if (s->out_map >= p->map_count) p->map_count = s->out_map + 1;
  }
}

/* The first step that works on rows: that of a dense layer, or of the residual
 * around it, for rows cannot be added to maps. */
static int first_row_step(const nml_predictor *p) {
  int first = 0;
  while (first < p->step_count && !is_dense(p, &p->steps[first])) first++;
  for (int i = p->step_count - 1; i >= first; i--) {
    const nml_step *s = &p->steps[i];
    int reads =
        s->kind == NML_STEP_SUM && s->other < s->from ? s->other : s->from;
    if (reads + 1 < first) first = reads + 1;
  }
  return first;
}

static bool has_weights(const nml_layer *layer) {
  const nml_layer_kind kind = layer->spec.kind;
  return kind == NML_CONV || kind == NML_DENSE || kind == NML_DEPTHWISE;
}

static void list_steps(nml_predictor *p) {
  p->step_count = nml_fuse(p->net, p->options.apart, p->steps);
  if (p->elements == 4)
    nml_scale_steps(p->steps, p->step_count, p->options.ranges);
  place_maps(p);
  p->row_steps = first_row_step(p);
  p->deciding = p->step_count - 1;
  while (p->deciding > 0 &&
         !has_weights(&p->net->layers[p->steps[p->deciding].layer]))
    p->deciding--;
}

/* Offsets into maps and rows are 32-bit, and so are sums of bytes. */
static numeral_status check_sizes(const nml_predictor *p,
                                  numeral_error *error) {
  for (int i = 0; i < p->step_count; i++)
    if (p->elements == 4 && p->steps[i].kind == NML_STEP_PRODUCT &&
        nml_step_tap_count(p->net, &p->steps[i], 4) > MAX_BYTE_TAPS)
      return nml_fail(error, NUMERAL_ERROR_LIMIT,
                      "layer %d has too many inputs for sums of bytes: predict "
                      "with fp32",
                      p->steps[i].layer + 1);
  return NUMERAL_OK;
}

static numeral_status fill(nml_predictor *p, numeral_error *error) {
  p->steps = nml_alloc((size_t)p->net->layer_count, sizeof *p->steps);
  if (!p->steps)
    return nml_fail_memory(error, "a predictor",
                           (size_t)p->net->layer_count * sizeof *p->steps);
  list_steps(p);
  numeral_status status = check_sizes(p, error);
  if (status != NUMERAL_OK) return status;
  plan(p); /* measures */
  if (!p->arena.overflow) p->arena.base = nml_alloc(p->arena.used_bytes, 1);
  if (!p->arena.base)
    return nml_fail_memory(error, "the network's working memory",
                           p->arena.used_bytes);
  plan(p); /* carves */
  if (p->options.threads == 1) return NUMERAL_OK;
  return nml_team_create(p->options.threads, &p->team, error);
}

numeral_status nml_predictor_create(const nml_net *net,
                                    const nml_predictor_options *options,
                                    nml_predictor **predictor,
                                    numeral_error *error) {
  assert(options->max_batch >= 1 && options->threads >= 1);
  *predictor = NULL;
  nml_predictor *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a predictor", sizeof *made);
  made->net = net;
  made->options = *options;
  made->slab = options->max_batch < NML_PREDICT_SLAB ? options->max_batch
                                                     : NML_PREDICT_SLAB;
  /* one image is never worth a second thread */
  if (options->max_batch == 1) made->options.threads = 1;
  choose_kernels(made);
  numeral_status status = fill(made, error);
  made->options.ranges = NULL;
  if (status == NUMERAL_OK)
    *predictor = made;
  else
    nml_predictor_destroy(made);
  return status;
}

void nml_predictor_destroy(nml_predictor *p) {
  if (!p) return;
  nml_team_destroy(p->team);
  nml_free(p->arena.base);
  nml_free(p->steps);
  nml_free(p);
}

void nml_predictor_load(nml_predictor *p, const float *params,
                        const float *state) {
  for (int i = 0; i < p->step_count; i++)
    nml_step_load(p, &p->steps[i], params, state);
}

/* ---- Watching
 * ------------------------------------------------------------------ */

static void widen_range(nml_range *range, const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (values[i] < range->low) range->low = values[i];
    if (values[i] > range->high) range->high = values[i];
  }
}

typedef struct watching {
  const nml_net *net;
  nml_range *ranges;
} watching;

/* The ranges of all layers that a step stands for. */
static void watch(void *user, int first, int last, const float *values) {
  const watching *w = user;
  for (int i = first; i <= last; i++)
    widen_range(&w->ranges[i], values,
                nml_shape_floats(w->net->layers[last].out));
}

void nml_predictor_watch(nml_predictor *p, const uint8_t *images, size_t count,
                         nml_range *ranges) {
  float probabilities[NUMERAL_CLASSES];
  watching w = {p->net, ranges};
  for (int i = 0; i < p->steps[0].layer; i++) ranges[i].high = 1; /* pixels */
  for (size_t i = 0; i < count; i++)
    nml_predictor_trace(p, images + i * NUMERAL_IMAGE_PIXELS, watch, &w,
                        probabilities);
}

static void show(const nml_predictor *p, const nml_step *step,
                 const float *out) {
  if (p->seen) p->seen(p->user, step->layer, step->last, out);
}

void nml_predictor_trace(nml_predictor *p, const uint8_t *image,
                         nml_seen_fn seen, void *user, float *probabilities) {
  assert(p->options.apart && p->elements == 1);
  p->seen = seen;
  p->user = user;
  nml_predictor_run(p, image, 1, probabilities);
  p->seen = NULL;
}

/* ---- Features
 * ------------------------------------------------------------------ */

/* The shape of what goes into the last layer with weights. */
static nml_shape feature_shape(const nml_net *net) {
  int i = net->layer_count - 1;
  while (i > 0 && !has_weights(&net->layers[i])) i--;
  return net->layers[i].in;
}

size_t nml_predictor_feature_count(const nml_net *net) {
  nml_shape shape = feature_shape(net);
  return (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

/* Keeps them for image `image` of the call, without the padding. */
static void keep_features(const nml_predictor *p, const nml_step *step,
                          int image, const void *in) {
  const size_t channels = (size_t)step->in.c,
               pixels = (size_t)step->in.h * (size_t)step->in.w;
  if (!p->features || step != &p->steps[p->deciding]) return;
  float *to = p->features + (size_t)image * pixels * channels;
  const float *from = in;
  for (size_t i = 0; i < pixels; i++, from += step->in.pitch, to += channels)
    memcpy(to, from, channels * sizeof *to);
}

void nml_predictor_features(nml_predictor *p, const uint8_t *images, int count,
                            float *features, float *probabilities) {
  assert(p->elements == 1);
  p->features = features;
  nml_predictor_run(p, images, count, probabilities);
  p->features = NULL;
}

void nml_predictor_values(nml_predictor *p, const uint8_t *images, int count,
                          float *values, float *probabilities) {
  p->values = values;
  nml_predictor_run(p, images, count, probabilities);
  p->values = NULL;
}

/* ---- Running
 * ------------------------------------------------------------------- */

/* The steps that work image by image, up to row `row` of the slab, whose first
 * image is number `first`. */
static void run_image(const nml_predictor *p, nml_worker *w,
                      const uint8_t *image, int first, int row) {
  bool all = p->row_steps == p->step_count;
  int last = p->row_steps - 1; /* -1: the image itself is where rows begin */
  void *end = all ? (void *)((char *)w->logits + (size_t)row * p->logits_bytes)
                  : w->rows[map_of(p, last)] + (size_t)row * p->row_bytes;
  nml_step_input(p, w, image, last < 0 ? end : w->maps[0]);
  for (int i = 0; i <= last; i++) {
    const nml_step *step = &p->steps[i];
    const void *in = w->maps[step->in_map], *other = w->maps[step->other_map];
    void *out = i == last ? end : w->maps[step->out_map];
    keep_features(p, step, first + row, in);
    nml_step_run(p, step, w, in, other, out, 1);
    show(p, step, out);
  }
}

static void run_rows(const nml_predictor *p, nml_worker *w, int first,
                     int count) {
  for (int i = p->row_steps; i < p->step_count; i++) {
    const nml_step *step = &p->steps[i];
    const void *in = w->rows[step->in_map], *other = w->rows[step->other_map];
    void *out =
        i == p->step_count - 1 ? (void *)w->logits : w->rows[step->out_map];
    for (int row = 0; p->features && row < count; row++)
      keep_features(p, step, first + row,
                    (const char *)in + (size_t)row * p->row_bytes);
    nml_step_run(p, step, w, in, other, out, count);
    show(p, step, out);
  }
}

/* From the last layer's values to probabilities. */
static void finish_image(const nml_predictor *p, float *values, int image,
                         float *probabilities) {
  const float temperature = p->options.temperature;
  if (p->values)
    memcpy(p->values + (size_t)image * NUMERAL_CLASSES, values,
           NUMERAL_CLASSES * sizeof *values);
  if (temperature > 0 && temperature != 1)
    for (int k = 0; k < NUMERAL_CLASSES; k++) values[k] /= temperature;
  nml_softmax(values, probabilities);
}

static void run_slab(const nml_predictor *p, nml_worker *w, int first,
                     int count) {
  const uint8_t *images = p->images + (size_t)first * NUMERAL_IMAGE_PIXELS;
  float *probabilities = p->probabilities + (size_t)first * NUMERAL_CLASSES;
  for (int i = 0; i < count; i++)
    run_image(p, w, images + (size_t)i * NUMERAL_IMAGE_PIXELS, first, i);
  run_rows(p, w, first, count);
  for (int i = 0; i < count; i++)
    finish_image(p, w->logits + (size_t)i * p->logits_bytes / sizeof(float),
                 first + i, probabilities + (size_t)i * NUMERAL_CLASSES);
}

static void run_part(void *context, int member, int part) {
  nml_predictor *p = context;
  int first = part * p->part, left = p->count - first;
  run_slab(p, &p->workers[member], first, left < p->part ? left : p->part);
}

void nml_predictor_run(nml_predictor *p, const uint8_t *images, int count,
                       float *probabilities) {
  assert(count >= 1 && count <= p->options.max_batch);
  p->images = images;
  p->count = count;
  p->probabilities = probabilities;
  p->part = p->slab;
  if (p->team && count > 1) {
    /* small batches in smaller parts, a share for everybody */
    int share = (count + p->options.threads - 1) / p->options.threads;
    if (share < p->part) p->part = share;
    nml_team_each(p->team, (count + p->part - 1) / p->part, run_part, p);
    return;
  }
  for (int i = 0; i * p->part < count; i++) run_part(p, 0, i);
}
