/* avx2.c: the kernels for x86-64 with AVX2 and FMA: 16 registers of 32 bytes.
 * Compiled with -mavx2 -mfma; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX2)
#include <immintrin.h>

#define SET avx2
#define SET_NAME "avx2"
#define VECTOR_BYTES 32
#define ACCUMULATORS 12
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define WIDE_ROWS 1

#define LANE_BITS(mask) ((uint64_t)(unsigned)_mm256_movemask_ps((__m256)(mask)))
#define HAVE_LOOKUP
typedef struct patch {
  __m256 low, high;
} patch;
static inline patch load_patch(const float *x, const float *y,
                               ptrdiff_t pitch) {
  (void)y;
  patch rows = {_mm256_loadu2_m128(x + pitch, x),
                _mm256_loadu2_m128(x + 3 * pitch, x + 2 * pitch)};
  return rows;
}
#define lookup(seen, index) ((vf)lookup_halves(seen, (__m256i)(index)))
static inline __m256 lookup_halves(patch seen, __m256i index) {
  __m256 low = _mm256_permutevar8x32_ps(seen.low, index);
  __m256 high = _mm256_permutevar8x32_ps(seen.high, index);
  __m256i in_high = _mm256_slli_epi32(index, 28); /* bit 3 as the sign */
  return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(in_high));
}

#include "kernels/body.h"
#endif
