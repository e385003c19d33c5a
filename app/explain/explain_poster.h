/* explain_poster.h: an explanation on one picture, and its pictures one by one.
 */
#ifndef NUMERAL_APP_EXPLAIN_EXPLAIN_POSTER_H
#define NUMERAL_APP_EXPLAIN_EXPLAIN_POSTER_H
#include "app/board.h"
#include "app/explain/explanation.h"

/* Lays it out. board_release ends *poster, also after a failure. */
numeral_status explain_poster_lay_out(const explanation *e, look_theme theme,
                                      board *poster, numeral_error *error);

/* ... and writes it as PNG, whole or not at all. e is not blank. */
numeral_status explain_poster_write(const explanation *e, look_theme theme,
                                    const char *path, numeral_error *error);

#endif
