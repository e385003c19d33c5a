/* body_pool.h: the largest value and the mean of windows, and their gradients,
 * for body.h. Each runs lane by lane in vectors; 2x2 windows inside the map,
 * which nearly all networks use, are unrolled by passing constants. */

/* The part of a window that lies on the map: places [y0, y1) x [x0, x1) of
 * it, and the floats from the map's first to place (y0, x0). */
typedef struct part {
  int y0, y1, x0, x1;
  ptrdiff_t at;
} part;

INLINE int at_least(int a, int b) { return a > b ? a : b; }
INLINE int at_most(int a, int b) { return a < b ? a : b; }

INLINE part part_of(const nml_windows *w, int out_y, int out_x) {
  int y = out_y * w->stride - w->pad_top, x = out_x * w->stride - w->pad_left;
  part p = {.y0 = at_least(0, -y),
            .y1 = at_most(w->window_h, w->in_h - y),
            .x0 = at_least(0, -x),
            .x1 = at_most(w->window_w, w->in_w - x)};
  assert(p.y0 < p.y1 && p.x0 < p.x1);
  p.at = ((ptrdiff_t)(y + p.y0) * w->in_w + x + p.x0) * w->pitch;
  return p;
}

INLINE bool is_2x2(const nml_windows *w, part p) {
  return w->window_h == 2 && w->window_w == 2 && p.y1 - p.y0 == 2 &&
         p.x1 - p.x0 == 2;
}

/* Each window's pixels are its own, and the first lies at (0, 0): then a
 * gradient can be written instead of added. */
INLINE bool is_tiling(const nml_windows *w) {
  return w->stride == w->window_h && w->stride == w->window_w &&
         w->pad_top == 0 && w->pad_left == 0 &&
         w->out_h * w->stride <= w->in_h && w->out_w * w->stride <= w->in_w;
}

/* Zeros where no window of a tiling looks: right and below. */
static void clear_uncovered(const nml_windows *w, float *dx) {
  const size_t pixel = (size_t)w->pitch * sizeof *dx;
  const int covered_h = w->out_h * w->stride, covered_w = w->out_w * w->stride;
  for (int y = 0; y < w->in_h; y++) {
    int x = y < covered_h ? covered_w : 0;
    if (x < w->in_w)
      memset(dx + ((ptrdiff_t)y * w->in_w + x) * w->pitch, 0,
             (size_t)(w->in_w - x) * pixel);
  }
}

static void clear_map(const nml_windows *w, float *dx) {
  memset(dx, 0,
         (size_t)w->in_h * (size_t)w->in_w * (size_t)w->pitch * sizeof *dx);
}

INLINE void maxpool_pixel(const float *x, ptrdiff_t line, int pitch, part p,
                          int window_w, float *y, uint8_t *best) {
  for (int k = 0; k < pitch; k += WIDTH) {
    vf top = load(x + k);
    vi place = (vi){0} + (p.y0 * window_w + p.x0);
    for (int wy = p.y0; wy < p.y1; wy++) {
      for (int wx = p.x0; wx < p.x1; wx++) {
        ptrdiff_t from = (wy - p.y0) * line + (wx - p.x0) * pitch;
        vf value = load(x + from + k);
        vi better = (value > top) | (value != value); /* a NaN wins */
        top = choose(better, value, top);
        place = (better & (wy * window_w + wx)) | (~better & place);
      }
    }
    store(y + k, top);
    if (best) store_bytes(best + k, place);
  }
}

static void maxpool(const nml_windows *w, const float *x, float *y,
                    uint8_t *best) {
  const ptrdiff_t line = (ptrdiff_t)w->in_w * w->pitch;
  const part whole = {.y0 = 0, .y1 = 2, .x0 = 0, .x1 = 2};
  for (int out_y = 0; out_y < w->out_h; out_y++) {
    for (int out_x = 0; out_x < w->out_w; out_x++) {
      part p = part_of(w, out_y, out_x);
      if (is_2x2(w, p))
        maxpool_pixel(x + p.at, line, w->pitch, whole, 2, y, best);
      else
        maxpool_pixel(x + p.at, line, w->pitch, p, w->window_w, y, best);
      y += w->pitch;
      if (best) best += w->pitch;
    }
  }
}

INLINE void maxpool_gradient_pixel(const float *dy, const uint8_t *best,
                                   ptrdiff_t line, int pitch, part p,
                                   int window_w, bool write, float *dx) {
  for (int k = 0; k < pitch; k += WIDTH) {
    vf gradient = load(dy + k);
    vi place = load_bytes(best + k);
    for (int wy = p.y0; wy < p.y1; wy++) {
      for (int wx = p.x0; wx < p.x1; wx++) {
        float *to = dx + (wy - p.y0) * line + (wx - p.x0) * pitch + k;
        vi here = place == wy * window_w + wx;
        vf part_here = (vf)(here & (vi)gradient);
        if (!write) part_here += load(to);
        store(to, part_here);
      }
    }
  }
}

static void maxpool_gradient(const nml_windows *w, const float *dy,
                             const uint8_t *best, float *dx) {
  const ptrdiff_t line = (ptrdiff_t)w->in_w * w->pitch;
  const part whole = {.y0 = 0, .y1 = 2, .x0 = 0, .x1 = 2};
  const bool write = is_tiling(w);
  if (write)
    clear_uncovered(w, dx);
  else
    clear_map(w, dx);
  for (int out_y = 0; out_y < w->out_h; out_y++) {
    for (int out_x = 0; out_x < w->out_w; out_x++) {
      part p = part_of(w, out_y, out_x);
      if (write && is_2x2(w, p))
        maxpool_gradient_pixel(dy, best, line, w->pitch, whole, 2, true,
                               dx + p.at);
      else
        maxpool_gradient_pixel(dy, best, line, w->pitch, p, w->window_w, write,
                               dx + p.at);
      dy += w->pitch;
      best += w->pitch;
    }
  }
}

INLINE float share_of_part(part p) {
  return 1.0f / (float)((p.y1 - p.y0) * (p.x1 - p.x0));
}

INLINE void avgpool_pixel(const float *x, ptrdiff_t line, int pitch, part p,
                          float *y) {
  const float share = share_of_part(p);
  for (int k = 0; k < pitch; k += WIDTH) {
    vf sum = {0};
    for (int wy = 0; wy < p.y1 - p.y0; wy++) {
      for (int wx = 0; wx < p.x1 - p.x0; wx++) {
        sum += load(x + wy * line + wx * pitch + k);
      }
    }
    store(y + k, sum * share);
  }
}

static void avgpool(const nml_windows *w, const float *x, float *y) {
  const ptrdiff_t line = (ptrdiff_t)w->in_w * w->pitch;
  const part whole = {.y0 = 0, .y1 = 2, .x0 = 0, .x1 = 2};
  for (int out_y = 0; out_y < w->out_h; out_y++) {
    for (int out_x = 0; out_x < w->out_w; out_x++) {
      part p = part_of(w, out_y, out_x);
      if (is_2x2(w, p))
        avgpool_pixel(x + p.at, line, w->pitch, whole, y);
      else
        avgpool_pixel(x + p.at, line, w->pitch, p, y);
      y += w->pitch;
    }
  }
}

INLINE void avgpool_gradient_pixel(const float *dy, ptrdiff_t line, int pitch,
                                   part p, bool write, float *dx) {
  const float share = share_of_part(p);
  for (int k = 0; k < pitch; k += WIDTH) {
    vf gradient = load(dy + k) * share;
    for (int wy = 0; wy < p.y1 - p.y0; wy++) {
      for (int wx = 0; wx < p.x1 - p.x0; wx++) {
        float *to = dx + wy * line + wx * pitch + k;
        vf value = gradient;
        if (!write) value += load(to);
        store(to, value);
      }
    }
  }
}

static void avgpool_gradient(const nml_windows *w, const float *dy, float *dx) {
  const ptrdiff_t line = (ptrdiff_t)w->in_w * w->pitch;
  const part whole = {.y0 = 0, .y1 = 2, .x0 = 0, .x1 = 2};
  const bool write = is_tiling(w);
  if (write)
    clear_uncovered(w, dx);
  else
    clear_map(w, dx);
  for (int out_y = 0; out_y < w->out_h; out_y++) {
    for (int out_x = 0; out_x < w->out_w; out_x++) {
      part p = part_of(w, out_y, out_x);
      if (write && is_2x2(w, p))
        avgpool_gradient_pixel(dy, line, w->pitch, whole, true, dx + p.at);
      else
        avgpool_gradient_pixel(dy, line, w->pitch, p, write, dx + p.at);
      dy += w->pitch;
    }
  }
}
