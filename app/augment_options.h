/* augment_options.h: the options that say how training images are changed: what
 * numeral train learns from and what numeral data show draws. */
#ifndef NUMERAL_APP_AUGMENT_OPTIONS_H
#define NUMERAL_APP_AUGMENT_OPTIONS_H
#include "app/options.h"
#include "numeral.h"

/* The words of numeral_strength, ended by NULL. */
extern const char *const augment_strengths[];

#define AUGMENT_ROW(option, place, letter_of_value, most, text)  \
  {                                                              \
    .name = (option), .kind = OPTION_NUMBER, .value = &(place),  \
    .argument = (letter_of_value), .help = (text), .minimum = 0, \
    .maximum = (most)                                            \
  }

/* Rows of an option table; `strength` is an int, `augment` a numeral_augment.
 */
#define AUGMENT_ROWS(strength, augment)                                       \
  {.name = "augment",                                                         \
   .kind = OPTION_CHOICE,                                                     \
   .value = &(strength),                                                      \
   .argument = "WORD",                                                        \
   .help =                                                                    \
       "change images anew each time they are seen, all\nsettings at "        \
       "once: ",                                                              \
   .choices = augment_strengths},                                             \
      AUGMENT_ROW("rotate", (augment).rotate_degrees, "DEG", 180,             \
                  "turn by up to DEG degrees"),                               \
      AUGMENT_ROW("shift", (augment).shift_px, "PX", 14,                      \
                  "move by up to PX pixels each way"),                        \
      AUGMENT_ROW("scale", (augment).scale, "S", 0.9,                         \
                  "grow or shrink by up to the share S"),                     \
      AUGMENT_ROW("shear", (augment).shear, "S", 2,                           \
                  "lean by up to S columns a row"),                           \
      AUGMENT_ROW("elastic", (augment).elastic_px, "PX", 8,                   \
                  "bend smoothly, by up to PX pixels (root mean\nsquare)"),   \
      AUGMENT_ROW("thickness", (augment).thickness_px, "PX", 1,               \
                  "strokes PX pixels thicker on each side at\nmost, or half " \
                  "as much thinner"),                                         \
      AUGMENT_ROW("contrast", (augment).contrast, "S", 1,                     \
                  "ink fainter or fuller by up to the share S"),              \
      AUGMENT_ROW("blur", (augment).blur_px, "PX", 2,                         \
                  "blur by up to PX pixels, every second image"),             \
      AUGMENT_ROW("noise", (augment).noise, "S", 0.5,                         \
                  "noise of up to the share S of full ink, and\nspecks, "     \
                  "every second image"),                                      \
      AUGMENT_ROW("occlude", (augment).occlude, "S", 1,                       \
                  "cover a patch of up to the share S of the side,\nor a "    \
                  "stripe, every second image"),                              \
      AUGMENT_ROW("clutter", (augment).clutter, "S", 1,                       \
                  "lay rests of lines and of other digits, up to\nthe share " \
                  "S of the side, at its edges, every fourth\nimage")

/* The strength where --augment was given, with the settings that were given by
 * hand (in `given`) over it; the rest from `base`. */
numeral_augment augment_of_options(const arguments *args, int strength,
                                   const numeral_augment *given,
                                   const numeral_augment *base);

enum { AUGMENT_TEXT_BYTES = 256 };

/* "rotate 15, shift 2, ...": what is on; "" where nothing is. */
void augment_text(const numeral_augment *augment,
                  char text[AUGMENT_TEXT_BYTES]);

#endif
