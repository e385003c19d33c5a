/* sample_sheet.h: many small images on one picture. Must not know where the
 * images came from. */
#ifndef NUMERAL_APP_SAMPLE_SHEET_H
#define NUMERAL_APP_SAMPLE_SHEET_H

#include <stdbool.h>

#include "numeral.h"

enum { SAMPLE_SHEET_MAX = 10000, SHEET_TEXT_BYTES = 16 };

typedef struct sheet_cell {
  const uint8_t *pixels; /* [28][28] */
  /* below it: in the middle, or where there is a note, at its left in bold,
   * and the note at its right */
  char caption[SHEET_TEXT_BYTES], note[SHEET_TEXT_BYTES];
  bool marked; /* framed: something is wrong with it */
} sheet_cell;

/* Writes a PNG file with images in rows of `columns` (0: in a square), ink dark
 * on white, each `zoom` times as large; count 1 to SAMPLE_SHEET_MAX, zoom 2 to
 * 4. */
numeral_status sample_sheet_write(const char *path, const sheet_cell *cells,
                                  size_t count, int columns, int zoom,
                                  numeral_error *error);

/* Writes one image as it is, 28 x 28, ink dark on white. */
numeral_status sample_write(const char *path,
                            const uint8_t image[NUMERAL_IMAGE_PIXELS],
                            numeral_error *error);

#endif
