/* gzip.h: files that may be packed with gzip. Must not know what is in them. */
#ifndef FORMATS_GZIP_H
#define FORMATS_GZIP_H

#include <stddef.h>

#include "numeral.h"

/* Reads the file whole and unpacks it where its first bytes say gzip (several
 * members one after the other count as one). free() ends *bytes. More than
 * limit_bytes, packed or not, is refused with NUMERAL_ERROR_LIMIT; a packed
 * file that was cut short or damaged with NUMERAL_ERROR_FORMAT. */
numeral_status gzip_file_read(const char *path, size_t limit_bytes,
                              unsigned char **bytes, size_t *size_bytes,
                              numeral_error *error);

/* Unpacks gzip bytes from memory. `name` is what messages call them. */
numeral_status gzip_unpack(const void *packed, size_t packed_bytes,
                           const char *name, size_t limit_bytes,
                           unsigned char **bytes, size_t *size_bytes,
                           numeral_error *error);

/* Do the bytes start as gzip does? */
int gzip_is_packed(const void *bytes, size_t size_bytes);

#endif
