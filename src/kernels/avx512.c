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

#include "kernels/avx512_winners.h"
#include "kernels/body.h"
#endif
