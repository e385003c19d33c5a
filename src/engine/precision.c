/* precision.c: see precision.h. */
#include "engine/precision.h"

#include "kernels/kernels.h"

bool nml_precision_available(numeral_precision precision) {
  switch (precision) {
    case NUMERAL_PRECISION_AUTO:
    case NUMERAL_PRECISION_FP32:
      return true;
    case NUMERAL_PRECISION_BF16:
      return nml_bf16_kernels_get() != NULL;
    case NUMERAL_PRECISION_INT8:
      return nml_int8_kernels_get() != NULL;
  }
  return false;
}

numeral_precision nml_precision_of_training(numeral_precision precision) {
  if (precision != NUMERAL_PRECISION_AUTO) return precision;
  return nml_bf16_kernels_get() ? NUMERAL_PRECISION_BF16
                                : NUMERAL_PRECISION_FP32;
}
