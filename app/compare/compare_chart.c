/* compare_chart.c: see compare_chart.h. */
#include "app/compare/compare_chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/compare/compare_table.h"
#include "app/file_replace.h"
#include "app/report/charts.h"

enum {
  WIDTH_PX = 800,
  NAME_LETTERS = 23,
  HEAD_PX = 48,
  ROW_PX = 48,
  FOOT_PX = 28,
  ACCURACY_LEFT_PX = 184,
  ACCURACY_RIGHT_PX = 476,
  PREDICT_LEFT_PX = 508,
  TRAIN_LEFT_PX = 668,
  BAR_PX = 80, /* the longest; its number is behind it */
  BAR_GAP_PX = 6
};

/* A row of the picture. */
typedef struct row {
  const compare_network *network;
  compare_figures figures;
} row;

static double place_of(const row *r) {
  return r->figures.count > 0 ? r->figures.accuracy : -1;
}

static int best_first(const void *a, const void *b) {
  const row *x = a, *y = b;
  double left = place_of(x), right = place_of(y);
  if (left != right) return left < right ? 1 : -1;
  return (x->network > y->network) - (x->network < y->network);
}

static void sort_rows(const comparison *all, row *rows) {
  for (int i = 0; i < all->count; ++i) {
    const compare_network *network = &all->networks[i];
    rows[i] = (row){network, compare_network_figures(network)};
  }
  qsort(rows, (size_t)all->count, sizeof *rows, best_first);
}

static double top_of(int index) { return HEAD_PX + (double)index * ROW_PX; }

/* ---- Words ---- */

static void name_rows(const chart *c, const row *rows, int count) {
  chart_text(c, 4, 12, CHART_LEFT, LOOK_TEXT, true, "Network");
  for (int i = 0; i < count; ++i) {
    const compare_figures *figures = &rows[i].figures;
    chart_text(c, 4, top_of(i) + 15, CHART_LEFT, LOOK_TEXT, false, "%s",
               chart_safe(rows[i].network->net, NAME_LETTERS).text);
    chart_text(
        c, 4, top_of(i) + 33, CHART_LEFT, LOOK_FAINT, false, "%s",
        figures->count > 0 ? compare_accuracy_text(figures).text : "no result");
  }
}

/* ---- Accuracy ---- */

static double margin_of(const compare_figures *figures) {
  return isfinite(figures->accuracy_deviation) ? figures->accuracy_deviation
                                               : 0;
}

/* In per cent. */
static chart_span put_accuracies(const chart *c, const row *rows, int count) {
  chart_span span = {.has = false};
  fprintf(c->script, "$seeds << numbers\nNaN NaN\n");
  for (int i = 0; i < count; ++i) {
    for (int s = 0; s < rows[i].network->count; ++s) {
      double accuracy = rows[i].network->trainings[s].accuracy;
      if (!isfinite(accuracy)) continue;
      chart_span_add(&span, 100 * accuracy);
      fprintf(c->script, "%.4f %.2f\n", 100 * accuracy, i + 0.69);
    }
  }
  fprintf(c->script, "numbers\n$means << numbers\nNaN NaN NaN NaN\n");
  for (int i = 0; i < count; ++i) {
    const compare_figures *figures = &rows[i].figures;
    double mean = 100 * figures->accuracy, margin = 100 * margin_of(figures);
    if (figures->count == 0) continue;
    chart_span_add(&span, mean - margin);
    chart_span_add(&span, mean + margin);
    fprintf(c->script, "%.4f %.2f %.4f %.4f\n", mean, i + 0.32, mean - margin,
            mean + margin);
  }
  fprintf(c->script, "numbers\n");
  return span.has ? span : (chart_span){0, 100, true};
}

static void name_marks(const chart *c) {
  chart_stroke mean = {chart_colour(c, LOOK_FIRST), 2, "solid", 7};
  chart_stroke seed = {chart_colour(c, LOOK_SECOND), 0, "solid", 6};
  chart_text(c, ACCURACY_LEFT_PX, 12, CHART_LEFT, LOOK_TEXT, true,
             "Test accuracy, %%");
  chart_sample(c, ACCURACY_LEFT_PX, 33, &mean);
  chart_text(c, ACCURACY_LEFT_PX + 36, 33, CHART_LEFT, LOOK_FAINT, false,
             "mean ± standard deviation");
  chart_sample(c, ACCURACY_LEFT_PX + 208, 33, &seed);
  chart_text(c, ACCURACY_LEFT_PX + 232, 33, CHART_LEFT, LOOK_FAINT, false,
             "one seed");
}

static void draw_accuracies(const chart *c, const row *rows, int count) {
  chart_span span = put_accuracies(c, rows, count);
  double range = fmax(span.high - span.low, 0.1);
  name_marks(c);
  chart_panel(c, ACCURACY_LEFT_PX, HEAD_PX, ACCURACY_RIGHT_PX, top_of(count));
  fprintf(c->script,
          "set border 1\nset xrange [%g:%g]\nset xtics %g format '%%g'\n"
          "set yrange [%d:0]\nunset ytics\n"
          "plot $means using 1:2:3:4 with xerrorbars pt 7 ps 0.1 lw 2 "
          "lc rgb '#%06x', $means using 1:2 with points pt 7 ps 0.8 "
          "lc rgb '#%06x', $seeds using 1:2 with points pt 6 ps 0.6 lw 1.5 "
          "lc rgb '#%06x'\n",
          span.low - 0.06 * range, span.high + 0.06 * range,
          chart_step(range * 1.12, 6), count,
          (unsigned)chart_colour(c, LOOK_FIRST),
          (unsigned)chart_colour(c, LOOK_FIRST),
          (unsigned)chart_colour(c, LOOK_SECOND));
  chart_clear(c);
}

/* ---- Times ---- */

/* One column of bars; `value_of` NaN draws none. */
typedef struct bars {
  const char *title, *words;
  double left_px;
  double (*value_of)(const compare_figures *figures);
} bars;

static double predict_of(const compare_figures *figures) {
  return figures->predict_microseconds;
}
static double train_of(const compare_figures *figures) {
  return figures->train_seconds;
}

static double highest_of(const row *rows, int count, const bars *b) {
  double highest = 0;
  for (int i = 0; i < count; ++i)
    highest = fmax(highest, b->value_of(&rows[i].figures));
  return highest > 0 ? highest : 1;
}

static void put_bars(const chart *c, const row *rows, int count,
                     const bars *b) {
  double highest = highest_of(rows, count, b);
  fprintf(c->script, "$bars << numbers\nNaN NaN\n");
  for (int i = 0; i < count; ++i) {
    double value = b->value_of(&rows[i].figures);
    if (isfinite(value))
      fprintf(c->script, "%g %g\n", value / highest, i + 0.5);
  }
  fprintf(c->script, "numbers\n");
}

/* Each number stands behind its bar. */
static void name_bars(const chart *c, const row *rows, int count,
                      const bars *b) {
  double highest = highest_of(rows, count, b);
  chart_text(c, b->left_px, 12, CHART_LEFT, LOOK_TEXT, true, "%s", b->title);
  chart_text(c, b->left_px, 33, CHART_LEFT, LOOK_FAINT, false, "%s", b->words);
  for (int i = 0; i < count; ++i) {
    double value = b->value_of(&rows[i].figures);
    if (!isfinite(value)) continue;
    chart_text(c, b->left_px + BAR_PX * value / highest + BAR_GAP_PX,
               top_of(i) + ROW_PX / 2.0, CHART_LEFT, LOOK_TEXT, false, "%s",
               compare_number_text(value).text);
  }
}

static void draw_bars(const chart *c, const row *rows, int count,
                      const bars *b) {
  put_bars(c, rows, count, b);
  name_bars(c, rows, count, b);
  chart_panel(c, b->left_px, HEAD_PX, b->left_px + BAR_PX, top_of(count));
  fprintf(c->script,
          "set border 2\nset xrange [0:1]\nunset xtics\nset yrange [%d:0]\n"
          "plot $bars using (0):2:(0):1:($2-0.2):($2+0.2) with boxxyerror "
          "fs solid 1 noborder lc rgb '#%06x'\n",
          count, (unsigned)chart_colour(c, LOOK_FIRST));
  chart_clear(c);
}

/* ---- The picture ---- */

static void draw(const chart *c, const row *rows, int count) {
  static const bars times[] = {
      {"Prediction, µs", "one image, one thread", PREDICT_LEFT_PX, predict_of},
      {"Training, s", "mean over seeds", TRAIN_LEFT_PX, train_of}};
  name_rows(c, rows, count);
  draw_accuracies(c, rows, count);
  for (size_t i = 0; i < sizeof times / sizeof *times; ++i)
    draw_bars(c, rows, count, &times[i]);
}

numeral_status compare_chart_write(const comparison *all, const char *path,
                                   numeral_error *error) {
  row rows[COMPARE_NETS_MAX] = {{0}};
  gnuplot_job job;
  gnuplot_picture picture;
  sort_rows(all, rows);
  numeral_status status = gnuplot_open(&job, error);
  if (status == NUMERAL_OK) {
    chart c = {.script = job.script,
               .form = CHART_PNG,
               .theme = LOOK_LIGHT,
               .width = WIDTH_PX,
               .height = (int)top_of(all->count) + FOOT_PX};
    chart_begin(&c);
    draw(&c, rows, all->count);
    chart_end(&c, &job);
    status = gnuplot_start(&job, error);
  }
  if (status == NUMERAL_OK) status = gnuplot_finish(&job, &picture, error);
  if (status == NUMERAL_OK)
    status = file_replace_bytes(path, picture.bytes, picture.size_bytes, error);
  gnuplot_release(&job);
  return status;
}
