/* chart_map.c: the test set's features from where they differ most, each image
 * as its digit. */
#include <math.h>
#include <stdio.h>

#include "app/report/charts.h"
#include "app/text_format.h"

enum { SIDE_PX = 44, RIGHT_PX = 8, HEAD_PX = 28, FOOT_PX = 50 };

/* The series are eight; the ink and a mix make ten. */
uint32_t chart_digit_colour(look_theme theme, int digit) {
  if (digit == LOOK_SERIES) return look_colour(theme, LOOK_TEXT);
  if (digit > LOOK_SERIES)
    return look_mix(look_series(theme, 2), 0xffffff, 0.45);
  return look_series(theme, digit);
}

int chart_map_height(const report_run *run, int width) {
  (void)run;
  return HEAD_PX + (width - SIDE_PX - RIGHT_PX) + FOOT_PX;
}

/* A narrow sheet has room for fewer digits. */
static void put_points(const chart *c, const report_map *map) {
  size_t stride = c->width < CHART_NARROW_PX ? 2 : 1;
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit) {
    fprintf(c->script, "$digit%d << numbers\n", digit);
    for (size_t i = 0; i < map->count; ++i) {
      if (map->labels[i] != digit || i % stride != 0) continue;
      fprintf(c->script, "%.4g %.4g\n", (double)map->points[2 * i],
              (double)map->points[2 * i + 1]);
    }
    fprintf(c->script, "numbers\n");
  }
}

static bool centre_of(const report_map *map, int digit, double centre[2]) {
  size_t count = 0;
  centre[0] = centre[1] = 0;
  for (size_t i = 0; i < map->count; ++i) {
    if (map->labels[i] != digit) continue;
    ++count;
    centre[0] += (double)map->points[2 * i];
    centre[1] += (double)map->points[2 * i + 1];
  }
  if (count == 0) return false;
  centre[0] /= (double)count;
  centre[1] /= (double)count;
  return true;
}

/* A disc of paper with a rim, and the digit on it. */
static void put_centres(const chart *c, const report_map *map) {
  double at[2];
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit) {
    if (!centre_of(map, digit, at)) continue;
    unsigned colour = (unsigned)chart_digit_colour(c->theme, digit);
    fprintf(c->script,
            "set label '' at %.5g,%.5g front point pt 7 ps 2.6 lc rgb "
            "'#%06x'\n"
            "set label '' at %.5g,%.5g front point pt 6 ps 2.6 lw 2 lc rgb "
            "'#%06x'\n"
            "set label '{/:Bold=18 %d}' at %.5g,%.5g center front tc rgb "
            "'#%06x'\n",
            at[0], at[1], (unsigned)chart_colour(c, LOOK_PAPER), at[0], at[1],
            colour, digit, at[0], at[1], colour);
  }
}

static void set_ranges(const chart *c, const report_map *map) {
  static const char axes[] = "xy";
  for (int axis = 0; axis < 2; ++axis) {
    double low = 0, high = 0;
    for (size_t i = 0; i < map->count; ++i) {
      low = fmin(low, (double)map->points[2 * i + (size_t)axis]);
      high = fmax(high, (double)map->points[2 * i + (size_t)axis]);
    }
    double room = high > low ? 0.03 * (high - low) : 1;
    fprintf(c->script, "set %crange [%.5g:%.5g]\nset %ctics %g format '%%g'\n",
            axes[axis], low - room, high + room, axes[axis],
            chart_step(high - low + 2 * room, 5));
  }
}

void chart_map(const chart *c, const report_run *run) {
  const report_map *map = &run->measure.map;
  double bottom = c->height - FOOT_PX;
  put_points(c, map);
  chart_panel(c, SIDE_PX, HEAD_PX, c->width - RIGHT_PX, bottom);
  chart_text(c, 4, 12, CHART_LEFT, LOOK_FAINT, false,
             "second component (%.0f%% of the variance)", 100 * map->shares[1]);
  chart_text(c, (SIDE_PX + c->width - RIGHT_PX) / 2.0, c->height - 10,
             CHART_CENTRE, LOOK_FAINT, false,
             "first component (%.0f%% of the variance)", 100 * map->shares[0]);
  set_ranges(c, map);
  put_centres(c, map);
  fprintf(c->script, "plot ");
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit) {
    fprintf(c->script,
            "%s$digit%d using 1:2 with points pt '%d' tc rgb '#%06x'",
            digit > 0 ? ", " : "", digit, digit,
            (unsigned)chart_digit_colour(c->theme, digit));
  }
  fprintf(c->script, "\n");
  chart_clear(c);
}
