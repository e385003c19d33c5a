/* avx512.c: the kernels for x86-64 with AVX-512: 32 registers of 64 bytes.
 * Compiled with -mavx512f and its kin; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX512)
#define SET avx512
#define SET_NAME "avx512"
#define VECTOR_BYTES 64
#define ACCUMULATORS 24
#define TILE_ROWS 10
#define TILE_VECTORS 4
#define WIDE_ROWS 2

#include "kernels/avx512_parts.h"
#define HAVE_LOOKUP
typedef __m512 patch;
static inline patch load_patch(const float *x, const float *y,
                               ptrdiff_t pitch) {
  (void)y;
  patch rows = _mm512_castps128_ps512(_mm_loadu_ps(x));
  rows = _mm512_insertf32x4(rows, _mm_loadu_ps(x + pitch), 1);
  rows = _mm512_insertf32x4(rows, _mm_loadu_ps(x + 2 * pitch), 2);
  return _mm512_insertf32x4(rows, _mm_loadu_ps(x + 3 * pitch), 3);
}
#define lookup(seen, index) ((vf)_mm512_permutexvar_ps((__m512i)(index), seen))

#include "kernels/body.h"
#endif
