/* sample_sheet.c: see sample_sheet.h. */
#include "app/sample_sheet.h"

#include "app/cairo/sheet_draw.h"
#include "formats/image_file.h"
#include "formats/module.h"

numeral_status sample_sheet_write(const char *path, const uint8_t *images,
                                  const uint8_t *labels, size_t count,
                                  numeral_error *error) {
  image_file sheet;
  sheet_draw_fn *draw =
      (sheet_draw_fn *)module_function("cairo", "sheet_draw", error);
  if (!draw) return NUMERAL_ERROR_IO;
  numeral_status status = draw(images, labels, count, &sheet, error);
  if (status) return status;
  status = image_file_write_png(path, &sheet.raster, error);
  image_file_release(&sheet);
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
