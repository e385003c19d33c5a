/* table.c: see table.h. The colour around the picture is the table's;
 * something else on it is a sheet if its sides are straight and it is large and
 * mostly of one colour. */
#include "image/table.h"

#include "image/components.h"
#include "image/histogram.h"

#include "base/memory.h"
#include "base/numbers.h"

#include <math.h>
#include <string.h>

enum {
  LEAST_SIDE_PX = 64,    /* of a picture that shows a table */
  LEAST_CONTRAST = 20,   /* of the sheet on it */
  LEAST_PERCENT = 2,     /* of the picture, that is not table */
  SLIP_PERCENT = 20,     /* of the picture, each way: no sheet is smaller */
  WRITTEN_PERCENT = 2,   /* of such a sheet, at least */
  SHEET_PERCENT = 40,    /* without writing it may be a fat stroke */
  BOX_PERCENT = 60,      /* of the box around it: the sheet, however turned */
  EMPTY_PERCENT = 60,    /* of the sheet, at least */
  PIECE_PERCENT = 1,     /* of the picture: a piece of it between ruled lines */
  NOTCH_PERCENT = 2,     /* of the sheet, at most, a ruled line's to a side */
  END_PERCENT = 20,      /* of a side, at either end: there others begin */
  STRAIGHT_PERCENT = 90, /* of a side, at least */
  BENT_PERCENT = 1,      /* of the sheet's longer side */
  INSET_PERCENT = 3      /* of its shorter side: soft or shaded rims */
};

/* Where the sheet is in each row, or in each column. */
typedef struct spans {
  int *first, *last; /* [line], from `from` to before `to` */
  int from, to;
} spans;

typedef struct sheet {
  spans rows, columns;
  int64_t empty_px, all_px; /* without what is written on it, and with it */
} sheet;

static void widen(spans *lines, int line, int at) {
  lines->from = nml_smaller(lines->from, line);
  lines->to = nml_larger(lines->to, line + 1);
  if (at < lines->first[line]) lines->first[line] = at;
  if (at > lines->last[line]) lines->last[line] = at;
}

static bool is_piece(const nml_components *parts, int index, int width_px,
                     int height_px) {
  return index >= 0 && (int64_t)parts->items[index].area_px * 100 >=
                           (int64_t)width_px * height_px * PIECE_PERCENT;
}

static spans no_spans(int *numbers, int count, int length) {
  spans lines = {numbers, numbers + count, count, 0};
  for (int i = 0; i < count; i++) {
    lines.first[i] = length;
    lines.last[i] = -1;
  }
  return lines;
}

/* The least place of the lines next to each one, or the greatest. */
static void take_extreme(const spans *lines, const int *places, int reach,
                         bool least, int *out) {
  for (int i = lines->from; i < lines->to; i++) {
    int first = nml_larger(i - reach, lines->from);
    int last = nml_smaller(i + reach, lines->to - 1);
    out[i] = places[first];
    for (int k = first + 1; k <= last; k++)
      out[i] = least ? nml_smaller(out[i], places[k])
                     : nml_larger(out[i], places[k]);
  }
}

/* Fills the notches that ruled lines make in the sheet's sides: both sides are
 * moved out and back again. `scratch` is as long as they are. */
static void close_notches(spans *lines, int *scratch) {
  int reach = 1 + nml_percent_of(lines->to - lines->from, NOTCH_PERCENT);
  take_extreme(lines, lines->first, reach, true, scratch);
  take_extreme(lines, scratch, reach, false, lines->first);
  take_extreme(lines, lines->last, reach, false, scratch);
  take_extreme(lines, scratch, reach, true, lines->last);
}

/* All large pieces together. `numbers` is [3 * (width + height)]. */
static sheet outline(const nml_components *parts, int width_px, int height_px,
                     int *numbers) {
  sheet found = {
      .rows = no_spans(numbers, height_px, width_px),
      .columns = no_spans(numbers + 2 * height_px, width_px, height_px)};
  int *scratch = numbers + 2 * height_px + 2 * width_px;
  for (int y = 0; y < height_px; y++) {
    const int32_t *row = parts->labels + (size_t)y * (size_t)width_px;
    for (int x = 0; x < width_px; x++) {
      if (!is_piece(parts, row[x], width_px, height_px)) continue;
      widen(&found.rows, y, x);
      widen(&found.columns, x, y);
      found.empty_px++;
    }
  }
  close_notches(&found.rows, scratch);
  close_notches(&found.columns, scratch);
  for (int y = found.rows.from; y < found.rows.to; y++)
    found.all_px += found.rows.last[y] - found.rows.first[y] + 1;
  return found;
}

/* The straight line, start + slope * i, through the places that lie no further
 * than `most_px` from the one given: least squares. */
static void fit(const int *places, int from, int to, double most_px,
                double *start, double *slope) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (int i = from; i < to; i++) {
    if (fabs(places[i] - *start - *slope * i) > most_px) continue;
    n++;
    x += i;
    y += places[i];
    xx += (double)i * i;
    xy += (double)i * places[i];
  }
  if (n * xx - x * x <= 0) return;
  *slope = (n * xy - x * y) / (n * xx - x * x);
  *start = (y - *slope * x) / n;
}

/* Whether most places lie on one, but for the ends; ruled lines that reach the
 * sheet's side make notches. */
static bool is_straight(const int *places, int from, int to, int bend_px) {
  int end = nml_percent_of(to - from, END_PERCENT), on = 0;
  double start = 0, slope = 0;
  from += end;
  to -= end;
  fit(places, from, to, INFINITY, &start, &slope);
  fit(places, from, to, 3.0 * bend_px, &start, &slope);
  fit(places, from, to, bend_px, &start, &slope);
  for (int i = from; i < to; i++)
    on += fabs(places[i] - start - slope * i) <= bend_px;
  return on >= nml_percent_of(to - from, STRAIGHT_PERCENT);
}

static int length_of(const spans *lines) { return lines->to - lines->from; }

static bool is_sheet(const sheet *found, int width_px, int height_px) {
  const spans *rows = &found->rows, *columns = &found->columns;
  int width = length_of(columns), height = length_of(rows);
  int bend = 1 + nml_percent_of(nml_larger(width, height), BENT_PERCENT);
  int64_t written_px = found->all_px - found->empty_px;
  int least = written_px * 100 >= found->all_px * WRITTEN_PERCENT
                  ? SLIP_PERCENT
                  : SHEET_PERCENT;
  return width >= nml_percent_of(width_px, least) &&
         height >= nml_percent_of(height_px, least) &&
         (width < width_px || height < height_px) &&
         found->all_px * 100 >= (int64_t)width * height * BOX_PERCENT &&
         found->empty_px * 100 >= found->all_px * EMPTY_PERCENT &&
         is_straight(rows->first, rows->from, rows->to, bend) &&
         is_straight(rows->last, rows->from, rows->to, bend) &&
         is_straight(columns->first, columns->from, columns->to, bend) &&
         is_straight(columns->last, columns->from, columns->to, bend);
}

/* Continues the sheet's rows to both sides, and its first and last one, that
 * are not much narrower than it, up and down. */
static void cover(const sheet *found, nml_picture *picture) {
  int width = length_of(&found->columns), height = length_of(&found->rows);
  int inset = 1 + nml_percent_of(nml_smaller(width, height), INSET_PERCENT);
  size_t step = (size_t)picture->channels;
  size_t row_bytes = (size_t)picture->width_px * step;
  int top = -1, bottom = -1;
  for (int y = found->rows.from + inset; y < found->rows.to - inset; y++) {
    uint8_t *row = picture->pixels + (size_t)y * row_bytes;
    int left = found->rows.first[y] + inset,
        right = found->rows.last[y] - inset;
    if (2 * (right - left) < width) continue;
    for (int x = 0; x < left; x++)
      memcpy(row + (size_t)x * step, row + (size_t)left * step, step);
    for (int x = right + 1; x < picture->width_px; x++)
      memcpy(row + (size_t)x * step, row + (size_t)right * step, step);
    if (top < 0) top = y;
    bottom = y;
  }
  if (top < 0) return;
  for (int y = 0; y < picture->height_px; y++) {
    int from = y < top ? top : y > bottom ? bottom : y;
    if (from != y)
      memcpy(picture->pixels + (size_t)y * row_bytes,
             picture->pixels + (size_t)from * row_bytes, row_bytes);
  }
}

/* `map` and `numbers` are scratch. */
static numeral_status find_and_cover(nml_picture *picture,
                                     const nml_paper *table, uint8_t *map,
                                     int *numbers, bool *covered,
                                     numeral_error *error) {
  nml_components parts;
  uint64_t histogram[NML_LEVELS];
  size_t area = (size_t)picture->width_px * (size_t)picture->height_px;
  nml_paper_distance(picture, table, map);
  nml_histogram_fill(map, area, histogram);
  int threshold = nml_histogram_otsu(histogram);
  uint64_t other = 0; /* than the table */
  for (int v = threshold + 1; v < NML_LEVELS; v++) other += histogram[v];
  if (threshold < LEAST_CONTRAST || other * 100 < area * LEAST_PERCENT)
    return NUMERAL_OK;
  numeral_status status = nml_components_create(
      map, picture->width_px, picture->height_px, threshold + 1, &parts, error);
  if (status != NUMERAL_OK) return status;
  sheet found = outline(&parts, picture->width_px, picture->height_px, numbers);
  *covered = is_sheet(&found, picture->width_px, picture->height_px);
  if (*covered) cover(&found, picture);
  nml_components_release(&parts);
  return NUMERAL_OK;
}

numeral_status nml_table_cover(nml_picture *picture, const nml_paper *table,
                               bool *covered, numeral_error *error) {
  size_t area = (size_t)picture->width_px * (size_t)picture->height_px;
  size_t lines = (size_t)picture->width_px + (size_t)picture->height_px;
  *covered = false;
  if (picture->width_px < LEAST_SIDE_PX || picture->height_px < LEAST_SIDE_PX)
    return NUMERAL_OK;
  uint8_t *map = nml_alloc(area, 1);
  int *numbers = nml_alloc(3 * lines, sizeof *numbers);
  numeral_status status =
      map && numbers
          ? find_and_cover(picture, table, map, numbers, covered, error)
          : nml_fail_memory(error, "a table's picture", area);
  nml_free(map);
  nml_free(numbers);
  return status;
}
