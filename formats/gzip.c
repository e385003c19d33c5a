/* gzip.c: see gzip.h. */
#include "formats/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "formats/file_bytes.h"
#include "formats/format_fail.h"

enum {
  GZIP_WINDOW = 15 + 16 /* zlib: the largest window, a gzip header */
};

int gzip_is_packed(const void *bytes, size_t size_bytes) {
  return size_bytes >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

static numeral_status fail_damaged(const byte_buffer *g, const char *why,
                                   numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "%s is not a whole gzip file (%s): fetch it again",
                     g->name, why);
}

/* Unpacks one member; the stream is left behind it. */
static numeral_status unpack_member(z_stream *stream, size_t *left,
                                    byte_buffer *g, numeral_error *error) {
  for (;;) {
    numeral_status status = byte_buffer_grow(g, error);
    if (status) return status;
    size_t room = g->capacity - g->size_bytes;
    stream->avail_in = *left > UINT_MAX ? UINT_MAX : (uInt)*left;
    stream->avail_out = room > UINT_MAX ? UINT_MAX : (uInt)room;
    uInt in = stream->avail_in, out = stream->avail_out;
    stream->next_out = g->bytes + g->size_bytes;
    int result = inflate(stream, Z_NO_FLUSH);
    *left -= in - stream->avail_in;
    g->size_bytes += out - stream->avail_out;
    if (result == Z_STREAM_END) return NUMERAL_OK;
    if (result == Z_OK) continue;
    if (result == Z_BUF_ERROR) return fail_damaged(g, "cut short", error);
    return fail_damaged(g, stream->msg ? stream->msg : "damaged", error);
  }
}

static numeral_status unpack_members(z_stream *stream, size_t packed_bytes,
                                     byte_buffer *g, numeral_error *error) {
  size_t left = packed_bytes;
  do {
    numeral_status status = unpack_member(stream, &left, g, error);
    if (status) return status;
    if (inflateReset(stream) != Z_OK) return fail_damaged(g, "damaged", error);
    /* tape blocks and some downloads end in zeros, which gzip passes over */
    while (left && *stream->next_in == 0) stream->next_in++, left--;
  } while (left);
  return g->size_bytes > g->limit_bytes ? byte_buffer_grow(g, error)
                                        : NUMERAL_OK;
}

numeral_status gzip_unpack(const void *packed, size_t packed_bytes,
                           const char *name, size_t limit_bytes,
                           unsigned char **bytes, size_t *size_bytes,
                           numeral_error *error) {
  byte_buffer g = {.name = name, .limit_bytes = limit_bytes};
  z_stream stream = {.next_in = (unsigned char *)packed};
  *bytes = NULL;
  *size_bytes = 0;
  if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory to unpack %s",
                       name);
  }
  numeral_status status = unpack_members(&stream, packed_bytes, &g, error);
  inflateEnd(&stream);
  if (status) {
    free(g.bytes);
    return status;
  }
  *bytes = g.bytes;
  *size_bytes = g.size_bytes;
  return NUMERAL_OK;
}

numeral_status gzip_file_read(const char *path, size_t limit_bytes,
                              unsigned char **bytes, size_t *size_bytes,
                              numeral_error *error) {
  byte_buffer g;
  *bytes = NULL;
  *size_bytes = 0;
  numeral_status status = file_bytes_read(path, limit_bytes, &g, error);
  if (status) goto fail;
  if (!gzip_is_packed(g.bytes, g.size_bytes)) {
    *bytes = g.bytes;
    *size_bytes = g.size_bytes;
    return NUMERAL_OK;
  }
  status = gzip_unpack(g.bytes, g.size_bytes, path, limit_bytes, bytes,
                       size_bytes, error);

fail:
  free(g.bytes);
  return status;
}
