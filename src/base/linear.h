/* linear.h: systems of linear equations. */
#ifndef NML_BASE_LINEAR_H
#define NML_BASE_LINEAR_H

#include <stdbool.h>

/* Solves a x = b in place by Gauss' elimination: a [size][size] is lost, b
 * [size] becomes x. `a` must be symmetric and positive definite, as the normal
 * equations of least squares are; false where it is not, or hardly. */
bool nml_solve(double *a, double *b, int size);

#endif
