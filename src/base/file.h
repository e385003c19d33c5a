/* file.h: whole files in, whole files out. Must not know what is in them. */
#ifndef NML_BASE_FILE_H
#define NML_BASE_FILE_H

#include "base/fail.h"

/* Reads the file into new memory (nml_free). Refuses a folder, and a file over
 * limit_bytes with NUMERAL_ERROR_LIMIT. One byte of 0 follows the content. */
numeral_status nml_file_read(const char *path, size_t limit_bytes,
                             unsigned char **bytes, size_t *size_bytes,
                             numeral_error *error);

typedef struct nml_chunk {
  const void *bytes;
  size_t size_bytes;
} nml_chunk;

/* Writes the chunks one after the other to a temporary file in path's folder,
 * flushes it to disk (also the folder), renames it to `path`. On failure the
 * temporary file is removed and `path` is as it was. */
numeral_status nml_file_write(const char *path, const nml_chunk *chunks,
                              size_t chunk_count, numeral_error *error);

#endif
