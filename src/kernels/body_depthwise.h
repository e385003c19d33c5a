/* body_depthwise.h: convolution of each channel with a window of its own, and
 * its gradients, for body.h. Lane by lane in vectors; the weights of a vector's
 * 3 x 3 windows stay in registers while the map goes by, at its edges too;
 * other sizes are done by loops, in the same order. */

enum { HELD_PLACES = 9 }; /* 3 x 3 */

typedef struct edges {
  int first, end; /* of the windows in a line that lie on the map as a whole */
} edges;

INLINE edges edges_of(int in, int out, int window, int stride, int pad) {
  edges e = {.first = (pad + stride - 1) / stride};
  const int room = in + pad - window;
  e.first = at_most(e.first, out);
  e.end = room < 0 ? 0 : at_most(room / stride + 1, out);
  e.end = at_least(e.end, e.first);
  return e;
}

/* ---- Forward ------------------------------------------------------------ */

INLINE vf window_sum(const nml_windows *w, const float *x, part p,
                     const float *weights, vf sum) {
  for (int wy = p.y0; wy < p.y1; wy++) {
    for (int wx = p.x0; wx < p.x1; wx++) {
      ptrdiff_t from =
          ((ptrdiff_t)(wy - p.y0) * w->in_w + (wx - p.x0)) * w->pitch;
      ptrdiff_t place = (ptrdiff_t)(wy * w->window_w + wx) * w->pitch;
      sum += load(x + p.at + from) * load(weights + place);
    }
  }
  return sum;
}

/* The places [y0, y1) x [x0, x1) of a window whose first, on the map or not, is
 * x[at]. */
INLINE vf held_sum(const float *x, ptrdiff_t at, ptrdiff_t line,
                   ptrdiff_t pitch, const vf held[HELD_PLACES], vf sum,
                   const int y0, const int y1, const int x0, const int x1) {
  UNROLL for (int q = 0; q < HELD_PLACES; q++) {
    if (q / 3 >= y0 && q / 3 < y1 && q % 3 >= x0 && q % 3 < x1)
      sum += load(x + (at + q / 3 * line + q % 3 * pitch)) * held[q];
  }
  return sum;
}

INLINE void hold(const nml_windows *w, const float *weights, const bool turned,
                 vf held[HELD_PLACES]) {
  const bool is_3x3 = w->window_h == 3 && w->window_w == 3;
  UNROLL for (int q = 0; q < HELD_PLACES; q++) {
    const int place = turned ? HELD_PLACES - 1 - q : q;
    held[q] = is_3x3 ? load(weights + (ptrdiff_t)place * w->pitch) : (vf){0};
  }
}

/* Windows of 3 x 3 that hang over an edge by one place at most, and over no two
 * edges that face each other: then held_line does them all. */
INLINE bool is_held(const nml_windows *w) {
  const int below = (w->out_h - 1) * w->stride + 3 - w->pad_top - w->in_h;
  const int right = (w->out_w - 1) * w->stride + 3 - w->pad_left - w->in_w;
  return w->window_h == 3 && w->window_w == 3 && w->pad_top <= 1 &&
         w->pad_left <= 1 && below <= 1 && right <= 1 && w->in_h >= 2 &&
         w->in_w >= 2;
}

/* A line of windows, of which the rows [y0, y1) lie on the map. */
INLINE void held_line(const nml_windows *w, const float *x, int out_y,
                      const vf held[HELD_PLACES], const vf start,
                      const int relu, float *y, const int y0, const int y1) {
  const ptrdiff_t pitch = w->pitch, line = w->in_w * pitch;
  const ptrdiff_t step = w->stride * pitch;
  const edges inner =
      edges_of(w->in_w, w->out_w, w->window_w, w->stride, w->pad_left);
  ptrdiff_t at = (out_y * w->stride - w->pad_top) * line - w->pad_left * pitch;
  int out_x = 0;
  for (; out_x < inner.first; out_x++, y += pitch, at += step)
    store(y, activate(held_sum(x, at, line, pitch, held, start, y0, y1, 1, 3),
                      relu));
  for (; out_x < inner.end; out_x++, y += pitch, at += step)
    store(y, activate(held_sum(x, at, line, pitch, held, start, y0, y1, 0, 3),
                      relu));
  for (; out_x < w->out_w; out_x++, y += pitch, at += step)
    store(y, activate(held_sum(x, at, line, pitch, held, start, y0, y1, 0, 2),
                      relu));
}

/* The same of any windows. */
INLINE void any_line(const nml_windows *w, const float *x, int out_y,
                     const float *weights, const vf start, const int relu,
                     float *y) {
  for (int out_x = 0; out_x < w->out_w; out_x++, y += w->pitch)
    store(y,
          activate(window_sum(w, x, part_of(w, out_y, out_x), weights, start),
                   relu));
}

static void depthwise(const nml_windows *w, const float *x,
                      const float *weights, const float *shift, int relu,
                      float *y) {
  const ptrdiff_t line = (ptrdiff_t)w->out_w * w->pitch;
  const bool in_registers = is_held(w);
  for (int k = 0; k < w->pitch; k += WIDTH) {
    const vf start = load(shift + k);
    float *to = y + k;
    vf held[HELD_PLACES];
    hold(w, weights + k, false, held);
    for (int out_y = 0; out_y < w->out_h; out_y++, to += line) {
      const int top = out_y * w->stride - w->pad_top;
      if (!in_registers)
        any_line(w, x + k, out_y, weights + k, start, relu, to);
      else if (top < 0)
        held_line(w, x + k, out_y, held, start, relu, to, 1, 3);
      else if (top + 3 > w->in_h)
        held_line(w, x + k, out_y, held, start, relu, to, 0, 2);
      else
        held_line(w, x + k, out_y, held, start, relu, to, 0, 3);
    }
  }
}

/* ---- By the data -------------------------------------------------------- */

/* What the outputs that see pixel (y, x) send back to it. */
INLINE vf sent_back(const nml_windows *w, const float *dy, const float *weights,
                    int y, int x) {
  const int at_y = y + w->pad_top, at_x = x + w->pad_left, s = w->stride;
  const int y_end = at_most(at_y / s + 1, w->out_h);
  const int x_end = at_most(at_x / s + 1, w->out_w);
  const int y_first = at_least(at_y - w->window_h + s, 0) / s;
  const int x_first = at_least(at_x - w->window_w + s, 0) / s;
  vf sum = {0};
  for (int out_y = y_first; out_y < y_end; out_y++) {
    for (int out_x = x_first; out_x < x_end; out_x++) {
      const int place = (at_y - out_y * s) * w->window_w + at_x - out_x * s;
      const ptrdiff_t from = (ptrdiff_t)out_y * w->out_w + out_x;
      sum += load(dy + from * w->pitch) *
             load(weights + (ptrdiff_t)place * w->pitch);
    }
  }
  return sum;
}

/* The pixels of a line that see 3 outputs each way, with a stride of 1. */
INLINE int back_row_held(const nml_windows *w, const float *dy, edges inner,
                         int y, const vf held[HELD_PLACES], float *dx) {
  const ptrdiff_t pitch = w->pitch, line = w->out_w * pitch;
  const float *from = dy + (y + w->pad_top - 2) * line +
                      (inner.first + w->pad_left - 2) * pitch;
  for (int x = inner.first; x < inner.end; x++, from += pitch)
    store(dx + x * pitch,
          held_sum(from, 0, line, pitch, held, (vf){0}, 0, 3, 0, 3));
  return inner.end;
}

static void depthwise_data(const nml_windows *w, const float *dy,
                           const float *weights, float *dx) {
  const ptrdiff_t pitch = w->pitch, line = w->in_w * pitch;
  const bool is_3x3 = w->window_h == 3 && w->window_w == 3 && w->stride == 1;
  const edges rows = edges_of(w->out_h, w->in_h, 3, 1, 2 - w->pad_top);
  const edges inner = edges_of(w->out_w, w->in_w, 3, 1, 2 - w->pad_left);
  for (int k = 0; k < w->pitch; k += WIDTH) {
    vf held[HELD_PLACES];
    hold(w, weights + k, true, held);
    for (int y = 0; y < w->in_h; y++) {
      const bool whole = is_3x3 && y >= rows.first && y < rows.end;
      float *to = dx + k + y * line;
      for (int x = 0; x < w->in_w; x++) {
        if (whole && x == inner.first)
          x = back_row_held(w, dy + k, inner, y, held, to);
        if (x < w->in_w)
          store(to + x * pitch, sent_back(w, dy + k, weights + k, y, x));
      }
    }
  }
}

/* ---- By the weights ----------------------------------------------------- */

/* Adds what one window saw, times its output's gradient. */
INLINE void window_gradient(const nml_windows *w, const float *x, part p,
                            vf delta, float *dw) {
  for (int wy = p.y0; wy < p.y1; wy++) {
    for (int wx = p.x0; wx < p.x1; wx++) {
      ptrdiff_t from =
          ((ptrdiff_t)(wy - p.y0) * w->in_w + (wx - p.x0)) * w->pitch;
      float *to = dw + (ptrdiff_t)(wy * w->window_w + wx) * w->pitch;
      store(to, load(to) + load(x + p.at + from) * delta);
    }
  }
}

INLINE void held_gradient(const float *x, ptrdiff_t line, ptrdiff_t pitch,
                          vf delta, vf held[HELD_PLACES]) {
  UNROLL for (int q = 0; q < HELD_PLACES; q++) {
    held[q] += load(x + q / 3 * line + q % 3 * pitch) * delta;
  }
}

INLINE void weights_lanes(const nml_windows *w, const float *x, const float *dy,
                          float *dw) {
  const ptrdiff_t pitch = w->pitch, line = w->in_w * pitch;
  const bool is_3x3 = w->window_h == 3 && w->window_w == 3;
  const edges inner =
      edges_of(w->in_w, w->out_w, w->window_w, w->stride, w->pad_left);
  vf held[HELD_PLACES] = {{0}};
  for (int out_y = 0; out_y < w->out_h; out_y++) {
    const int top = out_y * w->stride - w->pad_top;
    const bool whole = is_3x3 && top >= 0 && top + 3 <= w->in_h;
    for (int out_x = 0; out_x < w->out_w; out_x++, dy += pitch) {
      if (whole && out_x == inner.first) {
        const float *from =
            x + top * line + (inner.first * w->stride - w->pad_left) * pitch;
        for (; out_x < inner.end; out_x++, dy += pitch) {
          held_gradient(from, line, pitch, load(dy), held);
          from += w->stride * pitch;
        }
        if (out_x == w->out_w) break;
      }
      window_gradient(w, x, part_of(w, out_y, out_x), load(dy), dw);
    }
  }
  for (int q = 0; is_3x3 && q < HELD_PLACES; q++) {
    float *to = dw + q * pitch;
    store(to, load(to) + held[q]);
  }
}

static void depthwise_weights(const nml_windows *w, const float *x,
                              const float *dy, float *dw) {
  for (int k = 0; k < w->pitch; k += WIDTH)
    weights_lanes(w, x + k, dy + k, dw + k);
}
