/* text_buffer.h: text that grows. Memory that is refused is noticed at the end:
 * adding never fails. */
#ifndef NUMERAL_APP_TEXT_BUFFER_H
#define NUMERAL_APP_TEXT_BUFFER_H
#include <stdbool.h>
#include <stddef.h>

typedef struct text_buffer {
  char *text; /* ends with a zero; NULL while nothing was added */
  size_t length, capacity;
  bool refused; /* memory was */
} text_buffer;

void text_add(text_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_add_bytes(text_buffer *buffer, const void *bytes, size_t size_bytes);
/* In base 64 (RFC 4648). */
void text_add_base64(text_buffer *buffer, const void *bytes, size_t size_bytes);

/* Accepts an empty one, and empties it. */
void text_buffer_release(text_buffer *buffer);

#endif
