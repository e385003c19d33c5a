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
 * and may set APPEND_WINNERS. A winner's taps are runs of lanes, so one
 * address and constants beside it reach all of a tile. By the weights, a tile
 * of one unit's sums stays in registers while the outputs go by; by the data,
 * a tile of one pixel's surroundings while the units that won there go by. */

enum {
  WINNER_RUNS = 3,
  WINNER_VECTORS = 6, /* a run, of floats */
  WINNER_SUMS = ACCUMULATORS * 3 / 4,
  WINNER_STEP = FOLD * WIDTH,
  LIST_ENTRIES = 4096, /* winners listed at a time */
  LIST_ENDS = 1024     /* lists at a time */
};

/* The winners of some outputs, those of one place side by side. A set of
 * kernels may add a whole vector at once (APPEND_WINNERS), hence the room. */
typedef struct winner_list {
  int outputs;
  int ends[LIST_ENDS];                /* [outputs][places] */
  int32_t weights[LIST_ENTRIES + 16]; /* where the unit's begin */
  float dy[LIST_ENTRIES + 16];
} winner_list;

/* A part of the runs and lanes of all taps. */
typedef struct winner_tile {
  const nml_winners *w;
  const WINNER_ELEMENT *x; /* what the outputs were made of, or weights */
  float *sums;             /* dw or dx */
  const int32_t *row;      /* by the data: of the list's outputs */
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

/* Adds one unit's sum over all outputs. */
INLINE void winner_weights_unit(const winner_tile *t, int unit, float *dw,
                                const int runs, const int vectors) {
  const nml_winners *w = t->w;
  const ptrdiff_t pitch = w->pitch, run_pitch = w->run_pitch;
  const uint8_t *best = w->best + unit;
  const float *dy = w->dy + unit;
  const int32_t *row = w->row, *place = w->place;
  const int32_t *end = row + w->outputs, *last = end - w->outputs % FOLD;
  winner_sums sum;
  winner_load(sum, dw, w->run_lanes, runs, vectors);
  for (; row < last; row += FOLD, best += FOLD * pitch, dy += FOLD * pitch) {
    const WINNER_ELEMENT *x = t->x + (row[0] + place[best[0]]);
    const WINNER_ELEMENT *y =
        FOLD > 1 ? t->x + (row[FOLD - 1] + place[best[(FOLD - 1) * pitch]]) : x;
    winner_add(sum, x, y, run_pitch, dy[0], dy[(FOLD - 1) * pitch], runs,
               vectors);
  }
  if (row < end) {
    const WINNER_ELEMENT *x = t->x + (row[0] + place[best[0]]);
    winner_add(sum, x, x, run_pitch, dy[0], 0, runs, vectors);
  }
  winner_store(sum, dw, w->run_lanes, runs, vectors);
}

INLINE void winner_weights_tile(const winner_tile *t, const int runs,
                                const int vectors) {
  float *dw = t->sums;
  for (int unit = 0; unit < t->w->units; unit++) {
    winner_weights_unit(t, unit, dw, runs, vectors);
    dw += t->w->runs * t->w->run_lanes;
  }
}

/* Adds to the surroundings of one pixel what its winners [from, end) send. */
INLINE void winner_data_pixel(const winner_tile *t, int from, int end,
                              float *dx, const int runs, const int vectors) {
  const int32_t *at = t->list->weights;
  const float *dy = t->list->dy;
  const ptrdiff_t run_lanes = t->w->run_lanes;
  winner_sums sum;
  winner_load(sum, dx, t->w->run_pitch, runs, vectors);
  for (; from + FOLD <= end; from += FOLD)
    winner_add(sum, t->x + at[from], t->x + at[from + FOLD - 1], run_lanes,
               dy[from], dy[from + FOLD - 1], runs, vectors);
  if (from < end)
    winner_add(sum, t->x + at[from], t->x + at[from], run_lanes, dy[from], 0,
               runs, vectors);
  winner_store(sum, dx, t->w->run_pitch, runs, vectors);
}

INLINE void winner_data_tile(const winner_tile *t, const int runs,
                             const int vectors) {
  const nml_winners *w = t->w;
  const int *end = t->list->ends;
  int from = 0;
  for (int j = 0; j < t->list->outputs; j++) {
    for (int p = 0; p < w->places; p++, end++) {
      if (from < *end)
        winner_data_pixel(t, from, *end, t->sums + (t->row[j] + w->place[p]),
                          runs, vectors);
      from = *end;
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

/* All taps, a tile at a time; `x` and `sums` move on by the pitches given. */
static void winner_all(winner_tile t, const winner_fn fns[][WINNER_VECTORS],
                       ptrdiff_t x_pitch, ptrdiff_t sums_pitch) {
  const int steps = t.w->run_lanes / WINNER_STEP;
  assert(t.w->run_lanes % WINNER_STEP == 0);
  for (int r = 0, runs; r < t.w->runs; r += runs) {
    runs = next_share(t.w->runs - r, WINNER_RUNS);
    int widest = least(WINNER_SUMS / runs, WINNER_VECTORS) / FOLD;
    for (int s = 0, wide; s < steps; s += wide) {
      wide = next_share(steps - s, widest);
      winner_tile part = t;
      part.x += r * x_pitch + s * WINNER_STEP;
      part.sums += r * sums_pitch + s * WINNER_STEP;
      fns[runs - 1][FOLD * wide - 1](&part);
    }
  }
}

static void winner_weights(const nml_winners *w, const WINNER_ELEMENT *x,
                           float *dw) {
  const winner_tile t = {.w = w, .x = x, .sums = dw};
  winner_all(t, winner_weights_tiles, w->run_pitch, w->run_lanes);
}

#if !defined(APPEND_WINNERS)
/* Puts those of NML_LANES units that won at `place` behind `entries`; a
 * gradient of 0 is nobody's. Returns the new number. */
#define APPEND_WINNERS append_winners
static int append_winners(const uint8_t *best, const float *dy, int place,
                          int32_t weights, int32_t unit_floats,
                          int32_t *list_weights, float *list_dy) {
  int count = 0;
  for (int k = 0; k < NML_LANES; k++, weights += unit_floats) {
    list_weights[count] = weights;
    list_dy[count] = dy[k];
    count += best[k] == place && dy[k] != 0;
  }
  return count;
}
#endif

/* Lists the winners of units [unit, end) of the outputs from `first` on. Where
 * the units end inside a vector, the lanes past them have no gradient. */
static void list_winners(const nml_winners *w, int first, int unit, int end,
                         winner_list *list) {
  int *ends = list->ends, entries = 0;
  const int32_t unit_floats = w->runs * w->run_lanes;
  for (int j = first; j < first + list->outputs; j++) {
    const float *dy = w->dy + (ptrdiff_t)j * w->pitch;
    const uint8_t *best = w->best + (ptrdiff_t)j * w->pitch;
    for (int p = 0; p < w->places; p++) {
      for (int k = unit; k < end; k += NML_LANES)
        entries +=
            APPEND_WINNERS(best + k, dy + k, p, k * unit_floats, unit_floats,
                           list->weights + entries, list->dy + entries);
      *ends++ = entries;
    }
  }
}

static void winner_data(const nml_winners *w, const WINNER_ELEMENT *weights,
                        float *dx) {
  winner_list list;
  for (int unit = 0, end; unit < w->pitch; unit = end) {
    end = least(w->pitch, unit + LIST_ENTRIES);
    int most = least(LIST_ENTRIES / (end - unit), LIST_ENDS / w->places);
    for (int j = 0; j < w->outputs; j += list.outputs) {
      list.outputs = least(w->outputs - j, most);
      list_winners(w, j, unit, end, &list);
      const winner_tile t = {
          .w = w, .x = weights, .sums = dx, .row = w->row + j, .list = &list};
      winner_all(t, winner_data_tiles, w->run_lanes, w->run_pitch);
    }
  }
}
