/* file_bytes.c: see file_bytes.h. */
#include "formats/file_bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/format_fail.h"

enum { FIRST_BYTES = 1 << 16 };

numeral_status byte_buffer_grow(byte_buffer *g, numeral_error *error) {
  if (g->size_bytes < g->capacity) return NUMERAL_OK;
  if (g->capacity > g->limit_bytes) {
    return format_fail(error, NUMERAL_ERROR_LIMIT,
                       "%s holds more than the %zu bytes that are handled: "
                       "give a smaller file",
                       g->name, g->limit_bytes);
  }
  /* one byte over the limit is room to notice that it is passed */
  size_t larger = g->capacity ? g->capacity * 2 : FIRST_BYTES;
  if (larger > g->limit_bytes) larger = g->limit_bytes + 1;
  unsigned char *moved = realloc(g->bytes, larger);
  if (!moved) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory to read %s (%zu bytes): close other programs",
                       g->name, larger);
  }
  g->bytes = moved;
  g->capacity = larger;
  return NUMERAL_OK;
}

/* Reads to the end rather than asking for the size first: pipes have none. */
static numeral_status read_stream(FILE *file, byte_buffer *g,
                                  numeral_error *error) {
  for (;;) {
    numeral_status status = byte_buffer_grow(g, error);
    if (status) return status;
    size_t wanted = g->capacity - g->size_bytes;
    size_t got = fread(g->bytes + g->size_bytes, 1, wanted, file);
    g->size_bytes += got;
    if (got == wanted) continue;
    if (!ferror(file)) return NUMERAL_OK;
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be read: %s",
                       g->name, strerror(errno));
  }
}

numeral_status file_bytes_read(const char *path, size_t limit_bytes,
                               byte_buffer *buffer, numeral_error *error) {
  struct stat about;
  *buffer = (byte_buffer){.name = path, .limit_bytes = limit_bytes};
  FILE *file = fopen(path, "rb");
  if (!file) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "%s cannot be opened: %s; check the path", path,
                       strerror(errno));
  }
  numeral_status status;
  if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) {
    status = format_fail(error, NUMERAL_ERROR_IO, "%s is a folder: give a file",
                         path);
  } else {
    status = read_stream(file, buffer, error);
  }
  fclose(file);
  return status;
}
