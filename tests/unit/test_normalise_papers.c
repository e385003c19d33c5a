/* test_normalise_papers.c: the digit among what is printed on its paper, lies
 * around it or beside it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "four_pictures.h"

static void darken_corner(picture *of, int corner, int size) {
  int right = of->raster.width_px - 1, bottom = of->raster.height_px - 1;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size - y; x++)
      *pixel_at(of, corner & 1 ? right - x : x, corner & 2 ? bottom - y : y) =
          15;
}

/* What reaches into the picture at a corner is not the digit's, however near
 * and dark it is, and however faint the digit. */
static void test_dark_corner(void **state) {
  (void)state;
  for (int corner = 0; corner < 4; corner++) {
    picture dark = blank_picture(300, 300, 1, 240);
    draw_four(&dark, 70, 70, 160, 16, (const uint8_t[]){40});
    darken_corner(&dark, corner, 130);
    assert_is_four(&dark, 0.5);
    picture faint = blank_picture(300, 300, 1, 240);
    draw_four(&faint, 70, 70, 160, 16, (const uint8_t[]){190});
    darken_corner(&faint, corner, 60);
    add_noise(&faint, 2);
    assert_is_four(&faint, 4);
  }
}

static void fill_box(picture *on, int left, int top, int width, int height,
                     int value) {
  for (int y = top; y < top + height; y++)
    memset(pixel_at(on, left, y), value, (size_t)width);
}

/* A finger or a pen at one edge, heavier than the digit; a line below it; and
 * the small print of a form. */
static void test_beside_the_digit(void **state) {
  (void)state;
  for (int edge = 0; edge < 4; edge++) {
    picture finger = blank_picture(300, 300, 1, 240);
    draw_four(&finger, 70, 70, 160, 16, (const uint8_t[]){40});
    int at = edge % 2 ? 244 : 0, left = edge < 2 ? 120 : at;
    fill_box(&finger, left, edge < 2 ? at : 120, edge < 2 ? 50 : 56,
             edge < 2 ? 56 : 50, 90);
    assert_is_four(&finger, 2);
  }
  picture circled = blank_picture(300, 300, 1, 240);
  draw_four(&circled, 70, 70, 160, 16, (const uint8_t[]){40});
  for (int y = 0; y < 300; y++)
    for (int x = 0; x < 300; x++)
      if (fabs(hypot(x - 150, 1.1 * (y - 150)) - 135) < 4)
        *pixel_at(&circled, x, y) = 40;
  assert_is_four(&circled, 0.5);
  picture scanned = blank_picture(600, 600, 1, 240); /* on a dark lid */
  draw_four(&scanned, 200, 300, 70, 7, (const uint8_t[]){40});
  fill_box(&scanned, 0, 0, 60, 600, 60);
  fill_box(&scanned, 0, 540, 600, 60, 60);
  assert_is_four(&scanned, 6);
  picture underlined = blank_picture(300, 300, 1, 240);
  draw_four(&underlined, 70, 50, 160, 16, (const uint8_t[]){40});
  fill_box(&underlined, 50, 230, 200, 5, 60);
  assert_is_four(&underlined, 0.5);
  picture form = blank_picture(300, 300, 1, 240);
  draw_four(&form, 70, 70, 160, 16, (const uint8_t[]){40});
  for (int letter = 0; letter < 8; letter++) {
    fill_box(&form, 60 + 20 * letter, 40, 14, 20, 60);
    fill_box(&form, 64 + 20 * letter, 45, 6, 10, 240);
  }
  assert_is_four(&form, 0.5);
}

/* A sheet of paper, turned by its `slope`, on a table with a grain. */
static void lay_on_table(picture *sheet, double slope, int table) {
  int width = sheet->raster.width_px, height = sheet->raster.height_px;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      double across = x + slope * (y - height / 2.0);
      double down = y - slope * (x - width / 2.0);
      if (across < 40 || across > width - 50 || down < 45 || down > height - 35)
        *pixel_at(sheet, x, y) = (uint8_t)(table + 9 * sin(y / 5.0 + x / 90.0));
    }
  }
}

static void test_sheet_on_a_table(void **state) {
  (void)state;
  picture slip = blank_picture(400, 400, 1, 90);
  fill_box(&slip, 150, 130, 110, 120, 230);
  draw_four(&slip, 160, 145, 90, 9, (const uint8_t[]){50});
  add_noise(&slip, 3);
  assert_is_four(&slip, 8);
  static const double slopes[] = {0, 0.04, -0.12, 0.18};
  for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++) {
    for (int ruled = 0; ruled < 2; ruled++) {
      for (int table = 40; table <= 160; table += 120) {
        picture sheet = blank_picture(400, 360, 1, 230);
        if (ruled) rule(&sheet, false, 41, slopes[i], 150);
        draw_four(&sheet, 120, 100, 160, 16, (const uint8_t[]){50});
        lay_on_table(&sheet, slopes[i], table);
        add_noise(&sheet, 3);
        assert_is_four(&sheet, 12);
        picture empty = blank_picture(400, 360, 1, 230);
        lay_on_table(&empty, slopes[i], table);
        add_noise(&empty, 3);
        assert_blank(&empty);
      }
    }
  }
}

/* Lines printed on the paper are not the digit's, although they are as dark as
 * it is and go through it; the strokes that cross them stay whole. */
static void test_printed_lines(void **state) {
  (void)state;
  static const double slopes[] = {0, 0.02, -0.05, 0.1};
  for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++) {
    for (int step = 31; step <= 57; step += 13) {
      picture ruled = blank_picture(300, 280, 1, 240);
      rule(&ruled, false, step, slopes[i], 60);
      draw_four(&ruled, 70, 60, 160, 18, (const uint8_t[]){20});
      add_noise(&ruled, 3);
      assert_is_four(&ruled, 10);
      picture squared = blank_picture(280, 300, 1, 240);
      rule(&squared, false, step, slopes[i], 60);
      rule(&squared, true, step, slopes[i], 60);
      draw_four(&squared, 60, 70, 160, 18, (const uint8_t[]){20});
      add_noise(&squared, 3);
      assert_is_four(&squared, 12);
    }
  }
  picture small = blank_picture(40, 40, 1, 240);
  fill_box(&small, 0, 3, 40, 1, 130);
  fill_box(&small, 0, 33, 40, 1, 130);
  draw_four(&small, 6, 5, 30, 3.2, (const uint8_t[]){20});
  assert_is_four(&small, 16);
  for (int at = 60; at < 100; at += 13) { /* a box that the digit leaves */
    picture box = blank_picture(300, 300, 1, 240);
    for (int i = at; i < 300 - at; i++) {
      memset(pixel_at(&box, at, i), 60, 3);
      memset(pixel_at(&box, 298 - at, i), 60, 3);
    }
    for (int i = 0; i < 3; i++) {
      memset(pixel_at(&box, at, at + i), 60, (size_t)(300 - 2 * at));
      memset(pixel_at(&box, at, 298 - at + i), 60, (size_t)(300 - 2 * at));
    }
    draw_four(&box, 70, 70, 160, 18, (const uint8_t[]){20});
    add_noise(&box, 3);
    assert_is_four(&box, 10);
  }
}

/* Thin straight strokes are not taken for printed lines, not even where they
 * run from edge to edge of a picture that was cut out tightly, or frame it. */
static void test_straight_strokes(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  assert_alike(160, 160, 3);
  assert_alike(200, 170, 4);
  for (int margin = 0; margin <= 40; margin += 40) {
    picture frame = blank_picture(160, 160, 1, 240); /* a zero, with a ruler */
    for (int y = margin; y < 160 - margin; y++) {
      memset(pixel_at(&frame, 40, y), 30, 3);
      memset(pixel_at(&frame, 117, y), 30, 3);
    }
    for (int i = 0; i < 3; i++) {
      memset(pixel_at(&frame, 40, margin + i), 30, 80);
      memset(pixel_at(&frame, 40, 159 - margin - i), 30, 80);
    }
    assert_true(normalise_and_free(&frame, image));
    int ink = 0;
    for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) ink += image[i] > 128;
    assert_in_range(ink, 40, 150);
  }
}

/* A 0 in fat strokes, cut out tightly, has no shade that is told by what is
 * around it: the light's slope alone is taken away. */
static void test_slope_on_a_tight_digit(void **state) {
  (void)state;
  uint8_t even[NUMERAL_IMAGE_PIXELS], sloped[NUMERAL_IMAGE_PIXELS];
  for (int way = 0; way < 8; way++) {
    double ink = way % 2 ? 200 : 70, paper = way % 2 ? 60 : 200;
    for (int has_slope = 0; has_slope < 2; has_slope++) {
      picture tight = blank_picture(100, 120, 1, 0);
      for (int y = 0; y < 120; y++) {
        for (int x = 0; x < 100; x++) {
          double across = (x + 0.5) / 100 - 0.5, down = (y + 0.5) / 120 - 0.5;
          double out = 2 * hypot(across, down);
          double along = (way < 4 ? across : down) * (way % 4 < 2 ? 1 : -1);
          double grey = out > 0.4 && out < 1 ? ink : paper;
          grey *= 1 + has_slope * 0.5 * along;
          *pixel_at(&tight, x, y) = (uint8_t)grey;
        }
      }
      add_noise(&tight, 2);
      assert_true(normalise_and_free(&tight, has_slope ? sloped : even));
    }
    double difference = least_difference(even, sloped);
    if (difference > 8) print_error("way %d: %g\n", way, difference);
    assert_true(difference <= 8);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dark_corner),
      cmocka_unit_test(test_beside_the_digit),
      cmocka_unit_test(test_sheet_on_a_table),
      cmocka_unit_test(test_printed_lines),
      cmocka_unit_test(test_straight_strokes),
      cmocka_unit_test(test_slope_on_a_tight_digit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
