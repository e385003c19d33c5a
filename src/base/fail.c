/* fail.c: filling in a numeral_error. Must not know what went wrong. */
#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>

/* Names of files and tensors are quoted in messages, and may hold anything;
 * a message is one line that does nothing to a terminal. */
static void replace_control_characters(char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f) *text = '?';
}

numeral_status nml_fail(numeral_error *error, numeral_status status,
                        const char *format, ...) {
  if (error) {
    va_list arguments;
    error->status = status;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    replace_control_characters(error->message);
  }
  return status;
}

numeral_status nml_fail_memory(numeral_error *error, const char *what,
                               size_t size_bytes) {
  return nml_fail(error, NUMERAL_ERROR_MEMORY,
                  "no memory for %s (%zu bytes): close other programs or use "
                  "a smaller network, batch or picture",
                  what, size_bytes);
}

void nml_error_clear(numeral_error *error) {
  if (error) {
    error->status = NUMERAL_OK;
    error->message[0] = '\0';
  }
}
