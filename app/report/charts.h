/* charts.h: the charts of a report, as gnuplot's scripts. Each draws itself
 * between chart_begin and chart_end, on light or dark paper, wide or narrow.
 * Must not know files or pages. */
#ifndef NUMERAL_APP_REPORT_CHARTS_H
#define NUMERAL_APP_REPORT_CHARTS_H
#include "app/report/chart.h"
#include "app/report/report_data.h"

/* A narrow sheet, for phones, has fewer marks on its axes. */
enum { CHART_NARROW_PX = 400 };
static inline bool chart_is_narrow(const chart *c) {
  return c->width < CHART_NARROW_PX;
}

/* The run's numbers, for all of its charts: first in the script. */
void charts_put_run(FILE *script, const report_run *run);

/* The height of each on a sheet `width` wide, and its drawing. */
int chart_training_height(const report_run *run, int width);
void chart_training(const chart *c, const report_run *run);
int chart_classes_height(const report_run *run, int width);
void chart_classes(const chart *c, const report_run *run);
int chart_reliability_height(const report_run *run, int width);
void chart_reliability(const chart *c, const report_run *run);
int chart_map_height(const report_run *run, int width);
void chart_map(const chart *c, const report_run *run);

/* Several runs in one: accuracy, loss and learning rate by epoch. */
typedef struct chart_runs {
  const report_run *runs;
  int count;
} chart_runs;
void charts_put_runs(FILE *script, const chart_runs *runs);
int chart_overlay_height(const chart_runs *runs, int width);
void chart_overlay(const chart *c, const chart_runs *runs);
/* The accuracy of each that was measured, with its interval. */
int chart_intervals_height(const chart_runs *runs, int width);
void chart_intervals(const chart *c, const chart_runs *runs);

/* ---- What the two kinds of curves share (chart_training.c) */

/* Lowest and highest of what is finite; false where nothing is. */
typedef struct chart_span {
  double low, high;
  bool has;
} chart_span;
void chart_span_add(chart_span *span, double value);

void chart_epoch_axis(const chart *c, int epochs, bool named);
void chart_accuracy_axis(const chart *c, chart_span percent);
/* Logarithmic where the losses lie far apart. */
void chart_loss_axis(const chart *c, chart_span loss);
/* 10 to the power that brings the rate between 1 and 10. */
double chart_rate_factor(double rate);
/* Marks on lines of so many epochs, for "pointinterval". */
int chart_mark_interval(int epochs);

/* The colour of a digit on the map. */
uint32_t chart_digit_colour(look_theme theme, int digit);

#endif
