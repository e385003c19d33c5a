/* test_papers.c: what the built-in model reads of drawn digits on the papers,
 * tables and in the light that people photograph them on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "drawn_reader.h"

enum { DIGITS = 100, SIDE_PX = 240, MOST_WRONG = 4 };

typedef enum place {
  PLAIN,
  RULED,
  SQUARED,
  BOX,
  TABLE,
  CORNER,
  FINGER,
  SHADOW,
  UNDERLINE,
  CIRCLE,
  PLACES
} place;

static const char *const names[PLACES] = {
    "plain",  "ruled",  "squared", "box",       "table",
    "corner", "finger", "shadow",  "underline", "circle"};

/* One picture's own numbers, -1 to 1. */
typedef struct scene {
  const uint8_t *digit; /* [28][28] */
  double size, right, down, light, slope, way, step;
} scene;

/* How much ink of the digit is at (x, y), between its pixels along lines. */
static double ink_at(const scene *s, int x, int y) {
  double pixel = SIDE_PX * (0.6 + 0.05 * s->size) / 28;
  double u = (x - SIDE_PX * (0.5 + 0.02 * s->right)) / pixel + 13.5;
  double v = (y - SIDE_PX * (0.5 + 0.02 * s->down)) / pixel + 13.5, sum = 0;
  int column = (int)floor(u), row = (int)floor(v);
  for (int i = 0; i < 4; i++) {
    int a = column + i % 2, b = row + i / 2;
    if (a < 0 || a > 27 || b < 0 || b > 27) continue;
    sum += s->digit[b * 28 + a] * (1 - fabs(u - a)) * (1 - fabs(v - b));
  }
  return sum / 255;
}

static bool on_line(double at, double step) {
  return fmod(at + 100 * step, step) < 2.5;
}

/* How dark the paper is at (x, y) for what is printed on it, 0 to 1. */
static double print_at(const scene *s, place where, int x, int y) {
  double slope = 0.08 * s->slope, step = 36 + 12 * s->step;
  double u = x + slope * y, v = y - slope * x;
  bool ruled = on_line(v + 20 * s->way, step);
  bool upright = on_line(u + 20 * s->light, step);
  double edge = 36 + 8 * s->step;
  bool in_box =
      fmin(fmin(x, SIDE_PX - 1 - x), fmin(y, SIDE_PX - 1 - y)) >= edge;
  bool in_frame =
      fmin(fmin(x, SIDE_PX - 1 - x), fmin(y, SIDE_PX - 1 - y)) >= edge + 3;
  double out =
      hypot(x - SIDE_PX / 2.0, (1 + 0.1 * s->slope) * (y - SIDE_PX / 2.0));
  switch (where) {
    case RULED:
      return ruled ? 0.5 : 0;
    case SQUARED:
      return ruled || upright ? 0.5 : 0;
    case BOX:
      return in_box && !in_frame ? 0.5 : 0;
    case UNDERLINE:
      return y > 206 && y < 211 && x > 20 && x < 220 ? 0.6 : 0;
    case CIRCLE:
      return fabs(out - 112) < 2 ? 0.7 : 0;
    default:
      return 0;
  }
}

/* What lies on the paper or around it at (x, y): its grey level, or -1. */
static double thing_at(const scene *s, place where, int x, int y) {
  double slope = 0.12 * s->slope, grain = 8 * sin(y / 4.0 + x / 70.0);
  double u = x + slope * (y - 120), v = y - slope * (x - 120);
  bool is_table = u < 26 || u > 212 || v < 24 || v > 214;
  if (where == TABLE && is_table) return 80 + 40 * s->light + grain;
  if (where == CORNER && x + (1 + 0.5 * s->slope) * y < 80) return 50;
  if (where == FINGER && fabs(x - 120 - 60 * s->way) < 22 && y > 212)
    return 120;
  return -1;
}

static void photograph(const scene *s, place where, nml_random *random,
                       uint8_t *pixels) {
  for (int y = 0; y < SIDE_PX; y++) {
    for (int x = 0; x < SIDE_PX; x++) {
      double across = (double)x / SIDE_PX - 0.5,
             down = (double)y / SIDE_PX - 0.5;
      double grey =
          215 + 20 * s->light + 20 * (s->slope * across + s->way * down);
      double thing = thing_at(s, where, x, y);
      grey *= 1 - print_at(s, where, x, y);
      grey *= 1 - 0.75 * ink_at(s, x, y);
      if (where == SHADOW && across + s->slope * down > 0.1 * s->way)
        grey *= 0.6;
      if (thing >= 0) grey = thing;
      grey += 3 * (double)nml_random_normal(random);
      pixels[y * SIDE_PX + x] = (uint8_t)fmin(fmax(grey, 0), 255);
    }
  }
}

static double either_way(nml_random *random) {
  return 2 * (double)nml_random_unit(random) - 1;
}

static int count_wrong(const drawn_reader *reader, place where) {
  static uint8_t pixels[SIDE_PX * SIDE_PX];
  const numeral_raster raster = {pixels, SIDE_PX, SIDE_PX, 1, SIDE_PX};
  int wrong = 0;
  for (uint64_t i = 0; i < DIGITS; i++) {
    nml_random random =
        nml_random_init(3, NML_PURPOSE_TEST, (uint64_t)where, i);
    scene s = {.digit = drawn_digit(reader, i)};
    double *numbers[] = {&s.size,  &s.right, &s.down, &s.light,
                         &s.slope, &s.way,   &s.step};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
      *numbers[k] = either_way(&random);
    photograph(&s, where, &random, pixels);
    wrong += is_misread(reader, i, &raster);
  }
  return wrong;
}

static void reads_digits_on_any_paper(void **state) {
  (void)state;
  drawn_reader reader = drawn_reader_create(DIGITS, 77);
  int worst = 0;
  for (int where = 0; where < PLACES; where++) {
    int wrong = count_wrong(&reader, (place)where);
    print_message("%-10s %d of %d wrong\n", names[where], wrong, DIGITS);
    if (wrong > worst) worst = wrong;
  }
  assert_true(worst <= MOST_WRONG);
  drawn_reader_release(&reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_digits_on_any_paper)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
