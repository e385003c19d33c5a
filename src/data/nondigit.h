/* nondigit.h: pictures of what is no digit, drawn by the program, so that a
 * network can learn to refuse. Must not know networks. */
#ifndef NML_DATA_NONDIGIT_H
#define NML_DATA_NONDIGIT_H

#include "data/dataset.h"

typedef enum nml_nondigit_kind {
  NML_NONDIGIT_LETTER = 0,
  NML_NONDIGIT_SIGN,   /* made up */
  NML_NONDIGIT_TURNED, /* a digit upside down, lying or mirrored */
  NML_NONDIGIT_MANY,   /* digits side by side or over one another */
  NML_NONDIGIT_AREA,   /* a filled shape, texture, noise, a negative */
  NML_NONDIGIT_KINDS
} nml_nondigit_kind;

/* `count` images as the normaliser would frame them: letters and made-up signs,
 * digits turned over, cut, struck through and in pairs (made from `digits`, not
 * empty), shapes, textures and noise. Image i of a set depends on seed, i and
 * `digits` alone. Labels are the kinds. */
numeral_status nml_nondigits(const numeral_dataset *digits, size_t count,
                             uint64_t seed, numeral_dataset **dataset,
                             numeral_error *error);

#endif
