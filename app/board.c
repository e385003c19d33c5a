/* board.c: see board.h. */
#include "app/board.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cairo/board_draw.h"
#include "app/file_replace.h"
#include "formats/format_fail.h"
#include "formats/module.h"

board board_begin(int width, int height, float scale, look_theme theme) {
  return (board){
      .width = width, .height = height, .scale = scale, .theme = theme};
}

void board_release(board *b) {
  for (size_t i = 0; i < b->count; ++i) free(b->items[i].pixels);
  free(b->items);
  *b = (board){0};
}

uint32_t board_colour(const board *b, look_role role) {
  return look_colour(b->theme, role);
}

static board_item *add_item(board *b, board_kind kind) {
  if (b->count == b->capacity) {
    size_t capacity = b->capacity ? 2 * b->capacity : 64;
    board_item *items = realloc(b->items, capacity * sizeof *items);
    if (items == NULL) {
      b->refused = true;
      return NULL;
    }
    b->items = items;
    b->capacity = capacity;
  }
  b->items[b->count] = (board_item){.kind = kind};
  return &b->items[b->count++];
}

/* ---- Words
 * -------------------------------------------------------------------- */

/* How many bytes the UTF-8 character at `text` has by its first byte. */
static int character_bytes(const char *text) {
  unsigned char first = (unsigned char)*text;
  return first < 0x80   ? 1
         : first < 0xc2 ? 0
         : first < 0xe0 ? 2
         : first < 0xf0 ? 3
         : first < 0xf5 ? 4
                        : 0;
}

static bool is_character(const char *text, int bytes) {
  for (int i = 1; i < bytes; ++i)
    if (((unsigned char)text[i] & 0xc0) != 0x80) return false;
  return bytes > 0;
}

/* Names of files may hold any byte, and a text may have been cut within a
 * character; but what is drawn must be UTF-8. */
static void make_utf8(char *text) {
  while (*text != '\0') {
    int bytes = character_bytes(text);
    if (is_character(text, bytes)) {
      text += bytes;
    } else {
      *text++ = '?';
    }
  }
}

static board_item *add_text(board *b, float x, float y, float size_px,
                            board_align align, look_role role,
                            const char *format, va_list arguments) {
  board_item *item = add_item(b, BOARD_TEXT);
  if (item == NULL) return NULL;
  item->x = x;
  item->y = y;
  item->size_px = size_px;
  item->align = align;
  item->colour = board_colour(b, role);
  vsnprintf(item->text, sizeof item->text, format, arguments);
  make_utf8(item->text);
  return item;
}

board_item *board_text(board *b, float x, float y, float size_px,
                       board_align align, look_role role, const char *format,
                       ...) {
  va_list arguments;
  va_start(arguments, format);
  board_item *item = add_text(b, x, y, size_px, align, role, format, arguments);
  va_end(arguments);
  return item;
}

board_item *board_bold(board *b, float x, float y, float size_px,
                       board_align align, look_role role, const char *format,
                       ...) {
  va_list arguments;
  va_start(arguments, format);
  board_item *item = add_text(b, x, y, size_px, align, role, format, arguments);
  va_end(arguments);
  if (item != NULL) item->bold = true;
  return item;
}

/* ---- Boxes and pictures
 * ------------------------------------------------------- */

board_item *board_box(board *b, float x, float y, float width, float height,
                      uint32_t colour) {
  board_item *item = add_item(b, BOARD_BOX);
  if (item == NULL) return NULL;
  item->x = x;
  item->y = y;
  item->width = width;
  item->height = height;
  item->colour = colour;
  return item;
}

void board_map(board *b, float x, float y, float width, float height,
               const uint32_t *pixels, int columns, int rows, bool smooth) {
  size_t size_bytes = (size_t)columns * (size_t)rows * sizeof *pixels;
  uint32_t *copy = malloc(size_bytes);
  board_item *item = copy != NULL ? add_item(b, BOARD_MAP) : NULL;
  if (item == NULL) {
    free(copy);
    b->refused = true;
    return;
  }
  memcpy(copy, pixels, size_bytes);
  item->x = x;
  item->y = y;
  item->width = width;
  item->height = height;
  item->pixels = copy;
  item->columns = columns;
  item->rows = rows;
  item->smooth = smooth;
}

static void add_picture(board *b, float x, float y, float side,
                        const uint32_t *pixels) {
  board_map(b, x, y, side, side, pixels, NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE,
            false);
  board_item *frame = board_box(b, x - 0.5f, y - 0.5f, side + 1, side + 1,
                                board_colour(b, LOOK_LINE));
  if (frame != NULL) frame->line = 1;
}

void board_digit(board *b, float x, float y, float side,
                 const uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  uint32_t pixels[NUMERAL_IMAGE_PIXELS];
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    pixels[i] = look_ink(b->theme, image[i]);
  add_picture(b, x, y, side, pixels);
}

enum { OUTLINE_INK = 128 };

static bool has_ink(const uint8_t *image, int x, int y) {
  return x >= 0 && x < NUMERAL_IMAGE_SIDE && y >= 0 && y < NUMERAL_IMAGE_SIDE &&
         image[y * NUMERAL_IMAGE_SIDE + x] >= OUTLINE_INK;
}

/* Lines between ink and paper: strong heat is as dark as ink without them, for
 * those who see no colours. */
static void add_outline(board *b, float x, float y, float side,
                        const uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  float pixel = side / NUMERAL_IMAGE_SIDE, line = 0.16f * pixel;
  uint32_t colour = board_colour(b, LOOK_TEXT);
  for (int i = 0; i < (NUMERAL_IMAGE_SIDE + 1) * (NUMERAL_IMAGE_SIDE + 1);
       ++i) {
    int column = i % (NUMERAL_IMAGE_SIDE + 1),
        row = i / (NUMERAL_IMAGE_SIDE + 1);
    bool here = has_ink(image, column, row);
    float left = x + (float)column * pixel - line / 2;
    float top = y + (float)row * pixel - line / 2;
    if (here != has_ink(image, column - 1, row))
      board_box(b, left, top, line, pixel + line, colour);
    if (here != has_ink(image, column, row - 1))
      board_box(b, left, top, pixel + line, line, colour);
  }
}

void board_heat(board *b, float x, float y, float side,
                const uint8_t image[NUMERAL_IMAGE_PIXELS], const float *heat) {
  uint32_t pixels[NUMERAL_IMAGE_PIXELS];
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    pixels[i] = look_warm_ink(b->theme, image[i], (double)heat[i]);
  add_picture(b, x, y, side, pixels);
  add_outline(b, x, y, side, image);
}

/* ---- Drawing
 * ------------------------------------------------------------------ */

numeral_status board_draw(const board *b, image_file *picture,
                          numeral_error *error) {
  *picture = (image_file){0};
  if (b->refused)
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory to lay out a picture: show fewer images");
  board_draw_fn *draw =
      (board_draw_fn *)module_function("cairo", "board_paint", error);
  return draw != NULL ? draw(b, picture, error) : NUMERAL_ERROR_IO;
}

numeral_status board_encode(const board *b, unsigned char **png,
                            size_t *size_bytes, numeral_error *error) {
  image_file picture;
  *png = NULL;
  *size_bytes = 0;
  numeral_status status = board_draw(b, &picture, error);
  if (status == NUMERAL_OK)
    status = image_file_encode_png(&picture.raster, png, size_bytes, error);
  image_file_release(&picture);
  return status;
}

numeral_status board_write(const board *b, const char *path,
                           numeral_error *error) {
  unsigned char *png;
  size_t size_bytes;
  numeral_status status = board_encode(b, &png, &size_bytes, error);
  if (status == NUMERAL_OK)
    status = file_replace_bytes(path, png, size_bytes, error);
  free(png);
  return status;
}
