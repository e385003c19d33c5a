/* model_choice.h: from what a person writes to a model, or to several that
 * answer together. */
#ifndef NUMERAL_APP_MODEL_CHOICE_H
#define NUMERAL_APP_MODEL_CHOICE_H
#include "app/options.h"
#include "numeral.h"

/* The model in the file `path`; NULL or "builtin": the one in the program. */
numeral_status model_choose(const char *path, numeral_model **model,
                            numeral_error *error);

/* What to call it: the path, or "built-in". */
const char *model_choice_name(const char *path);

typedef struct model_set {
  numeral_model *models[OPTION_LIST_MAX];
  size_t count;
  char name[512]; /* "a.safetensors + b.safetensors" */
} model_set;

/* The models of these files; of none: the built-in one. model_set_release ends
 * them, and accepts what a failure left. */
numeral_status model_set_choose(const option_list *paths, model_set *set,
                                numeral_error *error);
void model_set_release(model_set *set);

/* A session of all of them; `options` as for numeral_session_create. */
numeral_status model_set_session(const model_set *set,
                                 const numeral_session_options *options,
                                 numeral_session **session,
                                 numeral_error *error);

/* Rows of an option table that say which models, and how they are asked: `list`
 * is an option_list, `shifts_choice` an int, a place in shifts_words. */
extern const char *const shifts_words[];
int shifts_of_choice(int choice);

#define MODEL_LIST_ROW(list, what)                                         \
  {                                                                        \
    .name = "model", .letter = 'm', .kind = OPTION_LIST, .value = &(list), \
    .argument = "FILE", .help = (what), .maximum = OPTION_LIST_MAX         \
  }
#define SHIFTS_ROW(shifts_choice)                                        \
  {                                                                      \
    .name = "shifts", .kind = OPTION_CHOICE, .value = &(shifts_choice),  \
    .argument = "N", .choices = shifts_words,                            \
    .help =                                                              \
        "read each image also moved by a pixel to N\nsides, for a mean " \
        "answer: "                                                       \
  }

#endif
