/* body_winner_pixels.h: the gradient by the weights of a 3 x 3 convolution of
 * one channel behind a 2 x 2 maximum, for body.h (nml_kernels.winner_pixels).
 *
 * All that a window's winners can have seen are 4 x 4 pixels. Each unit looks
 * its own nine up among them, so a quarter of the multiply-adds are left and
 * no map of gradients is made. The including file has, where it can,
 *
 *   patch              4 rows of 4 floats in registers (through memory, each
 *                      would wait for its stores)
 *   load_patch(x, pitch)
 *   lookup(patch, index)   lane by lane the float of that number, 0..15
 */

enum { PATCH_SIDE = 4, PIXEL_SIDE = 3, PIXEL_VECTORS = 2 };

INLINE void winner_pixels_units(const nml_winners *w, const float *x, int unit,
                                float *dw, ptrdiff_t dw_pitch,
                                const int vectors) {
  vf sum[PIXEL_SIDE * PIXEL_SIDE][PIXEL_VECTORS];
  UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      sum[t][v] = load(dw + t * dw_pitch + v * WIDTH);
    }
  }
  for (int j = 0; j < w->outputs; j++) {
    const ptrdiff_t at = (ptrdiff_t)j * w->pitch + unit;
    const patch seen = load_patch(x + w->row[j], w->run_pitch);
    UNROLL for (int v = 0; v < vectors; v++) {
      vi best = load_bytes(w->best + at + v * WIDTH);
      vf dy = load(w->dy + at + v * WIDTH);
      best += best & 2; /* place 2 is the second row's first pixel */
      UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
        vi index = best + (t / PIXEL_SIDE * PATCH_SIDE + t % PIXEL_SIDE);
        sum[t][v] += lookup(seen, index) * dy;
      }
    }
  }
  UNROLL for (int t = 0; t < PIXEL_SIDE * PIXEL_SIDE; t++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      store(dw + t * dw_pitch + v * WIDTH, sum[t][v]);
    }
  }
}

static void winner_pixels(const nml_winners *w, const float *x, float *dw,
                          int dw_pitch) {
  int unit = 0;
  for (; unit + PIXEL_VECTORS * WIDTH <= w->pitch;
       unit += PIXEL_VECTORS * WIDTH)
    winner_pixels_units(w, x, unit, dw + unit, dw_pitch, PIXEL_VECTORS);
  for (; unit < w->pitch; unit += WIDTH)
    winner_pixels_units(w, x, unit, dw + unit, dw_pitch, 1);
}
