/* board_draw.c: see board_draw.h. */
#include "app/cairo/board_draw.h"

#include <cairo.h>
#include <math.h>
#include <string.h>

#include "formats/format_fail.h"
#include "formats/image_decode.h"
#include "formats/module.h"

static const double quarter = 1.57079632679489661923; /* of a turn */

static void set_colour(cairo_t *cairo, uint32_t colour) {
  cairo_set_source_rgb(cairo, (colour >> 16 & 255) / 255.0,
                       (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

/* ---- Items
 * -------------------------------------------------------------------- */

/* The system's fonts are asked for the first name; where it has none of that
 * name, its sans-serif, which on Debian is the fallback, takes its place. */
static void draw_text(cairo_t *cairo, const board_item *item) {
  cairo_text_extents_t extents;
  cairo_select_font_face(
      cairo, LOOK_FONT, CAIRO_FONT_SLANT_NORMAL,
      item->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, (double)item->size_px);
  cairo_text_extents(cairo, item->text, &extents);
  double share = item->align == BOARD_LEFT     ? 0
                 : item->align == BOARD_CENTRE ? 0.5
                                               : 1;
  set_colour(cairo, item->colour);
  cairo_move_to(cairo, (double)item->x - share * extents.x_advance,
                (double)item->y);
  cairo_show_text(cairo, item->text);
}

static void outline(cairo_t *cairo, const board_item *item) {
  double x = (double)item->x, y = (double)item->y;
  double right = x + (double)item->width, bottom = y + (double)item->height;
  double r = (double)item->round;
  if (!(r > 0)) {
    cairo_rectangle(cairo, x, y, right - x, bottom - y);
    return;
  }
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, right - r, y + r, r, -quarter, 0);
  cairo_arc(cairo, right - r, bottom - r, r, 0, quarter);
  cairo_arc(cairo, x + r, bottom - r, r, quarter, 2 * quarter);
  cairo_arc(cairo, x + r, y + r, r, 2 * quarter, 3 * quarter);
  cairo_close_path(cairo);
}

static void draw_box(cairo_t *cairo, const board_item *item) {
  set_colour(cairo, item->colour);
  outline(cairo, item);
  if (item->line > 0) {
    cairo_set_line_width(cairo, (double)item->line);
    cairo_stroke(cairo);
  } else {
    cairo_fill(cairo);
  }
}

static void draw_map(cairo_t *cairo, const board_item *item) {
  cairo_surface_t *surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, item->columns, item->rows);
  unsigned char *to = cairo_image_surface_get_data(surface);
  size_t row_bytes = (size_t)item->columns * sizeof *item->pixels;
  for (int y = 0; to != NULL && y < item->rows; y++) {
    memcpy(to + y * cairo_image_surface_get_stride(surface),
           item->pixels + (size_t)y * (size_t)item->columns, row_bytes);
  }
  cairo_surface_mark_dirty(surface);
  cairo_save(cairo);
  cairo_rectangle(cairo, (double)item->x, (double)item->y, (double)item->width,
                  (double)item->height);
  cairo_clip(cairo);
  cairo_translate(cairo, (double)item->x, (double)item->y);
  cairo_scale(cairo, (double)item->width / item->columns,
              (double)item->height / item->rows);
  cairo_set_source_surface(cairo, surface, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo), item->smooth
                                                        ? CAIRO_FILTER_GOOD
                                                        : CAIRO_FILTER_NEAREST);
  cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
  cairo_paint(cairo);
  cairo_restore(cairo);
  cairo_surface_destroy(surface);
}

static void draw_item(cairo_t *cairo, const board_item *item) {
  switch (item->kind) {
    case BOARD_TEXT:
      draw_text(cairo, item);
      break;
    case BOARD_BOX:
      draw_box(cairo, item);
      break;
    case BOARD_MAP:
      draw_map(cairo, item);
      break;
  }
}

/* ---- The board
 * ---------------------------------------------------------------- */

static cairo_status_t draw_all(const board *b, cairo_surface_t *surface) {
  cairo_t *cairo = cairo_create(surface);
  set_colour(cairo, look_colour(b->theme, LOOK_PAPER));
  cairo_paint(cairo);
  cairo_scale(cairo, (double)b->scale, (double)b->scale);
  for (size_t i = 0; i < b->count; i++) draw_item(cairo, &b->items[i]);
  cairo_status_t status = cairo_status(cairo);
  cairo_destroy(cairo);
  cairo_surface_flush(surface);
  return status;
}

static numeral_status copy_rgb(cairo_surface_t *drawn, image_file *picture,
                               numeral_error *error) {
  int width = cairo_image_surface_get_width(drawn);
  int height = cairo_image_surface_get_height(drawn);
  int stride = cairo_image_surface_get_stride(drawn);
  const unsigned char *from = cairo_image_surface_get_data(drawn);
  numeral_status status = image_file_create(picture, width, height, 3, error);
  if (status) return status;
  uint8_t *to = picture->pixels;
  for (int y = 0; y < height; y++) {
    const uint32_t *row = (const uint32_t *)(const void *)(from + y * stride);
    for (int x = 0; x < width; x++) {
      *to++ = (uint8_t)(row[x] >> 16);
      *to++ = (uint8_t)(row[x] >> 8);
      *to++ = (uint8_t)row[x];
    }
  }
  return NUMERAL_OK;
}

MODULE_EXPORT numeral_status board_paint(const board *b, image_file *picture,
                                         numeral_error *error) {
  *picture = (image_file){0};
  cairo_surface_t *drawn = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, (int)lrintf((float)b->width * b->scale),
      (int)lrintf((float)b->height * b->scale));
  cairo_status_t done = draw_all(b, drawn);
  numeral_status status =
      done == CAIRO_STATUS_SUCCESS
          ? copy_rgb(drawn, picture, error)
          : format_fail(error, NUMERAL_ERROR_MEMORY,
                        "a picture of %d x %d cannot be drawn: %s; show fewer "
                        "images",
                        b->width, b->height, cairo_status_to_string(done));
  cairo_surface_destroy(drawn);
  return status;
}
