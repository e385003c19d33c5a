/* format_fail.h: how formats/ fills in a numeral_error, which it knows from
 * numeral.h alone. */
#ifndef FORMATS_FORMAT_FAIL_H
#define FORMATS_FORMAT_FAIL_H

#include "numeral.h"

/* Writes the sentence into `error` (may be NULL) and returns `status`. */
__attribute__((format(printf, 3, 4))) numeral_status format_fail(
    numeral_error *error, numeral_status status, const char *format, ...);

#endif
