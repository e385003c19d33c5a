/* precision_word.h: the words of --precision, in the order of
 * numeral_precision. */
#ifndef NUMERAL_APP_PRECISION_WORD_H
#define NUMERAL_APP_PRECISION_WORD_H

extern const char *const precision_words[];          /* to predict with */
extern const char *const precision_words_training[]; /* to train with */

/* The option's row of commands that predict; `variable` is an int. */
#define PRECISION_ROW(variable)                                       \
  {                                                                   \
    .name = "precision", .kind = OPTION_CHOICE, .value = &(variable), \
    .argument = "WORD", .choices = precision_words,                   \
    .help = "what is multiplied (default auto, which is\nfp32): "     \
  }

#endif
