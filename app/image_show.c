/* image_show.c: see image_show.h. */
#include "app/image_show.h"

#include <stdbool.h>

#include "app/message.h"

enum { INK_FROM = 96, GREYS = 24, FIRST_GREY = 232 };

/* The 256-colour terminals' ramp of greys. */
static int grey_of(uint8_t ink) { return FIRST_GREY + ink * (GREYS - 1) / 255; }

static const char *block_of(bool upper, bool lower) {
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

void image_show(const uint8_t image[NUMERAL_IMAGE_PIXELS], FILE *file) {
  bool grey = *style_off(file) != '\0';
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; y += 2) {
    for (int x = 0; x < NUMERAL_IMAGE_SIDE; ++x) {
      uint8_t upper = image[y * NUMERAL_IMAGE_SIDE + x];
      uint8_t lower = image[(y + 1) * NUMERAL_IMAGE_SIDE + x];
      if (grey) {
        fprintf(file, "\033[38;5;%d;48;5;%dm\u2580", grey_of(upper),
                grey_of(lower));
      } else {
        fputs(block_of(upper >= INK_FROM, lower >= INK_FROM), file);
      }
    }
    fprintf(file, "%s\n", style_off(file));
  }
}
