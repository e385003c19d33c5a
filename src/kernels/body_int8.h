/* body_int8.h: products of fours of bytes, unsigned by signed. A file that
 * includes it sets what body_sizes.h and body_forward.h want, and
 *
 *   NARROW_SET, NARROW_NAME   the table, and its name as a string
 *   ADD_FOURS(sum, fours, m)  the processor's product of fours
 *   LARGER_SUM(a, b)          the larger, lane by lane
 *   STORE_BYTES(to, value)    rounds floats to the nearest, halves to the even,
 *                             cuts them to 0..255 and writes bytes
 */
#include "kernels/body_sizes.h"

typedef int32_t word __attribute__((may_alias, aligned(1)));

#define ELEMENT uint8_t
#define SUM vi
#define SPREAD(x) ((vi){0} + *(const word *)(x))
#define ADD(sum, spread, m) ADD_FOURS(sum, spread, m)

#define HELD_TAPS 3 /* 3 x 3 of one channel */
#define HELD_SUMS 8
#define START(shift) ((vi){0})
#define VALUE(sum, scale, shift) \
  (__builtin_convertvector(sum, vf) * load(scale) + load(shift))
#define LARGER(a, b) LARGER_SUM(a, b)
#define STORE(to, value) STORE_BYTES(to, value)
#include "kernels/body_forward.h"

#define TABLE_OF(set) nml_int8_kernels_##set
#define TABLE(set) TABLE_OF(set)

const nml_int8_kernels TABLE(NARROW_SET) = {.name = NARROW_NAME,
                                            .forward = forward};
