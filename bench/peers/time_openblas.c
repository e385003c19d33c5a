/* time_openblas.c: the rate of OpenBLAS's products on the dense layer of `cnn`.
 *
 *   time_openblas THREADS
 *
 * Prints a JSON object a line: first the version, then kernel, shape,
 * precision and GFLOP/s of the three products that a batch of 64 needs. The
 * wheel on PyPI puts "scipy_" before its names: -DBLAS(name)=scipy_##name.
 * Must not know numeral. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef BLAS
#define BLAS(name) name
#endif

enum { BATCH = 64, IN = 1600, OUT = 128, SAMPLES = 15 };
static const double sample_seconds = 0.002;
static float x[BATCH * IN], w[IN * OUT], y[BATCH * OUT];

/* x [64][1600] . w [1600][128] -> y, and what goes back from y. */
static void forward(void) {
  BLAS(cblas_sgemm)
  (CblasRowMajor, CblasNoTrans, CblasNoTrans, BATCH, OUT, IN, 1, x, IN, w, OUT,
   0, y, OUT);
}

static void data_gradient(void) {
  BLAS(cblas_sgemm)
  (CblasRowMajor, CblasNoTrans, CblasTrans, BATCH, IN, OUT, 1, y, OUT, w, OUT,
   0, x, IN);
}

static void weight_gradient(void) {
  BLAS(cblas_sgemm)
  (CblasRowMajor, CblasTrans, CblasNoTrans, IN, OUT, BATCH, 1, x, IN, y, OUT, 0,
   w, OUT);
}

static const struct {
  const char *kernel;
  void (*run)(void);
} cases[] = {{"dense forward", forward},
             {"dense data gradient", data_gradient},
             {"dense weight gradient", weight_gradient}};

static void fill(float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    values[i] = 0.01f * (float)((int)(i % 61) - 30);
}

static double seconds_of(void (*run)(void), int calls) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < calls; i++) run();
  clock_gettime(CLOCK_MONOTONIC, &b);
  return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
}

static int by_size(const void *a, const void *b) {
  double s = *(const double *)a, t = *(const double *)b;
  return (s > t) - (s < t);
}

/* Each kernel begins with the same small numbers, for results that grew from
 * sample to sample would end as infinities. */
static double median_call(void (*run)(void)) {
  double times[SAMPLES];
  int calls = 1;
  fill(x, BATCH * IN);
  fill(w, IN * OUT);
  fill(y, BATCH * OUT);
  while (seconds_of(run, calls) < sample_seconds) calls *= 2;
  for (int i = 0; i < SAMPLES; i++) times[i] = seconds_of(run, calls) / calls;
  qsort(times, SAMPLES, sizeof times[0], by_size);
  return times[SAMPLES / 2];
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: time_openblas THREADS\n");
    return 2;
  }
  BLAS(openblas_set_num_threads)(atoi(argv[1]));
  char version[32] = "";
  sscanf(BLAS(openblas_get_config)(), "OpenBLAS %31s", version);
  printf("{\"version\":\"%s\"}\n", version);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    printf(
        "{\"kernel\":\"%s\",\"shape\":\"64 x 1600 -> 128\","
        "\"precision\":\"fp32\",\"gflops\":%.2f}\n",
        cases[i].kernel, 2e-9 * BATCH * IN * OUT / median_call(cases[i].run));
  return 0;
}
