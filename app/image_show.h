/* image_show.h: 28 x 28 pictures in the terminal, of half blocks: a letter's
 * place shows two pixels, one over the other. In the dark colours of look.h,
 * as most terminals are and MNIST is; without colours in black and white.
 * Must not know where the pictures came from. */
#ifndef NUMERAL_APP_IMAGE_SHOW_H
#define NUMERAL_APP_IMAGE_SHOW_H
#include <stdbool.h>
#include <stddef.h>

#include "app/terminal.h"
#include "numeral.h"

enum {
  SHOWN_COLUMNS = NUMERAL_IMAGE_SIDE,
  SHOWN_LINES = NUMERAL_IMAGE_SIDE / 2,
  SHOWN_GAP = 2, /* columns between two pictures */
  SHOWN_LABEL_BYTES = 48
};

typedef struct shown_image {
  const uint8_t *pixels; /* [28][28] */
  const float *heat;     /* 0..1 [28][28], laid over it; or NULL. Without
                            colours ink is the denser the hotter, and dots stand
                            where paper is hot */
  bool small;            /* half as wide and high */
  char label[SHOWN_LABEL_BYTES]; /* below it, ASCII; "": none. What is wider
                                    than the picture is cut */
} shown_image;

/* Columns and lines that it takes, its label not counted. */
int image_show_columns(const shown_image *image);
int image_show_lines(const shown_image *image);

/* Line `line` of a picture, all its columns, without a newline: for whoever
 * puts more beside it. */
void image_show_line(const terminal *t, const shown_image *image, int line);

/* How many pictures of `columns` go side by side; at least 1. */
int image_show_row(const terminal *t, int columns);

/* Draws pictures of one size, as many side by side as go, each over its label;
 * where no picture of a row has one, without a line for it. */
void image_show(const terminal *t, const shown_image *images, size_t count);

#endif
