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
#include "formats/gzip.h"
#include "four_pictures.h"

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

/* A picture whose pixels are repeated is read as the one it was made of, also
 * where they cannot all be repeated as often. */
static void test_repeated_pixels(void **state) {
  (void)state;
  static const int heights[] = {60, 90, 107, 1000};
  picture small = blank_picture(20, 30, 3, 230);
  draw_four(&small, 1, 4, 18, 2.5, (const uint8_t[]){60, 40, 20});
  add_noise(&small, 2);
  uint8_t image[NUMERAL_IMAGE_PIXELS], other[NUMERAL_IMAGE_PIXELS];
  numeral_frame frame, other_frame;
  nml_normalise(&small.raster, NULL, image, &frame, NULL);
  assert_true(frame.digits > 0);
  for (size_t i = 0; i < sizeof heights / sizeof *heights; i++) {
    int height = heights[i], width = (2 * height + 1) / 3;
    picture large = blank_picture(width, height, 3, 0);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        memcpy(pixel_at(&large, x, y),
               pixel_at(&small, x * 20 / width, y * 30 / height), 3);
    nml_normalise(&large.raster, NULL, other, &other_frame, NULL);
    free(large.pixels);
    assert_memory_equal(image, other, sizeof image);
    double scale = width / 20.0;
    assert_true(fabs(other_frame.left_px - scale * frame.left_px) < 1e-6);
    assert_true(fabs(other_frame.top_px - scale * frame.top_px) < 1e-6);
    assert_true(fabs(other_frame.pixel_px - scale * frame.pixel_px) < 1e-6);
  }
  free(small.pixels);
}

/* Straight strokes that fall on a grid of squares are no such picture. */
static void test_strokes_on_a_grid(void **state) {
  (void)state;
  uint8_t on[NUMERAL_IMAGE_PIXELS], off[NUMERAL_IMAGE_PIXELS];
  for (int moved = 0; moved < 2; moved++) {
    picture seven = blank_picture(100, 100, 1, 255);
    for (int y = 10; y < 90; y++)
      memset(pixel_at(&seven, y < 20 ? 30 : 60, y + moved), 0,
             y < 20 ? 40 : 10);
    assert_true(normalise_and_free(&seven, moved ? off : on));
  }
  assert_true(mean_difference(on, off, 0, 0) < 1);
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
      cmocka_unit_test(test_separate_stroke),
      cmocka_unit_test(test_tiny_and_faint),
      cmocka_unit_test(test_blank),
      cmocka_unit_test(test_stride),
      cmocka_unit_test(test_where_the_frame_lies),
      cmocka_unit_test(test_repeated_pixels),
      cmocka_unit_test(test_strokes_on_a_grid),
      cmocka_unit_test(test_no_frame_without_ink),
      cmocka_unit_test(test_largest),
      cmocka_unit_test(test_every_allocation_failing),
      cmocka_unit_test(test_mnist_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
