/* The kernels' naive twins: the sums of kernels.h written down in double
 * precision, without any thought of speed. `magnitude` receives the sum of
 * the terms' absolute values, by which rounding errors are measured. */
#ifndef TESTS_NAIVE_H
#define TESTS_NAIVE_H

#include "kernels/kernels.h"

/* y, magnitude [rows][lanes] */
void naive_product(const nml_product *p, double *y, double *magnitude);
/* dw, magnitude [taps][lanes]; p->dw is what is accumulated to */
void naive_product_gradient(const nml_product_gradient *p, double *dw,
                            double *magnitude);

/* maps as those of kernels.h, in double precision */
void naive_maxpool(const nml_windows *w, const float *x, double *y,
                   uint8_t *best);
void naive_maxpool_gradient(const nml_windows *w, const float *dy,
                            const uint8_t *best, double *dx, double *magnitude);
void naive_avgpool(const nml_windows *w, const float *x, double *y,
                   double *magnitude);
void naive_avgpool_gradient(const nml_windows *w, const float *dy, double *dx,
                            double *magnitude);

/* One parameter's step; velocity, m, v and parameter are in and out. */
/* As depthwise, depthwise_data and depthwise_weights, whose dw is added to. */
void naive_depthwise(const nml_windows *w, const float *x, const float *weights,
                     const float *shift, int relu, double *y,
                     double *magnitude);
void naive_depthwise_data(const nml_windows *w, const float *dy,
                          const float *weights, double *dx, double *magnitude);
void naive_depthwise_weights(const nml_windows *w, const float *x,
                             const float *dy, const float *before, double *dw,
                             double *magnitude);
void naive_sgd(const nml_sgd *s, double gradient, double *velocity,
               double *parameter);
void naive_adam(const nml_adam *a, double gradient, double *m, double *v,
                double *parameter);

#endif
