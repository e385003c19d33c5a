/* avx2.c: the kernels for x86-64 with AVX2 and FMA: 16 registers of 32 bytes.
 * Compiled with -mavx2 -mfma; elsewhere it is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_AVX2)
#define SET avx2
#define SET_NAME "avx2"
#define VECTOR_BYTES 32
#define ACCUMULATORS 12
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define WIDE_ROWS 1

#include "kernels/body.h"
#endif
