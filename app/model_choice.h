/* model_choice.h: from what a person writes to a model. */
#ifndef NUMERAL_APP_MODEL_CHOICE_H
#define NUMERAL_APP_MODEL_CHOICE_H
#include "numeral.h"

/* The model in the file `path`; NULL or "builtin": the one in the program. */
numeral_status model_choose(const char *path, numeral_model **model,
                            numeral_error *error);

/* What to call it: the path, or "built-in". */
const char *model_choice_name(const char *path);

#endif
