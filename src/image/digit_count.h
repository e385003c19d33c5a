/* digit_count.h: how many digits stand side by side. Judges by boxes and how
 * much ink is in them. */
#ifndef NML_IMAGE_DIGIT_COUNT_H
#define NML_IMAGE_DIGIT_COUNT_H

#include "image/components.h"

#include <stdbool.h>

/* 1 unless it is clear that there are more: parts of one digit (a 5's flag, the
 * two strokes of a 4) lie above one another or are small, digits of a row have
 * columns of their own and about one height. allowed [parts->count]: which
 * parts may be digits. */
int nml_digit_count(const nml_components *parts, const bool *allowed);

#endif
