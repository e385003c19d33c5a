/* body_int8.h: products of fours of bytes, unsigned by signed. A file that
 * includes it sets what body_vectors.h and body_tiles.h want, and
 *
 *   NARROW_SET, NARROW_NAME   the table, and its name as a string
 *   ADD_FOURS(sum, fours, m)  the processor's product of fours
 */
#include "kernels/body_vectors.h"

typedef int32_t word __attribute__((may_alias, aligned(1)));

#define ELEMENT uint8_t
#define SUM vi
#define SPREAD(x) ((vi){0} + *(const word *)(x))
#define ADD(sum, spread, m) ADD_FOURS(sum, spread, m)
#define FINISH(sum) (sum)
#include "kernels/body_tiles.h"

static void product(const nml_product_int8 *p) {
  gather g = {.x = p->x,
              .outer = p->row,
              .inner = p->tap,
              .inner_count = p->taps,
              .m = (const int32_t *)p->w,
              .m_pitch = p->w_pitch,
              .start = p->bias,
              .out = p->y,
              .out_pitch = p->y_pitch};
  gather_all(g, p->rows, p->lanes);
}

#define TABLE_OF(set) nml_int8_kernels_##set
#define TABLE(set) TABLE_OF(set)

const nml_int8_kernels TABLE(NARROW_SET) = {.name = NARROW_NAME,
                                            .product = product};
