/* four_pictures.h: pictures of a 4 for tests of the normaliser, and what is to
 * be found in them. To be included after cmocka.h. */
#ifndef TESTS_FOUR_PICTURES_H
#define TESTS_FOUR_PICTURES_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "drawing.h"
#include "image/normalise.h"

typedef struct picture {
  uint8_t *pixels;
  numeral_raster raster;
} picture;

static inline picture blank_picture(int width, int height, int channels,
                                    int value) {
  size_t row = (size_t)width * (size_t)channels;
  picture made = {malloc(row * (size_t)height), {0}};
  assert_non_null(made.pixels);
  memset(made.pixels, value, row * (size_t)height);
  made.raster = (numeral_raster){made.pixels, width, height, channels, row};
  return made;
}

static inline uint8_t *pixel_at(const picture *of, int x, int y) {
  return of->pixels + (size_t)y * of->raster.stride_bytes +
         (size_t)x * (size_t)of->raster.channels;
}

/* Lays a 4 over the picture, in all channels. */
static inline void draw_four(picture *on, double left, double top, double size,
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

static inline void add_noise(picture *to, float deviation) {
  nml_random random = nml_random_init(7, NML_PURPOSE_TEST, 1, 0);
  size_t size = to->raster.stride_bytes * (size_t)to->raster.height_px;
  for (size_t i = 0; i < size; i++) {
    float value = (float)to->pixels[i] + deviation * nml_random_normal(&random);
    to->pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

static inline bool normalise(const picture *of, uint8_t *image) {
  numeral_frame frame;
  numeral_error error;
  assert_int_equal(nml_normalise(&of->raster, NULL, image, &frame, &error),
                   NUMERAL_OK);
  return frame.digits > 0;
}

static inline bool normalise_and_free(picture *of, uint8_t *image) {
  bool has_ink = normalise(of, image);
  free(of->pixels);
  return has_ink;
}

/* Between `a` and `b` moved by some pixels. */
static inline double mean_difference(const uint8_t *a, const uint8_t *b,
                                     int right, int down) {
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
static inline double least_difference(const uint8_t *a, const uint8_t *b) {
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
static inline void clean_four(uint8_t *image) {
  picture plain = blank_picture(240, 240, 1, 255);
  draw_four(&plain, 40, 40, 160, 16, (const uint8_t[]){0});
  assert_true(normalise_and_free(&plain, image));
}

static inline void assert_is_four(picture *of, double tolerance) {
  uint8_t clean[NUMERAL_IMAGE_PIXELS], image[NUMERAL_IMAGE_PIXELS];
  clean_four(clean);
  assert_true(normalise_and_free(of, image));
  double difference = least_difference(clean, image);
  if (difference > tolerance) print_error("mean difference %g\n", difference);
  assert_true(difference <= tolerance);
}

static inline void assert_blank(picture *of) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  bool has_ink = normalise_and_free(of, image);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) assert_int_equal(image[i], 0);
  assert_false(has_ink);
}

/* A 4 that reaches from end to end of `extent` pixels in the picture's middle.
 */
static inline void draw_four_within(int side, double extent, double thickness,
                                    uint8_t *image) {
  picture drawn = blank_picture(side, side, 1, 235);
  double size = (extent - thickness) / 0.9;
  double at = (side - extent + thickness) / 2 - 0.05 * size;
  draw_four(&drawn, at, at, size, thickness, (const uint8_t[]){50});
  add_noise(&drawn, 2);
  assert_true(normalise_and_free(&drawn, image));
}

/* What is read of a 4 does not depend on how much paper is left around it. */
static inline void assert_alike(int side, double extent, double thickness) {
  uint8_t loose[NUMERAL_IMAGE_PIXELS], tight[NUMERAL_IMAGE_PIXELS];
  draw_four_within(side + side / 2 * 2, extent, thickness, loose);
  draw_four_within(side, extent, thickness, tight);
  double difference = least_difference(loose, tight);
  if (difference > 6)
    print_error("%d px, %g, %g: %g\n", side, extent, thickness, difference);
  assert_true(difference <= 6);
}

/* Lines from edge to edge, three pixels thick: each row of pixels is moved by
 * `slope`. */
static inline void rule(picture *on, bool upright, int step, double slope,
                        int ink) {
  int width = on->raster.width_px, height = on->raster.height_px;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      double at = upright ? x + slope * y : y - slope * x;
      if ((int)(at + 10 * step) % step < 3) *pixel_at(on, x, y) = (uint8_t)ink;
    }
  }
}

#endif
