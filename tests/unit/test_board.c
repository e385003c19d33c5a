/* test_board.c: boards as PNG and as SVG. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/board.h"
#include "app/board_svg.h"

/* Paper with a box, a word and a digit. */
static board sample(look_theme theme) {
  uint8_t image[NUMERAL_IMAGE_PIXELS] = {0};
  for (int i = 300; i < 400; ++i) image[i] = 255;
  board b = board_begin(120, 80, 2, theme);
  board_box(&b, 0, 0, 20, 10, 0x123456);
  board_text(&b, 60, 40, 13, BOARD_CENTRE, LOOK_TEXT, "%d < %s", 7, "a&b");
  board_digit(&b, 80, 20, 28, image);
  return b;
}

static void is_a_png_of_its_size(void **state) {
  (void)state;
  for (int theme = 0; theme < LOOK_THEMES; ++theme) {
    board b = sample((look_theme)theme);
    unsigned char *png;
    size_t size_bytes;
    numeral_error error;
    image_file picture;
    assert_int_equal(board_encode(&b, &png, &size_bytes, &error), NUMERAL_OK);
    assert_int_equal(
        image_file_parse(png, size_bytes, "board", &picture, &error),
        NUMERAL_OK);
    assert_int_equal(picture.raster.width_px, 240);
    assert_int_equal(picture.raster.height_px, 160);
    assert_int_equal(picture.raster.channels, 3);
    const uint8_t box[] = {0x12, 0x34, 0x56};
    assert_memory_equal(picture.pixels, box, 3);
    const uint8_t *corner =
        picture.pixels + 159 * picture.raster.stride_bytes + 239 * 3;
    uint32_t paper = look_colour((look_theme)theme, LOOK_PAPER);
    assert_int_equal(corner[0] << 16 | corner[1] << 8 | corner[2], paper);
    image_file_release(&picture);
    free(png);
    board_release(&b);
  }
}

/* More colours than a palette holds, and exactly as many. */
static void keeps_every_colour(void **state) {
  (void)state;
  enum { SIDE = 20 };
  for (int colours = 255; colours <= 258; ++colours) {
    uint8_t pixels[SIDE * SIDE * 3], *rgb = pixels;
    for (int i = 0; i < SIDE * SIDE; ++i) {
      int colour = i % colours;
      *rgb++ = (uint8_t)colour;
      *rgb++ = (uint8_t)(colour >> 8);
      *rgb++ = 77;
    }
    numeral_raster raster = {pixels, SIDE, SIDE, 3, (size_t)SIDE * 3};
    unsigned char *png;
    size_t size_bytes;
    numeral_error error;
    image_file picture;
    assert_int_equal(image_file_encode_png(&raster, &png, &size_bytes, &error),
                     NUMERAL_OK);
    assert_int_equal(image_file_parse(png, size_bytes, "it", &picture, &error),
                     NUMERAL_OK);
    assert_int_equal(picture.raster.channels, 3);
    assert_memory_equal(picture.pixels, pixels, sizeof pixels);
    image_file_release(&picture);
    free(png);
  }
}

static void is_svg_with_its_texts_escaped(void **state) {
  (void)state;
  board b = sample(LOOK_LIGHT);
  char *svg;
  size_t size_bytes;
  numeral_error error;
  assert_int_equal(board_svg(&b, &svg, &size_bytes, &error), NUMERAL_OK);
  assert_int_equal(strlen(svg), size_bytes);
  assert_memory_equal(svg, "<svg xmlns=", 11);
  assert_non_null(strstr(svg, "width=\"120\" height=\"80\""));
  assert_non_null(strstr(svg, "7 &lt; a&amp;b</text>"));
  assert_non_null(strstr(svg, "fill=\"#123456\""));
  assert_non_null(strstr(svg, "href=\"data:image/png;base64,iVBOR"));
  assert_string_equal(svg + size_bytes - 7, "</svg>\n");
  free(svg);
  board_release(&b);
}

static void refused_memory_is_noticed_at_the_end(void **state) {
  (void)state;
  board b = sample(LOOK_DARK);
  unsigned char *png;
  char *svg;
  size_t size_bytes;
  numeral_error error;
  b.refused = true;
  assert_int_equal(board_encode(&b, &png, &size_bytes, &error),
                   NUMERAL_ERROR_MEMORY);
  assert_null(png);
  assert_int_equal(board_svg(&b, &svg, &size_bytes, &error),
                   NUMERAL_ERROR_MEMORY);
  assert_null(svg);
  board_release(&b);
}

static void says_that_a_folder_is_missing(void **state) {
  (void)state;
  board b = sample(LOOK_LIGHT);
  numeral_error error;
  assert_int_equal(board_write(&b, "/no/such/folder/a.png", &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/no/such/folder/a.png"));
  board_release(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_a_png_of_its_size),
      cmocka_unit_test(keeps_every_colour),
      cmocka_unit_test(is_svg_with_its_texts_escaped),
      cmocka_unit_test(refused_memory_is_noticed_at_the_end),
      cmocka_unit_test(says_that_a_folder_is_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
