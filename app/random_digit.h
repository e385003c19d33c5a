/* random_digit.h: images of a test set, to look at: of MNIST where it is on
 * this machine, else drawn ones. Never downloads. */
#ifndef NUMERAL_APP_RANDOM_DIGIT_H
#define NUMERAL_APP_RANDOM_DIGIT_H

#include "app/data_source.h"

typedef struct random_digit {
  const char *data_dir; /* or NULL; to be set before the first call */
  uint64_t seed;        /* which images come, and in which order; likewise */
  uint64_t turn;
  data_source source; /* loaded at the first call */
} random_digit;

/* Another one at each call. */
numeral_status random_digit_next(random_digit *from, data_image *image,
                                 numeral_error *error);

/* The one that is called "mnist:test:42". */
numeral_status random_digit_named(const random_digit *from, const char *name,
                                  data_image *image, numeral_error *error);

void random_digit_release(random_digit *from);

#endif
