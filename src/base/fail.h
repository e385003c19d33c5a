/* fail.h: how a function below numeral.h reports an error.
 * Knows the status codes and the error struct of numeral.h, nothing else. */
#ifndef NML_BASE_FAIL_H
#define NML_BASE_FAIL_H

#include "numeral.h"

/* Writes the sentence into `error` (may be NULL) and returns `status`, so that
 * a caller writes: return nml_fail(error, NUMERAL_ERROR_FORMAT, "...", ...); */
__attribute__((format(printf, 3, 4))) numeral_status nml_fail(
    numeral_error *error, numeral_status status, const char *format, ...);

/* nml_fail for memory that was refused: names what it was for. */
numeral_status nml_fail_memory(numeral_error *error, const char *what,
                               size_t size_bytes);

/* Empties `error` (may be NULL): status OK, no message. */
void nml_error_clear(numeral_error *error);

#endif
