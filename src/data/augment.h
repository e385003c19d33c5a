/* augment.h: from an image of the training set to one that the same person
 * might have written as well: what numeral_augment asks for, drawn anew for
 * every image of every epoch. */
#ifndef NML_DATA_AUGMENT_H
#define NML_DATA_AUGMENT_H

#include "base/fail.h"

#include <stdbool.h>

/* Is anything asked for? */
bool nml_augment_is_on(const numeral_augment *augment);

/* ARGUMENT names the setting that is out of its range. */
numeral_status nml_augment_check(const numeral_augment *augment,
                                 numeral_error *error);

numeral_augment nml_augment_preset(numeral_strength strength);

/* The setting's names, in the order of the struct: "rotate", "shift", ... */
enum { NML_AUGMENT_SETTINGS = 11 };
const char *nml_augment_name(int setting);
double nml_augment_value(const numeral_augment *augment, int setting);

/* image and augmented [28][28], which may be the same. Depends on nothing but
 * its arguments, so any thread may do it at any time. */
void nml_augment_apply(const numeral_augment *augment, uint64_t seed,
                       uint64_t epoch, uint64_t index, const uint8_t *image,
                       uint8_t *augmented);

#endif
