/* sample_sheet.h: many small images on one picture. Must not know where the
 * images came from. */
#ifndef NUMERAL_APP_SAMPLE_SHEET_H
#define NUMERAL_APP_SAMPLE_SHEET_H

#include "numeral.h"

enum { SAMPLE_SHEET_MAX = 10000 };

/* Writes a PNG file with a square of images [count][28][28], ink dark on white
 * and twice as large, each over its label; count 1 to SAMPLE_SHEET_MAX. */
numeral_status sample_sheet_write(const char *path, const uint8_t *images,
                                  const uint8_t *labels, size_t count,
                                  numeral_error *error);

/* Writes one image as it is, 28 x 28, ink dark on white. */
numeral_status sample_write(const char *path,
                            const uint8_t image[NUMERAL_IMAGE_PIXELS],
                            numeral_error *error);

#endif
