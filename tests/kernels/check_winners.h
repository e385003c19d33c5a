/* The gradients of winners, one check for floats and for bf16. */
#ifndef TESTS_CHECK_WINNERS_H
#define TESTS_CHECK_WINNERS_H

#include "check.h"

typedef struct winner_kernels {
  void (*weights)(const nml_winners *w, const float *x, float *dw);
  void (*data)(const nml_winners *w, const float *weights, float *dx);
  void (*pixels)(const nml_winners *w, const float *x, float *dw, int dw_pitch);
  const nml_bf16_kernels *bf16; /* or NULL: those above */
} winner_kernels;

bool winners_hold(const winner_kernels *kernels);
bool winner_pixels_hold(const winner_kernels *kernels);

#endif
