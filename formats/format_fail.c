/* format_fail.c: see format_fail.h. */
#include "formats/format_fail.h"

#include <stdarg.h>
#include <stdio.h>

numeral_status format_fail(numeral_error *error, numeral_status status,
                           const char *format, ...) {
  if (error) {
    va_list arguments;
    error->status = status;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
  }
  return status;
}
