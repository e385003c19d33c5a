/* board_svg.h: a board as SVG, for pages: sharp at every size, a fraction of a
 * PNG file's bytes, and drawn by whoever shows it, in the first font of look.h
 * that is there. */
#ifndef NUMERAL_APP_BOARD_SVG_H
#define NUMERAL_APP_BOARD_SVG_H
#include "app/board.h"
#include "numeral.h"

/* The text of an SVG file, which free() ends. */
numeral_status board_svg(const board *b, char **svg, size_t *size_bytes,
                         numeral_error *error);

#endif
