/* sheet_draw.c: see sheet_draw.h. */
#include "app/cairo/sheet_draw.h"

#include <cairo.h>

#include "formats/format_fail.h"
#include "formats/image_decode.h"
#include "formats/module.h"

enum {
  SCALE = 2,
  IMAGE_PX = SCALE * NUMERAL_IMAGE_SIDE,
  GAP_PX = 8,
  LABEL_PX = 16,
  CELL_WIDTH_PX = IMAGE_PX + GAP_PX,
  CELL_HEIGHT_PX = IMAGE_PX + LABEL_PX + GAP_PX,
  FONT_PX = 13
};

static int square_columns(size_t count) {
  int columns = 1;
  while ((size_t)columns * (size_t)columns < count) columns++;
  return columns;
}

/* An image's ink, dark, as a surface of its own. */
static cairo_surface_t *make_image(const uint8_t *image) {
  cairo_surface_t *surface = cairo_image_surface_create(
      CAIRO_FORMAT_A8, NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE);
  unsigned char *pixels = cairo_image_surface_get_data(surface);
  if (!pixels) return surface; /* its status says why */
  int stride = cairo_image_surface_get_stride(surface);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    pixels[i / NUMERAL_IMAGE_SIDE * stride + i % NUMERAL_IMAGE_SIDE] = image[i];
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

static void draw_cell(cairo_t *cairo, int x, int y, const uint8_t *image,
                      int label) {
  char text[2] = {(char)('0' + label), '\0'};
  cairo_text_extents_t extents;
  cairo_surface_t *surface = make_image(image);
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_set_source_rgb(cairo, 0.93, 0.93, 0.93);
  cairo_rectangle(cairo, -0.5, -0.5, IMAGE_PX + 1, IMAGE_PX + 1);
  cairo_set_line_width(cairo, 1);
  cairo_stroke(cairo);
  cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
  cairo_text_extents(cairo, text, &extents);
  cairo_move_to(cairo, (IMAGE_PX - extents.x_advance) / 2,
                IMAGE_PX + LABEL_PX - 3);
  cairo_show_text(cairo, text);
  cairo_scale(cairo, SCALE, SCALE);
  cairo_pattern_t *mask = cairo_pattern_create_for_surface(surface);
  cairo_pattern_set_filter(mask, CAIRO_FILTER_NEAREST);
  cairo_set_source_rgb(cairo, 0, 0, 0);
  cairo_mask(cairo, mask);
  cairo_restore(cairo);
  cairo_pattern_destroy(mask);
  cairo_surface_destroy(surface);
}

static cairo_status_t draw_sheet(cairo_surface_t *sheet, const uint8_t *images,
                                 const uint8_t *labels, size_t count) {
  cairo_t *cairo = cairo_create(sheet);
  int columns = square_columns(count);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_paint(cairo);
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, FONT_PX);
  for (size_t i = 0; i < count; i++) {
    int column = (int)i % columns, row = (int)i / columns;
    draw_cell(cairo, GAP_PX + column * CELL_WIDTH_PX,
              GAP_PX + row * CELL_HEIGHT_PX, images + i * NUMERAL_IMAGE_PIXELS,
              labels[i]);
  }
  cairo_status_t status = cairo_status(cairo);
  cairo_destroy(cairo);
  cairo_surface_flush(sheet);
  return status;
}

/* Every colour on the sheet is a grey: one channel says it all. */
static numeral_status copy_grey(cairo_surface_t *drawn, image_file *sheet,
                                numeral_error *error) {
  int width = cairo_image_surface_get_width(drawn);
  int height = cairo_image_surface_get_height(drawn);
  int stride = cairo_image_surface_get_stride(drawn);
  const unsigned char *from = cairo_image_surface_get_data(drawn);
  numeral_status status = image_file_create(sheet, width, height, 1, error);
  if (status) return status;
  for (int y = 0; y < height; y++) {
    const uint32_t *row = (const uint32_t *)(const void *)(from + y * stride);
    for (int x = 0; x < width; x++) {
      sheet->pixels[(size_t)y * (size_t)width + (size_t)x] = (uint8_t)row[x];
    }
  }
  return NUMERAL_OK;
}

MODULE_EXPORT numeral_status sheet_draw(const uint8_t *images,
                                        const uint8_t *labels, size_t count,
                                        image_file *sheet,
                                        numeral_error *error) {
  *sheet = (image_file){0};
  int columns = square_columns(count);
  int rows = ((int)count + columns - 1) / columns;
  cairo_surface_t *drawn = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, GAP_PX + columns * CELL_WIDTH_PX,
      GAP_PX + rows * CELL_HEIGHT_PX);
  cairo_status_t done = draw_sheet(drawn, images, labels, count);
  numeral_status status =
      done == CAIRO_STATUS_SUCCESS
          ? copy_grey(drawn, sheet, error)
          : format_fail(error, NUMERAL_ERROR_MEMORY,
                        "%zu images cannot be drawn: %s; show fewer", count,
                        cairo_status_to_string(done));
  cairo_surface_destroy(drawn);
  return status;
}
