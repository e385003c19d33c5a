/* test_normalise.c: pictures of every kind to 28 x 28. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "drawing.h"
#include "image/normalise.h"

#include "formats/gzip.h"

typedef struct picture {
  uint8_t *pixels;
  numeral_raster raster;
} picture;

static picture blank_picture(int width, int height, int channels, int value) {
  size_t row = (size_t)width * (size_t)channels;
  picture made = {malloc(row * (size_t)height), {0}};
  assert_non_null(made.pixels);
  memset(made.pixels, value, row * (size_t)height);
  made.raster = (numeral_raster){made.pixels, width, height, channels, row};
  return made;
}

static uint8_t *pixel_at(const picture *of, int x, int y) {
  return of->pixels + (size_t)y * of->raster.stride_bytes +
         (size_t)x * (size_t)of->raster.channels;
}

/* Lays a 4 over the picture, in all channels. */
static void draw_four(picture *on, double left, double top, double size,
                      double thickness, const uint8_t *ink) {
  for (int y = 0; y < on->raster.height_px; y++) {
    for (int x = 0; x < on->raster.width_px; x++) {
      double share = four_at(x, y, left, top, size, thickness, 0);
      uint8_t *pixel = pixel_at(on, x, y);
      for (int c = 0; share > 0 && c < on->raster.channels; c++) {
        pixel[c] = mix(pixel[c], ink[c], share);
      }
    }
  }
}

static void add_noise(picture *to, float deviation) {
  nml_random random = nml_random_init(7, NML_PURPOSE_TEST, 1, 0);
  size_t size = to->raster.stride_bytes * (size_t)to->raster.height_px;
  for (size_t i = 0; i < size; i++) {
    float value = (float)to->pixels[i] + deviation * nml_random_normal(&random);
    to->pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

static bool normalise(const picture *of, uint8_t *image) {
  numeral_frame frame;
  numeral_error error;
  assert_int_equal(nml_normalise(&of->raster, NULL, image, &frame, &error),
                   NUMERAL_OK);
  return frame.digits > 0;
}

static bool normalise_and_free(picture *of, uint8_t *image) {
  bool has_ink = normalise(of, image);
  free(of->pixels);
  return has_ink;
}

/* Between `a` and `b` moved by some pixels. */
static double mean_difference(const uint8_t *a, const uint8_t *b, int right,
                              int down) {
  double sum = 0;
  for (int y = 0; y < 28; y++) {
    for (int x = 0; x < 28; x++) {
      int u = x + right, v = y + down;
      bool inside = u >= 0 && u < 28 && v >= 0 && v < 28;
      sum += abs(a[y * 28 + x] - (inside ? b[v * 28 + u] : 0));
    }
  }
  return sum / NUMERAL_IMAGE_PIXELS;
}

/* The least difference, where the centre of mass may have moved the image by
 * one pixel. */
static double least_difference(const uint8_t *a, const uint8_t *b) {
  double least = 255;
  for (int down = -1; down <= 1; down++) {
    for (int right = -1; right <= 1; right++) {
      double difference = mean_difference(a, b, right, down);
      if (difference < least) least = difference;
    }
  }
  return least;
}

/* What the others are compared with: a clean 4, dark on light. */
static void clean_four(uint8_t *image) {
  picture plain = blank_picture(240, 240, 1, 255);
  draw_four(&plain, 40, 40, 160, 16, (const uint8_t[]){0});
  assert_true(normalise_and_free(&plain, image));
}

static void assert_is_four(picture *of, double tolerance) {
  uint8_t clean[NUMERAL_IMAGE_PIXELS], image[NUMERAL_IMAGE_PIXELS];
  clean_four(clean);
  assert_true(normalise_and_free(of, image));
  double difference = least_difference(clean, image);
  if (difference > tolerance) print_error("mean difference %g\n", difference);
  assert_true(difference <= tolerance);
}

static void assert_blank(picture *of) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  bool has_ink = normalise_and_free(of, image);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) assert_int_equal(image[i], 0);
  assert_false(has_ink);
}

/* MNIST's frame: ink in 20 x 20, centre of mass in the pixel 14, full black. */
static void test_frame(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  int left = 28, right = -1, top = 28, bottom = -1, brightest = 0;
  double mass = 0, across = 0, down = 0;
  clean_four(image);
  for (int y = 0; y < 28; y++) {
    for (int x = 0; x < 28; x++) {
      int value = image[y * 28 + x];
      mass += value;
      across += value * (x + 0.5);
      down += value * (y + 0.5);
      if (value > brightest) brightest = value;
      if (value == 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  assert_int_equal(bottom - top + 1, 20);
  assert_in_range(right - left + 1, 15, 20);
  assert_int_equal((int)(across / mass), 14);
  assert_int_equal((int)(down / mass), 14);
  assert_int_equal(brightest, 255);
}

static void test_polarity_and_colour(void **state) {
  (void)state;
  static const struct {
    uint8_t paper[3], ink[3];
  } pairs[] = {
      {{0, 0, 0}, {255, 255, 255}},      {{20, 20, 20}, {200, 200, 200}},
      {{255, 255, 255}, {240, 230, 40}}, {{60, 90, 200}, {220, 40, 50}},
      {{200, 60, 60}, {60, 130, 60}},    {{128, 128, 128}, {190, 190, 190}}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    picture colour = blank_picture(240, 240, 3, 0);
    for (int p = 0; p < 240 * 240; p++) {
      memcpy(colour.pixels + (size_t)p * 3, pairs[i].paper, 3);
    }
    draw_four(&colour, 40, 40, 160, 16, pairs[i].ink);
    assert_is_four(&colour, 1.5);
  }
}

/* The shape is in the alpha, whatever the one colour is; on opaque paper it
 * is in the colours. */
static void test_alpha(void **state) {
  (void)state;
  for (int channels = 2; channels <= 4; channels += 2) {
    for (int ink = 0; ink <= 255; ink += 255) {
      picture drawn = blank_picture(240, 240, channels, ink);
      for (int p = 0; p < 240 * 240; p++) {
        drawn.pixels[p * channels + channels - 1] =
            mix(0, 255, four_at(p % 240, p / 240, 40, 40, 160, 16, 0));
      }
      assert_is_four(&drawn, 0.5);
    }
  }
  picture opaque = blank_picture(240, 240, 4, 255);
  draw_four(&opaque, 40, 40, 160, 16, (const uint8_t[]){0, 0, 0, 255});
  assert_is_four(&opaque, 0.5);
  /* a sticker: white paper with a black 4, nothing around it */
  picture sticker = blank_picture(300, 300, 4, 0);
  for (int y = 40; y < 260; y++)
    memset(pixel_at(&sticker, 40, y), 255, 220 * 4);
  draw_four(&sticker, 70, 70, 160, 16, (const uint8_t[]){0, 0, 0, 255});
  assert_is_four(&sticker, 0.5);
}

static void test_place_and_size(void **state) {
  (void)state;
  static const struct {
    int width, height;
    double left, top, size;
  } places[] = {{240, 240, 2, 75, 160},      {600, 300, 430, 10, 160},
                {300, 900, 30, 700, 90},     {64, 64, 10, 12, 40},
                {1300, 1200, 100, 80, 1000}, {5000, 4000, 2500, 400, 3000}};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    picture drawn = blank_picture(places[i].width, places[i].height, 1, 250);
    draw_four(&drawn, places[i].left, places[i].top, places[i].size,
              places[i].size / 10, (const uint8_t[]){10});
    assert_is_four(&drawn, 6);
  }
}

/* A stroke of a pixel is as legible as one of a tenth of the digit. */
static void test_thin_and_fat_strokes(void **state) {
  (void)state;
  for (int size = 150; size <= 1200; size *= 2) {
    uint8_t image[NUMERAL_IMAGE_PIXELS];
    picture thin = blank_picture(size + 20, size + 20, 1, 255);
    draw_four(&thin, 10, 10, size, 1, (const uint8_t[]){0});
    assert_true(normalise_and_free(&thin, image));
    int strong = 0;
    for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) strong += image[i] > 180;
    assert_in_range(strong, 25, 120);
  }
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  picture fat = blank_picture(240, 240, 1, 255);
  draw_four(&fat, 40, 40, 160, 62, (const uint8_t[]){0});
  assert_true(normalise_and_free(&fat, image));
  int ink = 0;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) ink += image[i] > 128;
  assert_in_range(ink, 60, 190);
}

static void shade(picture *of, double low, double high, double power) {
  int width = of->raster.width_px, height = of->raster.height_px;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      double way = (2.0 * x / width + 1.0 * y / height) / 3;
      uint8_t *pixel = pixel_at(of, x, y);
      *pixel = (uint8_t)(*pixel * (high + (low - high) * pow(way, power)));
    }
  }
}

static void test_uneven_light(void **state) {
  (void)state;
  picture gradient = blank_picture(360, 300, 1, 220);
  draw_four(&gradient, 100, 60, 180, 18, (const uint8_t[]){70});
  shade(&gradient, 0.4, 1.0, 1);
  add_noise(&gradient, 4);
  assert_is_four(&gradient, 12);
  picture shadow = blank_picture(360, 300, 1, 220);
  draw_four(&shadow, 100, 60, 180, 18, (const uint8_t[]){60});
  shade(&shadow, 0.55, 1.0, 40); /* nearly a step */
  add_noise(&shadow, 4);
  assert_is_four(&shadow, 14);
  picture board = blank_picture(360, 300, 1, 130);
  draw_four(&board, 100, 60, 180, 18, (const uint8_t[]){250});
  shade(&board, 0.3, 1.0, 1);
  add_noise(&board, 4);
  assert_is_four(&board, 12);
  picture table = blank_picture(400, 400, 1, 60);
  for (int y = 40; y < 370; y++) memset(pixel_at(&table, 30, y), 220, 320);
  draw_four(&table, 110, 120, 160, 16, (const uint8_t[]){40});
  add_noise(&table, 4);
  assert_is_four(&table, 8);
  for (int noise = 2; noise <= 5; noise++) { /* a slope like noise */
    picture gentle = blank_picture(140, 140, 1, 190);
    draw_four(&gentle, 30, 20, 90, 8, (const uint8_t[]){160});
    shade(&gentle, 0.8, 1.0, 1);
    add_noise(&gentle, (float)noise);
    assert_is_four(&gentle, 20);
  }
}

/* A shadow with an edge goes over the picture's half, or a soft one lies in
 * its middle: also in small pictures. */
static void test_shadows(void **state) {
  (void)state;
  for (int side = 44; side <= 240; side += 28) {
    for (int kind = 0; kind < 3; kind++) {
      picture shadow = blank_picture(side, side, 1, 225);
      draw_four(&shadow, 0.17 * side, 0.17 * side, 0.66 * side, 0.07 * side,
                (const uint8_t[]){40});
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double right = (double)x / side - 0.5, down = (double)y / side - 0.5;
          double depth = kind == 0   ? right + 0.3 * down > 0
                         : kind == 1 ? down - 0.2 * right > -0.1
                                     : exp(-12 * (right * right + down * down));
          uint8_t *pixel = pixel_at(&shadow, x, y);
          *pixel = (uint8_t)(*pixel * (1 - 0.35 * depth));
        }
      }
      add_noise(&shadow, 2);
      assert_is_four(&shadow, 14);
    }
  }
}

/* A 4 that reaches from end to end of `extent` pixels in the picture's middle.
 */
static void draw_four_within(int side, double extent, double thickness,
                             uint8_t *image) {
  picture drawn = blank_picture(side, side, 1, 235);
  double size = (extent - thickness) / 0.9;
  double at = (side - extent + thickness) / 2 - 0.05 * size;
  draw_four(&drawn, at, at, size, thickness, (const uint8_t[]){50});
  add_noise(&drawn, 2);
  assert_true(normalise_and_free(&drawn, image));
}

/* What is read of a 4 does not depend on how much paper is left around it. */
static void assert_alike(int side, double extent, double thickness) {
  uint8_t loose[NUMERAL_IMAGE_PIXELS], tight[NUMERAL_IMAGE_PIXELS];
  draw_four_within(side + side / 2 * 2, extent, thickness, loose);
  draw_four_within(side, extent, thickness, tight);
  double difference = least_difference(loose, tight);
  if (difference > 6)
    print_error("%d px, %g, %g: %g\n", side, extent, thickness, difference);
  assert_true(difference <= 6);
}

/* Fat strokes are no shade, and the faint rim of a small digit is no line. */
static void test_cut_out_tightly(void **state) {
  (void)state;
  for (int side = 40; side <= 200; side += 20)
    for (int percent = 12; percent <= 32; percent += 4)
      assert_alike(side, side, side * percent / 100.0);
  assert_alike(9, 8.2, 0.5);
  assert_alike(12, 11.8, 0.6);
  assert_alike(16, 15.2, 0.6);
}

static void test_what_is_not_the_digit(void **state) {
  (void)state;
  picture specks = blank_picture(300, 300, 1, 255);
  draw_four(&specks, 40, 40, 160, 16, (const uint8_t[]){0});
  *pixel_at(&specks, 290, 290) = *pixel_at(&specks, 291, 290) = 0;
  *pixel_at(&specks, 5, 280) = *pixel_at(&specks, 270, 8) = 0;
  assert_is_four(&specks, 0.5);
  picture scanned = blank_picture(300, 300, 1, 240);
  draw_four(&scanned, 70, 70, 160, 16, (const uint8_t[]){20});
  for (int y = 0; y < 300; y++) memset(pixel_at(&scanned, 0, y), 15, 40);
  assert_is_four(&scanned, 0.5);
  picture boxed = blank_picture(300, 300, 1, 240);
  draw_four(&boxed, 70, 70, 160, 16, (const uint8_t[]){20});
  for (int i = 20; i < 280; i++) {
    *pixel_at(&boxed, i, 20) = *pixel_at(&boxed, i, 279) = 60;
    *pixel_at(&boxed, 20, i) = *pixel_at(&boxed, 279, i) = 60;
  }
  assert_is_four(&boxed, 0.5);
  picture ruled = blank_picture(300, 300, 1, 240);
  for (int y = 15; y < 300; y += 30) memset(pixel_at(&ruled, 0, y), 200, 300);
  draw_four(&ruled, 70, 70, 160, 16, (const uint8_t[]){20});
  assert_is_four(&ruled, 4);
  /* cut out as tightly as the digit is wide and high: what is left of another
   * digit is nearer to it than a stroke of its own may be */
  picture clean = blank_picture(160, 160, 1, 240);
  draw_four(&clean, 0, 0, 160, 16, (const uint8_t[]){20});
  picture cut = blank_picture(160, 160, 1, 240);
  draw_four(&cut, 0, 0, 160, 16, (const uint8_t[]){20});
  for (int y = 0; y < 24; y++) memset(pixel_at(&cut, 0, y), 20, 10);
  uint8_t with[NUMERAL_IMAGE_PIXELS], without[NUMERAL_IMAGE_PIXELS];
  assert_true(normalise_and_free(&clean, without));
  assert_true(normalise_and_free(&cut, with));
  assert_true(mean_difference(with, without, 0, 0) < 1);
}

/* What reaches into the picture at a corner is not the digit's, however near
 * and dark it is. */
static void test_dark_corner(void **state) {
  (void)state;
  for (int corner = 0; corner < 4; corner++) {
    picture dark = blank_picture(300, 300, 1, 240);
    draw_four(&dark, 70, 70, 160, 16, (const uint8_t[]){40});
    for (int y = 0; y < 130; y++)
      for (int x = 0; x < 130 - y; x++)
        *pixel_at(&dark, corner & 1 ? 299 - x : x, corner & 2 ? 299 - y : y) =
            15;
    assert_is_four(&dark, 0.5);
    picture faint = blank_picture(300, 300, 1, 240);
    draw_four(&faint, 70, 70, 160, 16, (const uint8_t[]){190});
    for (int y = 0; y < 60; y++)
      for (int x = 0; x < 60 - y; x++)
        *pixel_at(&faint, corner & 1 ? 299 - x : x, corner & 2 ? 299 - y : y) =
            15;
    add_noise(&faint, 2);
    assert_is_four(&faint, 4);
  }
}

/* Lines from edge to edge, three pixels thick: each row of pixels is moved by
 * `slope`. */
static void rule(picture *on, bool upright, int step, double slope, int ink) {
  int width = on->raster.width_px, height = on->raster.height_px;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      double at = upright ? x + slope * y : y - slope * x;
      if ((int)(at + 10 * step) % step < 3) *pixel_at(on, x, y) = (uint8_t)ink;
    }
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

/* A second stroke that does not touch the first is still the digit's. */
static void test_separate_stroke(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  picture open = blank_picture(240, 240, 1, 255);
  for (int p = 0; p < 240 * 240; p++) {
    double share = four_at(p % 240, p / 240, 40, 40, 160, 10, 1);
    open.pixels[p] = mix(255, 0, share);
  }
  assert_true(normalise_and_free(&open, image));
  int right = 0;
  for (int y = 0; y < 28; y++) right += image[y * 28 + 19] > 100;
  for (int y = 0; y < 28; y++) right += image[y * 28 + 18] > 100;
  assert_true(right >= 10);
}

static void test_tiny_and_faint(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  picture bar = blank_picture(1000, 1000, 1, 255);
  for (int y = 400; y < 405; y++) *pixel_at(&bar, 300, y) = 0;
  assert_true(normalise_and_free(&bar, image));
  picture pencil = blank_picture(200, 200, 1, 230);
  draw_four(&pencil, 20, 20, 150, 1.5, (const uint8_t[]){190});
  add_noise(&pencil, 2);
  assert_true(normalise_and_free(&pencil, image));
  for (int size = 12; size <= 14; size += 2) { /* enlarged, and not blurred */
    picture small = blank_picture(size + 6, size + 6, 1, 255);
    draw_four(&small, 3, 3, size, size * 0.1, (const uint8_t[]){0});
    assert_is_four(&small, 7);
  }
}

static void test_blank(void **state) {
  (void)state;
  static const int sides[][2] = {{1, 1},   {1, 300}, {300, 1},   {2, 5},
                                 {28, 28}, {90, 70}, {700, 500}, {32768, 1}};
  for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
    for (int channels = 1; channels <= 4; channels++) {
      for (int value = 0; value <= 255; value += 51) {
        picture solid =
            blank_picture(sides[i][0], sides[i][1], channels, value);
        assert_blank(&solid);
      }
    }
    for (int deviation = 2; deviation <= 32; deviation *= 2) {
      picture noisy = blank_picture(sides[i][0], sides[i][1], 1, 180);
      add_noise(&noisy, (float)deviation);
      assert_blank(&noisy);
    }
  }
  picture gradient = blank_picture(300, 200, 1, 220);
  shade(&gradient, 0.3, 1.0, 1);
  assert_blank(&gradient);
  gradient = blank_picture(300, 200, 1, 220);
  shade(&gradient, 0.4, 1.0, 1);
  add_noise(&gradient, 4);
  assert_blank(&gradient);
  static const int narrow[][2] = {{64, 230}, {80, 160}, {113, 200}, {230, 64}};
  for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
    for (int low = 3; low <= 9; low += 2) {
      picture slope = blank_picture(narrow[i][0], narrow[i][1], 1, 220);
      shade(&slope, low / 10.0, 1.0, 1);
      add_noise(&slope, 2);
      assert_blank(&slope);
    }
  }
  picture specks = blank_picture(300, 300, 1, 255);
  for (int i = 0; i < 9; i++) *pixel_at(&specks, 30 * i + 7, 17 * i + 3) = 0;
  assert_blank(&specks);
}

/* Rows may be further apart than they are long, and what lies between is not
 * looked at. */
static void test_stride(void **state) {
  (void)state;
  picture wide = blank_picture(400, 240, 1, 255);
  draw_four(&wide, 40, 40, 160, 16, (const uint8_t[]){0});
  for (int y = 0; y < 240; y++) memset(pixel_at(&wide, 240, y), y, 160);
  wide.raster.width_px = 240;
  assert_is_four(&wide, 0);
}

/* Ink of the image lies where ink of the picture is, and paper on paper,
 * whatever was done on the way: shrunk, mended, averaged in blocks. */
static void assert_frame_fits(const picture *of) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  numeral_frame frame;
  int has_ink;
  numeral_error error;
  assert_int_equal(
      numeral_normalise_framed(&of->raster, image, &has_ink, &frame, &error),
      NUMERAL_OK);
  assert_true(has_ink && frame.pixel_px > 0);
  double across = 0, down = 0, mass = 0, there = 0, there_across = 0,
         there_down = 0;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    mass += image[i];
    across += image[i] * (frame.left_px + (i % 28 + 0.5) * frame.pixel_px);
    down += image[i] * (frame.top_px + (i / 28 + 0.5) * frame.pixel_px);
  }
  for (int i = 0; i < of->raster.width_px * of->raster.height_px; i++) {
    int ink = 255 - of->pixels[i];
    there += ink;
    there_across += ink * (i % of->raster.width_px + 0.5);
    there_down += ink * (i / of->raster.width_px + 0.5);
  }
  /* both centres of mass are one place, to a third of the image's pixels */
  assert_true(fabs(across / mass - there_across / there) < frame.pixel_px / 3);
  assert_true(fabs(down / mass - there_down / there) < frame.pixel_px / 3);
}

static void test_where_the_frame_lies(void **state) {
  (void)state;
  static const struct {
    int width, height;
    double left, top, size, thickness;
  } drawings[] = {
      {28, 28, 5, 4, 18, 3},        {140, 140, 60, 20, 70, 5},
      {300, 200, 15, 30, 160, 1},   {300, 400, 90, 200, 160, 60},
      {700, 600, 20, 200, 380, 40}, {3001, 2003, 1700, 99, 900, 90}};
  for (size_t i = 0; i < sizeof drawings / sizeof *drawings; i++) {
    picture drawn =
        blank_picture(drawings[i].width, drawings[i].height, 1, 255);
    draw_four(&drawn, drawings[i].left, drawings[i].top, drawings[i].size,
              drawings[i].thickness, (const uint8_t[]){0});
    assert_frame_fits(&drawn);
    free(drawn.pixels);
  }
}

static void test_no_frame_without_ink(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  numeral_frame frame = {1, 1, 1, 1};
  int has_ink;
  picture blank = blank_picture(50, 40, 1, 255);
  assert_int_equal(
      numeral_normalise_framed(&blank.raster, image, &has_ink, &frame, NULL),
      NUMERAL_OK);
  assert_int_equal(has_ink, 0);
  assert_true(frame.left_px == 0 && frame.top_px == 0 && frame.pixel_px == 0);
  assert_int_equal(
      numeral_normalise_framed(&blank.raster, image, &has_ink, NULL, NULL),
      NUMERAL_ERROR_ARGUMENT);
  free(blank.pixels);
}

static void test_largest(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  picture huge = {calloc(16384, 16384), {0}};
  if (!huge.pixels) skip();
  huge.raster = (numeral_raster){huge.pixels, 16384, 16384, 1, 16384};
  for (int y = 9000; y < 13000; y++)
    memset(pixel_at(&huge, 15000, y), 255, 400);
  assert_true(normalise(&huge, image));
  assert_int_equal(image[14 * 28 + 14], 255);
  free(huge.pixels);
}

static void test_every_allocation_failing(void **state) {
  (void)state;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  for (int kind = 0; kind < 3; kind++) {
    picture drawn = blank_picture(300, 200, 1, 220);
    if (kind == 2) rule(&drawn, false, 40, 0, 90);
    draw_four(&drawn, 60, 20, 160, kind ? 14 : 1, (const uint8_t[]){60});
    if (kind == 1) shade(&drawn, 0.4, 1.0, 1);
    numeral_status status = NUMERAL_ERROR_MEMORY;
    int failures = -1;
    for (long nth = 1; status == NUMERAL_ERROR_MEMORY; nth++, failures++) {
      numeral_frame frame = {.digits = 1};
      numeral_error error = {0};
      memset(image, 9, sizeof image);
      nml_alloc_fail_at(nth);
      status = nml_normalise(&drawn.raster, NULL, image, &frame, &error);
      nml_alloc_fail_at(0);
      if (status == NUMERAL_OK) {
        assert_int_equal(frame.digits, 1);
        continue;
      }
      assert_int_equal(status, NUMERAL_ERROR_MEMORY);
      assert_int_equal(error.status, NUMERAL_ERROR_MEMORY);
      assert_int_equal(frame.digits, 0);
      for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
        assert_int_equal(image[i], 0);
      }
    }
    assert_int_equal(status, NUMERAL_OK);
    assert_in_range(failures, 10, 100);
    free(drawn.pixels);
  }
}

/* An image that is as MNIST's are stays as it is. */
static void test_mnist_stays(void **state) {
  (void)state;
  const char *folder = getenv("NUMERAL_DATA_DIR");
  char path[4096];
  unsigned char *bytes;
  size_t size_bytes;
  snprintf(path, sizeof path, "%s/mnist/t10k-images-idx3-ubyte.gz",
           folder ? folder : "");
  if (!folder || gzip_file_read(path, 1 << 26, &bytes, &size_bytes, NULL)) {
    print_message("no MNIST in NUMERAL_DATA_DIR\n");
    skip();
  }
  assert_int_equal(size_bytes, 16 + 10000 * NUMERAL_IMAGE_PIXELS);
  double sum = 0;
  for (int i = 0; i < 10000; i++) {
    uint8_t image[NUMERAL_IMAGE_PIXELS];
    uint8_t *original = bytes + 16 + (size_t)i * NUMERAL_IMAGE_PIXELS;
    picture of = {original, {original, 28, 28, 1, 28}};
    assert_true(normalise(&of, image));
    sum += mean_difference(original, image, 0, 0);
  }
  print_message("mean difference %.2f\n", sum / 10000);
  assert_true(sum / 10000 < 1.5);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_frame),
      cmocka_unit_test(test_polarity_and_colour),
      cmocka_unit_test(test_alpha),
      cmocka_unit_test(test_place_and_size),
      cmocka_unit_test(test_thin_and_fat_strokes),
      cmocka_unit_test(test_uneven_light),
      cmocka_unit_test(test_shadows),
      cmocka_unit_test(test_cut_out_tightly),
      cmocka_unit_test(test_what_is_not_the_digit),
      cmocka_unit_test(test_dark_corner),
      cmocka_unit_test(test_beside_the_digit),
      cmocka_unit_test(test_sheet_on_a_table),
      cmocka_unit_test(test_printed_lines),
      cmocka_unit_test(test_straight_strokes),
      cmocka_unit_test(test_separate_stroke),
      cmocka_unit_test(test_tiny_and_faint),
      cmocka_unit_test(test_blank),
      cmocka_unit_test(test_stride),
      cmocka_unit_test(test_where_the_frame_lies),
      cmocka_unit_test(test_no_frame_without_ink),
      cmocka_unit_test(test_largest),
      cmocka_unit_test(test_every_allocation_failing),
      cmocka_unit_test(test_mnist_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
