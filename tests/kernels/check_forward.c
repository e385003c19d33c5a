/* Checks of the products of prediction, for every kind of number: floats and
 * bf16 against sums in double precision, bytes to the last bit. */
#include "check_forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OFFSET = 300, X_COUNT = 3 * OFFSET + 8, OUTPUTS_MOST = 13 };

static const int widths[] = {16, 32, 48, 80, 208};
static const int depths[] = {1, 3, 5, 6, 9, 70};
enum { WIDTHS = sizeof widths / sizeof widths[0] };
enum { DEPTHS = sizeof depths / sizeof depths[0] };

/* Everything a product needs, and what its numbers are. */
typedef struct setting {
  nml_forward p;
  kind_of_number kind;
  float *scale, *shift;
  int32_t *row, *tap;
  void *x, *w;
} setting;

static size_t bytes_of(kind_of_number kind) { return (size_t)(4 / kind); }

static int32_t *offsets(int count, unsigned seed) {
  int32_t *at = guarded((size_t)count, sizeof *at);
  for (int i = 0; i < count; i++)
    at[i] = (int32_t)(next_random(&seed) % OFFSET);
  return at;
}

/* `count` numbers of the kind; bytes of x are unsigned, those of w signed. */
static void *numbers(kind_of_number kind, size_t count, unsigned seed) {
  float *values = exact(count);
  unsigned char *memory = guarded(count, bytes_of(kind));
  fill(values, count, VALUES_RANDOM, seed);
  for (size_t i = 0; i < count; i++) {
    if (kind == BYTES)
      memory[i] = (unsigned char)next_random(&seed);
    else /* a bf16 is a float's upper half */
      memcpy(memory + i * bytes_of(kind),
             (const char *)&values[i] + (kind == PAIRS ? 2 : 0),
             bytes_of(kind));
  }
  release_exact(values);
  return memory;
}

static double number_at(kind_of_number kind, const void *memory, size_t at,
                        bool is_signed) {
  const unsigned char *from = (const unsigned char *)memory;
  float value = 0;
  if (kind == BYTES)
    return is_signed ? (double)((const int8_t *)from)[at] : (double)from[at];
  memcpy((char *)&value + (kind == PAIRS ? 2 : 0), from + at * bytes_of(kind),
         bytes_of(kind));
  return (double)value;
}

static const int relus[] = {0, 1, 6};

static setting setting_create(kind_of_number kind, int outputs, int taps,
                              int lanes, unsigned seed) {
  const int w_pitch = lanes + (int)(seed % 4) * NML_LANES;
  setting s = {.kind = kind,
               .scale = exact((size_t)lanes),
               .shift = exact((size_t)lanes),
               .row = offsets(outputs, seed),
               .tap = offsets(taps, seed + 1),
               .x = numbers(kind, X_COUNT, seed + 2),
               .w = numbers(kind, (size_t)(taps * w_pitch) * kind, seed + 3)};
  fill(s.scale, (size_t)lanes, VALUES_RANDOM, seed + 4);
  fill(s.shift, (size_t)lanes, VALUES_RANDOM, seed + 5);
  for (int k = 0; k < lanes; k++) {
    s.scale[k] = fabsf(s.scale[k]) * 0.02f / (float)taps;
    if (kind == BYTES) s.shift[k] *= 100.0f;
  }
  s.p = (nml_forward){.x = s.x,
                      .row = s.row,
                      .outputs = outputs,
                      .group = (nml_group)(seed % 3),
                      .right = (int)(seed * 7 % (OFFSET / 2)),
                      .below = (int)(seed * 11 % (OFFSET / 2)),
                      .tap = s.tap,
                      .taps = taps,
                      .w = s.w,
                      .w_pitch = w_pitch,
                      .lanes = lanes,
                      .scale = s.scale,
                      .shift = s.shift,
                      .relu = relus[seed / 2 % 3],
                      .floats = seed % 7 < 3,
                      .y_pitch = lanes + (seed % 2 ? 16 : 0)};
  s.p.y = guarded((size_t)outputs * (size_t)s.p.y_pitch,
                  s.p.floats ? sizeof(float) : bytes_of(kind));
  return s;
}

static void setting_destroy(setting *s) {
  release_exact(s->scale);
  release_exact(s->shift);
  release(s->row);
  release(s->tap);
  release(s->x);
  release(s->w);
  release(s->p.y);
}

/* One pixel's finished value, and how large its terms were. */
static double pixel(const setting *s, int at, int k, double *magnitude) {
  const nml_forward *p = &s->p;
  double sum = 0, size = 0;
  for (int q = 0; q < p->taps; q++) {
    for (int e = 0; e < (int)s->kind; e++) {
      size_t w = (size_t)((q * p->w_pitch + k) * (int)s->kind + e);
      double term =
          number_at(s->kind, s->x, (size_t)(at + p->tap[q] + e), false) *
          number_at(s->kind, s->w, w, true);
      sum += term;
      size += fabs(term);
    }
  }
  if (s->kind == BYTES) /* exact so far; finished as the kernel does */
    sum = (double)fmaf((float)sum, p->scale[k], p->shift[k]);
  else
    sum += (double)p->shift[k];
  size += fabs((double)p->shift[k]);
  if (size > *magnitude) *magnitude = size;
  if (p->relu && sum < 0) sum = 0;
  return p->relu == 6 && sum > 6 ? 6 : sum;
}

static double wanted(const setting *s, int output, int k, double *magnitude) {
  const nml_forward *p = &s->p;
  const int apart[4] = {0, p->right, p->below, p->right + p->below};
  int at = p->row[output];
  double value = pixel(s, at, k, magnitude);
  if (p->group == NML_GROUP_NONE) return value;
  for (int j = 1; j < 4; j++) {
    double next = pixel(s, at + apart[j], k, magnitude);
    if (p->group == NML_GROUP_LARGEST)
      value = fmax(value, next);
    else if (s->kind == BYTES)
      value = (double)((float)value + (float)next);
    else
      value += next;
  }
  return p->group == NML_GROUP_MEAN ? value / 4 : value;
}

static bool value_holds(const setting *s, int output, int k) {
  const nml_forward *p = &s->p;
  size_t at = (size_t)(output * p->y_pitch + k);
  double magnitude = 0, want = wanted(s, output, k, &magnitude);
  double got = number_at(p->floats ? FLOATS : s->kind, p->y, at, false);
  if (s->kind == BYTES) {
    if (!p->floats) want = fmin(fmax((double)rintf((float)want), 0), 255);
    return got == want ||
           wrong("output %d lane %d: %g, not %g", output, k, got, want);
  }
  double slack = p->floats || s->kind == FLOATS ? 0 : fabs(want) / 256;
  return near((float)(fabs(got - want) <= slack ? want : got), want,
              magnitude + slack, (int)s->kind * p->taps + 5) ||
         wrong("output %d lane %d: %.9g, not %.9g", output, k, got, want);
}

static bool all_hold(const setting *s) {
  for (int o = 0; o < s->p.outputs; o++)
    for (int k = 0; k < s->p.lanes; k++)
      if (!value_holds(s, o, k)) return false;
  return guard_holds(s->p.y, "product of prediction");
}

/* Each output again on its own: the same bits. */
static bool outputs_independent(const setting *s, forward_fn forward) {
  nml_forward one = s->p;
  size_t size =
      (size_t)s->p.y_pitch * (s->p.floats ? sizeof(float) : bytes_of(s->kind));
  size_t bytes =
      (size_t)s->p.lanes * (s->p.floats ? sizeof(float) : bytes_of(s->kind));
  bool same = true;
  one.outputs = 1;
  one.y = guarded(size, 1);
  for (int o = 0; o < s->p.outputs; o++, one.row++) {
    forward(&one);
    same = same && memcmp(one.y, (char *)s->p.y + (size_t)o * size, bytes) == 0;
  }
  release(one.y);
  return same || wrong("an output depends on its neighbours");
}

/* ---- The largest of a window, and which it was ------------------------- */

/* Whole numbers, so that sums are exact and many are equal; now and then one
 * is no number. */
static void fill_whole(kind_of_number kind, void *memory, size_t count,
                       bool holes, unsigned seed) {
  for (size_t i = 0; i < count; i++) {
    float value = (float)(next_random(&seed) % 5) - 2;
    if (holes && next_random(&seed) % 40 == 0) value = NAN;
    memcpy((char *)memory + i * bytes_of(kind),
           (const char *)&value + (kind == PAIRS ? 2 : 0), bytes_of(kind));
  }
}

static bool best_holds_at(const setting *s, int output, int k) {
  const nml_forward *p = &s->p;
  const int apart[4] = {0, p->right, p->below, p->right + p->below};
  size_t at = (size_t)(output * p->y_pitch + k);
  double unused = 0, value = 0, largest = -INFINITY;
  int place = 0;
  bool hole = false;
  for (int j = 0; j < 4; j++) {
    value = pixel(s, p->row[output] + apart[j], k, &unused);
    hole = hole || isnan(value);
    if (value > largest) place = j;
    largest = fmax(largest, value);
  }
  double got = number_at(FLOATS, p->y, at, false);
  if (hole) return isnan(got) || wrong("a NaN is lost: %g", got);
  /* without relu the first of equals; behind it, of what it let through */
  bool right = got == largest &&
               (p->relu ? largest == 0 || largest == 6 || p->best[at] == place
                        : p->best[at] == place);
  return right || wrong("output %d lane %d: %g at %d, not %g at %d", output, k,
                        got, p->best[at], largest, place);
}

bool best_holds(forward_fn forward, kind_of_number kind) {
  bool holds = true;
  for (unsigned seed = 1; seed < 60 && holds; seed++) {
    setting s = setting_create(kind, (int)(seed % OUTPUTS_MOST),
                               depths[seed % DEPTHS], widths[seed % 3], seed);
    release(s.p.y);
    s.p.group = NML_GROUP_LARGEST;
    s.p.floats = 1;
    s.p.y = guarded((size_t)(s.p.outputs * s.p.y_pitch), sizeof(float));
    s.p.best = guarded((size_t)(s.p.outputs * s.p.y_pitch), 1);
    fill_whole(kind, s.x, X_COUNT, seed % 2, seed);
    fill_whole(kind, s.w, (size_t)(s.p.taps * s.p.w_pitch) * kind, false, seed);
    for (int k = 0; k < s.p.lanes; k++) s.shift[k] = (float)(k % 3);
    forward(&s.p);
    for (int o = 0; o < s.p.outputs && holds; o++)
      for (int k = 0; k < s.p.lanes && holds; k++)
        holds = best_holds_at(&s, o, k);
    holds = holds && guard_holds(s.p.y, "largest") &&
            guard_holds(s.p.best, "places");
    release(s.p.best);
    setting_destroy(&s);
  }
  return holds;
}

bool forward_holds(forward_fn forward, kind_of_number kind) {
  unsigned seed = 1;
  bool holds = true;
  for (int d = 0; d < DEPTHS; d++) {
    for (int w = 0; w < WIDTHS; w++) {
      for (int i = 0; i < 2 * OUTPUTS_MOST && holds; i++, seed++) {
        setting s =
            setting_create(kind, i % OUTPUTS_MOST, depths[d], widths[w], seed);
        forward(&s.p);
        holds = all_hold(&s) && outputs_independent(&s, forward);
        if (!holds)
          wrong("  taps %d lanes %d w_pitch %d group %d", s.p.taps, s.p.lanes,
                s.p.w_pitch, (int)s.p.group);
        setting_destroy(&s);
      }
    }
  }
  return holds;
}

bool check_forward(const nml_kernels *kernels) {
  return forward_holds(kernels->forward, FLOATS) &&
         best_holds(kernels->forward, FLOATS);
}
