/* json_file.h: a JSON value as a file, whole or not at all. Must not know what
 * the value means. */
#ifndef NUMERAL_APP_JSON_FILE_H
#define NUMERAL_APP_JSON_FILE_H
#include <jansson.h>

#include "numeral.h"

/* Indented, through file_replace. `value` NULL: MEMORY, as jansson means it. */
numeral_status json_file_write(const json_t *value, const char *path,
                               numeral_error *error);

#endif
