/* explain_panels.h: the parts of an explanation, drawn on boards: the poster
 * puts them on one, the page each on its own. Knows how a part looks; must not
 * know where it goes. Each draws from (x, y) on; those that return a float
 * return the height that they took. */
#ifndef NUMERAL_APP_EXPLAIN_EXPLAIN_PANELS_H
#define NUMERAL_APP_EXPLAIN_EXPLAIN_PANELS_H
#include "app/board.h"
#include "app/explain/explanation.h"

enum {
  PANEL_BARS_PX = 240, /* the height of the bars */
  PANEL_LEGEND_PX = 12,
  PANEL_MAPS_MAX = 64,    /* of a layer */
  PANEL_VALUES_MAX = 256, /* of a row of numbers */
  PANEL_VALUES_A_MAP = 4  /* numbers take the width of a map together */
};

/* The picture as given, as large as fits in a square. e has one. */
numeral_status panel_given(board *b, const explanation *e, float x, float y,
                           float side, numeral_error *error);

/* The ten probabilities, PANEL_BARS_PX high. */
void panel_bars(board *b, const explanation *e, float x, float y, float width);

/* The colours of heat from none to most, PANEL_LEGEND_PX high; the poster adds
 * words. */
void panel_legend(board *b, float x, float y, float width);

/* The nearest training digits, `columns` side by side. */
float panel_nearest(board *b, const explanation *e, float x, float y,
                    float width, int columns);

/* What came out of a layer: its maps, `columns` side by side, or its numbers,
 * each as a cell. */
float panel_layer(board *b, const explanation *e, size_t index, float x,
                  float y, float width, int columns);

/* What to say below it: "64 of 128 maps of 13 x 13". */
void panel_layer_caption(const explanation *e, size_t index,
                         char text[BOARD_TEXT_BYTES]);

/* Lines of at most `columns` letters, broken at blanks. */
float panel_words(board *b, float x, float y, int columns, const char *text);

#endif
