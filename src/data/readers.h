/* readers.h: data sets from the bytes of IDX and CSV files, which are
 * untrusted. Contracts as in numeral.h (numeral_dataset_parse_*). */
#ifndef NML_DATA_READERS_H
#define NML_DATA_READERS_H

#include "data/dataset.h"

numeral_status nml_idx_parse(const void *images, size_t images_size_bytes,
                             const void *labels, size_t labels_size_bytes,
                             numeral_dataset **dataset, numeral_error *error);
numeral_status nml_csv_parse(const char *text, size_t size_bytes,
                             numeral_dataset **dataset, numeral_error *error);

#endif
