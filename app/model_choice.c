/* model_choice.c: see model_choice.h. */
#include "app/model_choice.h"
#include <stdbool.h>
#include <stdio.h>
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

numeral_status model_set_choose(const option_list *paths, model_set *set,
                                numeral_error *error) {
  int wanted = paths->count > 0 ? paths->count : 1;
  numeral_status status = NUMERAL_OK;
  size_t used = 0;
  *set = (model_set){.count = 0};
  for (int i = 0; status == NUMERAL_OK && i < wanted; ++i) {
    const char *path = paths->count > 0 ? paths->texts[i] : NULL;
    status = model_choose(path, &set->models[i], error);
    if (status == NUMERAL_OK) ++set->count;
    if (used < sizeof set->name)
      used +=
          (size_t)snprintf(set->name + used, sizeof set->name - used, "%s%s",
                           i > 0 ? " + " : "", model_choice_name(path));
  }
  return status;
}

void model_set_release(model_set *set) {
  for (size_t i = 0; i < set->count; ++i) numeral_model_destroy(set->models[i]);
  set->count = 0;
}

numeral_status model_set_session(const model_set *set,
                                 const numeral_session_options *options,
                                 numeral_session **session,
                                 numeral_error *error) {
  const numeral_model *models[OPTION_LIST_MAX];
  for (size_t i = 0; i < set->count; ++i) models[i] = set->models[i];
  return numeral_session_create_ensemble(models, set->count, options, session,
                                         error);
}

const char *const shifts_words[] = {"0", "4", "8", NULL};

int shifts_of_choice(int choice) { return 4 * choice; }
