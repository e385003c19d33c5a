/* chart_overlay.c: the curves of several runs, one over the other. */
#include <math.h>
#include <stdio.h>

#include "app/report/charts.h"
#include "app/text_format.h"

enum {
  SIDE_PX = 52,
  RIGHT_PX = 12,
  NAME_PX = 20, /* a run's line in the list of names */
  HEAD_PX = 28,
  PLOT_PX = 190,
  RATE_PX = 72,
  GAP_PX = 16,
  FOOT_PX = 50,
  MOST_POINTS = 400,
  NAME_LETTERS = 44,
  NAME_LETTERS_NARROW = 28
};

/* What a run is compared by: the images that were not trained on, where it kept
 * some. */
static double accuracy_of(const report_epoch *e) {
  return 100 * (isfinite(e->val_accuracy) ? e->val_accuracy : e->accuracy);
}
static double loss_of(const report_epoch *e) {
  return isfinite(e->val_loss) ? e->val_loss : e->loss;
}

void charts_put_runs(FILE *script, const chart_runs *runs) {
  for (int r = 0; r < runs->count; ++r) {
    const report_run *run = &runs->runs[r];
    int stride = (run->epoch_count + MOST_POINTS - 1) / MOST_POINTS;
    fprintf(script, "$run%d << numbers\n", r);
    for (int i = 0; i < run->epoch_count; ++i) {
      const report_epoch *e = &run->epochs[i];
      if (i % stride != 0 && i + 1 < run->epoch_count) continue;
      fprintf(script, "%d %g %g %g\n", i + 1, accuracy_of(e), loss_of(e),
              e->learning_rate);
    }
    fprintf(script, "numbers\n");
  }
}

int chart_overlay_height(const chart_runs *runs, int width) {
  (void)width;
  return runs->count * NAME_PX + 3 * HEAD_PX + 2 * (PLOT_PX + GAP_PX) +
         RATE_PX + FOOT_PX;
}

static chart_stroke stroke_of(const chart *c, int index) {
  static const char *const dashes[] = {"solid", "(6,3)", "(2,2)", "(9,3,2,3)"};
  static const int points[] = {7, 6, 5, 12};
  return (chart_stroke){look_series(c->theme, index), 2, dashes[index % 4],
                        points[(index + index / 4) % 4]};
}

static int most_epochs(const chart_runs *runs) {
  int most = 1;
  for (int r = 0; r < runs->count; ++r) {
    if (runs->runs[r].epoch_count > most) most = runs->runs[r].epoch_count;
  }
  return most;
}

static void name_runs(const chart *c, const chart_runs *runs) {
  size_t letters = chart_is_narrow(c) ? NAME_LETTERS_NARROW : NAME_LETTERS;
  for (int r = 0; r < runs->count; ++r) {
    double y = NAME_PX * (r + 0.5);
    chart_stroke stroke = stroke_of(c, r);
    chart_sample(c, 4, y, &stroke);
    chart_text(c, 40, y, CHART_LEFT, LOOK_TEXT, false, "%s",
               chart_safe(runs->runs[r].name, letters).text);
  }
}

static void plot_runs(const chart *c, const chart_runs *runs, int column,
                      double factor) {
  int lines = 0;
  fprintf(c->script, "plot ");
  for (int r = 0; r < runs->count; ++r) {
    int epochs = runs->runs[r].epoch_count;
    if (epochs == 0) continue;
    chart_stroke stroke = stroke_of(c, r);
    fprintf(c->script, "%s$run%d using 1:($%d*%g) with linespoints pi %d",
            lines++ > 0 ? ", " : "", r, column, factor,
            chart_mark_interval(epochs));
    chart_line_style(c, &stroke);
  }
  fprintf(c->script, lines > 0 ? "\nunset logscale y\n" : "NaN\n");
  chart_clear(c);
}

static void draw_accuracy(const chart *c, const chart_runs *runs, double top) {
  chart_span span = {.has = false};
  for (int r = 0; r < runs->count; ++r) {
    for (int i = 0; i < runs->runs[r].epoch_count; ++i)
      chart_span_add(&span, accuracy_of(&runs->runs[r].epochs[i]));
  }
  chart_panel(c, SIDE_PX, top + HEAD_PX, c->width - RIGHT_PX,
              top + HEAD_PX + PLOT_PX);
  chart_text(c, 4, top + 14, CHART_LEFT, LOOK_TEXT, true,
             "Validation accuracy, %%");
  chart_epoch_axis(c, most_epochs(runs), false);
  chart_accuracy_axis(c, span);
  plot_runs(c, runs, 2, 1);
}

static void draw_loss(const chart *c, const chart_runs *runs, double top) {
  chart_span span = {.has = false};
  for (int r = 0; r < runs->count; ++r) {
    for (int i = 0; i < runs->runs[r].epoch_count; ++i)
      chart_span_add(&span, loss_of(&runs->runs[r].epochs[i]));
  }
  chart_panel(c, SIDE_PX, top + HEAD_PX, c->width - RIGHT_PX,
              top + HEAD_PX + PLOT_PX);
  chart_text(c, 4, top + 14, CHART_LEFT, LOOK_TEXT, true,
             "Validation loss, nats an image");
  chart_epoch_axis(c, most_epochs(runs), false);
  chart_loss_axis(c, span);
  plot_runs(c, runs, 3, 1);
}

/* Each run's highest rate: the lowest and the highest of these. */
static chart_span highest_rates(const chart_runs *runs) {
  chart_span span = {.has = false};
  for (int r = 0; r < runs->count; ++r) {
    double highest = 0;
    for (int i = 0; i < runs->runs[r].epoch_count; ++i)
      highest = fmax(highest, runs->runs[r].epochs[i].learning_rate);
    if (highest > 0) chart_span_add(&span, highest);
  }
  return span.has ? span : (chart_span){1, 1, true};
}

/* Runs whose rates lie far apart are seen together on a scale of tens, which
 * ends where a schedule's last steps fall out of sight. */
static double set_rate_axis(const chart *c, chart_span rates) {
  bool is_log = rates.high > 5 * rates.low;
  /* just under a power of ten, as schedules leave it, counts as that */
  double factor = is_log ? 1 : chart_rate_factor(1.05 * rates.high);
  double most = rates.high * factor;
  if (is_log) {
    fprintf(c->script,
            "set logscale y\nset yrange [%g:%g]\nset ytics 10 format '%%g'\n",
            rates.low / 20, 1.6 * most);
  } else {
    fprintf(c->script, "set yrange [%g:%g]\nset ytics %g format '%%g'\n",
            -0.06 * most, 1.08 * most, chart_step(most, 3));
  }
  return factor;
}

static void draw_rate(const chart *c, const chart_runs *runs, double top) {
  double factor = set_rate_axis(c, highest_rates(runs));
  chart_panel(c, SIDE_PX, top + HEAD_PX, c->width - RIGHT_PX,
              top + HEAD_PX + RATE_PX);
  chart_text(c, 4, top + 14, CHART_LEFT, LOOK_TEXT, true,
             factor > 1 ? "Learning rate × %s" : "Learning rate",
             text_count((uint64_t)(factor + 0.5)).text);
  chart_epoch_axis(c, most_epochs(runs), true);
  plot_runs(c, runs, 4, factor);
}

void chart_overlay(const chart *c, const chart_runs *runs) {
  double top = runs->count * NAME_PX;
  name_runs(c, runs);
  draw_accuracy(c, runs, top);
  top += HEAD_PX + PLOT_PX + GAP_PX;
  draw_loss(c, runs, top);
  top += HEAD_PX + PLOT_PX + GAP_PX;
  draw_rate(c, runs, top);
}

/* ---- Intervals
 * ----------------------------------------------------------------- */

enum { INTERVAL_ROW_PX = 46, INTERVAL_HEAD_PX = 8, INTERVAL_LEFT_PX = 24 };

static bool is_measured(const report_run *run) {
  return run->measure.evaluation.count > 0;
}

int chart_intervals_height(const chart_runs *runs, int width) {
  (void)width;
  int rows = 0;
  for (int r = 0; r < runs->count; ++r) rows += is_measured(&runs->runs[r]);
  return INTERVAL_HEAD_PX + rows * INTERVAL_ROW_PX + FOOT_PX;
}

/* A run's name over its line, and its data: row, accuracy, low, high. */
static void put_interval(const chart *c, const report_run *run, int row) {
  const numeral_evaluation *e = &run->measure.evaluation;
  size_t letters = chart_is_narrow(c) ? NAME_LETTERS_NARROW : NAME_LETTERS;
  double y = INTERVAL_HEAD_PX + row * INTERVAL_ROW_PX + 11;
  chart_text(c, INTERVAL_LEFT_PX, y, CHART_LEFT, LOOK_TEXT, false, "%s",
             chart_safe(run->name, letters).text);
  chart_text(c, c->width - RIGHT_PX, y, CHART_RIGHT, LOOK_TEXT, true, "%s",
             text_percent(e->accuracy).text);
  fprintf(c->script, "$interval%d << numbers\n%.4f %g %.4f %.4f\nnumbers\n",
          row, 100 * e->accuracy, row + 0.68, 100 * e->accuracy_low,
          100 * e->accuracy_high);
}

static void plot_intervals(const chart *c, const chart_runs *runs) {
  int row = 0;
  fprintf(c->script, "plot ");
  for (int r = 0; r < runs->count; ++r) {
    if (!is_measured(&runs->runs[r])) continue;
    chart_stroke stroke = stroke_of(c, r);
    unsigned colour = (unsigned)stroke.colour;
    fprintf(c->script,
            "%s$interval%d using 1:2:3:4 with xerrorbars pt 7 ps 0.1 lw 2 "
            "lc rgb '#%06x', $interval%d using 1:2 with points pt %d ps 0.8 "
            "lw 2 lc rgb '#%06x'",
            row > 0 ? ", " : "", row, colour, row, stroke.point, colour);
    ++row;
  }
  fprintf(c->script, row > 0 ? "\n" : "NaN\n");
}

void chart_intervals(const chart *c, const chart_runs *runs) {
  chart_span span = {.has = false};
  int rows = 0;
  double bottom = chart_intervals_height(runs, c->width) - FOOT_PX;
  for (int r = 0; r < runs->count; ++r) {
    const numeral_evaluation *e = &runs->runs[r].measure.evaluation;
    if (!is_measured(&runs->runs[r])) continue;
    chart_span_add(&span, 100 * e->accuracy_low);
    chart_span_add(&span, 100 * e->accuracy_high);
    put_interval(c, &runs->runs[r], rows++);
  }
  double range = fmax(span.high - span.low, 0.1);
  chart_panel(c, INTERVAL_LEFT_PX, INTERVAL_HEAD_PX, c->width - RIGHT_PX,
              bottom);
  chart_text(c, (INTERVAL_LEFT_PX + c->width - RIGHT_PX) / 2.0, c->height - 10,
             CHART_CENTRE, LOOK_FAINT, false,
             "test accuracy and its 95%% interval, %%");
  fprintf(c->script,
          "set border 1\nset xrange [%g:%g]\nset xtics %g format '%%g'\n"
          "set yrange [%d:0]\nunset ytics\n",
          span.low - 0.05 * range, span.high + 0.05 * range,
          chart_step(range * 1.1, chart_is_narrow(c) ? 4 : 6), rows);
  plot_intervals(c, runs);
  chart_clear(c);
}
