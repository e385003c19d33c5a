/* bench_cases.h: what the benchmark times: kernels on shapes of the usual
 * networks, each on memory of its own that stays as warm as a training step
 * keeps it. Must not know time. */
#ifndef NML_ENGINE_BENCH_CASES_H
#define NML_ENGINE_BENCH_CASES_H

#include "numeral.h"

#include <stdbool.h>

typedef struct nml_bench nml_bench;

/* A map of (out + window - 1) pixels each way; a dense layer is one row of
 * images with a window of one. */
typedef struct nml_bench_case {
  const char *kernel, *shape;
  int out_h, out_w, window, channels, units;
  numeral_precision precision;
  void (*run)(const nml_bench *bench);
  int images;     /* that a call works on; 0: one */
  bool threads;   /* timed on all threads too */
  double streams; /* bytes moved, by those of x; 0: bound by arithmetic */
} nml_bench_case;

extern const nml_bench_case nml_bench_cases[];
extern const int nml_bench_case_count;

/* Whether this processor has what the case needs. */
bool nml_bench_available(const nml_bench_case *c);

/* Errors: MEMORY. */
numeral_status nml_bench_create(const nml_bench_case *c, nml_bench **bench,
                                numeral_error *error);
void nml_bench_destroy(nml_bench *bench);

/* Of one call, counting only those that the result needs; and bytes. */
double nml_bench_operations(const nml_bench_case *c);
double nml_bench_bytes(const nml_bench_case *c);

#endif
