/* linear.c: see linear.h. */
#include "base/linear.h"

static const double LEAST_PIVOT = 1e-9;

static bool eliminate(double *a, double *b, int size) {
  for (int i = 0; i < size; i++) {
    const double *pivot = a + i * size;
    if (pivot[i] < LEAST_PIVOT) return false;
    for (int j = i + 1; j < size; j++) {
      double *row = a + j * size;
      double factor = row[i] / pivot[i];
      for (int k = i; k < size; k++) row[k] -= factor * pivot[k];
      b[j] -= factor * b[i];
    }
  }
  return true;
}

bool nml_solve(double *a, double *b, int size) {
  if (!eliminate(a, b, size)) return false;
  for (int i = size - 1; i >= 0; i--) {
    for (int k = i + 1; k < size; k++) b[i] -= a[i * size + k] * b[k];
    b[i] /= a[i * size + i];
  }
  return true;
}
