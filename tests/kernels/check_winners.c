/* Checks of the gradients of winners against their sums in double precision.
 * Values are small multiples of 1/8, so that bf16 rounds none of them. */
#include "check_winners.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4, ROWS = 700, RUN_PITCH = 352, MAP_FLOATS = 4096 };

/* units, lanes of a run, runs, outputs: tiles of every shape, sets that do not
 * fit at once, units that end inside a vector. */
static const int shapes[][4] = {
    {1, 32, 1, 1},   {16, 32, 2, 5},  {19, 96, 3, 25}, {64, 96, 3, 130},
    {40, 160, 5, 7}, {16, 320, 4, 3}, {5000, 32, 1, 3}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

typedef struct setting {
  nml_winners w;
  float *x, *weights, *dw, *dx, *dy;
  uint8_t *best;
  int32_t *row;
  size_t weight_count;
} setting;

/* As far apart as pixels, whose lanes are multiples of 16, or of 32. */
static const int32_t places_of_16[PLACES] = {0, 16, 352, 368};
static const int32_t places_of_32[PLACES] = {0, 32, 352, 384};

static float *eighths(size_t count, unsigned seed) {
  float *values = guarded(count, sizeof *values);
  for (size_t i = 0; i < count; i++)
    values[i] = (float)((int)(next_random(&seed) % 33) - 16) / 8;
  return values;
}

static setting setting_create(const int *shape, bool wide, unsigned seed) {
  const int pitch = (shape[0] + NML_LANES - 1) / NML_LANES * NML_LANES;
  setting s = {.weight_count = (size_t)(shape[0] * shape[2] * shape[1])};
  const size_t outputs = (size_t)(shape[3] * pitch);
  s.x = eighths(MAP_FLOATS, seed);
  s.dx = eighths(MAP_FLOATS, seed + 1);
  s.weights = eighths(s.weight_count, seed + 2);
  s.dw = eighths(s.weight_count, seed + 3);
  s.dy = eighths(outputs, seed + 4);
  s.best = guarded(outputs, 1);
  s.row = guarded((size_t)shape[3], sizeof *s.row);
  for (size_t i = 0; i < outputs; i++) {
    s.best[i] = (uint8_t)(next_random(&seed) % PLACES);
    if (next_random(&seed) % 3 == 0) s.dy[i] = 0;
    if ((int)(i % (size_t)pitch) >= shape[0]) s.dy[i] = 0;
  }
  for (int j = 0; j < shape[3]; j++)
    s.row[j] = (int32_t)(next_random(&seed) % (ROWS / 32)) * (wide ? 32 : 16);
  s.w = (nml_winners){.dy = s.dy,
                      .best = s.best,
                      .row = s.row,
                      .place = wide ? places_of_32 : places_of_16,
                      .outputs = shape[3],
                      .places = PLACES,
                      .units = shape[0],
                      .pitch = pitch,
                      .runs = shape[2],
                      .run_lanes = shape[1],
                      .run_pitch = RUN_PITCH};
  return s;
}

static void setting_destroy(setting *s) {
  release(s->x);
  release(s->dx);
  release(s->weights);
  release(s->dw);
  release(s->dy);
  release(s->best);
  release(s->row);
}

/* Both sums, one winner at a time. */
static void naive_winners(const setting *s, double *dw, double *dx) {
  const nml_winners *w = &s->w;
  for (int j = 0; j < w->outputs; j++) {
    for (int k = 0; k < w->units; k++) {
      const int at = w->row[j] + w->place[w->best[j * w->pitch + k]];
      const double dy = (double)w->dy[j * w->pitch + k];
      for (int i = 0; i < w->runs * w->run_lanes; i++) {
        int from = at + i / w->run_lanes * w->run_pitch + i % w->run_lanes;
        int weight = k * w->runs * w->run_lanes + i;
        dw[weight] += (double)s->x[from] * dy;
        dx[from] += (double)s->weights[weight] * dy;
      }
    }
  }
}

static double *widened(const float *values, size_t count) {
  double *wide = malloc(count * sizeof *wide);
  if (!wide) abort();
  for (size_t i = 0; i < count; i++) wide[i] = (double)values[i];
  return wide;
}

static bool equal(const char *what, const float *got, const double *want,
                  size_t count) {
  for (size_t i = 0; i < count; i++)
    if (fabs((double)got[i] - want[i]) > 1e-3)
      return wrong("%s: %g at %zu instead of %g", what, (double)got[i], i,
                   want[i]);
  return guard_holds(got, what);
}

static void run_bf16(const nml_bf16_kernels *kernels, setting *s) {
  nml_bf16 *x = guarded(MAP_FLOATS, sizeof *x);
  nml_bf16 *weights = guarded(s->weight_count, sizeof *weights);
  kernels->convert_folded(MAP_FLOATS, s->x, x);
  kernels->convert_folded(s->weight_count, s->weights, weights);
  kernels->winner_weights(&s->w, x, s->dw);
  kernels->winner_data(&s->w, weights, s->dx);
  release(x);
  release(weights);
}

bool winners_hold(const winner_kernels *kernels) {
  bool holds = true;
  for (int i = 0; i < SHAPES && holds; i++) {
    setting s =
        setting_create(shapes[i], kernels->bf16 != NULL, (unsigned)(7 * i + 1));
    double *dw = widened(s.dw, s.weight_count), *dx = widened(s.dx, MAP_FLOATS);
    naive_winners(&s, dw, dx);
    if (kernels->bf16) {
      run_bf16(kernels->bf16, &s);
    } else {
      kernels->weights(&s.w, s.x, s.dw);
      kernels->data(&s.w, s.weights, s.dx);
    }
    holds = equal("by the weights", s.dw, dw, s.weight_count) &&
            equal("by the data", s.dx, dx, MAP_FLOATS);
    free(dw);
    free(dx);
    setting_destroy(&s);
  }
  return holds;
}

static void run_pixels_bf16(const nml_bf16_kernels *kernels,
                            const nml_winners *w, const float *values,
                            size_t count, float *dw, int dw_pitch) {
  nml_bf16 *x = guarded(count, sizeof *x);
  kernels->convert(count, values, x);
  kernels->winner_pixels(w, x, dw, dw_pitch);
  release(x);
}

/* 3 x 3 taps of one channel behind windows of 2 x 2. */
bool winner_pixels_hold(const winner_kernels *kernels) {
  enum { UNITS = 80, OUTPUTS = 21, SIDE = 28, DW_PITCH = 96, TAPS = 9 };
  static const int32_t places[PLACES] = {0, 1, SIDE, SIDE + 1};
  double want[TAPS * DW_PITCH] = {0};
  float *x = eighths(SIDE * SIDE, 1), *dy = eighths(OUTPUTS * UNITS, 2);
  float *dw = guarded(TAPS * DW_PITCH, sizeof *dw);
  uint8_t *best = guarded(OUTPUTS * UNITS, 1);
  int32_t *row = guarded(OUTPUTS, sizeof *row);
  unsigned seed = 3;
  for (int i = 0; i < OUTPUTS * UNITS; i++)
    best[i] = (uint8_t)(next_random(&seed) % PLACES);
  for (int j = 0; j < OUTPUTS; j++)
    row[j] = (int32_t)(next_random(&seed) % 25) * SIDE + j;
  for (int i = 0; i < TAPS * DW_PITCH; i++) dw[i] = (float)want[i];
  for (int i = 0; i < OUTPUTS * UNITS; i++)
    for (int t = 0; t < TAPS; t++)
      want[t * DW_PITCH + i % UNITS] +=
          (double)dy[i] *
          (double)x[row[i / UNITS] + places[best[i]] + t / 3 * SIDE + t % 3];
  const nml_winners w = {.dy = dy,
                         .best = best,
                         .row = row,
                         .place = places,
                         .outputs = OUTPUTS,
                         .places = PLACES,
                         .units = UNITS,
                         .pitch = UNITS,
                         .runs = 3,
                         .run_pitch = SIDE};
  if (kernels->bf16)
    run_pixels_bf16(kernels->bf16, &w, x, SIDE * SIDE, dw, DW_PITCH);
  else
    kernels->pixels(&w, x, dw, DW_PITCH);
  bool holds = equal("pixels", dw, want, TAPS * DW_PITCH);
  release(x);
  release(dy);
  release(dw);
  release(best);
  release(row);
  return holds;
}

static winner_kernels of_floats(const nml_kernels *kernels) {
  const winner_kernels winners = {.weights = kernels->winner_weights,
                                  .data = kernels->winner_data,
                                  .pixels = kernels->winner_pixels};
  return winners;
}

bool check_winners(const nml_kernels *kernels) {
  const winner_kernels winners = of_floats(kernels);
  return winners_hold(&winners);
}

bool check_winner_pixels(const nml_kernels *kernels) {
  const winner_kernels winners = of_floats(kernels);
  return !winners.pixels || winner_pixels_hold(&winners);
}
