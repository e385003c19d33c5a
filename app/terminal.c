/* terminal.c: see terminal.h. */
#include "app/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "app/message.h"

enum { COLUMNS_UNKNOWN = 80, COLUMNS_MAX = 10000 };

int terminal_columns(FILE *file) {
  const char *wish = getenv("COLUMNS");
  long wished = wish != NULL ? strtol(wish, NULL, 10) : 0;
  struct winsize size;
  if (wished > 0) return wished < COLUMNS_MAX ? (int)wished : COLUMNS_MAX;
  if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return COLUMNS_UNKNOWN;
  return size.ws_col;
}

static terminal_colours colours_of(FILE *file) {
  const char *depth = getenv("COLORTERM");
  if (!stream_has_colour(file)) return TERMINAL_PLAIN;
  return depth != NULL && (strcmp(depth, "truecolor") == 0 ||
                           strcmp(depth, "24bit") == 0)
             ? TERMINAL_TRUE
             : TERMINAL_256;
}

terminal terminal_of(FILE *file) {
  return (terminal){file, colours_of(file), terminal_columns(file)};
}

/* ---- Colours
 * ------------------------------------------------------------------ */

enum {
  CUBE_FIRST = 16,
  CUBE_SIDE = 6,
  GREY_FIRST = 232,
  GREY_LAST = 255,
  GREY_DARKEST = 8,
  GREY_STEP = 10
};

static int channel_of(uint32_t colour, int index) {
  return (int)(colour >> (16 - 8 * index) & 255);
}

/* The cube's levels are 0, 95, 135, 175, 215, 255. */
static uint32_t cube_level(int step) {
  return step ? 55 + 40 * (uint32_t)step : 0;
}

/* What xterm's colour `index` is. */
static uint32_t colour_of(int index) {
  int cube = index - CUBE_FIRST, side = CUBE_SIDE;
  if (index >= GREY_FIRST)
    return (uint32_t)(GREY_DARKEST + GREY_STEP * (index - GREY_FIRST)) *
           0x010101u;
  return cube_level(cube / (side * side)) << 16 |
         cube_level(cube / side % side) << 8 | cube_level(cube % side);
}

/* Differences of lightness, above all, and of red and blue from it: the cube is
 * so coarse that channels each for itself would make dark orange green. */
static double distance(uint32_t one, uint32_t other) {
  double red = channel_of(one, 0) - channel_of(other, 0);
  double green = channel_of(one, 1) - channel_of(other, 1);
  double blue = channel_of(one, 2) - channel_of(other, 2);
  double light = 0.299 * red + 0.587 * green + 0.114 * blue;
  return 3 * light * light + 6 * (red - light) * (red - light) +
         (blue - light) * (blue - light);
}

int terminal_nearest(uint32_t colour) {
  int nearest = CUBE_FIRST;
  for (int i = CUBE_FIRST + 1; i <= GREY_LAST; ++i) {
    if (distance(colour_of(i), colour) < distance(colour_of(nearest), colour))
      nearest = i;
  }
  return nearest;
}

/* `kind`: 38 for letters, 48 for what is behind them (ISO 8613-6). */
static void set_colour(const terminal *t, int kind, uint32_t colour) {
  if (t->colours == TERMINAL_TRUE) {
    fprintf(t->file, "\033[%d;2;%d;%d;%dm", kind, channel_of(colour, 0),
            channel_of(colour, 1), channel_of(colour, 2));
  } else if (t->colours == TERMINAL_256) {
    fprintf(t->file, "\033[%d;5;%dm", kind, terminal_nearest(colour));
  }
}

void terminal_ink(const terminal *t, uint32_t colour) {
  set_colour(t, 38, colour);
}

void terminal_paper(const terminal *t, uint32_t colour) {
  set_colour(t, 48, colour);
}

void terminal_reset(const terminal *t) {
  if (t->colours != TERMINAL_PLAIN) fputs("\033[0m", t->file);
}
