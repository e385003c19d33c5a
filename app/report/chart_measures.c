/* chart_measures.c: precision and recall of each digit, and whether confidence
 * can be believed. */
#include <math.h>
#include <stdio.h>

#include "app/report/charts.h"
#include "app/text_format.h"

enum {
  ROW_PX = 26,
  CLASSES_HEAD_PX = 36,
  FOOT_PX = 50,
  RIGHT_PX = 14,
  DIGIT_PX = 28,
  SIDE_PX = 52,
  HEAD_PX = 52,
  COUNT_HEAD_PX = 40,
  COUNT_PX = 84
};

/* ---- Precision and recall
 * ------------------------------------------------------ */

int chart_classes_height(const report_run *run, int width) {
  (void)run;
  (void)width;
  return CLASSES_HEAD_PX + NUMERAL_CLASSES * ROW_PX + FOOT_PX;
}

static double lowest_share(const numeral_evaluation *e) {
  double lowest = 1;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    if (e->precision[i] < lowest) lowest = e->precision[i];
    if (e->recall[i] < lowest) lowest = e->recall[i];
  }
  return lowest;
}

static void put_classes(const chart *c, const numeral_evaluation *e) {
  fprintf(c->script, "$classes << numbers\n");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    fprintf(c->script, "%d %.4f %.4f\n", i, 100 * e->precision[i],
            100 * e->recall[i]);
  }
  fprintf(c->script, "numbers\n");
}

void chart_classes(const chart *c, const report_run *run) {
  const numeral_evaluation *e = &run->measure.evaluation;
  chart_stroke precision = {chart_colour(c, LOOK_FIRST), 0, "solid", 7};
  chart_stroke recall = {chart_colour(c, LOOK_SECOND), 0, "solid", 13};
  double bottom = CLASSES_HEAD_PX + NUMERAL_CLASSES * ROW_PX;
  double lowest = 100 * lowest_share(e);
  double step = chart_step(fmax(100 - lowest, 0.5), chart_is_narrow(c) ? 4 : 6);
  double low = fmax(0, step * floor(lowest / step + 1e-9));
  put_classes(c, e);
  chart_panel(c, DIGIT_PX, CLASSES_HEAD_PX, c->width - RIGHT_PX, bottom);
  chart_text(c, 4, 12, CHART_LEFT, LOOK_TEXT, true, "Digit");
  chart_sample(c, c->width * 0.3 - 14, 12, &precision);
  chart_text(c, c->width * 0.3 + 10, 12, CHART_LEFT, LOOK_FAINT, false,
             "precision");
  chart_sample(c, c->width * 0.65 - 14, 12, &recall);
  chart_text(c, c->width * 0.65 + 10, 12, CHART_LEFT, LOOK_FAINT, false,
             "recall");
  chart_text(c, (DIGIT_PX + c->width - RIGHT_PX) / 2.0, c->height - 10,
             CHART_CENTRE, LOOK_FAINT, false, "%% of the images");
  fprintf(c->script,
          "set xrange [%g:%g]\nset xtics %g format '%%g'\n"
          "set yrange [9.5:-0.5]\nset ytics 0,1,9 format '%%.0f' "
          "textcolor rgb '#%06x'\n"
          "plot $classes using 2:1:($3-$2):(0) with vectors nohead lw 2 "
          "lc rgb '#%06x', "
          "$classes using 3:1 with points pt 13 ps 1.15 lc rgb '#%06x', "
          "$classes using 2:1 with points pt 7 ps 0.75 lc rgb '#%06x'\n",
          low - 0.03 * (100 - low), 100 + 0.03 * (100 - low), step,
          (unsigned)chart_colour(c, LOOK_TEXT),
          (unsigned)chart_colour(c, LOOK_FAINT), (unsigned)recall.colour,
          (unsigned)precision.colour);
  chart_clear(c);
}

/* ---- Reliability
 * --------------------------------------------------------------- */

static int reliability_side(int width) {
  return (width < CHART_NARROW_PX ? width : 372) - SIDE_PX - RIGHT_PX;
}

int chart_reliability_height(const report_run *run, int width) {
  (void)run;
  return HEAD_PX + reliability_side(width) * 4 / 5 + COUNT_HEAD_PX + COUNT_PX +
         FOOT_PX;
}

/* Wilson's 95% interval around a bin's accuracy: few images prove little. */
static void put_bins(const chart *c, const numeral_evaluation *e) {
  const double z = 1.959963984540054;
  fprintf(c->script, "$bins << numbers\n");
  for (int i = 0; i < NUMERAL_RELIABILITY_BINS; ++i) {
    const numeral_reliability *bin = &e->reliability[i];
    if (bin->count == 0) continue;
    double n = (double)bin->count, p = bin->accuracy;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half =
        z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    fprintf(c->script, "%.4f %.4f %.4f %.4f %zu %.4f\n", 100 * bin->confidence,
            100 * p, 100 * fmax(0, middle - half), 100 * fmin(1, middle + half),
            bin->count, (i + 0.5) * 100 / NUMERAL_RELIABILITY_BINS);
  }
  fprintf(c->script, "numbers\n");
}

static void draw_bins(const chart *c, double bottom) {
  unsigned first = (unsigned)chart_colour(c, LOOK_FIRST);
  chart_panel(c, SIDE_PX, HEAD_PX, c->width - RIGHT_PX, bottom);
  chart_text(c, 4, 12, CHART_LEFT, LOOK_TEXT, true, "Accuracy, %%");
  chart_stroke ideal = {chart_colour(c, LOOK_FAINT), 1.5, "(5,3)", 0};
  chart_stroke found = {first, 2, "solid", 7};
  chart_sample(c, SIDE_PX, 33, &found);
  chart_text(c, SIDE_PX + 34, 33, CHART_LEFT, LOOK_FAINT, false, "found");
  double second = SIDE_PX + (c->width - SIDE_PX) * 0.5;
  chart_sample(c, second, 33, &ideal);
  chart_text(c, second + 34, 33, CHART_LEFT, LOOK_FAINT, false, "ideal");
  fprintf(c->script,
          "set xrange [0:100]\nset yrange [0:104]\nset xtics 20 format ''\n"
          "set ytics 20 format '%%g'\n"
          "plot x with lines lc rgb '#%06x' lw 1.5 dt (5,3), "
          "$bins using 1:2:3:4 with yerrorbars pt 7 ps 0.1 lw 1.4 lc rgb "
          "'#%06x', "
          "$bins using 1:2 with linespoints pt 7 ps 0.7 lw 2 lc rgb '#%06x'\n",
          (unsigned)ideal.colour, first, first);
  chart_clear(c);
}

static void draw_counts(const chart *c, const numeral_evaluation *e,
                        double top) {
  double most = 10;
  for (int i = 0; i < NUMERAL_RELIABILITY_BINS; ++i)
    most = fmax(most, (double)e->reliability[i].count);
  chart_panel(c, SIDE_PX, top + COUNT_HEAD_PX, c->width - RIGHT_PX,
              top + COUNT_HEAD_PX + COUNT_PX);
  chart_text(c, 4, top + 24, CHART_LEFT, LOOK_TEXT, true,
             "Images, on a scale of tens");
  chart_text(c, (SIDE_PX + c->width - RIGHT_PX) / 2.0, c->height - 10,
             CHART_CENTRE, LOOK_FAINT, false, "confidence, %%");
  fprintf(c->script, "set logscale y\nset yrange [0.5:%g]\nset ytics (",
          most * 2);
  int stride = most > 2000 ? 2 : 1, power = 0;
  for (double tens = 1; tens <= most; tens *= 10, ++power) {
    if (power % stride == 0)
      fprintf(c->script, "%s'%s' %.0f", tens > 1 ? ", " : "",
              text_count((uint64_t)tens).text, tens);
  }
  fprintf(c->script,
          ")\nset xtics 20 format '%%g'\n"
          "plot $bins using 6:(sqrt(0.5*$5)):(2.8):(sqrt(0.5*$5)) with boxxy "
          "fill solid noborder lc rgb '#%06x'\nunset logscale y\n",
          (unsigned)chart_colour(c, LOOK_FIRST));
  chart_clear(c);
}

void chart_reliability(const chart *c, const report_run *run) {
  const numeral_evaluation *e = &run->measure.evaluation;
  double bottom = HEAD_PX + reliability_side(c->width) * 4 / 5;
  put_bins(c, e);
  draw_bins(c, bottom);
  draw_counts(c, e, bottom);
}
