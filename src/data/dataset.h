/* dataset.h: labelled images in memory. Must not know files or networks. */
#ifndef NML_DATA_DATASET_H
#define NML_DATA_DATASET_H

#include "base/fail.h"

enum { NML_DATASET_MAX = 1 << 24 };

struct numeral_dataset {
  size_t count;
  uint8_t *images; /* [count][28][28] */
  uint8_t *labels; /* [count], 0..9 */
};

/* An empty-handed set of `count` images and labels, all 0, to be filled. */
numeral_status nml_dataset_alloc(size_t count, numeral_dataset **dataset,
                                 numeral_error *error);
/* Such a set whose images are made on all threads: make(context, index, image)
 * fills image `index` and gives its label, from nothing but these. */
typedef uint8_t (*nml_make_image_fn)(const void *context, size_t index,
                                     uint8_t *image);
numeral_status nml_dataset_make(size_t count, nml_make_image_fn make,
                                const void *context, numeral_dataset **dataset,
                                numeral_error *error);
/* split, join, checksum, destroy: as numeral.h says of them. */
numeral_status nml_dataset_split(const numeral_dataset *dataset,
                                 double fraction, uint64_t seed,
                                 numeral_dataset **first,
                                 numeral_dataset **second,
                                 numeral_error *error);
numeral_status nml_dataset_join(const numeral_dataset *first,
                                const numeral_dataset *second,
                                numeral_dataset **joined, numeral_error *error);
uint64_t nml_dataset_checksum(const numeral_dataset *dataset);
void nml_dataset_destroy(numeral_dataset *dataset);

#endif
