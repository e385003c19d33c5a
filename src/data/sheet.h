/* sheet.h: an image with paper around it, on which pixels can be worked on with
 * their neighbours, all rows as one: the place where augmentation happens. */
#ifndef NML_DATA_SHEET_H
#define NML_DATA_SHEET_H

#include "numeral.h"

#include <string.h>

enum {
  NML_SHEET_MARGIN = 2, /* columns and rows of paper on each side */
  NML_SHEET_SIDE = NUMERAL_IMAGE_SIDE + 2 * NML_SHEET_MARGIN,
  NML_SHEET_FIRST = NML_SHEET_MARGIN * NML_SHEET_SIDE, /* of the image's rows */
  NML_SHEET_PIXELS = NUMERAL_IMAGE_SIDE * NML_SHEET_SIDE /* in those rows */
};

typedef struct nml_sheet {
  uint8_t pixels[NML_SHEET_SIDE * NML_SHEET_SIDE]; /* margin: always 0 */
} nml_sheet;

/* The first pixel of row y of the image; rows are NML_SHEET_SIDE apart. */
static inline uint8_t *nml_sheet_row(nml_sheet *sheet, int y) {
  return sheet->pixels + NML_SHEET_FIRST + y * NML_SHEET_SIDE +
         NML_SHEET_MARGIN;
}

/* All of the sheet, from an image and back into one. */
static inline void nml_sheet_load(nml_sheet *sheet, const uint8_t *image) {
  memset(sheet->pixels, 0, sizeof sheet->pixels);
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; y++, image += NUMERAL_IMAGE_SIDE)
    memcpy(nml_sheet_row(sheet, y), image, NUMERAL_IMAGE_SIDE);
}

static inline void nml_sheet_store(nml_sheet *sheet, uint8_t *image) {
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; y++, image += NUMERAL_IMAGE_SIDE)
    memcpy(image, nml_sheet_row(sheet, y), NUMERAL_IMAGE_SIDE);
}

/* After work on whole rows: the margin is paper again. */
static inline void nml_sheet_clear_margin(nml_sheet *sheet) {
  uint8_t *between = sheet->pixels + NML_SHEET_FIRST - NML_SHEET_MARGIN;
  memset(sheet->pixels, 0, NML_SHEET_FIRST);
  for (int y = 0; y <= NUMERAL_IMAGE_SIDE; y++, between += NML_SHEET_SIDE)
    memset(between, 0, 2 * NML_SHEET_MARGIN);
  memset(nml_sheet_row(sheet, NUMERAL_IMAGE_SIDE) - NML_SHEET_MARGIN, 0,
         NML_SHEET_FIRST);
}

#endif
