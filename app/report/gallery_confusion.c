/* gallery_confusion.c: which digit was taken for which. Mistakes are rare:
 * their heat is on a scale of tens, from one image in a thousand to one in ten.
 */
#include <math.h>
#include <stdio.h>

#include "app/report/galleries.h"

enum { HEAD_PX = 44, LEGEND_PX = 44 };

static double luminance(uint32_t colour) {
  double sum = 0;
  static const double weights[] = {0.2126, 0.7152, 0.0722};
  for (int i = 0; i < 3; ++i) {
    double part = (double)(colour >> (16 - 8 * i) & 255) / 255;
    sum += weights[i] *
           (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
  }
  return sum;
}

/* Text or paper: whichever is read more easily on `under`. */
static uint32_t readable_on(const board *b, uint32_t under) {
  double on = luminance(under) + 0.05;
  double text = luminance(board_colour(b, LOOK_TEXT)) + 0.05;
  double paper = luminance(board_colour(b, LOOK_PAPER)) + 0.05;
  double with_text = text > on ? text / on : on / text;
  double with_paper = paper > on ? paper / on : on / paper;
  return board_colour(b, with_text >= with_paper ? LOOK_TEXT : LOOK_PAPER);
}

/* 0 at one in 2000, 1 at one in five. */
static double heat_of(double rate) {
  double heat = log10(rate / 0.0005) / log10(0.2 / 0.0005);
  return heat < 0.08 ? 0.08 : heat > 1 ? 1 : heat;
}

static uint32_t cell_colour(const board *b, double rate, bool right) {
  if (rate <= 0) return board_colour(b, LOOK_PAPER);
  if (!right) return look_heat(b->theme, 0.85 * heat_of(rate));
  return look_mix(board_colour(b, LOOK_PAPER), board_colour(b, LOOK_FIRST),
                  rate);
}

static void draw_cell(board *b, float x, float y, float width, float height,
                      size_t count, double rate, bool right) {
  bool narrow = width < 36;
  uint32_t colour = cell_colour(b, rate, right);
  uint32_t ink = readable_on(b, colour);
  board_box(b, x + 1, y + 1, width - 2, height - 2, colour);
  if (count == 0) {
    board_text(b, x + width / 2, y + height / 2 + 4, LOOK_SMALL_PX,
               BOARD_CENTRE, LOOK_LINE, "·");
    return;
  }
  board_item *item = (narrow ? board_text : board_bold)(
      b, x + width / 2, y + height / 2 - 2, narrow ? 11 : 13, BOARD_CENTRE,
      LOOK_TEXT, "%zu", count);
  if (item != NULL) item->colour = ink;
  const char *format = rate >= 0.9995 ? "%.0f%%" : "%.1f%%";
  if (narrow) format = rate >= 0.9995 ? "%.0f" : "%.1f";
  char text[16];
  snprintf(text, sizeof text, format, 100 * rate);
  item = board_text(b, x + width / 2, y + height / 2 + 12, narrow ? 10 : 11,
                    BOARD_CENTRE, LOOK_TEXT, "%s", text);
  if (item != NULL) item->colour = ink;
}

static void draw_row(board *b, const numeral_evaluation *e, int digit, float x,
                     float y, float width, float height) {
  size_t all = 0;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) all += e->confusion[digit][i];
  board_bold(b, x - 4, y + height / 2 + 5, LOOK_SMALL_PX, BOARD_RIGHT,
             LOOK_TEXT, "%d", digit);
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    size_t count = e->confusion[digit][i];
    double rate = all > 0 ? (double)count / (double)all : 0;
    draw_cell(b, x + (float)i * width, y, width, height, count, rate,
              i == digit);
  }
}

/* What the colours of mistakes mean. */
static void draw_legend(board *b, float x, float y, float width) {
  static const double rates[] = {0.001, 0.01, 0.1};
  static const char *const names[] = {"0.1%", "1%", "10%"};
  enum { STEPS = 60 };
  float strip = width < 360 ? 130 : 200;
  float left = x + width - strip, piece = strip / STEPS;
  board_text(b, left - 10, y + 11, LOOK_SMALL_PX, BOARD_RIGHT, LOOK_FAINT,
             width < 360 ? "mistakes, of a row" : "mistakes, share of the row");
  for (int i = 0; i < STEPS; ++i) {
    double rate = pow(10, -3.3 + 2.6 * i / (STEPS - 1.0));
    board_box(b, left + (float)i * piece, y, piece + 0.5f, 14,
              cell_colour(b, rate, false));
  }
  for (int i = 0; i < 3; ++i) {
    float at = left + strip * (float)((log10(rates[i]) + 3.3) / 2.6);
    board_text(b, at, y + 28, 12, BOARD_CENTRE, LOOK_FAINT, "%s", names[i]);
  }
}

board gallery_confusion(const report_run *run, look_theme theme, int width) {
  const float side = 16;
  float cell = floorf(((float)width - side) / NUMERAL_CLASSES);
  float height = cell < 36 ? 36 : cell - 4;
  float x = (float)width - NUMERAL_CLASSES * cell;
  board b =
      board_begin(width, HEAD_PX + (int)height * NUMERAL_CLASSES + LEGEND_PX,
                  GALLERY_SCALE, theme);
  board_text(&b, x, 14, LOOK_SMALL_PX, BOARD_LEFT, LOOK_FAINT,
             width < 400 ? "true digit down, answer across; count, %%"
                         : "true digit down, answer across; count and share "
                           "of the row in %%");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    board_bold(&b, x + ((float)i + 0.5f) * cell, 37, LOOK_SMALL_PX,
               BOARD_CENTRE, LOOK_TEXT, "%d", i);
    draw_row(&b, &run->measure.evaluation, i, x,
             HEAD_PX + (float)i * (float)(int)height, cell, (float)(int)height);
  }
  draw_legend(&b, 0, HEAD_PX + (float)(int)height * NUMERAL_CLASSES + 8,
              (float)width);
  return b;
}
