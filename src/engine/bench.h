/* bench.h: how fast the kernels are on this machine, on the shapes of the
 * usual networks. Must not know networks; see numeral.h, Measuring speed. */
#ifndef NML_ENGINE_BENCH_H
#define NML_ENGINE_BENCH_H

#include "numeral.h"

/* The multiply-add peak in GFLOP/s of `threads` threads together (0: all); 0
 * where the processor has no such products, or none that is measured. */
double nml_bench_peak(numeral_precision precision, int threads);

/* Times each case, about 50 ms each, and hands its result to `report` at once:
 * on one thread, and the products on all too. Errors: MEMORY. */
numeral_status nml_bench_kernels(numeral_bench_fn report, void *user,
                                 numeral_error *error);

#endif
