/* board_svg.c: see board_svg.h. Maps of pixels are PNG files inside. */
#include "app/board_svg.h"

#include <stdlib.h>

#include "app/html.h"
#include "formats/format_fail.h"

/* Text grows as that of a page does; XML needs the same signs escaped. */
static void put_text(html *svg, const board_item *item) {
  static const char *const anchors[] = {"start", "middle", "end"};
  text_add(svg, "<text x=\"%.5g\" y=\"%.5g\" font-size=\"%.3g\" fill=\"#%06x\"",
           (double)item->x, (double)item->y, (double)item->size_px,
           (unsigned)item->colour);
  if (item->align != BOARD_LEFT)
    text_add(svg, " text-anchor=\"%s\"", anchors[item->align]);
  text_add(svg, "%s>", item->bold ? " font-weight=\"bold\"" : "");
  html_text(svg, item->text);
  text_add(svg, "</text>\n");
}

static void put_box(html *svg, const board_item *item) {
  text_add(svg, "<rect x=\"%.5g\" y=\"%.5g\" width=\"%.5g\" height=\"%.5g\"",
           (double)item->x, (double)item->y, (double)item->width,
           (double)item->height);
  if (item->round > 0) text_add(svg, " rx=\"%.3g\"", (double)item->round);
  if (item->line > 0) {
    text_add(svg, " fill=\"none\" stroke=\"#%06x\" stroke-width=\"%.3g\"/>\n",
             (unsigned)item->colour, (double)item->line);
  } else {
    text_add(svg, " fill=\"#%06x\"/>\n", (unsigned)item->colour);
  }
}

static numeral_status put_map(html *svg, const board_item *item,
                              numeral_error *error) {
  size_t pixels = (size_t)item->columns * (size_t)item->rows, size_bytes;
  uint8_t *rgb = malloc(pixels * 3);
  unsigned char *png;
  if (rgb == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for a picture's pixels");
  for (size_t i = 0; i < pixels; ++i) {
    rgb[3 * i] = (uint8_t)(item->pixels[i] >> 16);
    rgb[3 * i + 1] = (uint8_t)(item->pixels[i] >> 8);
    rgb[3 * i + 2] = (uint8_t)item->pixels[i];
  }
  numeral_raster raster = {rgb, item->columns, item->rows, 3,
                           3 * (size_t)item->columns};
  numeral_status status =
      image_file_encode_png(&raster, &png, &size_bytes, error);
  free(rgb);
  if (status != NUMERAL_OK) return status;
  text_add(svg,
           "<image x=\"%.5g\" y=\"%.5g\" width=\"%.5g\" height=\"%.5g\" "
           "preserveAspectRatio=\"none\"%s href=\"",
           (double)item->x, (double)item->y, (double)item->width,
           (double)item->height, item->smooth ? "" : " class=\"p\"");
  html_data_link(svg, "image/png", png, size_bytes);
  text_add(svg, "\"/>\n");
  free(png);
  return NUMERAL_OK;
}

static numeral_status put_item(html *svg, const board_item *item,
                               numeral_error *error) {
  switch (item->kind) {
    case BOARD_TEXT:
      put_text(svg, item);
      break;
    case BOARD_BOX:
      put_box(svg, item);
      break;
    case BOARD_MAP:
      return put_map(svg, item, error);
  }
  return NUMERAL_OK;
}

static numeral_status fail_memory(numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_MEMORY,
                     "no memory to lay out a picture: show fewer images");
}

numeral_status board_svg(const board *b, char **svg, size_t *size_bytes,
                         numeral_error *error) {
  html text = {0};
  *svg = NULL;
  *size_bytes = 0;
  if (b->refused) return fail_memory(error);
  text_add(&text,
           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
           "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"%s, %s, "
           "sans-serif\">\n<style>text{font-variant-numeric:tabular-nums}"
           ".p{image-rendering:pixelated}</style>\n"
           "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
           b->width, b->height, b->width, b->height, LOOK_FONT,
           LOOK_FONT_FALLBACK, (unsigned)board_colour(b, LOOK_PAPER));
  numeral_status status = NUMERAL_OK;
  for (size_t i = 0; status == NUMERAL_OK && i < b->count; ++i)
    status = put_item(&text, &b->items[i], error);
  text_add(&text, "</svg>\n");
  if (status == NUMERAL_OK && (text.refused || text.text == NULL))
    status = fail_memory(error);
  if (status != NUMERAL_OK) {
    html_release(&text);
    return status;
  }
  *svg = text.text;
  *size_bytes = text.length;
  return NUMERAL_OK;
}
