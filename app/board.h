/* board.h: a picture as a list of what is on it, to be drawn by Cairo
 * (app/cairo/board_draw.c, a module). Whoever lays a picture out knows where
 * things go; must not know how they are drawn. Lengths are in pixels of a
 * screen of 96 dots an inch, from the top left; colours 0xRRGGBB, see look.h.
 * Memory that is refused is noticed at the end: adding never fails. */
#ifndef NUMERAL_APP_BOARD_H
#define NUMERAL_APP_BOARD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/look.h"
#include "formats/image_file.h"
#include "numeral.h"

typedef enum board_kind { BOARD_TEXT = 0, BOARD_BOX, BOARD_MAP } board_kind;
typedef enum board_align {
  BOARD_LEFT = 0,
  BOARD_CENTRE,
  BOARD_RIGHT
} board_align;

enum { BOARD_TEXT_BYTES = 128 };

typedef struct board_item {
  board_kind kind;
  float x, y, width, height;
  uint32_t colour;
  float round; /* box: radius of its corners */
  float line;  /* box: width of its outline; 0: filled */
  /* text: (x, y) is on the base line, at its left, middle or right */
  float size_px;
  bool bold;
  board_align align;
  char text[BOARD_TEXT_BYTES];
  /* map */
  uint32_t *pixels; /* [rows][columns] of colours; the board's */
  int columns, rows;
  bool smooth; /* between pixels; else squares */
} board_item;

typedef struct board {
  int width, height;
  float scale; /* pixels of the file for one of the board: 2 is sharp on paper
                  and on phones */
  look_theme theme;
  board_item *items;
  size_t count, capacity;
  bool refused; /* memory was */
} board;

/* An empty board, LOOK_PAPER all over; width and height 1..16384. */
board board_begin(int width, int height, float scale, look_theme theme);
/* Accepts an empty board, and empties it. */
void board_release(board *b);

uint32_t board_colour(const board *b, look_role role);

/* What is too long for BOARD_TEXT_BYTES is cut off; bytes that are not UTF-8
 * become "?". */
__attribute__((format(printf, 7, 8))) board_item *board_text(
    board *b, float x, float y, float size_px, board_align align,
    look_role role, const char *format, ...);
/* The same in bold. */
__attribute__((format(printf, 7, 8))) board_item *board_bold(
    board *b, float x, float y, float size_px, board_align align,
    look_role role, const char *format, ...);

/* Filled; set item->round or item->line for more. NULL without memory. */
board_item *board_box(board *b, float x, float y, float width, float height,
                      uint32_t colour);

/* Copies pixels [rows][columns]. */
void board_map(board *b, float x, float y, float width, float height,
               const uint32_t *pixels, int columns, int rows, bool smooth);

/* An image as MNIST's are: ink in LOOK_TEXT on LOOK_PAPER, with a thin frame
 * around it. */
void board_digit(board *b, float x, float y, float side,
                 const uint8_t image[NUMERAL_IMAGE_PIXELS]);
/* The same with heat 0..1 [28][28] laid over it, and a line around the ink. */
void board_heat(board *b, float x, float y, float side,
                const uint8_t image[NUMERAL_IMAGE_PIXELS], const float *heat);

/* Draws it: an RGB picture, which image_file_release ends. */
numeral_status board_draw(const board *b, image_file *picture,
                          numeral_error *error);
/* Draws it into a PNG file in memory, which free() ends. */
numeral_status board_encode(const board *b, unsigned char **png,
                            size_t *size_bytes, numeral_error *error);
/* Draws it into a file, whole or not at all. */
numeral_status board_write(const board *b, const char *path,
                           numeral_error *error);

#endif
