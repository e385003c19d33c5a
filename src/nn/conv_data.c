/* conv_data.c: see conv_data.h. */
#include "nn/conv_data.h"
#include "nn/narrow.h"

#include <string.h>

/* What a row (or column) of input pixels meets along its axis: `count` rows of
 * the window over outputs from `output` on, of those `places` whose remainder
 * by the stride is `phase`, mirrored, the first is `first`. */
typedef struct side {
  int phase, places, first, count, output;
} side;

static int least(int a, int b) { return a < b ? a : b; }

static side side_of(int pixel, int pad, int window, int stride, int outputs) {
  int at = pixel + pad, newest = least(at / stride, outputs - 1);
  int behind = at - window + 1;
  side s = {.phase = at % stride,
            .output = behind > 0 ? (behind + stride - 1) / stride : 0};
  s.places = (window - s.phase + stride - 1) / stride;
  s.count = newest < s.output ? 0 : newest - s.output + 1;
  s.first = s.places - 1 - (at - s.output * stride) / stride;
  if (s.count == 0) s = (side){0}; /* all alike */
  return s;
}

static side row_side(const nml_conv *g, int y) {
  const nml_layer *l = g->layer;
  return side_of(y, l->pad_top, l->spec.window_h, l->spec.stride, g->used_h);
}

static side column_side(const nml_conv *g, int x) {
  const nml_layer *l = g->layer;
  return side_of(x, l->pad_left, l->spec.window_w, l->spec.stride, g->used_w);
}

static bool is_alike(side a, side b) {
  return a.phase == b.phase && a.first == b.first && a.count == b.count;
}

/* Rows of a window whose remainder by the stride is below `phase`. */
static int places_before(int window, int stride, int phase) {
  return phase * (window / stride) + least(phase, window % stride);
}

static int phase_rows(const nml_layer *l) { /* the most of any phase */
  return (l->spec.window_h + l->spec.stride - 1) / l->spec.stride;
}

/* The first turned place of a phase. */
static int phase_begin(const nml_layer *l, int row_phase, int row_places,
                       int column_phase) {
  int stride = l->spec.stride;
  return places_before(l->spec.window_h, stride, row_phase) * l->spec.window_w +
         row_places * places_before(l->spec.window_w, stride, column_phase);
}

int nml_conv_data_place(const nml_conv *g, int y, int x) {
  const nml_layer *l = g->layer;
  int s = l->spec.stride;
  int rows = (l->spec.window_h - y % s + s - 1) / s;
  int columns = (l->spec.window_w - x % s + s - 1) / s;
  return phase_begin(l, y % s, rows, x % s) + (rows - 1 - y / s) * columns +
         columns - 1 - x / s;
}

int nml_conv_data_tap_places(const nml_conv *g) {
  return phase_rows(g->layer) * g->layer->spec.window_w;
}

/* Calls next(work, rows, columns, y, x) for each class of pixels, the first of
 * which is (y, x). */
typedef void (*class_fn)(void *work, side rows, side columns, int y, int x);

static void each_class(const nml_conv *g, class_fn next, void *work) {
  const nml_layer *l = g->layer;
  for (int y = 0; y < l->in.h; y++) {
    side rows = row_side(g, y);
    int first_y = 0, first_x = 0;
    while (!is_alike(row_side(g, first_y), rows)) first_y++;
    if (first_y < y) continue;
    for (int x = 0; x < l->in.w; x++, first_x = 0) {
      side columns = column_side(g, x);
      while (!is_alike(column_side(g, first_x), columns)) first_x++;
      if (first_x == x) next(work, rows, columns, y, x);
    }
  }
}

/* ---- Tables ---------------------------------------------------------------
 */

typedef struct listing {
  const nml_conv *g;
  nml_conv_data_part *parts; /* or NULL: they are only counted */
  int count, rows_at;
  int32_t *from, *to;
} listing;

static int class_pixels(const nml_conv *g, side rows, side columns) {
  int high = 0, wide = 0;
  for (int y = 0; y < g->layer->in.h; y++)
    high += is_alike(row_side(g, y), rows);
  for (int x = 0; x < g->layer->in.w; x++)
    wide += is_alike(column_side(g, x), columns);
  return high * wide;
}

static void list_part(listing *list, const nml_conv_data_part *part) {
  if (list->parts) list->parts[list->count] = *part;
  list->count++;
}

/* Places side by side in memory are one product: all rows of the window where
 * all columns count, else a row of it. */
static void list_class(void *work, side rows, side columns, int y, int x) {
  listing *list = work;
  const nml_conv *g = list->g;
  const nml_layer *l = g->layer;
  nml_conv_data_part part = {.pixels = class_pixels(g, rows, columns),
                             .rows_at = list->rows_at};
  (void)y, (void)x;
  list->rows_at += NML_SLAB * part.pixels;
  if (rows.count == 0 || columns.count == 0) {
    list_part(list, &part);
    return;
  }
  bool whole = columns.count == columns.places;
  part.places = (whole ? rows.count : 1) * columns.count;
  part.place = phase_begin(l, rows.phase, rows.places, columns.phase) +
               rows.first * columns.places + columns.first;
  part.taps_at = phase_rows(l) *
                 places_before(l->spec.window_w, l->spec.stride, columns.phase);
  for (int i = 0; i < (whole ? 1 : rows.count); i++) {
    part.accumulate = i > 0;
    list_part(list, &part);
    part.place += columns.places;
    part.from_at += g->used_w * l->out.pitch;
  }
}

int nml_conv_data_parts(const nml_conv *g, nml_conv_data_part *parts) {
  listing list = {.g = g, .parts = parts};
  each_class(g, list_class, &list);
  return list.count;
}

static void fill_class(void *work, side rows, side columns, int first_y,
                       int first_x) {
  listing *list = work;
  const nml_conv *g = list->g;
  const nml_layer *l = g->layer;
  for (int i = 0; i < NML_SLAB; i++)
    for (int y = first_y; y < l->in.h; y++) {
      side row = row_side(g, y);
      if (!is_alike(row, rows)) continue;
      for (int x = first_x; x < l->in.w; x++) {
        side column = column_side(g, x);
        if (!is_alike(column, columns)) continue;
        int output = (i * g->used_h + row.output) * g->used_w + column.output;
        *list->from++ = output * l->out.pitch;
        *list->to++ = ((i * l->in.h + y) * l->in.w + x) * l->in.pitch;
      }
    }
}

/* For each column phase, rows of its columns. */
static void fill_taps(const nml_conv *g, int32_t *taps) {
  const nml_layer *l = g->layer;
  int stride = l->spec.stride;
  for (int phase = 0; phase < least(stride, l->spec.window_w); phase++) {
    int columns = (l->spec.window_w - phase + stride - 1) / stride;
    for (int y = 0; y < phase_rows(l); y++)
      for (int x = 0; x < columns; x++)
        for (int unit = 0; unit < l->out.c; unit++)
          *taps++ = (y * g->used_w + x) * l->out.pitch + unit;
  }
}

void nml_conv_data_fill(const nml_conv *g, nml_conv_data *data) {
  listing list = {.g = g, .from = data->from, .to = data->to};
  data->parts_count = nml_conv_data_parts(g, data->parts);
  each_class(g, fill_class, &list);
  fill_taps(g, data->taps);
  if (!data->pair_taps) return;
  const nml_tap_runs runs = {nml_conv_data_tap_places(g), g->layer->out.c};
  nml_pair_taps(runs, data->taps, data->pair_taps);
}

/* ---- Products -------------------------------------------------------------
 */

static void clear_pixels(const nml_conv *g, const int32_t *to, int count,
                         float *dx) {
  size_t bytes = (size_t)g->layer->in.pitch * sizeof *dx;
  for (int i = 0; i < count; i++) memset(dx + to[i], 0, bytes);
}

void nml_conv_data_gradient(const nml_kernels *kernels, const nml_conv *g,
                            const nml_conv_data *data, int images,
                            const float *dy, const float *turned, float *dx) {
  int units = g->layer->out.c, pitch = g->layer->in.pitch;
  for (int i = 0; i < data->parts_count; i++) {
    const nml_conv_data_part *part = &data->parts[i];
    const nml_product product = {
        .x = dy + part->from_at,
        .row = data->from + part->rows_at,
        .rows = images * part->pixels,
        .tap = data->taps + part->taps_at * units,
        .taps = part->places * units,
        .w = turned + (size_t)(part->place * units) * (size_t)pitch,
        .w_pitch = pitch,
        .y = dx,
        .y_row = data->to + part->rows_at,
        .lanes = pitch,
        .accumulate = part->accumulate};
    if (product.taps > 0)
      kernels->product(&product);
    else
      clear_pixels(g, product.y_row, product.rows, dx);
  }
}

void nml_conv_data_gradient_bf16(const nml_bf16_kernels *kernels,
                                 const nml_conv *g, const nml_conv_data *data,
                                 int images, const nml_bf16 *dy,
                                 const nml_bf16 *turned_pairs, float *dx) {
  int pairs = (g->layer->out.c + 1) / 2, pitch = g->layer->in.pitch;
  for (int i = 0; i < data->parts_count; i++) {
    const nml_conv_data_part *part = &data->parts[i];
    const nml_product_bf16 product = {
        .x = dy + part->from_at,
        .row = data->from + part->rows_at,
        .rows = images * part->pixels,
        .tap = data->pair_taps + part->taps_at * pairs,
        .taps = part->places * pairs,
        .w = turned_pairs + 2 * (size_t)(part->place * pairs) * (size_t)pitch,
        .w_pitch = pitch,
        .y = dx,
        .y_row = data->to + part->rows_at,
        .lanes = pitch,
        .accumulate = part->accumulate};
    if (product.taps > 0)
      kernels->product(&product);
    else
      clear_pixels(g, product.y_row, product.rows, dx);
  }
}
