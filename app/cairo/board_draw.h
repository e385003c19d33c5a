/* board_draw.h: a board drawn with Cairo. */
#ifndef NUMERAL_APP_CAIRO_BOARD_DRAW_H
#define NUMERAL_APP_CAIRO_BOARD_DRAW_H

#include "app/board.h"

/* An RGB picture of board->scale times its size. image_file_release ends
 * *picture. In module "cairo". */
typedef numeral_status board_draw_fn(const board *b, image_file *picture,
                                     numeral_error *error);
board_draw_fn board_paint;

#endif
