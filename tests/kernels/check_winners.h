/* The gradients of winners, one check for floats and for bf16. */
#ifndef TESTS_CHECK_WINNERS_H
#define TESTS_CHECK_WINNERS_H

#include "check.h"

typedef struct winner_kernels {
  void (*weights)(const nml_winners *w, const float *x, float *dw);
  void (*data)(const nml_winners *w, const float *weights, float *dx);
  const nml_bf16_kernels *bf16; /* or NULL: the two above */
} winner_kernels;

bool winners_hold(const winner_kernels *kernels);

#endif
