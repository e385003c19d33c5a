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
  GREYS = 24,
  GREY_DARKEST = 8,
  GREY_STEP = 10
};

static int channel_of(uint32_t colour, int index) {
  return (int)(colour >> (16 - 8 * index) & 255);
}

/* The cube's levels are 0, 95, 135, 175, 215, 255. */
static int cube_level(int step) { return step ? 55 + 40 * step : 0; }

static int cube_step(int level) {
  int nearest = 0;
  for (int step = 1; step < CUBE_SIDE; ++step) {
    if (abs(cube_level(step) - level) < abs(cube_level(nearest) - level))
      nearest = step;
  }
  return nearest;
}

static int grey_step(uint32_t colour) {
  int mean = 0;
  for (int i = 0; i < 3; ++i) mean += channel_of(colour, i);
  int step = (mean / 3 - GREY_DARKEST + GREY_STEP / 2) / GREY_STEP;
  return step < 0 ? 0 : step < GREYS ? step : GREYS - 1;
}

int terminal_nearest(uint32_t colour) {
  int cube = 0, grey = grey_step(colour), cube_far = 0, grey_far = 0;
  for (int i = 0; i < 3; ++i) {
    int level = channel_of(colour, i), step = cube_step(level);
    int from_cube = level - cube_level(step);
    int from_grey = level - (GREY_DARKEST + GREY_STEP * grey);
    cube = CUBE_SIDE * cube + step;
    cube_far += from_cube * from_cube;
    grey_far += from_grey * from_grey;
  }
  return grey_far < cube_far ? GREY_FIRST + grey : CUBE_FIRST + cube;
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
