/* body_transpose.h: a square of WIDTH x WIDTH values of 32 bits, turned. */
#ifndef NML_KERNELS_BODY_TRANSPOSE_H
#define NML_KERNELS_BODY_TRANSPOSE_H

#include "kernels/body_vectors.h"

/* gcc before 12 has this under another name. */
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#endif

/* Interleaving the lower, or the upper, halves of two vectors. */
#if VECTOR_BYTES == 16
#define ZIP_LOW(a, b) SHUFFLE(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) SHUFFLE(a, b, 2, 6, 3, 7)
#elif VECTOR_BYTES == 32
#define ZIP_LOW(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_LOW(a, b) \
  SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
  SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

/* log2(WIDTH) perfect shuffles of all rows transpose a square. */
INLINE void transpose_square(const float *x, ptrdiff_t x_pitch, float *y,
                             ptrdiff_t y_pitch) {
  vf a[WIDTH], b[WIDTH];
  UNROLL for (int i = 0; i < WIDTH; i++) a[i] = load(x + i * x_pitch);
  UNROLL for (int stage = 1; stage < WIDTH; stage *= 2) {
    UNROLL for (int i = 0; i < WIDTH / 2; i++) {
      b[2 * i] = ZIP_LOW(a[i], a[i + WIDTH / 2]);
      b[2 * i + 1] = ZIP_HIGH(a[i], a[i + WIDTH / 2]);
    }
    UNROLL for (int i = 0; i < WIDTH; i++) a[i] = b[i];
  }
  UNROLL for (int i = 0; i < WIDTH; i++) store(y + i * y_pitch, a[i]);
}

#endif
