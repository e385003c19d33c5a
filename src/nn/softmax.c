/* softmax.c: see softmax.h. */
#include "nn/softmax.h"

#include "numeral.h"

#include <math.h>

float nml_softmax(const float *x, float *p) {
  float largest = x[0], sum = 0.0f;
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (x[k] > largest) largest = x[k];
  for (int k = 0; k < NUMERAL_CLASSES; k++) {
    p[k] = expf(x[k] - largest);
    sum += p[k];
  }
  for (int k = 0; k < NUMERAL_CLASSES; k++) p[k] /= sum;
  return sum;
}
