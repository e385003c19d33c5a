/* sample_sheet.c: see sample_sheet.h. */
#include "app/sample_sheet.h"

#include "app/board.h"
#include "formats/image_file.h"

/* On a board whose pixels are the images', so that each is a square whatever
 * the zoom, which is the board's scale. Texts of 6.5 are LOOK_SMALL_PX on the
 * smallest. */
enum {
  SIDE = NUMERAL_IMAGE_SIDE,
  GAP = LOOK_GAP_PX / 2,
  CAPTION = 8,
  CELL_WIDTH = SIDE + GAP,
  CELL_HEIGHT = SIDE + CAPTION + GAP
};
static const float TEXT = LOOK_SMALL_PX / 2.0f, NOTE = 5.5f;

static int square_columns(size_t count) {
  int columns = 1;
  while ((size_t)columns * (size_t)columns < count) columns++;
  return columns;
}

static void mark(board *sheet, float x, float y) {
  board_item *frame = board_box(sheet, x - 0.5f, y - 0.5f, SIDE + 1, SIDE + 1,
                                board_colour(sheet, LOOK_WRONG));
  if (frame) frame->line = 1;
}

static void draw_cell(board *sheet, float x, float y, const sheet_cell *cell) {
  look_role role = cell->marked ? LOOK_WRONG : LOOK_FAINT;
  float base = y + SIDE + CAPTION - 1.5f;
  board_digit(sheet, x, y, SIDE, cell->pixels);
  if (cell->marked) mark(sheet, x, y);
  if (cell->note[0] == '\0') {
    board_text(sheet, x + SIDE / 2.0f, base, TEXT, BOARD_CENTRE, role, "%s",
               cell->caption);
    return;
  }
  board_bold(sheet, x, base, TEXT, BOARD_LEFT, LOOK_TEXT, "%s", cell->caption);
  board_text(sheet, x + SIDE, base, NOTE, BOARD_RIGHT, role, "%s", cell->note);
}

numeral_status sample_sheet_write(const char *path, const sheet_cell *cells,
                                  size_t count, int columns, int zoom,
                                  numeral_error *error) {
  if (columns == 0) columns = square_columns(count);
  int rows = ((int)count + columns - 1) / columns;
  board sheet = board_begin(GAP + columns * CELL_WIDTH,
                            GAP + rows * CELL_HEIGHT, (float)zoom, LOOK_LIGHT);
  for (int i = 0; i < (int)count; i++) {
    draw_cell(&sheet, (float)(GAP + i % columns * CELL_WIDTH),
              (float)(GAP + i / columns * CELL_HEIGHT), &cells[i]);
  }
  numeral_status status = board_write(&sheet, path, error);
  board_release(&sheet);
  return status;
}

numeral_status sample_write(const char *path,
                            const uint8_t image[NUMERAL_IMAGE_PIXELS],
                            numeral_error *error) {
  uint8_t dark[NUMERAL_IMAGE_PIXELS];
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    dark[i] = (uint8_t)(255 - image[i]);
  }
  numeral_raster raster = {dark, NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE, 1,
                           NUMERAL_IMAGE_SIDE};
  return image_file_write_png(path, &raster, error);
}
