/* json_file.c: see json_file.h. */
#include "app/json_file.h"

#include <stdlib.h>

#include "app/file_replace.h"
#include "app/json_text.h"
#include "formats/format_fail.h"

numeral_status json_file_write(const json_t *value, const char *path,
                               numeral_error *error) {
  char *text = value != NULL ? json_text(value, JSON_INDENT(2)) : NULL;
  if (text == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "out of memory");
  numeral_status status = file_replace(path, text, error);
  free(text);
  return status;
}
