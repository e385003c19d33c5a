/* avx512_bf16.c: products of bf16 for x86-64 with AVX512-BF16. Compiled with
 * -mavx512bf16 and its kin; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX512_BF16)
#include "kernels/avx512_winners.h"

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

#define PAIR_LOW(a, b)                                                         \
  ((vi)_mm512_permutex2var_epi16(                                              \
      (__m512i)(a),                                                            \
      _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9,  \
                       40, 8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, \
                       32, 0),                                                 \
      (__m512i)(b)))
#define PAIR_HIGH(a, b)                                                        \
  ((vi)_mm512_permutex2var_epi16(                                              \
      (__m512i)(a),                                                            \
      _mm512_set_epi16(63, 31, 62, 30, 61, 29, 60, 28, 59, 27, 58, 26, 57, 25, \
                       56, 24, 55, 23, 54, 22, 53, 21, 52, 20, 51, 19, 50, 18, \
                       49, 17, 48, 16),                                        \
      (__m512i)(b)))

#include "kernels/body_bf16.h"
#endif
