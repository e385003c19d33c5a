/* softmax.h: from a network's ten values to probabilities. */
#ifndef NML_NN_SOFTMAX_H
#define NML_NN_SOFTMAX_H

/* p[10] = softmax(x[10]) without overflow; returns the sum that divides:
 * -log p[k] = log(sum) + largest x - x[k]. */
float nml_softmax(const float *x, float *p);

#endif
