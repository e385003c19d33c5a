/* precision_word.c: see precision_word.h. */
#include "app/precision_word.h"

#include <stddef.h>

const char *const precision_words[] = {"auto", "fp32", "bf16", "int8", NULL};
const char *const precision_words_training[] = {"auto", "fp32", "bf16", NULL};
