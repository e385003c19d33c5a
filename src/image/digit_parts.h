/* digit_parts.h: which connected parts of the ink are the digit. Judges by
 * where they are and how much ink they have; must not know pixels otherwise. */
#ifndef NML_IMAGE_DIGIT_PARTS_H
#define NML_IMAGE_DIGIT_PARTS_H

#include "image/components.h"

#include <stdbool.h>

typedef struct nml_choice {
  int body;       /* the digit's main part; -1: there is no digit */
  int digits;     /* how many there are, side by side */
  bool *kept;     /* [parts->count]: belongs to the digit. nml_free */
  unsigned edges; /* bit 0 to 3: the digit touches the picture's left, top,
                     right, lower edge */
} nml_choice;

/* The part with most ink; -1 where there is none. */
int nml_digit_parts_heaviest(const nml_components *parts);

/* Parts whose peak is below `stroke` are no ink. `choice` is zeroed where this
 * fails. */
numeral_status nml_digit_parts_choose(const nml_components *parts, int width_px,
                                      int height_px, int stroke,
                                      nml_choice *choice, numeral_error *error);

#endif
