/* avx512_bf16.c: products of bf16 for x86-64 with AVX512-BF16. Compiled with
 * -mavx512bf16 and its kin; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX512_BF16)
#include "kernels/avx512_parts.h"

#define NARROW_SET avx512
#define NARROW_NAME "avx512_bf16"
#define VECTOR_BYTES 64
#define ACCUMULATORS 24
#define TILE_ROWS 10
#define TILE_VECTORS 4
#define WIDE_ROWS 2
#define ADD_PAIRS(sum, pairs, m) \
  ((vf)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(pairs), (__m512bh)(m)))
#define ROUND_TWO(low, high) \
  ((vi)_mm512_cvtne2ps_pbh((__m512)(high), (__m512)(low)))
#define ZIP(vector)                                                            \
  ((vi)_mm512_permutexvar_epi16(                                               \
      _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9,  \
                       24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, \
                       16, 0),                                                 \
      (__m512i)(vector)))

#define FOLD_IN(vector)                                                   \
  ((vi)_mm512_permutexvar_epi64(_mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0), \
                                (__m512i)(vector)))
/* Unpacking goes on beside the products; a permutation of both takes the
 * ports that they need (AMD Zen 5). */
#define PAIR_LOW(a, b) ((vi)_mm512_unpacklo_epi16((__m512i)(a), (__m512i)(b)))
#define PAIR_HIGH(a, b) ((vi)_mm512_unpackhi_epi16((__m512i)(a), (__m512i)(b)))

typedef __m512i patch;
static inline long long four_at(const unsigned short *x) {
  long long four;
  __builtin_memcpy(&four, x, sizeof four);
  return four;
}
static inline patch load_patch(const unsigned short *x, const unsigned short *y,
                               long pitch) {
  return _mm512_set_epi64(four_at(y + 3 * pitch), four_at(y + 2 * pitch),
                          four_at(y + pitch), four_at(y),
                          four_at(x + 3 * pitch), four_at(x + 2 * pitch),
                          four_at(x + pitch), four_at(x));
}
#define lookup(seen, index) \
  ((vi)_mm512_permutexvar_epi16((__m512i)(index), seen))

#include "kernels/body_bf16.h"
#endif
