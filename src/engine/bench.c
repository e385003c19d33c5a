/* bench.c: see bench.h. A case is one call of one kernel on memory that stays
 * as warm as a training step keeps it; its time is the median of many short
 * samples, because other programs cool the caches of some of them. */
#include "engine/bench.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/team.h"
#include "engine/clock.h"
#include "engine/threads.h"
#include "kernels/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES = 21, PEAK_SAMPLES = 12, PEAK_ROUNDS = 200000 };
static const double sample_seconds = 0.002;

/* What a case works on: a map [side][side][pitch] whose windows are gathered
 * to units, or pooled; a dense layer is `rows` pixels with a window of one. */
typedef struct bench {
  const nml_kernels *kernels;
  int rows, taps, units;
  nml_windows windows;
  size_t count; /* floats of x, for what runs element by element */
  float *x, *w, *y, *state;
  uint8_t *bytes;
  int32_t *row, *tap;
} bench;

typedef void (*bench_run_fn)(const bench *b);

typedef struct bench_case {
  const char *kernel, *shape;
  bench_run_fn run;
  int out_h, out_w, window, channels, pitch, units;
  double streams; /* bytes moved, by those of x; 0: bound by arithmetic */
} bench_case;

static void run_product(const bench *b) {
  const nml_product p = {.x = b->x,
                         .row = b->row,
                         .rows = b->rows,
                         .tap = b->tap,
                         .taps = b->taps,
                         .w = b->w,
                         .w_pitch = b->units,
                         .bias = b->state,
                         .y = b->y,
                         .y_pitch = b->units,
                         .lanes = b->units,
                         .relu = 1};
  b->kernels->product(&p);
}

static void run_gradient(const bench *b) {
  const nml_product_gradient p = {.x = b->x,
                                  .row = b->row,
                                  .rows = b->rows,
                                  .tap = b->tap,
                                  .taps = b->taps,
                                  .dy = b->y,
                                  .dy_pitch = b->units,
                                  .dw = b->w,
                                  .w_pitch = b->units,
                                  .lanes = b->units};
  b->kernels->product_gradient(&p);
}

static void run_maxpool(const bench *b) {
  b->kernels->maxpool(&b->windows, b->x, b->y, b->bytes);
}

static void run_maxpool_gradient(const bench *b) {
  b->kernels->maxpool_gradient(&b->windows, b->y, b->bytes, b->x);
}

static void run_avgpool(const bench *b) {
  b->kernels->avgpool(&b->windows, b->x, b->y);
}

static void run_relu_gradient(const bench *b) {
  b->kernels->relu_gradient(b->count, b->x, b->state, b->state);
}

static void run_add(const bench *b) { b->kernels->add(b->count, b->x, b->y); }

static void run_sum_of_squares(const bench *b) {
  b->state[0] = (float)b->kernels->sum_of_squares(b->count, b->x);
}

static void run_transpose(const bench *b) {
  b->kernels->transpose(b->x, b->rows, b->windows.pitch, b->windows.pitch, b->y,
                        b->rows);
}

static void run_bytes(const bench *b) {
  b->kernels->bytes_to_floats(b->count, b->bytes, 1.0f / 255.0f, b->y);
}

static void run_sgd(const bench *b) {
  const nml_sgd s = {
      .learning_rate = 1e-6f, .momentum = 0.9f, .gradient_scale = 1};
  b->kernels->sgd(&s, b->count, b->x, b->state, b->y);
}

static void run_adam(const bench *b) {
  const nml_adam a = {.learning_rate = 1e-6f,
                      .beta1 = 0.9f,
                      .beta2 = 0.999f,
                      .epsilon = 1e-8f,
                      .correction1 = 0.1f,
                      .correction2 = 0.001f,
                      .gradient_scale = 1};
  b->kernels->adam(&a, b->count, b->x, b->state, b->w, b->y);
}

static const bench_case cases[] = {
    {"conv forward", "28x28x1 -> 26x26x32 3x3", run_product, 26, 26, 3, 1, 1,
     32, 0},
    {"conv forward", "13x13x32 -> 11x11x64 3x3", run_product, 11, 11, 3, 32, 32,
     64, 0},
    {"conv data gradient", "11x11x64 -> 13x13x32 3x3", run_product, 13, 13, 3,
     64, 64, 32, 0},
    {"conv weight gradient", "28x28x1 -> 26x26x32 3x3", run_gradient, 26, 26, 3,
     1, 1, 32, 0},
    {"conv weight gradient", "13x13x32 -> 10x10x64 3x3", run_gradient, 10, 10,
     3, 32, 32, 64, 0},
    {"dense forward", "1 x 1600 -> 128", run_product, 1, 1, 1, 1600, 1600, 128,
     0},
    {"dense forward", "8 x 1600 -> 128", run_product, 8, 1, 1, 1600, 1600, 128,
     0},
    {"dense forward", "64 x 1600 -> 128", run_product, 64, 1, 1, 1600, 1600,
     128, 0},
    {"dense forward", "64 x 128 -> 10", run_product, 64, 1, 1, 128, 128, 16, 0},
    {"dense data gradient", "8 x 128 -> 1600", run_product, 8, 1, 1, 128, 128,
     1600, 0},
    {"dense weight gradient", "64 x 1600 -> 128", run_gradient, 64, 1, 1, 1600,
     1600, 128, 0},
    {"maxpool", "26x26x32 2x2", run_maxpool, 26, 26, 1, 32, 32, 32, 1.3125},
    {"maxpool gradient", "26x26x32 2x2", run_maxpool_gradient, 26, 26, 1, 32,
     32, 32, 1.3125},
    {"avgpool", "26x26x32 2x2", run_avgpool, 26, 26, 1, 32, 32, 32, 1.25},
    {"relu gradient", "13x13x32", run_relu_gradient, 13, 13, 1, 32, 32, 32, 3},
    {"add", "288x64", run_add, 288, 1, 1, 64, 64, 64, 3},
    {"sum of squares", "1600x128", run_sum_of_squares, 1600, 1, 1, 128, 128,
     128, 1},
    {"transpose", "1600x128", run_transpose, 1600, 1, 1, 128, 128, 128, 2},
    {"bytes to floats", "64x784", run_bytes, 64, 1, 1, 784, 784, 784, 1.25},
    {"sgd", "225,000 parameters", run_sgd, 1758, 1, 1, 128, 128, 128, 5},
    {"adam", "225,000 parameters", run_adam, 1758, 1, 1, 128, 128, 128, 7},
};

static void bench_destroy(bench *b) {
  nml_free(b->x);
  nml_free(b->w);
  nml_free(b->y);
  nml_free(b->state);
  nml_free(b->bytes);
  nml_free(b->row);
  nml_free(b->tap);
  *b = (bench){0};
}

static void fill_offsets(bench *b, const bench_case *c) {
  const int in_w = c->out_w + c->window - 1;
  for (int r = 0; r < b->rows; r++)
    b->row[r] = (r / c->out_w * in_w + r % c->out_w) * c->pitch;
  for (int q = 0; q < b->taps; q++) {
    int place = q / c->channels;
    b->tap[q] = (place / c->window * in_w + place % c->window) * c->pitch +
                q % c->channels;
  }
}

static void fill_values(float *values, size_t count, nml_random *random) {
  for (size_t i = 0; i < count; i++)
    values[i] = nml_random_range(random, 0.001f, 1.0f);
}

static numeral_status bench_create(bench *b, const bench_case *c,
                                   numeral_error *error) {
  const int in_w = c->out_w + c->window - 1, in_h = c->out_h + c->window - 1;
  const size_t in = (size_t)in_w * (size_t)in_h * (size_t)c->pitch;
  *b = (bench){.kernels = nml_kernels_get(),
               .rows = c->out_h * c->out_w,
               .taps = c->window * c->window * c->channels,
               .units = c->units,
               .windows = {.in_h = in_h,
                           .in_w = in_w,
                           .out_h = in_h / 2,
                           .out_w = in_w / 2,
                           .window_h = 2,
                           .window_w = 2,
                           .stride = 2,
                           .pitch = c->pitch},
               .count = in};
  const size_t out = (size_t)b->rows * (size_t)c->units;
  const size_t weights = (size_t)b->taps * (size_t)c->units;
  const size_t most = (in > out ? in : out) + (size_t)c->units;
  b->x = nml_alloc(most, sizeof *b->x);
  b->y = nml_alloc(most, sizeof *b->y);
  b->w = nml_alloc(weights > most ? weights : most, sizeof *b->w);
  b->state = nml_alloc(most, sizeof *b->state);
  b->bytes = nml_alloc(most, sizeof *b->bytes);
  b->row = nml_alloc((size_t)b->rows, sizeof *b->row);
  b->tap = nml_alloc((size_t)b->taps, sizeof *b->tap);
  if (!b->x || !b->y || !b->w || !b->state || !b->bytes || !b->row || !b->tap) {
    bench_destroy(b);
    return nml_fail_memory(error, "a benchmark", most * sizeof(float));
  }
  nml_random random = nml_random_init(1, NML_PURPOSE_TEST, 0, 0);
  fill_offsets(b, c);
  fill_values(b->x, most, &random);
  fill_values(b->y, most, &random);
  fill_values(b->w, weights, &random);
  return NUMERAL_OK;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* This thread's own time: what other programs take is not the kernel's. */
static double thread_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds_of(const bench *b, bench_run_fn run, long calls) {
  double start = thread_seconds();
  for (long i = 0; i < calls; i++) run(b);
  return thread_seconds() - start;
}

/* Seconds of one call. */
static double median_seconds(const bench *b, bench_run_fn run) {
  double samples[SAMPLES];
  long calls = 1;
  while (seconds_of(b, run, calls) < sample_seconds && calls < 1L << 30)
    calls *= 2;
  for (int i = 0; i < SAMPLES; i++)
    samples[i] = seconds_of(b, run, calls) / (double)calls;
  qsort(samples, SAMPLES, sizeof samples[0], by_size);
  return samples[SAMPLES / 2];
}

typedef struct peak_work {
  nml_team *team;
  double start, operations[NML_MAX_THREADS];
} peak_work;

static void burn(void *context, int member) {
  peak_work *p = context;
  float sink = 1.0f;
  nml_team_meet(p->team); /* so that all begin together */
  if (member == 0) p->start = nml_clock_seconds();
  p->operations[member] = nml_kernels_get()->peak(PEAK_ROUNDS, &sink);
}

/* The slowest member ends the sample; the best sample is the peak, since
 * nothing makes a machine faster than it is. */
double nml_bench_peak(int threads) {
  peak_work p;
  double best = 0;
  if (nml_team_create(nml_threads(threads), &p.team, NULL) != NUMERAL_OK)
    return 0;
  for (int i = 0; i < PEAK_SAMPLES; i++) {
    double operations = 0;
    nml_team_run(p.team, burn, &p);
    double seconds = nml_clock_seconds() - p.start;
    for (int m = 0; m < nml_team_size(p.team); m++)
      operations += p.operations[m];
    best = fmax(best, operations / seconds * 1e-9);
  }
  nml_team_destroy(p.team);
  return best;
}

numeral_status nml_bench_kernels(numeral_bench_fn report, void *user,
                                 numeral_error *error) {
  const double peak = nml_bench_peak(1);
  if (!(peak > 0)) return nml_fail_memory(error, "a benchmark", 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const bench_case *c = &cases[i];
    numeral_bench_result result = {.kernel = c->kernel, .shape = c->shape};
    bench b;
    numeral_status status = bench_create(&b, c, error);
    if (status != NUMERAL_OK) return status;
    double rate = 1e-9 / median_seconds(&b, c->run);
    if (c->streams > 0) {
      result.gigabytes_per_second =
          rate * c->streams * (double)(b.count * sizeof(float));
    } else {
      result.gflops = rate * 2.0 * b.rows * b.taps * b.units;
      result.share_of_peak = result.gflops / peak;
    }
    bench_destroy(&b);
    report(&result, user);
  }
  return NUMERAL_OK;
}
