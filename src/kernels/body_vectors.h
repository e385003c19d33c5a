/* body_vectors.h: what every kernel body is written with: vectors of
 * VECTOR_BYTES (16, 32 or 64), which the including file sets. */
#ifndef NML_KERNELS_BODY_VECTORS_H
#define NML_KERNELS_BODY_VECTORS_H

#include "kernels/kernels.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define INDEPENDENT _Pragma("GCC ivdep")
#endif
/* The compiler forgets what it knows of a pointer's target. */
#define FORGET(pointer) __asm__("" : "+r"(pointer))
#define INLINE static inline __attribute__((always_inline))

enum { WIDTH = VECTOR_BYTES / 4 }; /* floats in a vector */

typedef float vf __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef int32_t vi __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef float vf_anywhere
    __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(4)));

typedef uint8_t vb __attribute__((vector_size(WIDTH), may_alias, aligned(1)));
typedef uint16_t vshort __attribute__((vector_size(2 * WIDTH)));

INLINE vf load(const float *at) { return *(const vf_anywhere *)at; }
INLINE void store(float *at, vf value) { *(vf_anywhere *)at = value; }

/* WIDTH bytes as lanes, by way of 16 bits: at once, gcc 12 does it one by
 * one. */
INLINE vi load_bytes(const uint8_t *at) {
#if defined(LOAD_BYTES)
  return LOAD_BYTES(at);
#else
  return __builtin_convertvector(
      __builtin_convertvector(*(const vb *)at, vshort), vi);
#endif
}

/* Each lane as a byte, of values 0..255. */
INLINE void store_bytes(uint8_t *at, vi value) {
  *(vb *)at =
      __builtin_convertvector(__builtin_convertvector(value, vshort), vb);
}

INLINE vf choose(vi mask, vf yes, vf no) {
  return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

/* The larger of two; a NaN wins. */
INLINE vf larger(vf a, vf b) { return choose((b > a) | (b != b), b, a); }

/* max(0, value); a NaN stays one, so that divergence shows in the loss. */
INLINE vf rectify(vf value) {
#if defined(RECTIFY)
  return RECTIFY(value);
#else
  return (vf)(~(value < 0.0f) & (vi)value);
#endif
}

/* What `relu` 0, 1 or 6 does to a value: nothing, max(0, .), min(6, .) too. */
INLINE vf activate(vf value, int relu) {
  if (relu == 0) return value;
  value = rectify(value);
  return relu == 6 ? choose(value > 6.0f, (vf){0} + 6.0f, value) : value;
}

#endif
