/* chart.h: the parts that every chart is made of: a sheet, panels on it, words,
 * samples of lines, in the one look. Places are in pixels from the top left of
 * the sheet, as on a board. Knows gnuplot's language; must not know runs. */
#ifndef NUMERAL_APP_REPORT_CHART_H
#define NUMERAL_APP_REPORT_CHART_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/look.h"
#include "app/report/gnuplot.h"

/* The fonts of a chart as SVG. */
#define CHART_FONTS LOOK_FONT ", " LOOK_FONT_FALLBACK ", sans-serif"

enum { CHART_MARGIN_PX = 16 }; /* around what stands alone */

typedef enum chart_form {
  CHART_SVG = 0, /* for the page: the size is that on the page */
  CHART_PNG      /* a file that stands alone, twice as fine */
} chart_form;

/* What the text of a chart is kept to, since gnuplot would understand more. */
typedef struct chart_words {
  char text[128];
} chart_words;

typedef struct chart {
  FILE *script;
  chart_form form;
  look_theme theme;
  int width, height;
} chart;

typedef enum chart_align {
  CHART_LEFT = 0,
  CHART_CENTRE,
  CHART_RIGHT
} chart_align;

/* How a series is drawn: told apart without colour too. */
typedef struct chart_stroke {
  uint32_t colour;
  double width_px;
  const char *dash; /* gnuplot's dashtype: "solid", "(5,3)" */
  int point; /* gnuplot's pointtype: 7 disc, 6 ring, 12 diamond; 0 none */
} chart_stroke;

/* Letters, digits and harmless signs of `text`, others as "?"; what is longer
 * than `most` (1..50) is cut off, with an ellipsis. */
chart_words chart_safe(const char *text, size_t most);

/* From here on the script draws on an empty sheet of LOOK_PAPER ... */
void chart_begin(const chart *c);
/* ... which is done. */
void chart_end(const chart *c, gnuplot_job *job);

/* The frame of the next plot. */
void chart_panel(const chart *c, double left, double top, double right,
                 double bottom);

/* A line of words, the middle of its height at y. The format's result must be
 * safe (chart_safe), without quotes. */
void chart_text(const chart *c, double x, double y, chart_align align,
                look_role role, bool bold, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* A piece of a line as in the plot, 28 pixels long, from x on. */
void chart_sample(const chart *c, double x, double y, const chart_stroke *s);

/* Prints "lc rgb ... lw ... dt ...": how a plot with lines looks. */
void chart_line_style(const chart *c, const chart_stroke *s);

/* Takes words and samples away, so that the next panel has its own. */
void chart_clear(const chart *c);

uint32_t chart_colour(const chart *c, look_role role);

/* The step of 1, 2 or 5 times a power of ten that cuts `range` into at most
 * `most` pieces. */
double chart_step(double range, int most);

#endif
