/* memory.c: see memory.h. */
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long fail_countdown; /* 0: off */

void nml_alloc_fail_at(long nth) { atomic_store(&fail_countdown, nth); }

static bool refused_by_test(void) {
  long left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
  return left > 0 && atomic_fetch_sub(&fail_countdown, 1) == 1;
}

bool nml_mul_size(size_t a, size_t b, size_t *product) {
  bool fits = !__builtin_mul_overflow(a, b, product);
  if (!fits) *product = 0;
  return fits;
}

void *nml_alloc(size_t count, size_t size_bytes) {
  size_t bytes;
  if (!nml_mul_size(count, size_bytes, &bytes)) return NULL;
  if (bytes > SIZE_MAX / 2 || refused_by_test()) return NULL;
  /* aligned_alloc wants a multiple of the alignment */
  bytes = (bytes + NML_ALIGN_BYTES) / NML_ALIGN_BYTES * NML_ALIGN_BYTES;
  void *memory = aligned_alloc(NML_ALIGN_BYTES, bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

void nml_free(void *memory) { free(memory); }

size_t nml_arena_take(nml_arena *arena, size_t count, size_t size_bytes) {
  size_t at = arena->used_bytes, bytes, end;
  if (!nml_mul_size(count, size_bytes, &bytes) ||
      bytes > SIZE_MAX - NML_ALIGN_BYTES ||
      __builtin_add_overflow(
          at, (bytes + NML_ALIGN_BYTES - 1) / NML_ALIGN_BYTES * NML_ALIGN_BYTES,
          &end)) {
    arena->overflow = true;
    return 0;
  }
  arena->used_bytes = end;
  return at;
}

void *nml_arena_at(const nml_arena *arena, size_t offset_bytes) {
  assert(arena->base && offset_bytes <= arena->used_bytes);
  return arena->base + offset_bytes;
}
