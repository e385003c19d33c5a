/* numbers.h: what C has no name for. Must not know what it counts. */
#ifndef NML_BASE_NUMBERS_H
#define NML_BASE_NUMBERS_H

#include <stdint.h>

static inline int nml_larger(int a, int b) { return a > b ? a : b; }
static inline int nml_smaller(int a, int b) { return a < b ? a : b; }

/* Towards 0. */
static inline int nml_percent_of(int whole, int percent) {
  return (int)((int64_t)whole * percent / 100);
}

#endif
