/* hash.h: 64-bit FNV-1a: tells things apart, not safe against forgery. */
#ifndef NML_BASE_HASH_H
#define NML_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static const uint64_t nml_hash_start = 0xcbf29ce484222325u;

/* The hash of what was hashed before, which began with nml_hash_start, and then
 * of these bytes. */
static inline uint64_t nml_hash(uint64_t hash, const void *bytes,
                                size_t size_bytes) {
  const uint8_t *next = bytes;
  for (size_t i = 0; i < size_bytes; i++)
    hash = (hash ^ next[i]) * 0x100000001b3u;
  return hash;
}

#endif
