/* chart.c: see chart.h. */
#include "app/report/chart.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

uint32_t chart_colour(const chart *c, look_role role) {
  return look_colour(c->theme, role);
}

/* What has a meaning for gnuplot's enhanced text is only written escaped. */
chart_words chart_safe(const char *text, size_t most) {
  static const char harmless[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:+-()"
      "/=%";
  chart_words words;
  size_t used = 0, length = strlen(text);
  for (size_t i = 0; i < length && i < most; ++i) {
    if (text[i] == '_') words.text[used++] = '\\';
    bool good = text[i] == '_' || strchr(harmless, text[i]) != NULL;
    words.text[used++] = good ? text[i] : '?';
  }
  snprintf(words.text + used, sizeof words.text - used, "%s",
           length > most ? "…" : "");
  return words;
}

/* A file that stands alone has some paper around it. */
static double margin_of(const chart *c) {
  return c->form == CHART_PNG ? CHART_MARGIN_PX : 0;
}

/* Pixels as shares of the sheet, which gnuplot counts from the bottom. */
static double share_x(const chart *c, double x) {
  return (x + margin_of(c)) / (c->width + 2 * margin_of(c));
}
static double share_y(const chart *c, double y) {
  return 1 - (y + margin_of(c)) / (c->height + 2 * margin_of(c));
}

/* ---- The sheet
 * ----------------------------------------------------------------- */

static void print_terminal(const chart *c) {
  unsigned paper = (unsigned)chart_colour(c, LOOK_PAPER);
  if (c->form == CHART_SVG) {
    fprintf(c->script,
            "set terminal svg size %d,%d fixed enhanced background '#%06x' "
            "font '" CHART_FONTS ",%d'\n",
            c->width, c->height, paper, LOOK_SMALL_PX);
  } else {
    fprintf(c->script,
            "set terminal pngcairo size %d,%d enhanced background '#%06x' "
            "font '%s,%d' fontscale %.3f linewidth 2 pointscale 3.4 "
            "dashlength 2\n",
            2 * (c->width + 2 * CHART_MARGIN_PX),
            2 * (c->height + 2 * CHART_MARGIN_PX), paper, LOOK_FONT,
            LOOK_SMALL_PX, 2 * 0.75); /* points, of which 72 are 96 pixels */
  }
}

void chart_begin(const chart *c) {
  unsigned line = (unsigned)chart_colour(c, LOOK_LINE);
  fprintf(c->script, "reset\nset encoding utf8\n");
  print_terminal(c);
  fprintf(c->script,
          "set border 3 lc rgb '#%06x' lw 1\n"
          "set tics nomirror scale 0 textcolor rgb '#%06x'\n"
          "set grid xtics ytics lt 1 lc rgb '#%06x' lw 1\n"
          "unset key\nset multiplot\n",
          line, (unsigned)chart_colour(c, LOOK_FAINT), line);
}

void chart_end(const chart *c, gnuplot_job *job) {
  fprintf(c->script, "unset multiplot\n");
  gnuplot_next_picture(job);
}

void chart_panel(const chart *c, double left, double top, double right,
                 double bottom) {
  fprintf(c->script,
          "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
          "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
          share_x(c, left), share_x(c, right), share_y(c, top),
          share_y(c, bottom));
}

void chart_clear(const chart *c) {
  fprintf(c->script, "unset label\nunset arrow\nunset object\n");
}

/* ---- Words and samples
 * --------------------------------------------------------- */

void chart_text(const chart *c, double x, double y, chart_align align,
                look_role role, bool bold, const char *format, ...) {
  static const char *const words[] = {"left", "center", "right"};
  va_list values;
  fprintf(c->script, "set label '%s", bold ? "{/:Bold " : "");
  va_start(values, format);
  vfprintf(c->script, format, values);
  va_end(values);
  fprintf(c->script, "%s' at screen %.5f,%.5f %s front tc rgb '#%06x'\n",
          bold ? "}" : "", share_x(c, x), share_y(c, y), words[align],
          (unsigned)chart_colour(c, role));
}

void chart_sample(const chart *c, double x, double y, const chart_stroke *s) {
  enum { LENGTH_PX = 28 };
  double height = share_y(c, y);
  if (s->width_px > 0) {
    fprintf(c->script,
            "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead front "
            "lc rgb '#%06x' lw %.2f dt %s\n",
            share_x(c, x), height, share_x(c, x + LENGTH_PX), height,
            (unsigned)s->colour, s->width_px, s->dash);
  }
  if (s->point > 0) {
    fprintf(
        c->script,
        "set label '' at screen %.5f,%.5f front point pt %d ps %.2f lw %.2f "
        "lc rgb '#%06x'\n",
        share_x(c, x + LENGTH_PX / 2), height, s->point, 0.6,
        s->width_px > 0 ? s->width_px : 1.5, (unsigned)s->colour);
  }
}

void chart_line_style(const chart *c, const chart_stroke *s) {
  fprintf(c->script, " lc rgb '#%06x' lw %.2f dt %s", (unsigned)s->colour,
          s->width_px, s->dash);
  if (s->point > 0) fprintf(c->script, " pt %d ps 0.6", s->point);
}

/* ---- Scales
 * -------------------------------------------------------------------- */

double chart_step(double range, int most) {
  static const double steps[] = {1, 2, 5, 10};
  double power = pow(10, floor(log10(range / most)));
  for (int i = 0; i < 3; ++i) {
    if (range / (steps[i] * power) <= most * (1 + 1e-9))
      return steps[i] * power;
  }
  return 10 * power;
}
