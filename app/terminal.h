/* terminal.h: how wide a terminal is, and any colour on it as well as it can.
 * Must not know what is shown; bold and red words are message.h's. */
#ifndef NUMERAL_APP_TERMINAL_H
#define NUMERAL_APP_TERMINAL_H
#include <stdint.h>
#include <stdio.h>

typedef enum terminal_colours {
  TERMINAL_PLAIN = 0, /* none: no terminal, TERM=dumb, or NO_COLOR */
  TERMINAL_256,       /* the cube of 6 x 6 x 6 and 24 greys */
  TERMINAL_TRUE       /* $COLORTERM says truecolor or 24bit */
} terminal_colours;

typedef struct terminal {
  FILE *file;
  terminal_colours colours;
  int columns;
} terminal;

terminal terminal_of(FILE *file);

/* $COLUMNS, else what the terminal says, else 80. */
int terminal_columns(FILE *file);

/* From here on: letters, or what is behind them, in 0xRRGGBB. Nothing where
 * there are no colours. */
void terminal_ink(const terminal *t, uint32_t colour);
void terminal_paper(const terminal *t, uint32_t colour);
/* ... and back to how the terminal is. */
void terminal_reset(const terminal *t);

/* The one of 256 colours that is nearest to 0xRRGGBB: 16..255. */
int terminal_nearest(uint32_t colour);

#endif
