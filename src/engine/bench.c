/* bench.c: see bench.h. A kernel's time is the median of many short samples,
 * because other programs cool the caches of some of them. */
#include "engine/bench.h"

#include "base/fail.h"
#include "base/team.h"
#include "engine/bench_cases.h"
#include "engine/clock.h"
#include "engine/threads.h"
#include "kernels/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES = 21, PEAK_SAMPLES = 12, PEAK_ROUNDS = 200000 };
static const double sample_seconds = 0.002;

/* ---- The peak -------------------------------------------------------------
 */

typedef double (*peak_fn)(long rounds, float *sink);

typedef struct peak_work {
  nml_team *team;
  peak_fn peak;
  double start, operations[NML_MAX_THREADS];
} peak_work;

static void burn(void *context, int member) {
  peak_work *p = context;
  float sink = 1.0f;
  nml_team_meet(p->team); /* so that all begin together */
  if (member == 0) p->start = nml_clock_seconds();
  p->operations[member] = p->peak(PEAK_ROUNDS, &sink);
}

static peak_fn peak_of(numeral_precision precision) {
  const nml_bf16_kernels *bf16 = nml_bf16_kernels_get();
  if (precision == NUMERAL_PRECISION_BF16) return bf16 ? bf16->peak : NULL;
  return precision == NUMERAL_PRECISION_INT8 ? NULL : nml_kernels_get()->peak;
}

/* The slowest member ends the sample; the best sample is the peak, since
 * nothing makes a machine faster than it is. */
static double team_peak(nml_team *team, peak_fn peak) {
  peak_work p = {.team = team, .peak = peak};
  double best = 0;
  for (int i = 0; i < PEAK_SAMPLES; i++) {
    double operations = 0;
    nml_team_run(p.team, burn, &p);
    double seconds = nml_clock_seconds() - p.start;
    for (int m = 0; m < nml_team_size(p.team); m++)
      operations += p.operations[m];
    best = fmax(best, operations / seconds * 1e-9);
  }
  return best;
}

double nml_bench_peak(numeral_precision precision, int threads) {
  nml_team *team;
  peak_fn peak = peak_of(precision);
  if (!peak || nml_team_create(nml_threads(threads), &team, NULL) != NUMERAL_OK)
    return 0;
  double best = team_peak(team, peak);
  nml_team_destroy(team);
  return best;
}

/* ---- Kernels --------------------------------------------------------------
 */

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

/* The members of a team at the same case, each on its own memory, as they work
 * on their own images in training. */
typedef struct timing {
  nml_team *team;
  const nml_bench_case *is;
  nml_bench **benches; /* [members] */
  double *rates;       /* calls a second, of each */
} timing;

static double seconds_of(const timing *t, int member, long calls) {
  double start = thread_seconds();
  for (long i = 0; i < calls; i++) t->is->run(t->benches[member]);
  return thread_seconds() - start;
}

static void time_member(void *context, int member) {
  timing *t = context;
  double samples[SAMPLES];
  long calls = 1;
  while (seconds_of(t, member, calls) < sample_seconds && calls < 1L << 30)
    calls *= 2;
  nml_team_meet(t->team);
  for (int i = 0; i < SAMPLES; i++)
    samples[i] = seconds_of(t, member, calls) / (double)calls;
  qsort(samples, SAMPLES, sizeof samples[0], by_size);
  t->rates[member] = 1.0 / samples[SAMPLES / 2];
}

/* Calls a second of all members together; 0 with `error` set. */
static double team_rate(nml_team *team, const nml_bench_case *c,
                        numeral_error *error) {
  nml_bench *benches[NML_MAX_THREADS] = {NULL};
  double rates[NML_MAX_THREADS], sum = 0;
  timing t = {team, c, benches, rates};
  const int members = nml_team_size(team);
  numeral_status status = NUMERAL_OK;
  for (int i = 0; i < members && status == NUMERAL_OK; i++)
    status = nml_bench_create(c, &benches[i], error);
  if (status == NUMERAL_OK) nml_team_run(team, time_member, &t);
  for (int i = 0; i < members; i++) {
    if (status == NUMERAL_OK) sum += rates[i];
    nml_bench_destroy(benches[i]);
  }
  return sum;
}

/* A team and what it could do at best. */
typedef struct bench_team {
  nml_team *team;
  double peak, bf16_peak;
} bench_team;

static numeral_status bench_team_create(bench_team *b, int threads,
                                        numeral_error *error) {
  numeral_status status = nml_team_create(threads, &b->team, error);
  if (status != NUMERAL_OK) return status;
  peak_fn bf16 = peak_of(NUMERAL_PRECISION_BF16);
  b->peak = team_peak(b->team, peak_of(NUMERAL_PRECISION_FP32));
  b->bf16_peak = bf16 ? team_peak(b->team, bf16) : 0;
  return NUMERAL_OK;
}

static numeral_status report_case(const bench_team *b, const nml_bench_case *c,
                                  numeral_bench_fn report, void *user,
                                  numeral_error *error) {
  const bool bf16 = c->precision == NUMERAL_PRECISION_BF16;
  numeral_bench_result result = {.kernel = c->kernel,
                                 .shape = c->shape,
                                 .precision = bf16 ? "bf16" : "fp32",
                                 .threads = nml_team_size(b->team)};
  const double rate = team_rate(b->team, c, error) * 1e-9;
  if (!(rate > 0)) return NUMERAL_ERROR_MEMORY;
  if (c->streams > 0) {
    result.gigabytes_per_second = rate * nml_bench_bytes(c);
  } else {
    result.gflops = rate * nml_bench_operations(c);
    result.share_of_peak = result.gflops / (bf16 ? b->bf16_peak : b->peak);
  }
  report(&result, user);
  return NUMERAL_OK;
}

static numeral_status report_all(const bench_team *one, const bench_team *all,
                                 numeral_bench_fn report, void *user,
                                 numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (int i = 0; i < nml_bench_case_count && status == NUMERAL_OK; i++) {
    const nml_bench_case *c = &nml_bench_cases[i];
    if (!nml_bench_available(c)) continue;
    status = report_case(one, c, report, user, error);
    if (status == NUMERAL_OK && c->threads && nml_team_size(all->team) > 1)
      status = report_case(all, c, report, user, error);
  }
  return status;
}

numeral_status nml_bench_kernels(numeral_bench_fn report, void *user,
                                 numeral_error *error) {
  bench_team one = {NULL}, all = {NULL};
  numeral_status status = bench_team_create(&one, 1, error);
  if (status == NUMERAL_OK)
    status = bench_team_create(&all, nml_threads(0), error);
  if (status == NUMERAL_OK)
    status = report_all(&one, &all, report, user, error);
  if (one.team) nml_team_destroy(one.team);
  if (all.team) nml_team_destroy(all.team);
  return status;
}
