/* augment_options.c: see augment_options.h. */
#include "app/augment_options.h"

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
                {"occlude", offsetof(numeral_augment, occlude)}};
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
