/* narrow.h: numbers in pairs of bf16, as the kernels of bf16 read them: what
 * convolutions and dense layers share. Must not know either. */
#ifndef NML_NN_NARROW_H
#define NML_NN_NARROW_H

#include "nn/layer.h"

/* Taps are paired within runs of neighbours, so many a run; the last of an odd
 * run stands alone, with a weight of 0 beside it. */
typedef struct nml_tap_runs {
  int runs, run_taps;
} nml_tap_runs;

/* How the taps of a convolution or dense layer fall into runs: channels of a
 * pixel, or, where there is but one and no padding, pixels of a row of the
 * window. */
nml_tap_runs nml_tap_runs_of(const nml_layer *l);

int nml_pairs_of_run(nml_tap_runs runs);
int nml_pairs_of(nml_tap_runs runs); /* in all */

/* The first tap of each pair, from the table of all taps. */
void nml_pair_taps(nml_tap_runs runs, const int32_t *taps, int32_t *pairs);

/* Rows of floats [taps][pitch] of one run as pairs [pairs_of_run][pitch][2]. */
void nml_pair_rows(const nml_run *run, int run_taps, const float *rows,
                   int pitch, nml_bf16 *pairs);

/* Floats that hold so many bf16 and two zeros behind them, which the last pair
 * of an odd run may read. */
size_t nml_narrow_floats(size_t count);
/* `count` floats narrowed, and those zeros. */
void nml_narrow(const nml_run *run, size_t count, const float *x, nml_bf16 *y);

#endif
