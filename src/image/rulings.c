/* rulings.c: see rulings.h. Lines are followed from seeds; those that end
 * nowhere are strokes and dropped; the others are erased where nothing crosses
 * them, as staff lines are taken from music (Roach and Tatem 1988). */
#include "image/rulings.h"

#include "image/histogram.h"

#include "base/memory.h"
#include "base/numbers.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum {
  MOST_LINES = 64,       /* in either direction */
  SEEDS = 15,            /* columns or rows where lines are looked for */
  SMALL_SIDE_PX = 64,    /* of a picture: in smaller ones lines have a pixel */
  THICK_PX = 3,          /* in larger ones; in the largest */
  THICK_PARTS = 40,      /* of the longer side: no line is thicker */
  LEAST_PERCENT = 20,    /* of the shorter side: no line is shorter */
  THIN_PERCENT = 25,     /* of a line: there nothing crosses it */
  GAP_PERCENT = 2,       /* of the longer side, within a line */
  CROSSING_PERCENT = 60, /* of the longer side, covered by what crosses */
  MEET_PERCENT = 3,      /* of the longer side, between lines that meet */
  DARKER_PERCENT = 150   /* of the line's level: what crosses it */
};

/* How a line that is followed turns to where its ink is, and by how many pixels
 * a pixel it climbs at most. */
static const double GAIN = 0.3, SLOPE_GAIN = 0.005, STEEPEST = 0.18;

/* The map along one direction: rows, or columns for upright lines. */
typedef struct view {
  uint8_t *ink;
  int length, breadth;
  ptrdiff_t along, across; /* from pixel to pixel */
  int threshold, thickest, longer;
  double slope; /* that lines are expected to have */
} view;

typedef struct line {
  int first, last;
  int *path; /* [length of its view]: where the line is across, at each place */
  bool dropped;
} line;

typedef struct lines {
  line items[MOST_LINES];
  int count;
} lines;

typedef struct run {
  int first, last, peak;
} run;

static uint8_t *pixel_at(const view *v, int along, int across) {
  return v->ink + along * v->along + across * v->across;
}

static bool is_ink(const view *v, int along, int across) {
  return across >= 0 && across < v->breadth &&
         *pixel_at(v, along, across) >= v->threshold;
}

static double middle_of(const run *r) { return (r->first + r->last) / 2.0; }

static int length_of(const run *r) { return r->last - r->first + 1; }

/* The ink across the line next to where it should be: a little more than a line
 * is thick where something crosses it. None: false. */
static bool find_run(const view *v, int along, int across, int reach,
                     run *found) {
  int at = -1;
  for (int away = 0; at < 0 && away <= reach; away++) {
    if (is_ink(v, along, across - away)) at = across - away;
    if (is_ink(v, along, across + away)) at = across + away;
  }
  *found = (run){at, at, 0};
  if (at < 0) return false;
  while (at - found->first <= v->thickest && is_ink(v, along, found->first - 1))
    found->first--;
  while (found->last - at <= v->thickest && is_ink(v, along, found->last + 1))
    found->last++;
  for (int i = found->first; i <= found->last; i++)
    if (*pixel_at(v, along, i) > found->peak)
      found->peak = *pixel_at(v, along, i);
  return true;
}

/* Follows a line from a place in one direction, fills its path, counts where it
 * is thin and returns the last such place. What is not half as dark as at the
 * seed is not of the line. */
static int follow(const view *v, int along, const run *seed, int direction,
                  int *path, int *thin) {
  int end = along, gap = 0, crossing = 0;
  double across = middle_of(seed);
  double slope = v->slope * direction;
  for (int at = along; at >= 0 && at < v->length; at += direction) {
    run here;
    path[at] = (int)lround(across);
    bool found = find_run(v, at, path[at], 2 + crossing / 8, &here) &&
                 2 * here.peak > seed->peak;
    bool is_thin = found && length_of(&here) <= v->thickest;
    gap = found ? 0 : gap + 1;
    crossing = found && !is_thin ? crossing + 1 : 0;
    if (gap > nml_percent_of(v->longer, GAP_PERCENT) + 1 ||
        crossing > nml_percent_of(v->longer, CROSSING_PERCENT))
      break;
    if (is_thin) {
      double off = middle_of(&here) - across;
      across += GAIN * off;
      slope = fmin(fmax(slope + SLOPE_GAIN * off, -STEEPEST), STEEPEST);
      path[at] = (int)lround(across);
      end = at;
      ++*thin;
    }
    across += slope;
  }
  return end;
}

static bool is_known(const lines *known, int along, int across) {
  for (int i = 0; i < known->count; i++) {
    const line *l = &known->items[i];
    if (along < l->first || along > l->last) continue;
    int away = l->path[along] - across;
    if (away >= -2 && away <= 2) return true;
  }
  return false;
}

static void find_lines_at(const view *v, int along, lines *found) {
  int least = nml_percent_of(nml_smaller(v->length, v->breadth), LEAST_PERCENT);
  for (int across = 0; across < v->breadth && found->count < MOST_LINES;
       across++) {
    run seed;
    if (!is_ink(v, along, across)) continue;
    find_run(v, along, across, 0, &seed);
    across = seed.last;
    if (length_of(&seed) > v->thickest ||
        is_known(found, along, (int)middle_of(&seed)))
      continue;
    line *l = &found->items[found->count];
    int thin = 0;
    l->first = follow(v, along, &seed, -1, l->path, &thin);
    l->last = follow(v, along, &seed, 1, l->path, &thin);
    int length = l->last - l->first + 1;
    l->dropped = false;
    if (length >= least && thin >= nml_percent_of(length, THIN_PERCENT))
      found->count++;
  }
}

static bool is_near_end(int at, int length, int near) {
  return at <= near || at >= length - 1 - near;
}

/* Whether a line ends at the picture's edge or at one of `others`, which run
 * the other way. */
static bool meets(const view *v, int along, int across, const lines *others) {
  int near = nml_percent_of(v->longer, MEET_PERCENT) + 1;
  if (is_near_end(along, v->length, near) ||
      is_near_end(across, v->breadth, near))
    return true;
  for (int i = 0; i < others->count; i++) {
    const line *o = &others->items[i];
    int at = across < o->first ? o->first : across > o->last ? o->last : across;
    int away = o->path[at] - along;
    if (!o->dropped && at - across <= near && across - at <= near &&
        away <= near && away >= -near)
      return true;
  }
  return false;
}

static int drop_loose(const view *v, lines *found, const lines *others) {
  int dropped = 0;
  for (int i = 0; i < found->count; i++) {
    line *l = &found->items[i];
    if (l->dropped || (meets(v, l->first, l->path[l->first], others) &&
                       meets(v, l->last, l->path[l->last], others)))
      continue;
    l->dropped = true;
    dropped++;
  }
  return dropped;
}

/* Erases a line, with a pixel of its rim to either side, where it is as thick
 * and as dark as most of it. */
static void erase(const view *v, const line *l) {
  uint64_t peaks[NML_LEVELS] = {0}, lengths[NML_LEVELS] = {0};
  run here;
  for (int at = l->first; at <= l->last; at++) {
    if (!find_run(v, at, l->path[at], 2, &here) ||
        length_of(&here) > v->thickest)
      continue;
    peaks[here.peak]++;
    lengths[nml_smaller(length_of(&here), NML_LEVELS - 1)]++;
  }
  int peak = nml_histogram_level(peaks, 0, 0.5);
  int thickness = nml_histogram_level(lengths, 0, 0.5);
  for (int at = l->first; at <= l->last; at++) {
    if (!find_run(v, at, l->path[at], 2, &here) ||
        length_of(&here) > thickness + 2 ||
        here.peak > nml_percent_of(peak, DARKER_PERCENT))
      continue;
    for (int i = here.first - 1; i <= here.last + 1; i++)
      if (i >= 0 && i < v->breadth) *pixel_at(v, at, i) = 0;
  }
}

static int erase_all(const view *v, const lines *found) {
  int erased = 0;
  for (int i = 0; i < found->count; i++) {
    if (found->items[i].dropped) continue;
    erase(v, &found->items[i]);
    erased++;
  }
  return erased;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of the lines that are long enough to tell. */
static double median_slope(const view *v, const lines *found) {
  double slopes[MOST_LINES] = {0};
  size_t count = 0;
  for (int i = 0; i < found->count; i++) {
    const line *l = &found->items[i];
    int length = l->last - l->first;
    if (length * 2 > v->length)
      slopes[count++] = (double)(l->path[l->last] - l->path[l->first]) / length;
  }
  qsort(slopes, count, sizeof *slopes, compare);
  return count > 0 ? slopes[count / 2] : 0;
}

/* Lines on paper are parallel: found twice, the second time with the slope of
 * most of them, which leads better through what crosses them. */
static void find_lines(view *v, int *paths, lines *found) {
  for (int i = 0; i < MOST_LINES; i++)
    found->items[i].path = paths + (size_t)i * (size_t)v->length;
  for (int round = 0; round < 2; round++) {
    v->slope = median_slope(v, found);
    found->count = 0;
    for (int seed = 1; seed <= SEEDS; seed++)
      find_lines_at(v, seed * v->length / (SEEDS + 1), found);
  }
}

static view along_rows(const nml_ink *map, int threshold) {
  view v = {.ink = map->ink,
            .length = map->width_px,
            .breadth = map->height_px,
            .along = 1,
            .across = map->width_px,
            .threshold = threshold};
  v.longer = nml_larger(v.length, v.breadth);
  v.thickest = nml_larger(v.longer / THICK_PARTS, THICK_PX);
  if (nml_smaller(v.length, v.breadth) < SMALL_SIDE_PX) v.thickest = 1;
  return v;
}

static view turned(const view *v) {
  view other = *v;
  other.length = v->breadth;
  other.breadth = v->length;
  other.along = v->across;
  other.across = v->along;
  return other;
}

numeral_status nml_rulings_remove(nml_ink *map, int threshold, int *removed,
                                  numeral_error *error) {
  view rows = along_rows(map, threshold), columns = turned(&rows);
  lines level = {.count = 0}, upright = {.count = 0};
  size_t row_paths = (size_t)rows.length * MOST_LINES;
  size_t all_paths = row_paths + (size_t)columns.length * MOST_LINES;
  *removed = 0;
  int *paths = nml_alloc(all_paths, sizeof *paths);
  if (!paths)
    return nml_fail_memory(error, "ruled lines", all_paths * sizeof *paths);
  find_lines(&rows, paths, &level);
  find_lines(&columns, paths + row_paths, &upright);
  while (drop_loose(&rows, &level, &upright) +
         drop_loose(&columns, &upright, &level))
    continue;
  *removed = erase_all(&rows, &level) + erase_all(&columns, &upright);
  nml_free(paths);
  return NUMERAL_OK;
}
