/* neighbours.h: the images of a set that look to the network most like a given
 * one: nearest by what its last layer decides by. Must not know what is done
 * with them. */
#ifndef NUMERAL_APP_EXPLAIN_NEIGHBOURS_H
#define NUMERAL_APP_EXPLAIN_NEIGHBOURS_H
#include <stddef.h>

#include "app/data_source.h"
#include "numeral.h"

enum { NEIGHBOURS_MAX = 64 };

typedef struct neighbour {
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  size_t index; /* in the set */
  int label;
  float distance; /* between features, Euclid's */
} neighbour;

typedef struct neighbours {
  char set[DATA_PATH_MAX]; /* "mnist:train", so that mnist:train:INDEX names the
                              image; or the path of the data; "": not looked for
                            */
  neighbour nearest[NEIGHBOURS_MAX + 1]; /* the nearest first */
  size_t count;
} neighbours;

/* Looks among the training images of `data`, or where it has none among all.
 * `name` is what the image itself is called ("mnist:train:42"), and is not its
 * own neighbour. wanted 1 to NEIGHBOURS_MAX. */
numeral_status neighbours_find(const numeral_model *model,
                               const uint8_t image[NUMERAL_IMAGE_PIXELS],
                               const char *name,
                               const data_source_options *data, size_t wanted,
                               int threads, neighbours *found,
                               numeral_error *error);

#endif
