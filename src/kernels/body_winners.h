/* body_winners.h: the gradients of a product whose outputs went through a
 * maximum: of each window of outputs only the winner carries any gradient, a
 * quarter of a 2x2 pool's. See nml_winners in kernels.h. For one kind of
 * number: the file that includes it sets
 *
 *   WINNER_ELEMENT   what x and the weights are: float or nml_bf16
 *   FOLD             how many winners a step adds: 1, or 2
 *   FACTOR(a, b)     their gradients in the form that ADD_WINNERS takes
 *   ADD_WINNERS(sum, x, y, factor)
 *                    adds FOLD vectors of elements, those at x and at y, times
 *                    the factor to sum[0] .. sum[FOLD - 1], WIDTH lanes each
 *
 * and may set APPEND (see there). A winner's taps are runs of lanes, so one
 * address and constants beside it reach all of a tile. By the weights, a tile
 * of one unit's sums stays in registers while the outputs go by; by the data,
 * a tile of one pixel's surroundings while the units that won there go by. */

#include "kernels/body_transpose.h"

enum {
  WINNER_RUNS = 3,
  WINNER_VECTORS = 6, /* a run, of floats */
  WINNER_SUMS = ACCUMULATORS * 3 / 4,
  WINNER_STEP = FOLD * WIDTH,
  LIST_ENTRIES = 4096, /* winners listed at a time */
  LIST_ENDS = 1024     /* lists at a time */
};

/* Winners in lists that are summed apart: by the weights a list is a unit, by
 * the data a pixel. A whole vector may be appended at once, hence the room. */
typedef struct winner_list {
  int lists;
  int begins[LIST_ENDS], ends[LIST_ENDS];
  int32_t at[LIST_ENTRIES + 16]; /* where in the map, or in the weights */
  float dy[LIST_ENTRIES + 16];
} winner_list;

/* A part of the runs and lanes of all taps. */
typedef struct winner_tile {
  const WINNER_ELEMENT *x; /* the map, or the weights */
  ptrdiff_t x_pitch;       /* from run to run */
  float *sums;             /* dw, or dx */
  ptrdiff_t sums_pitch;    /* from run to run */
  ptrdiff_t unit_floats;   /* by the weights: from list to list */
  const nml_winners *w;
  const int32_t *row; /* by the data: of the list's outputs */
  const winner_list *list;
} winner_tile;

typedef vf winner_sums[WINNER_RUNS][WINNER_VECTORS];

INLINE void winner_load(winner_sums sum, const float *from, ptrdiff_t pitch,
                        const int runs, const int vectors) {
  UNROLL for (int r = 0; r < runs; r++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      sum[r][v] = load(from + r * pitch + v * WIDTH);
    }
  }
}

INLINE void winner_store(winner_sums sum, float *to, ptrdiff_t pitch,
                         const int runs, const int vectors) {
  UNROLL for (int r = 0; r < runs; r++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      store(to + r * pitch + v * WIDTH, sum[r][v]);
    }
  }
}

/* FORGET: else the compiler keeps an address for every vector. */
INLINE void winner_add(winner_sums sum, const WINNER_ELEMENT *x,
                       const WINNER_ELEMENT *y, ptrdiff_t pitch, float a,
                       float b, const int runs, const int vectors) {
  FACTOR_TYPE factor = FACTOR(a, b);
  UNROLL for (int r = 0; r < runs; r++, x += pitch, y += pitch) {
    FORGET(x);
    FORGET(y);
    UNROLL for (int v = 0; v < vectors; v += FOLD) {
      ADD_WINNERS(&sum[r][v], x + v * WIDTH, y + v * WIDTH, factor);
    }
  }
}

/* Adds to one tile of sums what the winners [from, end) bring. */
INLINE void winner_list_add(const winner_tile *t, int from, int end,
                            float *sums, const int runs, const int vectors) {
  const int32_t *at = t->list->at;
  const float *dy = t->list->dy;
  const WINNER_ELEMENT *x = t->x;
  const ptrdiff_t x_pitch = t->x_pitch, sums_pitch = t->sums_pitch;
  winner_sums sum;
  winner_load(sum, sums, sums_pitch, runs, vectors);
  for (; from + FOLD <= end; from += FOLD)
    winner_add(sum, x + at[from], x + at[from + FOLD - 1], x_pitch, dy[from],
               dy[from + FOLD - 1], runs, vectors);
  if (from < end)
    winner_add(sum, x + at[from], x + at[from], x_pitch, dy[from], 0, runs,
               vectors);
  winner_store(sum, sums, sums_pitch, runs, vectors);
}

INLINE void winner_weights_tile(const winner_tile *t, const int runs,
                                const int vectors) {
  const winner_list *l = t->list;
  float *dw = t->sums;
  for (int k = 0; k < l->lists; k++, dw += t->unit_floats)
    winner_list_add(t, l->begins[k], l->ends[k], dw, runs, vectors);
}

INLINE void winner_data_tile(const winner_tile *t, const int runs,
                             const int vectors) {
  const winner_list *l = t->list;
  const int places = t->w->places;
  const int32_t *row = t->row;
  for (int i = 0; i < l->lists; i += places, row++) {
    for (int p = 0; p < places; p++) {
      if (l->begins[i + p] < l->ends[i + p])
        winner_list_add(t, l->begins[i + p], l->ends[i + p],
                        t->sums + (*row + t->w->place[p]), runs, vectors);
    }
  }
}

typedef void (*winner_fn)(const winner_tile *t);

#define WINNER_TILE(runs, vectors)                                      \
  static void winner_weights_##runs##x##vectors(const winner_tile *t) { \
    if (runs * vectors <= WINNER_SUMS && vectors % FOLD == 0)           \
      winner_weights_tile(t, runs, vectors);                            \
  }                                                                     \
  static void winner_data_##runs##x##vectors(const winner_tile *t) {    \
    if (runs * vectors <= WINNER_SUMS && vectors % FOLD == 0)           \
      winner_data_tile(t, runs, vectors);                               \
  }
#define WINNER_TILES(runs) \
  WINNER_TILE(runs, 1)     \
  WINNER_TILE(runs, 2)     \
  WINNER_TILE(runs, 3)     \
  WINNER_TILE(runs, 4) WINNER_TILE(runs, 5) WINNER_TILE(runs, 6)
#define WINNER_NAMES(kind, runs)                                \
  {                                                             \
    winner_##kind##_##runs##x1, winner_##kind##_##runs##x2,     \
        winner_##kind##_##runs##x3, winner_##kind##_##runs##x4, \
        winner_##kind##_##runs##x5, winner_##kind##_##runs##x6  \
  }

WINNER_TILES(1)
WINNER_TILES(2)
WINNER_TILES(3)

static const winner_fn winner_weights_tiles[WINNER_RUNS][WINNER_VECTORS] = {
    WINNER_NAMES(weights, 1), WINNER_NAMES(weights, 2),
    WINNER_NAMES(weights, 3)};
static const winner_fn winner_data_tiles[WINNER_RUNS][WINNER_VECTORS] = {
    WINNER_NAMES(data, 1), WINNER_NAMES(data, 2), WINNER_NAMES(data, 3)};

/* All taps, a tile at a time. */
static void winner_all(winner_tile t, const winner_fn fns[][WINNER_VECTORS]) {
  const int steps = t.w->run_lanes / WINNER_STEP;
  assert(t.w->run_lanes % WINNER_STEP == 0);
  for (int r = 0, runs; r < t.w->runs; r += runs) {
    runs = next_share(t.w->runs - r, WINNER_RUNS);
    int widest = least(WINNER_SUMS / runs, WINNER_VECTORS) / FOLD;
    for (int s = 0, wide; s < steps; s += wide) {
      wide = next_share(steps - s, widest);
      winner_tile part = t;
      part.x += r * t.x_pitch + s * WINNER_STEP;
      part.sums += r * t.sums_pitch + s * WINNER_STEP;
      fns[runs - 1][FOLD * wide - 1](&part);
    }
  }
}

#if !defined(APPEND)
/* Puts the lanes of one place behind one another and returns how many they
 * are; a gradient of 0, which relu left, is nobody's. A whole vector may be
 * written at both ends. */
#define APPEND(at, dy, place, wanted, to_at, to_dy) \
  append(at, dy, place, wanted, to_at, to_dy)
INLINE int append(vi at, vf dy, vi place, int wanted, int32_t *to_at,
                  float *to_dy) {
  int count = 0;
  for (int i = 0; i < WIDTH; i++) {
    to_at[count] = at[i];
    to_dy[count] = dy[i];
    count += place[i] == wanted && dy[i] != 0;
  }
  return count;
}
#endif

/* Where `WIDTH` units' winners of output j are. */
INLINE vi winners_at(const nml_winners *w, int j, const uint8_t *best) {
  vi place = load_bytes(best), at = {0};
  for (int p = 0; p < w->places; p++)
    at = (vi)choose(place == p, (vf)((vi){0} + w->place[p]), (vf)at);
  return at + w->row[j];
}

/* The winners of WIDTH units among up to WIDTH outputs, behind what each
 * unit's list has. Unit by unit is across memory, so a square is turned: 1.2
 * microseconds less of 6 than one by one. */
INLINE void list_square(const nml_winners *w, int first, int outputs, int unit,
                        winner_list *list, int list_at) {
  float at[WIDTH * WIDTH] __attribute__((aligned(64)));
  float dy[WIDTH * WIDTH] __attribute__((aligned(64)));
  for (int i = 0; i < WIDTH; i++) {
    const ptrdiff_t from = (ptrdiff_t)(first + i) * w->pitch + unit;
    const bool there = i < outputs;
    store(at + i * WIDTH,
          there ? (vf)winners_at(w, first + i, w->best + from) : (vf){0});
    store(dy + i * WIDTH, there ? load(w->dy + from) : (vf){0});
  }
  transpose_square(at, WIDTH, at, WIDTH);
  transpose_square(dy, WIDTH, dy, WIDTH);
  for (int k = 0; k < WIDTH; k++) {
    int *end = &list->ends[list_at + k];
    *end += APPEND((vi)load(at + k * WIDTH), load(dy + k * WIDTH), (vi){0}, 0,
                   list->at + *end, list->dy + *end);
  }
}

/* Lists by unit the winners of outputs [first, end) among units [unit, last),
 * whole vectors of them; each list has the room of `room` winners. */
static void list_units(const nml_winners *w, int first, int end, int unit,
                       int last, int room, winner_list *list) {
  list->lists = last - unit;
  for (int k = 0; k < list->lists; k++)
    list->begins[k] = list->ends[k] = k * room;
  for (int k = unit; k < last; k += WIDTH)
    for (int j = first; j < end; j += WIDTH)
      list_square(w, j, least(end - j, WIDTH), k, list, k - unit);
}

static void winner_weights(const nml_winners *w, const WINNER_ELEMENT *x,
                           float *dw) {
  enum { UNITS = 64, ROOM = LIST_ENTRIES / UNITS };
  winner_list list;
  const int unit_floats = w->runs * w->run_lanes;
  for (int k = 0, last; k < w->pitch; k = last) {
    last = least(k + UNITS, w->pitch);
    for (int j = 0, end; j < w->outputs; j = end) {
      end = least(j + ROOM, w->outputs);
      list_units(w, j, end, k, last, ROOM, &list);
      list.lists = least(last, w->units) - k;
      const winner_tile t = {.w = w,
                             .x = x,
                             .x_pitch = w->run_pitch,
                             .sums = dw + (ptrdiff_t)k * unit_floats,
                             .sums_pitch = w->run_lanes,
                             .unit_floats = unit_floats,
                             .list = &list};
      winner_all(t, winner_weights_tiles);
    }
  }
}

/* Lists by pixel the winners of units [unit, end) of some outputs. Where
 * the units end inside a vector, the lanes past them have no gradient. */
static void list_pixels(const nml_winners *w, int first, int outputs, int unit,
                        int end, winner_list *list) {
  const int32_t unit_floats = w->runs * w->run_lanes;
  int entries = 0;
  vi lane;
  for (int i = 0; i < WIDTH; i++) lane[i] = i * unit_floats;
  list->lists = 0;
  for (int j = first; j < first + outputs; j++) {
    const float *dy = w->dy + (ptrdiff_t)j * w->pitch;
    const uint8_t *best = w->best + (ptrdiff_t)j * w->pitch;
    for (int p = 0; p < w->places; p++) {
      list->begins[list->lists] = entries;
      for (int k = unit; k < end; k += WIDTH) {
        const vi place = load_bytes(best + k);
        entries += APPEND(lane + k * unit_floats, load(dy + k), place, p,
                          list->at + entries, list->dy + entries);
      }
      list->ends[list->lists++] = entries;
    }
  }
}

static void winner_data(const nml_winners *w, const WINNER_ELEMENT *weights,
                        float *dx) {
  winner_list list;
  for (int unit = 0, end; unit < w->pitch; unit = end) {
    end = least(w->pitch, unit + LIST_ENTRIES);
    int most = least(LIST_ENTRIES / (end - unit), LIST_ENDS / w->places);
    for (int j = 0, outputs; j < w->outputs; j += outputs) {
      outputs = least(w->outputs - j, most);
      list_pixels(w, j, outputs, unit, end, &list);
      const winner_tile t = {.w = w,
                             .x = weights,
                             .x_pitch = w->run_lanes,
                             .sums = dx,
                             .sums_pitch = w->run_pitch,
                             .row = w->row + j,
                             .list = &list};
      winner_all(t, winner_data_tiles);
    }
  }
}
