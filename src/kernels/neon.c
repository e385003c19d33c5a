/* neon.c: the kernels for 64-bit Arm: 32 registers of 16 bytes. Elsewhere it
 * is empty. */
#include "kernels/dispatch.h"

#if defined(NML_HAVE_NEON)
#define SET neon
#define SET_NAME "neon"
#define VECTOR_BYTES 16
#define ACCUMULATORS 20
#define TILE_ROWS 5
#define TILE_VECTORS 4
#define WIDE_ROWS 2

#include "kernels/body.h"
#endif
