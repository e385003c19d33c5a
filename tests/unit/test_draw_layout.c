/* test_draw_layout.c: in a window of any size everything is inside and nothing
 * covers anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/draw/draw_layout.h"

enum { PLACES = DRAW_BUTTONS + 5 };

static int places_of(const draw_layout *layout, draw_rect places[PLACES]) {
  int count = 0;
  places[count++] = layout->canvas_card;
  places[count++] = layout->answer;
  places[count++] = layout->seen;
  places[count++] = layout->bars;
  places[count++] = layout->message;
  for (int i = 0; i < DRAW_BUTTONS; i++) {
    places[count++] = layout->buttons[i].place;
  }
  return count;
}

static bool meet(draw_rect a, draw_rect b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
         b.y < a.y + a.height;
}

static void check_layout(int width, int height, float density) {
  draw_layout layout;
  draw_rect places[PLACES];
  draw_layout_make(width, height, density, &layout);
  int count = places_of(&layout, places);
  for (int i = 0; i < count; i++) {
    const draw_rect *p = &places[i];
    bool is_inside = p->x >= 0 && p->y >= 0 && p->width > 0 && p->height > 0 &&
                     p->x + p->width <= width && p->y + p->height <= height;
    if (!is_inside) {
      fail_msg("place %d in %d x %d: %d %d %d %d", i, width, height, p->x, p->y,
               p->width, p->height);
    }
    for (int j = 0; j < i; j++) {
      if (meet(places[i], places[j])) {
        fail_msg("places %d and %d meet in %d x %d", i, j, width, height);
      }
    }
  }
  assert_int_equal(layout.canvas.width, layout.canvas.height);
  assert_true(layout.canvas.width < layout.canvas_card.width);
}

static void everything_has_its_place(void **state) {
  (void)state;
  for (int width = DRAW_LEAST_PX; width <= 3840; width += 53) {
    for (int height = DRAW_LEAST_PX; height <= 2160; height += 47) {
      check_layout(width, height, 1);
    }
  }
  for (float density = 0.5f; density <= 4; density += 0.5f) {
    check_layout((int)(480 * density), (int)(360 * density), density);
    check_layout((int)(960 * density), (int)(680 * density), density);
    check_layout((int)(390 * density), (int)(844 * density), density);
  }
}

static void canvas_is_large(void **state) {
  (void)state;
  static const struct {
    int width, height, least;
  } sizes[] = {{480, 360, 270},
               {960, 680, 550},
               {390, 844, 370},
               {1080, 1920, 1000},
               {3840, 2160, 1700}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    draw_layout layout;
    draw_layout_make(sizes[i].width, sizes[i].height, 1, &layout);
    if (layout.canvas.width < sizes[i].least) {
      fail_msg("canvas of %d in %d x %d", layout.canvas.width, sizes[i].width,
               sizes[i].height);
    }
  }
}

/* Twice as fine, twice as many pixels. */
static void density_scales(void **state) {
  (void)state;
  draw_layout once, twice;
  draw_layout_make(900, 700, 1, &once);
  draw_layout_make(1800, 1400, 2, &twice);
  assert_true(twice.scale == 2 * once.scale);
  assert_true(abs(twice.canvas.width - 2 * once.canvas.width) < 8);
}

/* Whatever a window system says, the answer is usable. */
static void odd_sizes(void **state) {
  (void)state;
  static const int sides[] = {0, 1, 2, 7, 40, 100, 200, 319, 20000};
  enum { COUNT = sizeof sides / sizeof *sides };
  for (int i = 0; i < COUNT * COUNT; i++) {
    draw_layout layout;
    draw_rect places[PLACES];
    draw_layout_make(sides[i % COUNT], sides[i / COUNT], i % 2 ? 0 : 1,
                     &layout);
    int count = places_of(&layout, places);
    for (int j = 0; j < count; j++) {
      assert_true(places[j].width > 0 && places[j].height > 0);
    }
    assert_in_range(layout.canvas.width, 1, 4096);
  }
}

static void each_command_has_a_button(void **state) {
  (void)state;
  draw_layout layout;
  unsigned seen = 0;
  draw_layout_make(960, 680, 1, &layout);
  for (int i = 0; i < DRAW_BUTTONS; i++) {
    assert_true(strlen(layout.buttons[i].word) > 2);
    assert_true(strlen(layout.buttons[i].key) > 0);
    seen |= 1u << layout.buttons[i].command;
  }
  for (int c = DRAW_PREDICT; c <= DRAW_QUIT; c++) assert_true(seen >> c & 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_has_its_place),
      cmocka_unit_test(canvas_is_large),
      cmocka_unit_test(density_scales),
      cmocka_unit_test(odd_sizes),
      cmocka_unit_test(each_command_has_a_button),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
