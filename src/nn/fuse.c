/* fuse.c: which layers become one step. Must not know numbers, only what is
 * true for all of them: a relu may come before a maxpool as well as after. */
#include "nn/step.h"

#include "base/numbers.h"

#include <math.h>

typedef struct fusing {
  const nml_net *net;
  bool apart;
  nml_step *steps, *step; /* all, and the one that is made */
} fusing;

static nml_layer_kind kind_at(const fusing *f, int layer) {
  return layer < f->net->layer_count ? f->net->layers[layer].spec.kind
                                     : NML_LAYER_KINDS;
}

/* The step that leaves what layer `layer` reads; -1: it is the image. */
static int step_of(const fusing *f, int read) {
  int i = (int)(f->step - f->steps) - 1;
  while (i >= 0 && f->steps[i].layer > read) i--;
  return i;
}

/* What holds of the values there: 0 nothing, 1 none is below 0, 6 nor above 6.
 */
static int relu_at(const fusing *f, int step) {
  return step < 0 ? 1 : f->steps[step].relu;
}

/* The relu, 1 or 6, that the layer itself is; else 0. */
static int as_relu(const fusing *f, int layer) {
  if (kind_at(f, layer) == NML_RELU) return 1;
  return kind_at(f, layer) == NML_RELU6 ? 6 : 0;
}

static bool does_nothing(nml_layer_kind kind) {
  return kind == NML_FLATTEN || kind == NML_DROPOUT || kind == NML_CROP;
}

/* Windows of 2x2 side by side, all of them whole: the kernels' groups. */
static bool is_group(const nml_layer *pool) {
  const nml_layer_spec *s = &pool->spec;
  return s->window_h == 2 && s->window_w == 2 && s->stride == 2 &&
         pool->pad_top == 0 && pool->pad_left == 0 &&
         2 * pool->out.h <= pool->in.h && 2 * pool->out.w <= pool->in.w;
}

static bool is_mean(const fusing *f) {
  return f->step->pool >= 0 && kind_at(f, f->step->pool) == NML_AVGPOOL;
}

/* Does the product, or the depthwise convolution, of f->step take this layer in
 * too? */
static bool take_in(fusing *f, int layer) {
  nml_step *step = f->step;
  switch (kind_at(f, layer)) {
    case NML_BATCHNORM:
      if (step->relu || step->pool >= 0) return false;
      step->relu = f->net->layers[layer].spec.relu;
      return true;
    case NML_RELU:
    case NML_RELU6:
      if (is_mean(f) && step->relu < as_relu(f, layer)) return false;
      step->relu = nml_larger(step->relu, as_relu(f, layer));
      return true;
    case NML_MAXPOOL:
    case NML_AVGPOOL:
      if (step->kind != NML_STEP_PRODUCT || step->pool >= 0 ||
          !is_group(&f->net->layers[layer]))
        return false;
      step->pool = layer;
      return true;
    default:
      return does_nothing(kind_at(f, layer));
  }
}

/* A relu behind maxpools that are steps of their own is done here as well,
 * so that what lies between is never negative. */
static int relu_that_follows(const fusing *f, int layer) {
  while (kind_at(f, layer) == NML_MAXPOOL || does_nothing(kind_at(f, layer)))
    layer++;
  return as_relu(f, layer);
}

static void begin_product(fusing *f, int layer) {
  const nml_layer *l = &f->net->layers[layer];
  nml_step *s = f->step;
  s->kind = NML_STEP_PRODUCT;
  s->relu = l->spec.relu;
  s->padded_h = l->in.h;
  s->padded_w = l->in.w;
  if (l->spec.kind == NML_CONV && l->spec.same) {
    int h = (l->out.h - 1) * l->spec.stride + l->spec.window_h;
    int w = (l->out.w - 1) * l->spec.stride + l->spec.window_w;
    s->padded = h > l->in.h || w > l->in.w;
    if (s->padded) s->padded_h = h;
    if (s->padded) s->padded_w = w;
  }
}

static void take_in_all(fusing *f) {
  nml_step *s = f->step;
  if (f->apart) return;
  while (take_in(f, s->last + 1)) s->last++;
  if (!is_mean(f))
    s->relu = nml_larger(s->relu, relu_that_follows(f, s->last + 1));
}

static void begin_sum(fusing *f, int layer) {
  nml_step *s = f->step;
  s->kind = NML_STEP_SUM;
  s->relu = f->net->layers[layer].spec.relu ||
            (relu_at(f, s->from) && relu_at(f, s->other));
  if (f->apart || kind_at(f, layer + 1) != NML_RELU) return;
  s->relu = 1;
  s->last = layer + 1;
}

/* False where the layer needs no step. */
static bool begin(fusing *f, int layer) {
  const nml_layer *l = &f->net->layers[layer];
  nml_step *s = f->step;
  *s = (nml_step){.layer = layer, .last = layer, .pool = -1, .in = l->in};
  s->from = step_of(f, l->from);
  s->other = step_of(f, l->other);
  switch (l->spec.kind) {
    case NML_CONV:
    case NML_DENSE:
      begin_product(f, layer);
      take_in_all(f);
      break;
    case NML_DEPTHWISE:
      s->kind = NML_STEP_DEPTHWISE;
      s->relu = l->spec.relu;
      take_in_all(f);
      break;
    case NML_MAXPOOL:
    case NML_AVGPOOL:
    case NML_GLOBALAVGPOOL:
      s->kind = NML_STEP_POOL;
      s->relu = relu_at(f, s->from);
      break;
    case NML_RELU:
    case NML_RELU6:
      if (relu_at(f, s->from) >= as_relu(f, layer)) return false;
      s->kind = NML_STEP_AFFINE;
      s->relu = as_relu(f, layer);
      break;
    case NML_BATCHNORM:
      s->kind = NML_STEP_AFFINE;
      s->relu = l->spec.relu;
      break;
    case NML_ADD:
      begin_sum(f, layer);
      break;
    case NML_SHORTCUT:
      s->kind = NML_STEP_AGAIN;
      s->relu = relu_at(f, s->from);
      break;
    default:
      return false;
  }
  s->out = f->net->layers[s->last].out;
  return true;
}

int nml_fuse(const nml_net *net, bool apart, nml_step *steps) {
  fusing f = {.net = net, .apart = apart, .steps = steps};
  int count = 0;
  for (int layer = 0; layer < net->layer_count; layer++) {
    f.step = &steps[count];
    if (!begin(&f, layer)) {
      if (count > 0) steps[count - 1].last = layer;
      continue;
    }
    layer = f.step->last;
    count++;
  }
  return count;
}

/* Bytes for low..high; what is never negative has its zero at 0, and 0 is
 * always one of the values, since borders are made of it. */
static nml_byte_scale scale_of(nml_range range, bool positive) {
  float low = positive ? 0.0f : fminf(range.low, 0.0f);
  float high = fmaxf(range.high, 0.0f);
  float step = (high - low) / 255.0f;
  if (!(step > 0.0f)) step = 1.0f / 255.0f;
  return (nml_byte_scale){step, (uint8_t)lrintf(-low / step)};
}

static nml_byte_scale scale_at(const nml_step *steps, int step) {
  const nml_byte_scale image = {1.0f / 255.0f, 0}; /* its bytes themselves */
  return step < 0 ? image : steps[step].out_scale;
}

void nml_scale_steps(nml_step *steps, int count, const nml_range *ranges) {
  for (int i = 0; i < count; i++) {
    nml_step *s = &steps[i];
    s->in_scale = scale_at(steps, s->from);
    s->other_scale = scale_at(steps, s->other);
    /* the largest of bytes is one of them */
    bool same = s->kind == NML_STEP_POOL || s->kind == NML_STEP_AGAIN;
    s->out_scale = same ? s->in_scale : scale_of(ranges[s->last], s->relu);
  }
}
