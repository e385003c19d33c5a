/* chart_training.c: accuracy, loss and learning rate by epoch, of one run. */
#include <math.h>
#include <stdio.h>

#include "app/report/charts.h"
#include "app/text_format.h"

enum {
  SIDE_PX = 52, /* for the numbers of the axes */
  RIGHT_PX = 12,
  HEAD_PX = 48, /* a panel's name and its lines' names */
  RATE_HEAD_PX = 28,
  PLOT_PX = 150,
  RATE_PX = 72,
  GAP_PX = 16,
  FOOT_PX = 50,
  MOST_POINTS = 400 /* of a line: more are not seen */
};

/* ---- Axes
 * ---------------------------------------------------------------------- */

void chart_span_add(chart_span *span, double value) {
  if (!isfinite(value)) return;
  if (!span->has) *span = (chart_span){value, value, true};
  if (value < span->low) span->low = value;
  if (value > span->high) span->high = value;
}

void chart_epoch_axis(const chart *c, int epochs, bool named) {
  double step =
      epochs > 1 ? chart_step(epochs - 1, chart_is_narrow(c) ? 6 : 10) : 1;
  double room = epochs > 1 ? 0.02 * (epochs - 1) : 0.5;
  if (step < 1) step = 1;
  fprintf(c->script, "set xrange [%g:%g]\nset xtics %g,%g format '%s'\n",
          1 - room, epochs + room, step, step, named ? "%.0f" : "");
  if (step > 2) fprintf(c->script, "set xtics add (1)\n");
  if (named) {
    chart_text(c, (SIDE_PX + c->width - RIGHT_PX) / 2.0, c->height - 10,
               CHART_CENTRE, LOOK_FAINT, false, "epoch");
  }
}

/* Round numbers around the span, which is made wider where it is not
 * least_range: one epoch alone is a point in the middle. */
static void round_range(chart_span span, double least_range, double *low,
                        double *high, double *step) {
  double more = least_range - (span.high - span.low);
  if (more > 0) {
    span.low -= more / 2;
    span.high += more / 2;
  }
  *step = chart_step(span.high - span.low, 4);
  *low = *step * floor(span.low / *step + 1e-9);
  *high = *step * ceil(span.high / *step - 1e-9);
}

void chart_accuracy_axis(const chart *c, chart_span percent) {
  double low, high, step;
  if (!percent.has) percent = (chart_span){0, 100, true};
  round_range(percent, 1, &low, &high, &step);
  if (low < 0) low = 0;
  if (high > 100) high = 100;
  double room = 0.04 * (high - low);
  fprintf(c->script, "set yrange [%g:%g]\nset ytics %g format '%%g'\n",
          low - room, high + room, step);
}

static void log_axis(const chart *c, chart_span loss) {
  static const double every[] = {1, 2, 5};
  double low = loss.low * 0.85, high = loss.high * 1.15;
  int stride = high / low > 200 ? 3 : 1; /* then tens alone */
  fprintf(c->script, "set logscale y\nset yrange [%g:%g]\nset ytics (", low,
          high);
  int put = 0;
  for (int power = -12; power <= 12; ++power) {
    for (int i = 0; i < 3; i += stride) {
      double value = every[i] * pow(10, power);
      if (value < low || value > high) continue;
      fprintf(c->script, "%s'%g' %g", put++ > 0 ? ", " : "", value, value);
    }
  }
  fprintf(c->script, put > 0 ? ")\n" : "'' 1)\n");
}

void chart_loss_axis(const chart *c, chart_span loss) {
  double low, high, step;
  if (!loss.has) loss = (chart_span){0, 1, true};
  if (loss.low > 1e-9 && loss.high / loss.low > 6) {
    log_axis(c, loss);
    return;
  }
  round_range(loss, fmax(1e-6, 0.4 * loss.high), &low, &high, &step);
  if (low < 0) low = 0;
  double room = 0.04 * (high - low);
  fprintf(c->script, "set yrange [%g:%g]\nset ytics %g format '%%g'\n",
          low - room, high + room, step);
}

double chart_rate_factor(double rate) {
  if (!(rate > 1e-12 && rate < 1)) return 1;
  return pow(10, -floor(log10(rate) + 1e-9));
}

int chart_mark_interval(int epochs) {
  return epochs <= 30 ? 1 : (epochs + 9) / 10;
}

/* ---- The numbers
 * --------------------------------------------------------------- */

void charts_put_run(FILE *script, const report_run *run) {
  int stride = (run->epoch_count + MOST_POINTS - 1) / MOST_POINTS;
  fprintf(script, "$epochs << numbers\n");
  for (int i = 0; i < run->epoch_count; ++i) {
    const report_epoch *e = &run->epochs[i];
    if (i % stride != 0 && i + 1 < run->epoch_count) continue;
    fprintf(script, "%d %g %g %g %g %g\n", i + 1, 100 * e->accuracy,
            100 * e->val_accuracy, e->loss, e->val_loss, e->learning_rate);
  }
  fprintf(script, "numbers\n");
}

int chart_training_height(const report_run *run, int width) {
  (void)run;
  (void)width;
  return 2 * (HEAD_PX + PLOT_PX + GAP_PX) + RATE_HEAD_PX + RATE_PX + FOOT_PX;
}

static chart_stroke training_stroke(const chart *c) {
  return (chart_stroke){chart_colour(c, LOOK_SECOND), 1.8, "(5,3)", 6};
}

static chart_stroke validation_stroke(const chart *c) {
  return (chart_stroke){chart_colour(c, LOOK_FIRST), 2, "solid", 7};
}

/* ---- The panels
 * ---------------------------------------------------------------- */

static const report_epoch *last_epoch(const report_run *run) {
  static const report_epoch nothing = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  return run->epoch_count > 0 ? &run->epochs[run->epoch_count - 1] : &nothing;
}

static bool has_validation(const report_run *run) {
  for (int i = 0; i < run->epoch_count; ++i) {
    if (isfinite(run->epochs[i].val_loss)) return true;
  }
  return false;
}

/* The names of the two lines, and where each has ended. */
static void name_lines(const chart *c, const report_run *run, double y,
                       const char *training, const char *validation) {
  chart_stroke stroke = training_stroke(c);
  double x = chart_is_narrow(c) ? 4 : SIDE_PX;
  double second =
      chart_is_narrow(c) ? 158 : SIDE_PX + (c->width - SIDE_PX) * 0.5;
  chart_sample(c, x, y, &stroke);
  chart_text(c, x + 34, y, CHART_LEFT, LOOK_FAINT, false, "training %s",
             training);
  if (!has_validation(run)) return;
  stroke = validation_stroke(c);
  chart_sample(c, second, y, &stroke);
  chart_text(c, second + 34, y, CHART_LEFT, LOOK_FAINT, false, "validation %s",
             validation);
}

static void plot_lines(const chart *c, const report_run *run, int column) {
  chart_stroke strokes[] = {training_stroke(c), validation_stroke(c)};
  int interval = chart_mark_interval(run->epoch_count);
  int lines = has_validation(run) ? 2 : 1;
  int best = report_run_best_epoch(run);
  if (best > 0) {
    fprintf(c->script,
            "set arrow from first %d, graph 0 to first %d, graph 1 nohead "
            "back lc rgb '#%06x' lw 1.2 dt (2,3)\n",
            best, best, (unsigned)chart_colour(c, LOOK_FAINT));
  }
  fprintf(c->script, "plot ");
  for (int i = 0; i < lines; ++i) {
    fprintf(c->script, "%s$epochs using 1:%d with linespoints pi %d",
            i > 0 ? ", " : "", column + i, interval);
    chart_line_style(c, &strokes[i]);
  }
  fprintf(c->script, "\nunset logscale y\n");
  chart_clear(c);
}

static short_text loss_text(double loss) {
  short_text text;
  snprintf(text.text, sizeof text.text, "%.4f", loss);
  return text;
}

static void draw_accuracy(const chart *c, const report_run *run, double top) {
  chart_span span = {.has = false};
  const report_epoch *last = last_epoch(run);
  for (int i = 0; i < run->epoch_count; ++i) {
    chart_span_add(&span, 100 * run->epochs[i].accuracy);
    chart_span_add(&span, 100 * run->epochs[i].val_accuracy);
  }
  chart_panel(c, SIDE_PX, top + HEAD_PX, c->width - RIGHT_PX,
              top + HEAD_PX + PLOT_PX);
  chart_text(c, 4, top + 12, CHART_LEFT, LOOK_TEXT, true, "Accuracy, %%");
  name_lines(c, run, top + 33, text_percent(last->accuracy).text,
             text_percent(last->val_accuracy).text);
  chart_epoch_axis(c, run->epoch_count, false);
  chart_accuracy_axis(c, span);
  plot_lines(c, run, 2);
}

static void draw_loss(const chart *c, const report_run *run, double top) {
  chart_span span = {.has = false};
  const report_epoch *last = last_epoch(run);
  for (int i = 0; i < run->epoch_count; ++i) {
    chart_span_add(&span, run->epochs[i].loss);
    chart_span_add(&span, run->epochs[i].val_loss);
  }
  chart_panel(c, SIDE_PX, top + HEAD_PX, c->width - RIGHT_PX,
              top + HEAD_PX + PLOT_PX);
  chart_text(c, 4, top + 12, CHART_LEFT, LOOK_TEXT, true,
             "Loss, nats an image");
  name_lines(c, run, top + 33, loss_text(last->loss).text,
             loss_text(last->val_loss).text);
  chart_epoch_axis(c, run->epoch_count, false);
  chart_loss_axis(c, span);
  plot_lines(c, run, 4);
}

static void draw_rate(const chart *c, const report_run *run, double top) {
  double highest = run->has_plan ? run->plan.recipe.learning_rate : 0;
  for (int i = 0; i < run->epoch_count; ++i)
    highest = fmax(highest, run->epochs[i].learning_rate);
  if (!(highest > 0 && highest < 1e12)) highest = 1;
  double factor = chart_rate_factor(highest), most = highest * factor;
  chart_panel(c, SIDE_PX, top + RATE_HEAD_PX, c->width - RIGHT_PX,
              top + RATE_HEAD_PX + RATE_PX);
  chart_text(c, 4, top + 12, CHART_LEFT, LOOK_TEXT, true,
             factor > 1 ? "Learning rate × %s" : "Learning rate",
             text_count((uint64_t)(factor + 0.5)).text);
  chart_epoch_axis(c, run->epoch_count, true);
  fprintf(c->script, "set yrange [%g:%g]\nset ytics %g format '%%g'\n",
          -0.06 * most, 1.08 * most, chart_step(most, 3));
  chart_stroke stroke = {chart_colour(c, LOOK_TEXT), 1.6, "solid", 7};
  fprintf(c->script, "plot $epochs using 1:($6*%g) with linespoints pi %d",
          factor, chart_mark_interval(run->epoch_count));
  chart_line_style(c, &stroke);
  fprintf(c->script, "\n");
  chart_clear(c);
}

void chart_training(const chart *c, const report_run *run) {
  double top = 0;
  draw_accuracy(c, run, top);
  top += HEAD_PX + PLOT_PX + GAP_PX;
  draw_loss(c, run, top);
  top += HEAD_PX + PLOT_PX + GAP_PX;
  draw_rate(c, run, top);
}
