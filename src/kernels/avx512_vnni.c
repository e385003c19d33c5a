/* avx512_vnni.c: products of bytes for x86-64 with AVX512-VNNI. Compiled with
 * -mavx512vnni and its kin; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX512_VNNI)
#include <immintrin.h>

#define NARROW_SET avx512
#define NARROW_NAME "avx512_vnni"
#define VECTOR_BYTES 64
#define ACCUMULATORS 24
#define TILE_ROWS 10
#define TILE_VECTORS 4
#define WIDE_ROWS 2
#define ADD_FOURS(sum, fours, m) \
  ((vi)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(fours), (__m512i)(m)))

#define LARGER_SUM(a, b) ((vi)_mm512_max_epi32((__m512i)(a), (__m512i)(b)))
/* cut above first: what is too large for an integer would become the least */
#define STORE_BYTES(to, value)                                        \
  _mm_storeu_si128((__m128i *)(void *)(to),                           \
                   _mm512_cvtusepi32_epi8(_mm512_max_epi32(           \
                       _mm512_cvtps_epi32(_mm512_min_ps(              \
                           (__m512)(value), _mm512_set1_ps(255.0f))), \
                       _mm512_setzero_si512())))

#include "kernels/body_int8.h"
#endif
