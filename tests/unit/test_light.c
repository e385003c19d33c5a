/* test_light.c: a slope of the light is taken away, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/light.h"

enum { WIDTH = 150, HEIGHT = 90, AREA = WIDTH * HEIGHT };

typedef struct scene {
  double right, down; /* the light's slope from edge to edge */
  int channels, is_shadowed;
} scene;

/* Dark blots on light paper; half of it in a shadow with an edge. */
static double grey_at(const scene *s, int x, int y) {
  int blot = (x / 15 + y / 15) % 3 == 0;
  double light = 1 + s->right * ((x + 0.5) / WIDTH - 0.5) +
                 s->down * ((y + 0.5) / HEIGHT - 0.5);
  return (blot ? 60 : 170) * light * (s->is_shadowed && x > y + 40 ? 0.6 : 1);
}

static nml_picture draw(const scene *s) {
  nml_picture made = {malloc((size_t)(AREA * s->channels)), WIDTH, HEIGHT,
                      s->channels, 1};
  assert_non_null(made.pixels);
  for (int i = 0; i < AREA; i++)
    for (int c = 0; c < s->channels; c++)
      made.pixels[i * s->channels + c] =
          (uint8_t)grey_at(s, i % WIDTH, i / WIDTH);
  return made;
}

static void test_slopes(void **state) {
  (void)state;
  static const scene flat[] = {{0, 0, 1, 0}, {0, 0, 3, 0}};
  for (int i = 0; i < 12; i++) {
    scene sloped = {0.15 * (i % 4) - 0.3, i < 6 ? 0.3 : -0.4, i % 2 ? 3 : 1, 0};
    nml_picture wanted = draw(&flat[i % 2]), drawn = draw(&sloped), made;
    assert_int_equal(nml_light_even(&drawn, &made, NULL), NUMERAL_OK);
    assert_non_null(made.pixels);
    for (int k = 0; k < AREA * made.channels; k++)
      assert_in_range(abs(made.pixels[k] - wanted.pixels[k]), 0, 4);
    free(wanted.pixels);
    free(drawn.pixels);
    nml_picture_release(&made);
  }
}

static void assert_stays(const nml_picture *drawn) {
  nml_picture made;
  assert_int_equal(nml_light_even(drawn, &made, NULL), NUMERAL_OK);
  assert_null(made.pixels);
  free(drawn->pixels);
}

static void test_other_light(void **state) {
  (void)state;
  nml_picture even = draw(&(scene){0, 0, 1, 0});
  nml_picture shadowed = draw(&(scene){0, 0, 3, 1});
  nml_picture one_tone = draw(&(scene){0, 0, 1, 0});
  nml_picture black = draw(&(scene){0, 0, 1, 0});
  memset(one_tone.pixels, 200, AREA);
  memset(black.pixels, 0, AREA);
  assert_stays(&even);
  assert_stays(&shadowed);
  assert_stays(&one_tone);
  assert_stays(&black);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_slopes),
                                     cmocka_unit_test(test_other_light)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
