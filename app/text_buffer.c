/* text_buffer.c: see text_buffer.h. */
#include "app/text_buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for so many bytes and the ending zero; NULL where there is none. */
static char *grow(text_buffer *buffer, size_t size_bytes) {
  size_t needed = buffer->length + size_bytes + 1;
  if (needed > buffer->capacity) {
    size_t capacity = 2 * needed;
    char *text = realloc(buffer->text, capacity);
    if (text == NULL) {
      buffer->refused = true;
      return NULL;
    }
    buffer->text = text;
    buffer->capacity = capacity;
  }
  return buffer->text + buffer->length;
}

void text_add_bytes(text_buffer *buffer, const void *bytes, size_t size_bytes) {
  char *to = grow(buffer, size_bytes);
  if (to == NULL) return;
  memcpy(to, bytes, size_bytes);
  to[size_bytes] = '\0';
  buffer->length += size_bytes;
}

void text_add(text_buffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  char *to = length >= 0 ? grow(buffer, (size_t)length) : NULL;
  if (to != NULL) {
    vsnprintf(to, (size_t)length + 1, format, arguments);
    buffer->length += (size_t)length;
  }
  va_end(arguments);
}

void text_add_base64(text_buffer *buffer, const void *bytes,
                     size_t size_bytes) {
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *from = bytes;
  size_t length = (size_bytes + 2) / 3 * 4;
  char *to = grow(buffer, length);
  if (to == NULL) return;
  for (size_t i = 0; i < size_bytes; i += 3) {
    size_t left = size_bytes - i;
    uint32_t three = (uint32_t)from[i] << 16 |
                     (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                     (left > 2 ? (uint32_t)from[i + 2] : 0);
    for (size_t j = 0; j < 4; ++j)
      *to++ = j > left ? '=' : digits[three >> (18 - 6 * j) & 63];
  }
  *to = '\0';
  buffer->length += length;
}

void text_buffer_release(text_buffer *buffer) {
  free(buffer->text);
  *buffer = (text_buffer){0};
}
