/* test_sketch.c: strokes become smooth lines; every step can be taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/draw/ink_pen.h"
#include "app/draw/sketch.h"

enum { SIDE = 300 };
static const float RADIUS = 0.03f;

static ink_point at(float x, float y, uint32_t time_ms) {
  return (ink_point){x, y, -1, time_ms};
}

static size_t ink_of(const ink_raster *raster) {
  size_t sum = 0;
  for (int i = 0; i < raster->side_px * raster->side_px; i++) {
    sum += raster->pixels[i];
  }
  return sum;
}

static uint8_t *copy_of(const ink_raster *raster) {
  size_t size = (size_t)raster->side_px * (size_t)raster->side_px;
  uint8_t *copy = malloc(size);
  assert_non_null(copy);
  memcpy(copy, raster->pixels, size);
  return copy;
}

static void assert_shows(const ink_raster *raster, const uint8_t *pixels) {
  size_t size = (size_t)raster->side_px * (size_t)raster->side_px;
  assert_memory_equal(raster->pixels, pixels, size);
}

/* A bow from the upper left to the lower right. */
static void draw_bow(sketch *s, float from, float to) {
  for (int i = 0; i <= 20; i++) {
    float t = from + (to - from) * (float)i / 20;
    ink_point point = at(t, t * t, (uint32_t)(10 * i));
    assert_true(i ? sketch_move(s, &point) : sketch_down(s, &point, RADIUS));
  }
  sketch_up(s);
}

/* ---- The pen ---- */

static float width_after(float step, uint32_t step_ms, float pressure) {
  numeral_dot dots[INK_PEN_DOTS];
  ink_pen pen;
  ink_point point = {0, 0.5f, pressure, 0};
  ink_pen_start(&pen, &point, RADIUS, dots);
  int count = 0;
  for (int i = 1; i <= 30; i++) {
    point.x += step;
    point.time_ms += step_ms;
    count = ink_pen_move(&pen, &point, dots);
  }
  return dots[count - 1].radius / RADIUS;
}

static void width_follows_speed(void **state) {
  (void)state;
  float slow = width_after(0.01f, 50, -1), usual = width_after(0.01f, 10, -1),
        fast = width_after(0.03f, 5, -1);
  assert_true(slow > usual && usual > fast);
  assert_true(slow <= 1.3f && fast >= 0.5f);
  /* two points at one time are no speed at all */
  float sudden = width_after(0.03f, 0, -1);
  assert_true(isfinite(sudden) && sudden >= 0.5f);
}

static void width_follows_pressure(void **state) {
  (void)state;
  float light = width_after(0.01f, 10, 0.2f),
        firm = width_after(0.01f, 10, 0.9f);
  assert_true(light < 0.7f && firm > 1.3f);
  /* 0 and 1 are said by what feels no pressure: the speed counts */
  float none = width_after(0.01f, 10, -1);
  assert_true(width_after(0.01f, 10, 0) == none);
  assert_true(width_after(0.01f, 10, 1) == none);
}

/* A right angle of three points: no dot is far from the last one, and the line
 * bends from piece to piece by little. */
static void lines_are_smooth(void **state) {
  (void)state;
  numeral_dot dots[3 * INK_PEN_DOTS];
  ink_pen pen;
  ink_point a = at(0.2f, 0.2f, 0), b = at(0.3f, 0.2f, 20),
            c = at(0.3f, 0.3f, 40);
  ink_pen_start(&pen, &a, RADIUS, dots);
  int count = ink_pen_move(&pen, &b, dots);
  count += ink_pen_move(&pen, &c, dots + count - 1) - 1;
  count += ink_pen_finish(&pen, dots + count - 1) - 1;
  assert_true(dots[count - 1].x == c.x && dots[count - 1].y == c.y);
  float before = 0;
  for (int i = 1; i < count; i++) {
    float dx = dots[i].x - dots[i - 1].x, dy = dots[i].y - dots[i - 1].y;
    float angle = atan2f(dy, dx);
    assert_true(hypotf(dx, dy) < 0.06f);
    assert_true(fabsf(angle - before) < 0.25f);
    before = angle;
  }
}

/* ---- The sketch ---- */

static void draws_into_both_rasters(void **state) {
  (void)state;
  sketch *s = sketch_create();
  assert_non_null(s);
  assert_true(sketch_resize(s, SIDE));
  assert_true(sketch_is_blank(s));
  draw_bow(s, 0.2f, 0.8f);
  assert_false(sketch_is_blank(s));
  double share = (double)SKETCH_READ_PX / SIDE;
  double read = (double)ink_of(sketch_reading(s));
  double shown = (double)ink_of(sketch_showing(s)) * share * share;
  assert_true(read > 1e5 && fabs(read - shown) < 0.02 * read);
  sketch_destroy(s);
}

/* What is drawn piece by piece is what is drawn at once. */
static void rendering_again_changes_nothing(void **state) {
  (void)state;
  sketch *s = sketch_create();
  assert_true(sketch_resize(s, SIDE));
  draw_bow(s, 0.1f, 0.9f);
  ink_point dot = at(0.7f, 0.2f, 300), more = at(0.8f, 0.25f, 320);
  assert_true(sketch_down(s, &dot, RADIUS)); /* the pen stays down */
  assert_true(sketch_move(s, &more));
  uint8_t *shown = copy_of(sketch_showing(s));
  assert_true(sketch_resize(s, 77));
  assert_true(sketch_resize(s, SIDE));
  assert_shows(sketch_showing(s), shown);
  free(shown);
  sketch_destroy(s);
}

static void says_what_changed(void **state) {
  (void)state;
  sketch *s = sketch_create();
  assert_true(sketch_resize(s, SIDE));
  sketch_take_changed(s);
  ink_point point = at(0.5f, 0.25f, 0);
  assert_true(sketch_down(s, &point, RADIUS));
  draw_rect changed = sketch_take_changed(s);
  for (int i = 0; i < SIDE * SIDE; i++) {
    int x = i % SIDE - changed.x, y = i / SIDE - changed.y;
    bool is_inside =
        x >= 0 && y >= 0 && x < changed.width && y < changed.height;
    assert_true(is_inside || sketch_showing(s)->pixels[i] == 0);
  }
  assert_in_range(changed.width, 15, 30);
  assert_int_equal(sketch_take_changed(s).width, 0);
  /* a line that leaves the canvas changes nothing outside */
  point = at(1.9f, -0.9f, 10);
  assert_true(sketch_move(s, &point));
  sketch_up(s);
  changed = sketch_take_changed(s);
  assert_true(changed.x >= 0 && changed.y >= 0 &&
              changed.x + changed.width <= SIDE &&
              changed.y + changed.height <= SIDE);
  sketch_destroy(s);
}

static data_image some_image(int label) {
  data_image image = {.label = label, .name = "synth:test:3"};
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    bool is_ink = i / 28 >= 4 && i / 28 < 24 && i % 28 >= 12 && i % 28 < 16;
    image.pixels[i] = is_ink ? 255 : 0;
  }
  return image;
}

static void takes_steps_back(void **state) {
  (void)state;
  sketch *s = sketch_create();
  data_image image = some_image(1);
  assert_true(sketch_resize(s, SIDE));
  assert_false(sketch_undo(s));
  assert_false(sketch_clear(s));
  draw_bow(s, 0.1f, 0.5f);
  uint8_t *one = copy_of(sketch_showing(s));
  draw_bow(s, 0.5f, 0.9f);
  uint8_t *two = copy_of(sketch_showing(s));
  assert_int_equal(sketch_stroke_count(s), 2);
  assert_true(sketch_clear(s));
  assert_true(sketch_is_blank(s));
  assert_int_equal(ink_of(sketch_showing(s)), 0);
  assert_true(sketch_put(s, &image));
  assert_int_equal(sketch_image(s)->label, 1);
  draw_bow(s, 0.2f, 0.4f);
  assert_true(sketch_undo(s)); /* the stroke */
  assert_non_null(sketch_image(s));
  assert_true(sketch_undo(s)); /* the image */
  assert_true(sketch_is_blank(s));
  assert_true(sketch_undo(s)); /* clearing */
  assert_shows(sketch_showing(s), two);
  assert_true(sketch_undo(s));
  assert_shows(sketch_showing(s), one);
  assert_true(sketch_undo(s));
  assert_true(sketch_is_blank(s));
  assert_false(sketch_undo(s));
  free(one);
  free(two);
  sketch_destroy(s);
}

/* The image fills the canvas, smooth between its pixels, black inside. */
static void shows_images_large(void **state) {
  (void)state;
  sketch *s = sketch_create();
  data_image image = some_image(1);
  assert_true(sketch_resize(s, 280));
  assert_true(sketch_put(s, &image));
  const uint8_t *pixels = sketch_showing(s)->pixels;
  assert_int_equal(pixels[140 * 280 + 140], 255);
  assert_int_equal(pixels[140 * 280 + 40], 0);
  int steps = 0;
  for (int x = 1; x < 280; x++) {
    int step = abs(pixels[140 * 280 + x] - pixels[140 * 280 + x - 1]);
    assert_true(step < 60);
    steps += step > 0;
  }
  assert_true(steps >= 10);
  sketch_destroy(s);
}

/* Old steps are forgotten where there are too many, and never the new ones. */
static void never_grows_without_end(void **state) {
  (void)state;
  sketch *s = sketch_create();
  data_image image = some_image(7);
  for (int i = 0; i < SKETCH_STEPS_MAX + 5; i++) {
    if (i % 1024 == 0) assert_true(sketch_put(s, &image));
    ink_point dot = at(0.5f, 0.5f, 0);
    assert_true(sketch_down(s, &dot, RADIUS));
    sketch_up(s);
  }
  assert_true(sketch_can_undo(s));
  /* on one paper there is an end */
  int drawn = 0;
  ink_point dot = at(0.5f, 0.5f, 0);
  while (sketch_down(s, &dot, RADIUS)) {
    sketch_up(s);
    drawn++;
  }
  assert_in_range(drawn, 1000, SKETCH_STEPS_MAX);
  assert_true(sketch_clear(s));
  assert_true(sketch_down(s, &dot, RADIUS));
  sketch_destroy(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(width_follows_speed),
      cmocka_unit_test(width_follows_pressure),
      cmocka_unit_test(lines_are_smooth),
      cmocka_unit_test(draws_into_both_rasters),
      cmocka_unit_test(rendering_again_changes_nothing),
      cmocka_unit_test(says_what_changed),
      cmocka_unit_test(takes_steps_back),
      cmocka_unit_test(shows_images_large),
      cmocka_unit_test(never_grows_without_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
