/* test_enlarged.c: what the built-in model reads of drawn digits that were
 * pictures of a few pixels once, cut out tightly, and were enlarged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drawn_reader.h"

enum { DIGITS = 200, PARTS = 6, LARGEST_PX = 400, MOST_WRONG = 12 };

typedef struct enlargement {
  const char *name;
  int small_px, large_px; /* sides of the square pictures */
  int is_smooth;          /* along lines between pixels; else they repeat */
} enlargement;

static const enlargement enlargements[] = {
    {"8 to 28 px, repeated", 8, 28, 0},   {"8 to 64 px, repeated", 8, 64, 0},
    {"8 to 369 px, repeated", 8, 369, 0}, {"16 to 64 px, repeated", 16, 64, 0},
    {"8 to 28 px, smooth", 8, 28, 1},     {"8 to 32 px, smooth", 8, 32, 1},
    {"8 to 64 px, smooth", 8, 64, 1},     {"8 to 200 px, smooth", 8, 200, 1},
    {"16 to 32 px, smooth", 16, 32, 1},   {"16 to 64 px, smooth", 16, 64, 1},
    {"8 px, as they are", 8, 8, 0},       {"8 to 16 px, smooth", 8, 16, 1},
    {"8 to 20 px, smooth", 8, 20, 1},
};

typedef struct square {
  int side_px;
  double pixels[LARGEST_PX * LARGEST_PX]; /* 0 to 255 */
} square;

/* Between the pixels along lines; at the edge it goes on as it ends. */
static double value_at(const square *of, double x, double y) {
  double last = of->side_px - 1, sum = 0;
  double u = fmin(fmax(x - 0.5, 0), last), v = fmin(fmax(y - 0.5, 0), last);
  for (int i = 0; i < 4; i++) {
    int a = (int)u + i % 2, b = (int)v + i / 2;
    double share = (1 - fabs(u - a)) * (1 - fabs(v - b));
    if (share > 0) sum += share * of->pixels[b * of->side_px + a];
  }
  return sum;
}

/* The digit fills the square from edge to edge one way at least; each pixel is
 * the mean of PARTS x PARTS places in it. */
static void reduce(const uint8_t *digit, int side_px, square *small) {
  static square whole;
  int left = 28, top = 28, right = 0, bottom = 0;
  whole.side_px = 28;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    whole.pixels[i] = digit[i];
    if (digit[i] < 64) continue;
    left = i % 28 < left ? i % 28 : left;
    right = i % 28 >= right ? i % 28 + 1 : right;
    top = i / 28 < top ? i / 28 : top;
    bottom = i / 28 + 1;
  }
  double side = fmax(right - left, bottom - top), step = side / side_px / PARTS;
  double from_x = (left + right - side) / 2, from_y = (top + bottom - side) / 2;
  small->side_px = side_px;
  for (int i = 0; i < side_px * side_px; i++) {
    double sum = 0;
    for (int part = 0; part < PARTS * PARTS; part++) {
      double x = i % side_px * PARTS + part % PARTS + 0.5;
      double y = i / side_px * PARTS + part / PARTS + 0.5;
      sum += value_at(&whole, from_x + x * step, from_y + y * step);
    }
    small->pixels[i] = sum / (PARTS * PARTS);
  }
}

static void enlarge(const square *small, const enlargement *how,
                    uint8_t *pixels) {
  double step = (double)small->side_px / how->large_px;
  for (int i = 0; i < how->large_px * how->large_px; i++) {
    int column = i % how->large_px, row = i / how->large_px;
    double x = (column + 0.5) * step, y = (row + 0.5) * step;
    if (!how->is_smooth) {
      x = column * small->side_px / how->large_px + 0.5;
      y = row * small->side_px / how->large_px + 0.5;
    }
    pixels[i] = (uint8_t)lrint(255 - value_at(small, x, y));
  }
}

static int count_wrong(const drawn_reader *reader, const enlargement *how) {
  static square small;
  static uint8_t pixels[LARGEST_PX * LARGEST_PX];
  const numeral_raster raster = {pixels, how->large_px, how->large_px, 1,
                                 (size_t)how->large_px};
  int wrong = 0;
  for (size_t i = 0; i < DIGITS; i++) {
    reduce(drawn_digit(reader, i), how->small_px, &small);
    enlarge(&small, how, pixels);
    wrong += is_misread(reader, i, &raster);
  }
  return wrong;
}

static void reads_enlarged_digits(void **state) {
  (void)state;
  drawn_reader reader = drawn_reader_create(DIGITS, 78);
  int worst = 0;
  for (size_t i = 0; i < sizeof enlargements / sizeof *enlargements; i++) {
    int wrong = count_wrong(&reader, &enlargements[i]);
    print_message("%-22s %d of %d wrong\n", enlargements[i].name, wrong,
                  DIGITS);
    if (wrong > worst) worst = wrong;
  }
  assert_true(worst <= MOST_WRONG);
  drawn_reader_release(&reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads_enlarged_digits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
