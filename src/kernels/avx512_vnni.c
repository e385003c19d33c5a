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

#include "kernels/body_int8.h"
#endif
