/* memory.h: the only place where libnumeral takes and gives back memory, with
 * sizes that are checked. Must not know what the memory is for. */
#ifndef NML_BASE_MEMORY_H
#define NML_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { NML_ALIGN_BYTES = 64 }; /* a cache line, and the widest vector */

/* Zeroed memory for `count` objects of `size_bytes`, aligned to
 * NML_ALIGN_BYTES; NULL when refused or when the product overflows. A count
 * of 0 gives a valid pointer. */
void *nml_alloc(size_t count, size_t size_bytes);

/* Accepts NULL. */
void nml_free(void *memory);

/* *product = a * b; false (and *product 0) on overflow. */
bool nml_mul_size(size_t a, size_t b, size_t *product);

/* For tests: the nth allocation from now (1-based) is refused, and only it;
 * 0 turns this off. Counts in all threads together. */
void nml_alloc_fail_at(long nth);

/* A block that is measured first and carved afterwards:
 *   nml_arena a = {0};                       // base NULL: measuring
 *   size_t at = nml_arena_take(&a, n, 4);    // offsets in bytes, aligned
 *   a.base = nml_alloc(a.used_bytes, 1);
 *   float *x = nml_arena_at(&a, at);
 */
typedef struct nml_arena {
  unsigned char *base;
  size_t used_bytes;
  bool overflow; /* a size did not fit; used_bytes is meaningless */
} nml_arena;

/* Reserves count * size_bytes, aligned; returns the offset. */
size_t nml_arena_take(nml_arena *arena, size_t count, size_t size_bytes);
void *nml_arena_at(const nml_arena *arena, size_t offset_bytes);

#endif
