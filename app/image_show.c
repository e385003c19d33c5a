/* image_show.c: see image_show.h. */
#include "app/image_show.h"

#include <string.h>

#include "app/look.h"

enum { INK_FROM = 96, SMALL_INK_FROM = 72 };

int image_show_columns(const shown_image *image) {
  return image->small ? SHOWN_COLUMNS / 2 : SHOWN_COLUMNS;
}

int image_show_lines(const shown_image *image) {
  return image->small ? SHOWN_LINES / 2 : SHOWN_LINES;
}

int image_show_row(const terminal *t, int columns) {
  int fitting = (t->columns + SHOWN_GAP) / (columns + SHOWN_GAP);
  return fitting > 1 ? fitting : 1;
}

/* ---- A pixel
 * ------------------------------------------------------------------ */

typedef struct spot {
  int ink;     /* 0..255 */
  double heat; /* 0..1 */
} spot;

/* What is in column x and half line y: a pixel, or the mean of four. */
static spot spot_at(const shown_image *image, int x, int y) {
  int side = image->small ? 2 : 1, ink = 0;
  double heat = 0;
  for (int i = 0; i < side * side; ++i) {
    int at = (y * side + i / side) * NUMERAL_IMAGE_SIDE + x * side + i % side;
    ink += image->pixels[at];
    if (image->heat != NULL) heat += (double)image->heat[at];
  }
  return (spot){ink / (side * side), heat / (side * side)};
}

static uint32_t colour_of(const shown_image *image, spot s) {
  return image->heat != NULL ? look_warm_ink(LOOK_DARK, s.ink, s.heat)
                             : look_ink(LOOK_DARK, s.ink);
}

/* ---- Two of them
 * -------------------------------------------------------------- */

static const char *block_of(bool upper, bool lower) {
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

/* Half a block says nothing about heat, so both pixels share a sign. */
static const char *warm_sign(bool ink, double heat) {
  static const char *const on_ink[] = {"\u2591", "\u2592", "\u2593", "\u2588"};
  static const char *const on_paper[] = {" ", " ", ".", ":"};
  int step = heat < 0.25 ? 0 : heat < 0.5 ? 1 : heat < 0.75 ? 2 : 3;
  return ink ? on_ink[step] : on_paper[step];
}

static const char *sign_of(const shown_image *image, spot upper, spot lower) {
  int from = image->small ? SMALL_INK_FROM : INK_FROM;
  bool above = upper.ink >= from, below = lower.ink >= from;
  if (image->heat == NULL) return block_of(above, below);
  return warm_sign(above || below, (upper.heat + lower.heat) / 2);
}

void image_show_line(const terminal *t, const shown_image *image, int line) {
  uint32_t ink = 0, paper = 0;
  for (int x = 0; x < image_show_columns(image); ++x) {
    spot upper = spot_at(image, x, 2 * line);
    spot lower = spot_at(image, x, 2 * line + 1);
    if (t->colours == TERMINAL_PLAIN) {
      fputs(sign_of(image, upper, lower), t->file);
      continue;
    }
    uint32_t above = colour_of(image, upper), below = colour_of(image, lower);
    if (x == 0 || above != ink) terminal_ink(t, above);
    if (x == 0 || below != paper) terminal_paper(t, below);
    fputs("\u2580", t->file);
    ink = above;
    paper = below;
  }
  terminal_reset(t);
}

/* ---- Rows of pictures
 * --------------------------------------------------------- */

/* Blanks are put before what follows them only: no line ends in some. */
static void show_labels(const terminal *t, const shown_image *images,
                        size_t count) {
  int blanks = 0;
  for (size_t i = 0; i < count; ++i) {
    int columns = image_show_columns(&images[i]);
    int length = (int)strlen(images[i].label);
    if (length > columns) length = columns;
    if (length > 0) {
      fprintf(t->file, "%*s%.*s", blanks, "", length, images[i].label);
      blanks = 0;
    }
    blanks += columns - length + SHOWN_GAP;
  }
  fputc('\n', t->file);
}

static bool any_label(const shown_image *images, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (images[i].label[0] != '\0') return true;
  return false;
}

static void show_row(const terminal *t, const shown_image *images,
                     size_t count) {
  for (int line = 0; line < image_show_lines(images); ++line) {
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) fprintf(t->file, "%*s", SHOWN_GAP, "");
      image_show_line(t, &images[i], line);
    }
    fputc('\n', t->file);
  }
  if (any_label(images, count)) show_labels(t, images, count);
}

void image_show(const terminal *t, const shown_image *images, size_t count) {
  if (count == 0) return;
  size_t fitting = (size_t)image_show_row(t, image_show_columns(images));
  for (size_t i = 0; i < count; i += fitting) {
    if (i > 0) fputc('\n', t->file);
    show_row(t, images + i, count - i < fitting ? count - i : fitting);
  }
}
