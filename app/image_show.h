/* image_show.h: a 28 x 28 picture in the terminal. */
#ifndef NUMERAL_APP_IMAGE_SHOW_H
#define NUMERAL_APP_IMAGE_SHOW_H
#include <stdio.h>

#include "numeral.h"

/* Draws 28 columns and 14 lines of half blocks: in shades of grey on a terminal
 * with colours, else in black and white. */
void image_show(const uint8_t image[NUMERAL_IMAGE_PIXELS], FILE *file);

#endif
