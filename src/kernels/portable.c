/* portable.c: the kernels for any processor, in vectors of 16 bytes, which a
 * compiler turns into whatever there is. */
#define SET portable
#define SET_NAME "portable"
#define VECTOR_BYTES 16
#define ACCUMULATORS 12
#define TILE_ROWS 3
#define TILE_VECTORS 4
#define WIDE_ROWS 1

#include "kernels/dispatch.h"

#include "kernels/body.h"
