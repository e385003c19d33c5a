/* body_winners.h: the gradients of a product whose outputs went through a
 * maximum: of each window of outputs only the winner carries any gradient, a
 * quarter of a 2x2 pool's. See nml_winners in kernels.h. For one kind of
 * number: the file that includes it sets
 *
 *   WINNER_ELEMENT   what x and the weights are: float or nml_bf16
 *   FOLD             how many winners a step adds: 1, or 2
 *   WINNER_STORE(to, value)  WIDTH floats as elements
 *   FACTOR(a, b)     their gradients in the form that ADD_WINNERS takes
 *   ADD_WINNERS(sum, x, y, factor)
 *                    adds FOLD vectors of elements, those at x and at y, times
 *                    the factor to sum[0] .. sum[FOLD - 1], WIDTH lanes each
 *
 * and may set LANE_BITS and BYTES_EQUAL. A winner's taps are runs of lanes, so
 * one address and constants beside it reach all of a tile. By the weights, a
 * tile of one unit's sums stays in registers while the outputs go by; by the
 * data, a tile of one pixel's surroundings while the units that won there go
 * by. Whose turn it is says the lowest bit left of a number: nothing is listed.
 */

enum {
  WINNER_RUNS = 3,
  WINNER_VECTORS = 6, /* a run, of floats */
  WINNER_SUMS = ACCUMULATORS * 3 / 4,
  WINNER_STEP = FOLD * WIDTH,
  WINNER_BLOCK = 64, /* outputs, and units, at a time: bits of a set */
  WINNER_SETS = 1024 /* at a time, by the data; places are fewer */
};

/* The bit of every lane whose comparison held. */
#if !defined(LANE_BITS)
#define LANE_BITS(mask) lane_bits(mask)
INLINE uint64_t lane_bits(vi mask) {
  uint64_t bits = 0;
  for (int i = 0; i < WIDTH; i++) bits |= (uint64_t)(mask[i] & 1) << i;
  return bits;
}
#endif

/* Some outputs and units of all. */
typedef struct winner_block {
  int first, outputs, unit, units;
  WINNER_ELEMENT dy[WINNER_BLOCK][WINNER_BLOCK]; /* [output][unit] */
  /* by the weights, of each unit its outputs; by the data, of each output and
   * place its units: those whose gradient is not 0 */
  uint64_t set[WINNER_SETS];
} winner_block;

/* A part of the runs and lanes of all taps. */
typedef struct winner_tile {
  const WINNER_ELEMENT *x; /* the map, or the block's weights */
  ptrdiff_t x_pitch;       /* from run to run */
  float *sums;             /* the block's dw, or dx */
  ptrdiff_t sums_pitch;    /* from run to run */
  const nml_winners *w;
  const winner_block *block;
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
                       const WINNER_ELEMENT *y, ptrdiff_t pitch,
                       WINNER_ELEMENT a, WINNER_ELEMENT b, const int runs,
                       const int vectors) {
  FACTOR_TYPE factor = FACTOR(a, b);
  UNROLL for (int r = 0; r < runs; r++, x += pitch, y += pitch) {
    FORGET(x);
    FORGET(y);
    UNROLL for (int v = 0; v < vectors; v += FOLD) {
      ADD_WINNERS(&sum[r][v], x + v * WIDTH, y + v * WIDTH, factor);
    }
  }
}

INLINE int unit_lanes(const nml_winners *w) { return w->runs * w->run_lanes; }

/* Where winner `bit` of a set is in x: by the data, where its weights are. */
INLINE ptrdiff_t winner_at(const winner_tile *t, int owner, int bit,
                           const bool by_data) {
  const nml_winners *w = t->w;
  if (by_data) return (ptrdiff_t)bit * unit_lanes(w);
  const int j = t->block->first + bit;
  const uint8_t *best = w->best + (ptrdiff_t)j * w->pitch + t->block->unit;
  return w->row[j] + w->place[best[owner]];
}

INLINE WINNER_ELEMENT winner_dy(const winner_tile *t, int owner, int bit,
                                const bool by_data) {
  return by_data ? t->block->dy[owner][bit] : t->block->dy[bit][owner];
}

/* Adds to one tile of sums what the winners of a set bring; they are the
 * owner's, a unit or an output. */
INLINE void winner_set_add(const winner_tile *t, int owner, uint64_t set,
                           float *sums, const bool by_data, const int runs,
                           const int vectors) {
  winner_sums sum;
  winner_load(sum, sums, t->sums_pitch, runs, vectors);
  while (set) {
    const uint64_t after = set & (set - 1);
    const int a = __builtin_ctzll(set);
    int b = a;
    WINNER_ELEMENT dy = 0;
    if (FOLD == 2) { /* without a branch: there is none in every second set */
      unsigned there = after != 0;
      FORGET(there);
      b = __builtin_ctzll(there ? after : set);
      dy = winner_dy(t, owner, b, by_data) * (WINNER_ELEMENT)there;
    }
    set = FOLD == 2 ? after & (after - 1) : after;
    winner_add(sum, t->x + winner_at(t, owner, a, by_data),
               t->x + winner_at(t, owner, b, by_data), t->x_pitch,
               winner_dy(t, owner, a, by_data), dy, runs, vectors);
  }
  winner_store(sum, sums, t->sums_pitch, runs, vectors);
}

INLINE void winner_weights_tile(const winner_tile *t, const int runs,
                                const int vectors) {
  float *dw = t->sums;
  for (int k = 0; k < t->block->units; k++, dw += unit_lanes(t->w))
    if (t->block->set[k])
      winner_set_add(t, k, t->block->set[k], dw, false, runs, vectors);
}

INLINE void winner_data_tile(const winner_tile *t, const int runs,
                             const int vectors) {
  const nml_winners *w = t->w;
  const uint64_t *set = t->block->set;
  for (int j = 0; j < t->block->outputs; j++)
    for (int p = 0; p < w->places; p++, set++)
      if (*set)
        winner_set_add(t, j, *set,
                       t->sums + (w->row[t->block->first + j] + w->place[p]),
                       true, runs, vectors);
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

/* ---- Sets ---------------------------------------------------------------- */

/* A block that begins at output `first` and unit `unit`, with its gradients;
 * those of lanes past the units are 0. */
static void winner_fill(const nml_winners *w, int first, int outputs, int unit,
                        winner_block *b) {
  b->first = first;
  b->outputs = outputs;
  b->unit = unit;
  b->units = least(w->pitch - unit, WINNER_BLOCK);
  for (int j = 0; j < outputs; j++) {
    const float *dy = w->dy + (ptrdiff_t)(first + j) * w->pitch + unit;
    for (int k = 0; k < b->units; k += WIDTH)
      WINNER_STORE(b->dy[j] + k, load(dy + k));
  }
}

/* Rows of bits become columns: row r's bit c row c's bit r (Warren, Hacker's
 * Delight, 2003, 7-3). */
static void transpose_bits(uint64_t row[WINNER_BLOCK]) {
  uint64_t low = 0x00000000ffffffff;
  for (int half = WINNER_BLOCK / 2; half; half /= 2, low ^= low << half) {
    for (int r = 0; r < WINNER_BLOCK; r = ((r | half) + 1) & ~half) {
      const uint64_t moved = (row[r] >> half ^ row[r | half]) & low;
      row[r] ^= moved << half;
      row[r | half] ^= moved;
    }
  }
}

/* Units of the block whose gradient of an output is not 0. */
INLINE uint64_t units_moving(const float *dy, int units) {
  uint64_t set = 0;
  for (int k = 0; k < units; k += WIDTH)
    set |= LANE_BITS(load(dy + k) != 0) << k;
  return set;
}

/* Units of the block whose winner is at a place. */
INLINE uint64_t units_at(const uint8_t *best, int units, int place) {
#if defined(BYTES_EQUAL)
  return BYTES_EQUAL(best, units, place);
#else
  uint64_t set = 0;
  for (int k = 0; k < units; k += WIDTH)
    set |= LANE_BITS(load_bytes(best + k) == place) << k;
  return set;
#endif
}

static void winner_sets_by_unit(const nml_winners *w, winner_block *b) {
  memset(b->set, 0, WINNER_BLOCK * sizeof *b->set);
  for (int j = 0; j < b->outputs; j++)
    b->set[j] = units_moving(
        w->dy + (ptrdiff_t)(b->first + j) * w->pitch + b->unit, b->units);
  transpose_bits(b->set);
}

static void winner_sets_by_pixel(const nml_winners *w, winner_block *b) {
  uint64_t *set = b->set;
  for (int j = 0; j < b->outputs; j++) {
    const ptrdiff_t at = (ptrdiff_t)(b->first + j) * w->pitch + b->unit;
    const uint64_t moving = units_moving(w->dy + at, b->units);
    for (int p = 0; p < w->places; p++)
      *set++ = moving & units_at(w->best + at, b->units, p);
  }
}

static void winner_weights(const nml_winners *w, const WINNER_ELEMENT *x,
                           float *dw) {
  winner_block block;
  for (int unit = 0; unit < w->units; unit += WINNER_BLOCK) {
    for (int j = 0, outputs; j < w->outputs; j += outputs) {
      outputs = next_share(w->outputs - j, WINNER_BLOCK);
      winner_fill(w, j, outputs, unit, &block);
      winner_sets_by_unit(w, &block);
      block.units = least(block.units, w->units - unit);
      const winner_tile t = {.w = w,
                             .x = x,
                             .x_pitch = w->run_pitch,
                             .sums = dw + (ptrdiff_t)unit * unit_lanes(w),
                             .sums_pitch = w->run_lanes,
                             .block = &block};
      winner_all(t, winner_weights_tiles);
    }
  }
}

static void winner_data(const nml_winners *w, const WINNER_ELEMENT *weights,
                        float *dx) {
  winner_block block;
  const int most = least(WINNER_BLOCK, WINNER_SETS / w->places);
  for (int unit = 0; unit < w->units; unit += WINNER_BLOCK) {
    for (int j = 0, outputs; j < w->outputs; j += outputs) {
      outputs = next_share(w->outputs - j, most);
      winner_fill(w, j, outputs, unit, &block);
      winner_sets_by_pixel(w, &block);
      const winner_tile t = {.w = w,
                             .x = weights + (ptrdiff_t)unit * unit_lanes(w),
                             .x_pitch = w->run_lanes,
                             .sums = dx,
                             .sums_pitch = w->run_pitch,
                             .block = &block};
      winner_all(t, winner_data_tiles);
    }
  }
}
