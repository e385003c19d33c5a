/* model_choice.c: see model_choice.h. */
#include "app/model_choice.h"
#include <stdbool.h>
#include <string.h>

static bool is_builtin(const char *path) {
  return path == NULL || strcmp(path, "builtin") == 0;
}

numeral_status model_choose(const char *path, numeral_model **model,
                            numeral_error *error) {
  if (is_builtin(path)) return numeral_model_builtin(model, error);
  return numeral_model_load(path, model, error);
}

const char *model_choice_name(const char *path) {
  return is_builtin(path) ? "built-in" : path;
}
