/* body_winner_pixels.h: the gradient by the weights of a 3 x 3 convolution of
 * one channel behind a 2 x 2 maximum (winner_pixels in kernels.h), for the kind
 * of number that body_winners.h is set for.
 *
 * All that a window's winners can have seen are 4 x 4 pixels. Each unit looks
 * its own nine up among them, so a quarter of the multiply-adds are left and
 * no map of gradients is made. The including file has, where it can,
 *
 *   patch                  4 rows of 4 elements of each of FOLD windows, in
 *                          registers (through memory, each would wait for its
 *                          stores)
 *   load_patch(x, y, pitch)    of windows at x, and at y
 *   lookup(patch, index)   lane by lane the element of that number, 0..15, of
 *                          each window
 *
 * and sets
 *
 *   PATCH_INDEX(a, b)      index of the elements a and b in their windows
 *   PATCH_STEP             what moves it by one element in each
 *   PATCH_DY(a, b)         gradients of both windows
 *   ADD_LOOKED_UP(sum, seen, dy)
 */

enum { PATCH_SIDE = 4, PIXEL_SIDE = 3, PIXEL_VECTORS = 2 };

/* The first pixel that the winners saw: place 2 is the second row's first. */
INLINE vi winner_corner(const uint8_t *best, const uint8_t *beside) {
  (void)beside;
  const vi place = PATCH_INDEX(load_bytes(best), load_bytes(beside));
  return place + (place & 2 * PATCH_STEP);
}

INLINE void winner_pixels_units(const nml_winners *w, const WINNER_ELEMENT *x,
                                int unit, float *dw, ptrdiff_t dw_pitch,
                                const int vectors) {
  vf sum[PIXEL_SIDE * PIXEL_SIDE][PIXEL_VECTORS];
  UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      sum[t][v] = load(dw + t * dw_pitch + v * WIDTH);
    }
  }
  for (int j = 0; j < w->outputs; j += FOLD) {
    const bool alone = j + FOLD > w->outputs;
    const int other = alone ? j : j + FOLD - 1;
    const ptrdiff_t at = (ptrdiff_t)j * w->pitch + unit;
    const ptrdiff_t beside = (ptrdiff_t)other * w->pitch + unit;
    const patch seen =
        load_patch(x + w->row[j], x + w->row[other], w->run_pitch);
    UNROLL for (int v = 0; v < vectors; v++) {
      const vi corner =
          winner_corner(w->best + at + v * WIDTH, w->best + beside + v * WIDTH);
      vf dy = {0}; /* beside: there may be none */
      if (!alone) dy = load(w->dy + beside + v * WIDTH);
      const vf both = PATCH_DY(load(w->dy + at + v * WIDTH), dy);
      UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
        const int step = t / PIXEL_SIDE * PATCH_SIDE + t % PIXEL_SIDE;
        sum[t][v] = ADD_LOOKED_UP(
            sum[t][v], lookup(seen, corner + step * PATCH_STEP), both);
      }
    }
  }
  UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      store(dw + t * dw_pitch + v * WIDTH, sum[t][v]);
    }
  }
}

static void winner_pixels(const nml_winners *w, const WINNER_ELEMENT *x,
                          float *dw, int dw_pitch) {
  int unit = 0;
  for (; unit + PIXEL_VECTORS * WIDTH <= w->pitch;
       unit += PIXEL_VECTORS * WIDTH)
    winner_pixels_units(w, x, unit, dw + unit, dw_pitch, PIXEL_VECTORS);
  for (; unit < w->pitch; unit += WIDTH)
    winner_pixels_units(w, x, unit, dw + unit, dw_pitch, 1);
}
