/* precision.h: which precisions this processor offers. */
#ifndef NML_ENGINE_PRECISION_H
#define NML_ENGINE_PRECISION_H

#include "numeral.h"

#include <stdbool.h>

/* False for what is no precision at all. */
bool nml_precision_available(numeral_precision precision);

/* What AUTO stands for in training; any other stays itself. */
numeral_precision nml_precision_of_training(numeral_precision precision);

#endif
