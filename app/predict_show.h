/* predict_show.h: the pictures beside what numeral predict says: side by side
 * in the terminal, and on a sheet in a PNG file. Knows what was read; must not
 * know how. */
#ifndef NUMERAL_APP_PREDICT_SHOW_H
#define NUMERAL_APP_PREDICT_SHOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "numeral.h"

/* What was shown to the network, and what it said. */
typedef struct read_image {
  char *name; /* free() ends it */
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  numeral_prediction prediction;
} read_image;

typedef struct read_list {
  read_image *images;
  size_t count, capacity;
} read_list;

/* Adds a copy of *image, which is empty afterwards; false without memory. */
bool read_list_add(read_list *list, read_image *image);
/* Forgets the images, not the place for them. */
void read_list_clear(read_list *list);
/* Accepts an empty list, and empties it. */
void read_list_release(read_list *list);

/* How many pictures go side by side on the terminal `file`. */
size_t read_list_row(FILE *file);

/* Draws them in the terminal; `labelled`: each over its digit and confidence.
 */
void read_list_show(const read_list *list, FILE *file, bool labelled);

/* Writes a PNG file with all of them, each over its digit and confidence; the
 * refused ones are framed. 1 to SAMPLE_SHEET_MAX images. */
numeral_status read_list_write(const read_list *list, const char *path,
                               numeral_error *error);

#endif
