/* file_bytes.h: a file whole in memory, up to a limit. Must not know what is
 * in it. */
#ifndef FORMATS_FILE_BYTES_H
#define FORMATS_FILE_BYTES_H

#include <stddef.h>

#include "numeral.h"

/* Bytes that grow as they come. free() ends `bytes`. */
typedef struct byte_buffer {
  const char *name; /* what messages call them */
  unsigned char *bytes;
  size_t size_bytes, capacity, limit_bytes;
} byte_buffer;

/* Makes room for at least one byte more; NUMERAL_ERROR_LIMIT where the limit
 * is passed. */
numeral_status byte_buffer_grow(byte_buffer *buffer, numeral_error *error);

/* Fills *buffer with the file at `path`. On failure too, what buffer->bytes
 * holds is the caller's to free. */
numeral_status file_bytes_read(const char *path, size_t limit_bytes,
                               byte_buffer *buffer, numeral_error *error);

#endif
