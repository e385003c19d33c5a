/* sample_sheet.c: see sample_sheet.h. */
#include "app/sample_sheet.h"

#include "app/board.h"
#include "formats/image_file.h"

enum {
  SCALE = 2, /* whole, so that every pixel of an image is a square */
  SIDE_PX = NUMERAL_IMAGE_SIDE,
  GAP_PX = LOOK_GAP_PX / SCALE,
  LABEL_PX = 8,
  CELL_WIDTH_PX = SIDE_PX + GAP_PX,
  CELL_HEIGHT_PX = SIDE_PX + LABEL_PX + GAP_PX
};

static int square_columns(size_t count) {
  int columns = 1;
  while ((size_t)columns * (size_t)columns < count) columns++;
  return columns;
}

numeral_status sample_sheet_write(const char *path, const uint8_t *images,
                                  const uint8_t *labels, size_t count,
                                  numeral_error *error) {
  int columns = square_columns(count);
  int rows = ((int)count + columns - 1) / columns;
  board sheet = board_begin(GAP_PX + columns * CELL_WIDTH_PX,
                            GAP_PX + rows * CELL_HEIGHT_PX, SCALE, LOOK_LIGHT);
  for (int i = 0; i < (int)count; i++) {
    float x = (float)(GAP_PX + i % columns * CELL_WIDTH_PX);
    float y = (float)(GAP_PX + i / columns * CELL_HEIGHT_PX);
    board_digit(&sheet, x, y, SIDE_PX, images + i * NUMERAL_IMAGE_PIXELS);
    board_text(&sheet, x + SIDE_PX / 2.0f, y + SIDE_PX + LABEL_PX - 1.5f,
               LOOK_SMALL_PX / (float)SCALE, BOARD_CENTRE, LOOK_FAINT, "%d",
               labels[i]);
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
