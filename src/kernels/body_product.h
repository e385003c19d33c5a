/* body_product.h: the gathered product of floats and its gradient, for body.h:
 * one sum with rows and taps exchanged. See kernels.h. */

#define ELEMENT float
#define SUM vf
#define SPREAD(x) (*(x))
#define ADD(sum, spread, m) ((sum) + (spread) * (m))
#define FINISH(sum) rectify(sum)
#include "kernels/body_tiles.h"

#define HELD_TAPS 9 /* 3 x 3 of one channel */
#define HELD_SUMS 8
#define START(shift) load(shift)
#define VALUE(sum, scale, shift) (sum)
#define LARGER(a, b) larger(a, b)
#define STORE(to, value) store(to, value)
#include "kernels/body_forward.h"

static void product(const nml_product *p) {
  gather g = {.x = p->x,
              .outer = p->row,
              .inner = p->tap,
              .inner_count = p->taps,
              .m = (const int32_t *)p->w,
              .m_pitch = p->w_pitch,
              .start = (const int32_t *)p->bias,
              .resume = p->accumulate != 0,
              .relu = p->relu != 0,
              .out = (int32_t *)p->y,
              .out_pitch = p->y_pitch,
              .out_row = p->y_row};
  gather_all(g, p->rows, p->lanes);
}

static void product_gradient(const nml_product_gradient *p) {
  gather g = {.x = p->x,
              .outer = p->tap,
              .inner = p->row,
              .inner_count = p->rows,
              .m = (const int32_t *)p->dy,
              .m_pitch = p->dy_pitch,
              .resume = p->accumulate != 0,
              .out = (int32_t *)p->dw,
              .out_pitch = p->w_pitch};
  gather_all(g, p->taps, p->lanes);
}
