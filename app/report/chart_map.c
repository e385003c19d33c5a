/* chart_map.c: the test set's features from where they differ most, each image
 * as its digit. */
#include <math.h>
#include <stdio.h>
#include <string.h>

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
  size_t stride = chart_is_narrow(c) ? 2 : 1;
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

/* What the axes show. */
typedef struct map_range {
  double low[2], high[2];
} map_range;

static map_range range_of(const report_map *map) {
  map_range range = {{0, 0}, {0, 0}};
  for (size_t i = 0; i < 2 * map->count; ++i) {
    range.low[i % 2] = fmin(range.low[i % 2], (double)map->points[i]);
    range.high[i % 2] = fmax(range.high[i % 2], (double)map->points[i]);
  }
  for (int axis = 0; axis < 2; ++axis) {
    double width = range.high[axis] - range.low[axis];
    double room = width > 0 ? 0.03 * width : 1;
    range.low[axis] -= room;
    range.high[axis] += room;
  }
  return range;
}

static void set_ranges(const chart *c, const map_range *range) {
  static const char axes[] = "xy";
  for (int axis = 0; axis < 2; ++axis) {
    fprintf(c->script, "set %crange [%.5g:%.5g]\nset %ctics %g format '%%g'\n",
            axes[axis], range->low[axis], range->high[axis], axes[axis],
            chart_step(range->high[axis] - range->low[axis], 6));
  }
}

/* ---- The middles
 * --------------------------------------------------------------- */

/* Where each digit's images lie on average, as shares of the axes. */
typedef struct map_centre {
  double at[2];
  size_t count; /* of its images */
} map_centre;

static void find_centres(const report_map *map, const map_range *range,
                         map_centre centres[NUMERAL_CLASSES]) {
  memset(centres, 0, NUMERAL_CLASSES * sizeof *centres);
  for (size_t i = 0; i < map->count; ++i) {
    map_centre *centre = &centres[map->labels[i]];
    ++centre->count;
    for (size_t axis = 0; axis < 2; ++axis) {
      double width = range->high[axis] - range->low[axis];
      double share = ((double)map->points[2 * i + axis] - range->low[axis]);
      centre->at[axis] +=
          (share / width - centre->at[axis]) / (double)centre->count;
    }
  }
}

static void push_apart(map_centre *a, map_centre *b, double least) {
  double x = b->at[0] - a->at[0], y = b->at[1] - a->at[1];
  double distance = hypot(x, y), push = (least - distance) / 2;
  if (a->count == 0 || b->count == 0 || push <= 0) return;
  if (distance < 1e-9) x = distance = 1e-9;
  a->at[0] -= push * x / distance;
  a->at[1] -= push * y / distance;
  b->at[0] += push * x / distance;
  b->at[1] += push * y / distance;
}

/* Discs that would hide one another are moved until they touch. */
static void spread_centres(const chart *c, map_centre *centres) {
  enum { ROUNDS = 60, DISC_PX = 27 };
  double least = DISC_PX / (double)(c->width - SIDE_PX - RIGHT_PX);
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < NUMERAL_CLASSES; ++i) {
      for (int j = 0; j < i; ++j) push_apart(&centres[j], &centres[i], least);
    }
  }
}

/* A disc of paper with a rim, and the digit on it. */
static void put_centre(const chart *c, int digit, const map_centre *centre) {
  unsigned colour = (unsigned)chart_digit_colour(c->theme, digit);
  double x = centre->at[0], y = centre->at[1];
  fprintf(c->script,
          "set label '' at graph %.5g,%.5g front point pt 7 ps 2.6 lc rgb "
          "'#%06x'\n"
          "set label '' at graph %.5g,%.5g front point pt 6 ps 2.6 lw 2 lc "
          "rgb '#%06x'\n"
          "set label '{/:Bold=18 %d}' at graph %.5g,%.5g center front tc rgb "
          "'#%06x'\n",
          x, y, (unsigned)chart_colour(c, LOOK_PAPER), x, y, colour, digit, x,
          y, colour);
}

static void put_centres(const chart *c, const report_map *map,
                        const map_range *range) {
  map_centre centres[NUMERAL_CLASSES];
  find_centres(map, range, centres);
  spread_centres(c, centres);
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit) {
    if (centres[digit].count > 0) put_centre(c, digit, &centres[digit]);
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
  map_range range = range_of(map);
  set_ranges(c, &range);
  put_centres(c, map, &range);
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
