/* body_forward.h: the product of prediction (kernels.h, nml_forward) for one
 * kind of number. The including file sets ELEMENT, SUM, SPREAD and ADD, as for
 * body_tiles.h, and
 *
 *   START(shift)               what a sum begins with
 *   VALUE(sum, scale, shift)   the sum as floats, finished but for relu
 *   LARGER(a, b)               the larger sum, lane by lane
 *   STORE(to, value)           floats as the next layer's ELEMENTs
 *   HELD_TAPS                  the taps of 3 x 3 in one channel
 *   HELD_SUMS                  so many sums fit beside all of their weights
 *
 * A tile holds whole windows in registers: of their pixels only the largest is
 * ever finished and stored. The four pixels of a window share the window's
 * address register, the taps' offsets come in four: 3 windows x 2 vectors
 * take 7 registers of addresses instead of 12. */

enum { GROUP = 4, FORWARD_MOST = 10 };

typedef struct forwarding {
  const ELEMENT *x;
  const int32_t *row, *tap, *tap_end;
  ptrdiff_t apart[GROUP];
  const int32_t *w;
  ptrdiff_t w_pitch;
  const float *scale, *shift;
  int relu; /* 0, 1 or 6 */
  bool mean, floats;
  char *y;
  ptrdiff_t y_pitch_bytes, y_lane_bytes;
  uint8_t *best; /* of floats, or NULL */
  ptrdiff_t best_pitch;
} forwarding;

INLINE void forward_sums(const forwarding *f, const int outputs,
                         const int group, const int vectors,
                         SUM sum[FORWARD_MOST][GROUP][TILE_WIDE]) {
  const ELEMENT *x[FORWARD_MOST];
  UNROLL for (int v = 0; v < vectors; v++) {
    const SUM start = START(f->shift + v * WIDTH);
    UNROLL for (int o = 0; o < outputs; o++) {
      UNROLL for (int j = 0; j < group; j++) sum[o][j][v] = start;
    }
  }
  UNROLL for (int o = 0; o < outputs; o++) x[o] = f->x + f->row[o];
  const int32_t *w = f->w, *tap = f->tap, *end = f->tap_end;
  const ptrdiff_t w_pitch = f->w_pitch;
  for (; tap < end; tap++, w += w_pitch) {
    SUM factor[TILE_WIDE];
    UNROLL for (int v = 0; v < vectors; v++) {
      factor[v] = *(const SUM *)(w + v * WIDTH);
    }
    UNROLL for (int j = 0; j < group; j++) {
      ptrdiff_t at = *tap;
      if (j > 0) {
        at += f->apart[j];
        /* else it is added to each row, which takes a register: 1 to 3% of a
         * 3 x 3 convolution from 32 to 64 channels */
        FORGET(at);
      }
      UNROLL for (int o = 0; o < outputs; o++) {
        UNROLL for (int v = 0; v < vectors; v++) {
          sum[o][j][v] = ADD(sum[o][j][v], SPREAD(x[o] + at), factor[v]);
        }
      }
    }
  }
}

/* One output of the sums of its pixels. */
INLINE vf forward_value(SUM sum[GROUP][TILE_WIDE], const int group, int v,
                        const float *scale, const float *shift, const int relu,
                        const bool mean) {
  (void)scale, (void)shift; /* floats are finished sums */
  vf value;
  if (group == 1) {
    value = VALUE(sum[0][v], scale, shift);
  } else if (!mean) {
    SUM left = LARGER(sum[0][v], sum[2][v]);
    SUM right = LARGER(sum[1][v], sum[3][v]);
    value = VALUE(LARGER(left, right), scale, shift);
  } else {
    vf total = {0};
    UNROLL for (int j = 0; j < GROUP; j++) {
      value = VALUE(sum[j][v], scale, shift);
      total += activate(value, relu);
    }
    return total * 0.25f;
  }
  return activate(value, relu);
}

INLINE void forward_end(const forwarding *f, const int outputs, const int group,
                        const int vectors, const bool mean, const bool floats,
                        SUM sum[FORWARD_MOST][GROUP][TILE_WIDE]) {
  const float *scale = f->scale, *shift = f->shift;
  const ptrdiff_t pitch = f->y_pitch_bytes;
  const int relu = f->relu;
  char *to = f->y;
  UNROLL for (int o = 0; o < outputs; o++, to += pitch) {
    UNROLL for (int v = 0; v < vectors; v++) {
      vf value = forward_value(sum[o], group, v, scale + v * WIDTH,
                               shift + v * WIDTH, relu, mean);
      if (floats)
        store((float *)(void *)to + v * WIDTH, value);
      else
        STORE((ELEMENT *)(void *)to + v * WIDTH, value);
    }
  }
}

/* The largest of four, and which it was. */
INLINE vf find_best(const vf value[GROUP], uint8_t *best) {
  vf top = value[0];
#if defined(LARGEST_OF_FOUR)
  if (LARGEST_OF_FOUR(value, &top, best)) return top;
#endif
  vi place = {0};
  UNROLL for (int j = 1; j < GROUP; j++) {
    vi better = (value[j] > top) | (value[j] != value[j]); /* a NaN wins */
    top = choose(better, value[j], top);
    place = (better & j) | (~better & place);
  }
  store_bytes(best, place);
  return top;
}

/* The largest of each window, and which of its pixels it was. */
INLINE void forward_best(const forwarding *f, const int outputs,
                         const int vectors,
                         SUM sum[FORWARD_MOST][GROUP][TILE_WIDE]) {
  const float *scale = f->scale, *shift = f->shift;
  (void)scale, (void)shift;
  const ptrdiff_t pitch = f->y_pitch_bytes, best_pitch = f->best_pitch;
  const int relu = f->relu;
  char *to = f->y;
  uint8_t *best = f->best;
  UNROLL for (int o = 0; o < outputs; o++, to += pitch, best += best_pitch) {
    UNROLL for (int v = 0; v < vectors; v++) {
      vf value[GROUP];
      UNROLL for (int j = 0; j < GROUP; j++) value[j] =
          VALUE(sum[o][j][v], scale + v * WIDTH, shift + v * WIDTH);
      const vf top = find_best(value, best + v * WIDTH);
      store((float *)(void *)to + v * WIDTH, activate(top, relu));
    }
  }
}

/* Called with constants, as gather_tile is. */
INLINE void forward_tile(const forwarding *f, const int outputs,
                         const int group, const int vectors) {
  SUM sum[FORWARD_MOST][GROUP][TILE_WIDE];
  forward_sums(f, outputs, group, vectors, sum);
  FORGET(f);
  if (group > 1 && f->best)
    forward_best(f, outputs, vectors, sum);
  else if (group > 1 && f->mean)
    forward_end(f, outputs, group, vectors, true, f->floats, sum);
  else if (f->floats)
    forward_end(f, outputs, group, vectors, false, true, sum);
  else
    forward_end(f, outputs, group, vectors, false, false, sum);
}

INLINE int forward_vectors(int outputs, int group) {
  return group == 1 ? tile_vectors(outputs) : 2;
}

INLINE int forward_outputs(int group, int vectors) {
  if (group == 1) return tile_rows(vectors);
  const int most = ACCUMULATORS / (GROUP * vectors);
  return most < 1 ? 1 : most < FORWARD_MOST ? most : FORWARD_MOST;
}

typedef void (*forward_fn)(const forwarding *f);

/* As TILE: what does not fit is empty. */
#define FORWARD(outputs, group, vectors)                                     \
  static void forward_##outputs##x##group##x##vectors(const forwarding *f) { \
    if (vectors <= forward_vectors(outputs, group) &&                        \
        outputs <= forward_outputs(group, vectors))                          \
      forward_tile(f, outputs, group, vectors);                              \
  }
#define FORWARDS(outputs) \
  FORWARD(outputs, 4, 1)  \
  FORWARD(outputs, 4, 2)  \
  FORWARD(outputs, 1, 1)  \
  FORWARD(outputs, 1, 2)  \
  FORWARD(outputs, 1, 3)  \
  FORWARD(outputs, 1, 4)  \
  FORWARD(outputs, 1, 5)  \
  FORWARD(outputs, 1, 6) FORWARD(outputs, 1, 7) FORWARD(outputs, 1, 8)
#define FORWARD_NAMES(outputs)                                                 \
  {                                                                            \
    forward_##outputs##x1x1, forward_##outputs##x1x2, forward_##outputs##x1x3, \
        forward_##outputs##x1x4, forward_##outputs##x1x5,                      \
        forward_##outputs##x1x6, forward_##outputs##x1x7,                      \
        forward_##outputs##x1x8, forward_##outputs##x4x1,                      \
        forward_##outputs##x4x2                                                \
  }

FORWARDS(1)
FORWARDS(2)
FORWARDS(3)
FORWARDS(4)
FORWARDS(5)
FORWARDS(6)
FORWARDS(7)
FORWARDS(8)
FORWARDS(9)
FORWARDS(10)

static const forward_fn forwards[FORWARD_MOST][TILE_WIDE + 2] = {
    FORWARD_NAMES(1), FORWARD_NAMES(2), FORWARD_NAMES(3), FORWARD_NAMES(4),
    FORWARD_NAMES(5), FORWARD_NAMES(6), FORWARD_NAMES(7), FORWARD_NAMES(8),
    FORWARD_NAMES(9), FORWARD_NAMES(10)};

/* In place: a copy of what was just written in parts would wait for it. */
INLINE void forward_skip(forwarding *f, int outputs) {
  f->row += outputs;
  f->y += outputs * f->y_pitch_bytes;
  if (f->best) f->best += outputs * f->best_pitch;
}

static void forward_rows(forwarding *f, int outputs, int group, int vectors) {
  const int most = forward_outputs(group, vectors);
  const int column = vectors - 1 + (group == 1 ? 0 : TILE_WIDE);
  while (outputs > 0) {
    int count = next_share(outputs, most);
    forwards[count - 1][column](f);
    forward_skip(f, count);
    outputs -= count;
  }
}

/* With so few taps as 3 x 3 of one channel has, beginning and ending a tile
 * takes as long as the sums between: all weights stay in registers instead,
 * and a few pixels after others go by. 1.4 times as fast, pooled or not (AMD
 * Zen 5, 2026-11-21). */
#if ACCUMULATORS >= 24
enum { HELD_VECTORS = 2 };

/* Pixels whose sums are done at a time; each takes a register of addresses. */
INLINE int held_pixels(const int vectors) {
  return least(HELD_SUMS / vectors, 2 * GROUP);
}

INLINE void held_sums(const forwarding *f, const int group, const int vectors,
                      SUM w[HELD_TAPS][HELD_VECTORS],
                      SUM sum[FORWARD_MOST][GROUP][TILE_WIDE]) {
  const int pixels = held_pixels(vectors);
  const ELEMENT *x[2 * GROUP];
  UNROLL for (int v = 0; v < vectors; v++) {
    const SUM start = START(f->shift + v * WIDTH);
    UNROLL for (int p = 0; p < pixels; p++) sum[p / group][p % group][v] =
        start;
  }
  UNROLL for (int p = 0; p < pixels; p++) x[p] =
      f->x + f->row[p / group] + f->apart[p % group];
  UNROLL for (int q = 0; q < HELD_TAPS; q++) {
    const ptrdiff_t at = f->tap[q];
    UNROLL for (int p = 0; p < pixels; p++) {
      UNROLL for (int v = 0; v < vectors; v++) {
        SUM *to = &sum[p / group][p % group][v];
        *to = ADD(*to, SPREAD(x[p] + at), w[q][v]);
      }
    }
  }
}

/* outputs: a multiple of those done at a time. */
INLINE void forward_held(forwarding f, int outputs, const int group,
                         const int vectors, const bool best,
                         const bool floats) {
  const int count = held_pixels(vectors) / group;
  SUM w[HELD_TAPS][HELD_VECTORS];
  UNROLL for (int q = 0; q < HELD_TAPS; q++) {
    UNROLL for (int v = 0; v < vectors; v++) w[q][v] =
        *(const SUM *)(f.w + q * f.w_pitch + v * WIDTH);
  }
  for (; outputs > 0; outputs -= count) {
    SUM sum[FORWARD_MOST][GROUP][TILE_WIDE];
    held_sums(&f, group, vectors, w, sum);
    if (best)
      forward_best(&f, count, vectors, sum);
    else
      forward_end(&f, count, group, vectors, false, floats, sum);
    forward_skip(&f, count);
  }
}

INLINE int forward_few_of(const forwarding *f, int outputs, const int group,
                          const int vectors) {
  outputs -= outputs % (held_pixels(vectors) / group);
  if (group > 1 && f->best)
    forward_held(*f, outputs, group, vectors, true, true);
  else if (f->floats)
    forward_held(*f, outputs, group, vectors, false, true);
  else
    forward_held(*f, outputs, group, vectors, false, false);
  return outputs;
}

/* Returns how many of the outputs it did. */
static int forward_few(const forwarding *f, int outputs, int group,
                       int vectors) {
  if (f->tap_end - f->tap != HELD_TAPS || f->mean || vectors > HELD_VECTORS)
    return 0;
  if (group == 1)
    return vectors == 1 ? forward_few_of(f, outputs, 1, 1)
                        : forward_few_of(f, outputs, 1, 2);
  return vectors == 1 ? forward_few_of(f, outputs, GROUP, 1)
                      : forward_few_of(f, outputs, GROUP, 2);
}
#endif

static void forward_columns(forwarding f, int outputs, int group, int lanes) {
  const int most = forward_vectors(outputs, group);
  for (int left = lanes / WIDTH; left > 0;) {
    int vectors = next_share(left, most);
    int done = 0;
    forwarding rest = f;
#if ACCUMULATORS >= 24
    done = forward_few(&f, outputs, group, vectors);
#endif
    forward_skip(&rest, done);
    forward_rows(&rest, outputs - done, group, vectors);
    f.w += vectors * WIDTH;
    f.scale += vectors * WIDTH;
    f.shift += vectors * WIDTH;
    f.y += vectors * WIDTH * f.y_lane_bytes;
    if (f.best) f.best += vectors * WIDTH;
    left -= vectors;
  }
}

static void forward(const nml_forward *p) {
  const ptrdiff_t lane = p->floats ? sizeof(float) : sizeof(ELEMENT);
  forwarding f = {.x = p->x,
                  .row = p->row,
                  .tap = p->tap,
                  .tap_end = p->tap + p->taps,
                  .apart = {0, p->right, p->below, p->right + p->below},
                  .w = p->w,
                  .w_pitch = p->w_pitch,
                  .scale = p->scale ? p->scale : p->shift,
                  .shift = p->shift,
                  .relu = p->relu,
                  .mean = p->group == NML_GROUP_MEAN,
                  .floats = p->floats != 0,
                  .y = p->y,
                  .y_pitch_bytes = p->y_pitch * lane,
                  .y_lane_bytes = lane,
                  .best = p->best,
                  .best_pitch = p->y_pitch};
  const int group = p->group == NML_GROUP_NONE ? 1 : GROUP;
  assert(p->lanes % NML_LANES == 0 && p->w_pitch % NML_LANES == 0);
  assert((uintptr_t)p->w % 64 == 0);
  assert(!p->best || (p->group == NML_GROUP_LARGEST && p->floats));
  forward_columns(f, p->outputs, group, p->lanes);
}
