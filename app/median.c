/* median.c: see median.h. */
#include "app/median.h"

#include <math.h>
#include <stdlib.h>

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median_of(double *values, int count) {
  if (count < 1) return NAN;
  qsort(values, (size_t)count, sizeof *values, compare_numbers);
  return values[(count - 1) / 2];
}
