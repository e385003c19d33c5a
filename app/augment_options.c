/* augment_options.c: see augment_options.h. */
#include "app/augment_options.h"

#include <stdio.h>
#include <string.h>

const char *const augment_strengths[] = {"none", "light", "medium", "strong",
                                         NULL};

static const struct {
  const char *option;
  size_t offset;
} settings[] = {{"rotate", offsetof(numeral_augment, rotate_degrees)},
                {"shift", offsetof(numeral_augment, shift_px)},
                {"scale", offsetof(numeral_augment, scale)},
                {"shear", offsetof(numeral_augment, shear)},
                {"elastic", offsetof(numeral_augment, elastic_px)},
                {"thickness", offsetof(numeral_augment, thickness_px)},
                {"contrast", offsetof(numeral_augment, contrast)},
                {"blur", offsetof(numeral_augment, blur_px)},
                {"noise", offsetof(numeral_augment, noise)},
                {"occlude", offsetof(numeral_augment, occlude)},
                {"clutter", offsetof(numeral_augment, clutter)}};
enum { SETTINGS = sizeof settings / sizeof *settings };

numeral_augment augment_of_options(const arguments *args, int strength,
                                   const numeral_augment *given,
                                   const numeral_augment *base) {
  numeral_augment augment =
      options_given(args, "augment")
          ? numeral_augment_preset((numeral_strength)strength)
          : *base;
  for (int i = 0; i < SETTINGS; ++i) {
    if (!options_given(args, settings[i].option)) continue;
    memcpy((char *)&augment + settings[i].offset,
           (const char *)given + settings[i].offset, sizeof(double));
  }
  return augment;
}

void augment_text(const numeral_augment *augment,
                  char text[AUGMENT_TEXT_BYTES]) {
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i < SETTINGS && used < AUGMENT_TEXT_BYTES; ++i) {
    double value;
    memcpy(&value, (const char *)augment + settings[i].offset, sizeof value);
    if (value == 0) continue;
    int length = snprintf(text + used, AUGMENT_TEXT_BYTES - used, "%s%s %g",
                          used > 0 ? ", " : "", settings[i].option, value);
    used += (size_t)length;
  }
}
