/* corrupt.h: images spoilt on purpose. Contract as numeral.h says of
 * numeral_dataset_corrupt. */
#ifndef NML_DATA_CORRUPT_H
#define NML_DATA_CORRUPT_H

#include "data/dataset.h"

numeral_status nml_corrupt(const numeral_dataset *dataset,
                           numeral_corruption kind, int strength, uint64_t seed,
                           numeral_dataset **corrupted, numeral_error *error);

#endif
