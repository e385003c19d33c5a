/* Checks of pooling and of depthwise convolution: windows inside, over the
 * edge, overlapping, with gaps. */
#include "check.h"
#include "naive.h"

#include <math.h>
#include <string.h>

typedef struct shape {
  int in_h, in_w, window_h, window_w, stride;
  bool same;
} shape;

static const shape shapes[] = {
    {2, 2, 2, 2, 2, false},     {26, 26, 2, 2, 2, false},
    {11, 11, 2, 2, 2, false},   {5, 7, 2, 2, 2, true},
    {5, 6, 2, 2, 1, false},     {6, 6, 2, 2, 3, false},
    {7, 7, 3, 3, 2, true},      {9, 8, 3, 3, 2, false},
    {6, 5, 3, 3, 1, true},      {5, 5, 3, 2, 1, true},
    {4, 9, 2, 3, 2, true},      {1, 1, 3, 3, 1, true},
    {9, 9, 3, 3, 3, false},     {12, 4, 4, 1, 4, false},
    {8, 8, 1, 1, 1, false},     {8, 8, 1, 1, 2, false},
    {15, 17, 15, 17, 1, false}, {28, 28, 28, 9, 3, false},
    {14, 13, 3, 3, 1, true},    {14, 13, 3, 3, 2, true},
    {9, 10, 3, 3, 1, false},    {2, 1, 3, 3, 1, true},
    {3, 3, 3, 3, 2, true},      {8, 3, 5, 5, 1, true},
    {6, 7, 3, 3, 4, false},
};
static const int pitches[] = {16, 48, 208};
enum {
  SHAPES = sizeof shapes / sizeof shapes[0],
  PITCHES = sizeof pitches / sizeof pitches[0],
  CASES = SHAPES * PITCHES * VALUE_KINDS
};

static int padding(int in, int window, int stride, int out) {
  int all = (out - 1) * stride + window - in;
  return all > 0 ? all / 2 : 0;
}

static nml_windows windows_of(const shape *s, int pitch) {
  nml_windows w = {.in_h = s->in_h,
                   .in_w = s->in_w,
                   .window_h = s->window_h,
                   .window_w = s->window_w,
                   .stride = s->stride,
                   .pitch = pitch};
  if (s->same) {
    w.out_h = (s->in_h + s->stride - 1) / s->stride;
    w.out_w = (s->in_w + s->stride - 1) / s->stride;
    w.pad_top = padding(w.in_h, w.window_h, w.stride, w.out_h);
    w.pad_left = padding(w.in_w, w.window_w, w.stride, w.out_w);
  } else {
    w.out_h = (s->in_h - s->window_h) / s->stride + 1;
    w.out_w = (s->in_w - s->window_w) / s->stride + 1;
  }
  return w;
}

/* The arrays of one case: x and dx are maps of the input, the rest of the
 * output. */
typedef struct setting {
  nml_windows w;
  size_t in, out;
  float *x, *y, *dy, *dx;
  uint8_t *best, *best_wanted;
  double *wanted, *magnitude;
  float *weights, *shift, *dw; /* of depthwise */
} setting;

static setting setting_create(nml_windows w, value_kind kind, unsigned seed) {
  setting s = {.w = w};
  s.in = (size_t)(w.in_h * w.in_w * w.pitch);
  s.out = (size_t)(w.out_h * w.out_w * w.pitch);
  size_t most = s.in > s.out ? s.in : s.out;
  size_t window = (size_t)(w.window_h * w.window_w * w.pitch);
  if (window > most) most = window;
  s.x = guarded(s.in, sizeof *s.x);
  s.dx = guarded(s.in, sizeof *s.dx);
  s.y = guarded(s.out, sizeof *s.y);
  s.dy = guarded(s.out, sizeof *s.dy);
  s.best = guarded(s.out, 1);
  s.best_wanted = guarded(s.out, 1);
  s.wanted = guarded(most, sizeof *s.wanted);
  s.magnitude = guarded(most, sizeof *s.magnitude);
  const size_t weights = (size_t)(w.window_h * w.window_w * w.pitch);
  s.weights = guarded(weights, sizeof *s.weights);
  s.shift = guarded((size_t)w.pitch, sizeof *s.shift);
  s.dw = guarded(weights, sizeof *s.dw);
  fill(s.weights, weights, kind, seed + 2);
  fill(s.shift, (size_t)w.pitch, kind, seed + 3);
  fill(s.dw, weights, kind, seed + 4);
  fill(s.x, s.in, kind, seed);
  fill(s.dy, s.out, kind, seed + 1);
  return s;
}

static void setting_destroy(setting *s) {
  release(s->x);
  release(s->dx);
  release(s->y);
  release(s->dy);
  release(s->best);
  release(s->best_wanted);
  release(s->weights);
  release(s->shift);
  release(s->dw);
  release(s->wanted);
  release(s->magnitude);
}

static bool agrees(const setting *s, const float *got, size_t count,
                   int operations) {
  for (size_t i = 0; i < count; i++) {
    if (!near(got[i], s->wanted[i], s->magnitude[i], operations))
      return wrong("float %zu: %.9g, not %.9g", i, (double)got[i],
                   s->wanted[i]);
  }
  return guard_holds(got, "map");
}

static bool maxpool_agrees(const nml_kernels *kernels, setting *s) {
  naive_maxpool(&s->w, s->x, s->wanted, s->best_wanted);
  memset(s->magnitude, 0, s->out * sizeof *s->magnitude);
  kernels->maxpool(&s->w, s->x, s->y, NULL);
  if (!agrees(s, s->y, s->out, 0)) return wrong("... without places");
  kernels->maxpool(&s->w, s->x, s->y, s->best);
  if (!agrees(s, s->y, s->out, 0) || !guard_holds(s->best, "places"))
    return false;
  if (memcmp(s->best, s->best_wanted, s->out) != 0)
    return wrong("another place than the first of the largest");
  naive_maxpool_gradient(&s->w, s->dy, s->best, s->wanted, s->magnitude);
  kernels->maxpool_gradient(&s->w, s->dy, s->best, s->dx);
  return agrees(s, s->dx, s->in, 255) || wrong("... of the gradient");
}

static bool avgpool_agrees(const nml_kernels *kernels, setting *s) {
  naive_avgpool(&s->w, s->x, s->wanted, s->magnitude);
  kernels->avgpool(&s->w, s->x, s->y);
  if (!agrees(s, s->y, s->out, s->w.window_h * s->w.window_w + 2)) return false;
  naive_avgpool_gradient(&s->w, s->dy, s->wanted, s->magnitude);
  kernels->avgpool_gradient(&s->w, s->dy, s->dx);
  return agrees(s, s->dx, s->in, s->w.window_h * s->w.window_w + 2) ||
         wrong("... of the gradient");
}

/* Limits of relu move a value by less than its rounding. */
static bool depthwise_agrees(const nml_kernels *kernels, setting *s) {
  const int places = s->w.window_h * s->w.window_w;
  const size_t weights = (size_t)(places * s->w.pitch);
  for (int relu = 0; relu <= 6; relu += relu ? 5 : 1) {
    naive_depthwise(&s->w, s->x, s->weights, s->shift, relu, s->wanted,
                    s->magnitude);
    kernels->depthwise(&s->w, s->x, s->weights, s->shift, relu, s->y);
    if (!agrees(s, s->y, s->out, places + 1)) return wrong("... relu %d", relu);
  }
  naive_depthwise_data(&s->w, s->dy, s->weights, s->wanted, s->magnitude);
  kernels->depthwise_data(&s->w, s->dy, s->weights, s->dx);
  if (!agrees(s, s->dx, s->in, places)) return wrong("... by the data");
  naive_depthwise_weights(&s->w, s->x, s->dy, s->dw, s->wanted, s->magnitude);
  kernels->depthwise_weights(&s->w, s->x, s->dy, s->dw);
  return agrees(s, s->dw, weights, s->w.out_h * s->w.out_w + 2) ||
         wrong("... by the weights");
}

static bool all_cases(const nml_kernels *kernels,
                      bool (*agree)(const nml_kernels *, setting *)) {
  for (int n = 0; n < CASES; n++) {
    const shape *from = &shapes[n / VALUE_KINDS % SHAPES];
    int pitch = pitches[n / VALUE_KINDS / SHAPES];
    setting s = setting_create(windows_of(from, pitch),
                               (value_kind)(n % VALUE_KINDS), (unsigned)n);
    bool holds = agree(kernels, &s);
    setting_destroy(&s);
    if (!holds)
      return wrong(
          "... %dx%d, window %dx%d, stride %d, %s, pitch %d, values %d",
          from->in_h, from->in_w, from->window_h, from->window_w, from->stride,
          from->same ? "same" : "valid", pitch, n % VALUE_KINDS);
  }
  return true;
}

bool check_maxpool(const nml_kernels *kernels) {
  return all_cases(kernels, maxpool_agrees);
}

bool check_avgpool(const nml_kernels *kernels) {
  return all_cases(kernels, avgpool_agrees);
}

bool check_depthwise(const nml_kernels *kernels) {
  return all_cases(kernels, depthwise_agrees);
}

/* Wherever in the window it lies. */
bool check_maxpool_nan(const nml_kernels *kernels) {
  bool holds = true;
  for (int place = 0; place < 4; place++) {
    setting s = setting_create(windows_of(&shapes[0], 16), VALUES_RANDOM, 3);
    s.x[place * 16 + 5] = NAN;
    kernels->maxpool(&s.w, s.x, s.y, s.best);
    for (int k = 0; k < 16; k++) holds = holds && !isnan(s.y[k]) == (k != 5);
    holds = holds && s.best[5] == place;
    setting_destroy(&s);
  }
  return holds || wrong("a NaN belongs to its own lane, and passes");
}
