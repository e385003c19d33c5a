/* avx2_vnni.c: products of bytes for x86-64 with AVX-VNNI, in registers of 32
 * bytes: processors that have no AVX-512. Compiled with -mavxvnni and its kin;
 * elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX2_VNNI)
#include <immintrin.h>

#define NARROW_SET avx2
#define NARROW_NAME "avx2_vnni"
#define VECTOR_BYTES 32
#define ACCUMULATORS 12
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define WIDE_ROWS 1
#define ADD_FOURS(sum, fours, m) \
  ((vi)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(fours), (__m256i)(m)))
#define LARGER_SUM(a, b) ((vi)_mm256_max_epi32((__m256i)(a), (__m256i)(b)))
/* cut above first: what is too large for an integer would become the least */
#define STORE_BYTES(to, value) store_cut(to, (__m256)(value))

static inline void store_cut(void *to, __m256 value) {
  __m256i whole =
      _mm256_cvtps_epi32(_mm256_min_ps(value, _mm256_set1_ps(255.0f)));
  __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(whole),
                                   _mm256_extracti128_si256(whole, 1));
  _mm_storel_epi64(to, _mm_packus_epi16(words, words));
}

#include "kernels/body_int8.h"
#endif
