/* narrow.c: see narrow.h. */
#include "nn/narrow.h"

nml_tap_runs nml_tap_runs_of(const nml_layer *l) {
  int channels = l->in.c, pixels = l->taps / channels;
  if (l->in.pitch > 1) return (nml_tap_runs){pixels, channels};
  int width = l->spec.kind == NML_CONV ? l->spec.window_w : pixels;
  return (nml_tap_runs){pixels / width, width};
}

int nml_pairs_of_run(nml_tap_runs runs) { return (runs.run_taps + 1) / 2; }

int nml_pairs_of(nml_tap_runs runs) {
  return runs.runs * nml_pairs_of_run(runs);
}

void nml_pair_taps(nml_tap_runs runs, const int32_t *taps, int32_t *pairs) {
  for (int r = 0; r < runs.runs; r++, taps += runs.run_taps)
    for (int i = 0; i < runs.run_taps; i += 2) *pairs++ = taps[i];
}

void nml_pair_rows(const nml_run *run, int run_taps, const float *rows,
                   int pitch, nml_bf16 *pairs) {
  size_t width = (size_t)pitch;
  for (int i = 0; i < run_taps; i += 2, rows += 2 * width, pairs += 2 * width)
    run->bf16->interleave(width, rows,
                          i + 1 < run_taps ? rows + width : run->zeros, pairs);
}

size_t nml_narrow_floats(size_t count) { return (count + 3) / 2; }

void nml_narrow(const nml_run *run, size_t count, const float *x, nml_bf16 *y) {
  run->bf16->convert(count, x, y);
  y[count] = y[count + 1] = 0;
}
