/* test_image_show.c: pictures in the terminal: to the letter in black and
 * white, in 256 colours and in all of them; side by side; small; with heat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/image_show.h"
#include "app/look.h"

#define FULL "\u2588"
#define UPPER "\u2580"
#define LOWER "\u2584"

typedef struct shown {
  terminal t;
  char *text;
  size_t size_bytes;
} shown;

static void open_shown(shown *s, terminal_colours colours, int columns) {
  s->t = (terminal){open_memstream(&s->text, &s->size_bytes), colours, columns};
  assert_non_null(s->t.file);
}

/* Line `index` of what was shown, without its newline; the end of the last. */
static const char *line_of(shown *s, int index) {
  static char line[8192];
  fflush(s->t.file);
  const char *at = s->text;
  for (int i = 0; i < index; ++i) {
    at = strchr(at, '\n');
    assert_non_null(at);
    ++at;
  }
  snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
  return line;
}

static int lines_of(shown *s) {
  int lines = 0;
  fflush(s->t.file);
  for (const char *at = s->text; *at != '\0'; ++at) lines += *at == '\n';
  return lines;
}

static void close_shown(shown *s) {
  fclose(s->t.file);
  free(s->text);
}

static void repeat(char *text, size_t size_bytes, const char *part, int times) {
  for (int i = 0; i < times; ++i)
    strncat(text, part, size_bytes - strlen(text) - 1);
}

/* In the first two rows: both, the upper, the lower pixel, then none. */
static void draw_corner(uint8_t pixels[NUMERAL_IMAGE_PIXELS]) {
  memset(pixels, 0, NUMERAL_IMAGE_PIXELS);
  pixels[0] = pixels[1] = 255;
  pixels[NUMERAL_IMAGE_SIDE] = pixels[NUMERAL_IMAGE_SIDE + 2] = 255;
}

/* ---- To the letter
 * ------------------------------------------------------------ */

static void black_and_white_is_half_blocks(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  char expected[256] = FULL UPPER LOWER;
  shown s;
  draw_corner(pixels);
  open_shown(&s, TERMINAL_PLAIN, 80);
  image_show(&s.t, &(shown_image){.pixels = pixels}, 1);
  repeat(expected, sizeof expected, " ", SHOWN_COLUMNS - 3);
  assert_string_equal(line_of(&s, 0), expected);
  assert_int_equal(lines_of(&s), SHOWN_LINES);
  assert_null(strchr(s.text, '\033'));
  close_shown(&s);
}

/* A colour is said once, as long as it lasts. */
static void all_colours_are_those_of_the_look(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  char expected[1024] =
      "\033[38;2;233;234;237m\033[48;2;233;234;237m" UPPER
      "\033[48;2;28;31;37m" UPPER
      "\033[38;2;28;31;37m\033[48;2;233;234;237m" UPPER "\033[48;2;28;31;37m";
  shown s;
  draw_corner(pixels);
  open_shown(&s, TERMINAL_TRUE, 80);
  image_show(&s.t, &(shown_image){.pixels = pixels}, 1);
  repeat(expected, sizeof expected, UPPER, SHOWN_COLUMNS - 3);
  repeat(expected, sizeof expected, "\033[0m", 1);
  assert_string_equal(line_of(&s, 0), expected);
  assert_int_equal(lines_of(&s), SHOWN_LINES);
  close_shown(&s);
}

static void few_colours_are_the_nearest(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  char expected[1024] =
      "\033[38;5;255m\033[48;5;255m" UPPER "\033[48;5;234m" UPPER
      "\033[38;5;234m\033[48;5;255m" UPPER "\033[48;5;234m";
  shown s;
  draw_corner(pixels);
  open_shown(&s, TERMINAL_256, 80);
  image_show(&s.t, &(shown_image){.pixels = pixels}, 1);
  repeat(expected, sizeof expected, UPPER, SHOWN_COLUMNS - 3);
  repeat(expected, sizeof expected, "\033[0m", 1);
  assert_string_equal(line_of(&s, 0), expected);
  close_shown(&s);
}

static void nearest_colours_are_near(void **state) {
  (void)state;
  assert_int_equal(terminal_nearest(0x000000), 16);
  assert_int_equal(terminal_nearest(0xffffff), 231);
  assert_int_equal(terminal_nearest(0xff0000), 196);
  assert_int_equal(terminal_nearest(0x0000ff), 21);
  assert_int_equal(terminal_nearest(0x808080), 244);
  assert_int_equal(terminal_nearest(0xafd75f), 149);
  /* heat becomes no darker on its way, and never green: olive is 58 and 100 */
  for (int i = 0; i <= 100; ++i) {
    int colour = terminal_nearest(look_warm_ink(LOOK_DARK, 0, i / 100.0));
    assert_true(colour != 58 && colour != 100);
  }
}

/* ---- Side by side
 * ------------------------------------------------------------- */

static void pictures_stand_side_by_side(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  shown s;
  shown_image images[3] = {{.pixels = pixels, .label = "one"},
                           {.pixels = pixels, .label = "two"},
                           {.pixels = pixels, .label = "three"}};
  draw_corner(pixels);
  open_shown(&s, TERMINAL_PLAIN, 80); /* 2 x 28 + 2 fit, 3 x 28 + 4 do not */
  assert_int_equal(image_show_row(&s.t, SHOWN_COLUMNS), 2);
  image_show(&s.t, images, 3);
  assert_int_equal(lines_of(&s), 2 * (SHOWN_LINES + 1) + 1);
  char expected[64] = "one";
  repeat(expected, sizeof expected, " ", SHOWN_COLUMNS - 3 + SHOWN_GAP);
  repeat(expected, sizeof expected, "two", 1);
  assert_string_equal(line_of(&s, SHOWN_LINES), expected);
  assert_string_equal(line_of(&s, SHOWN_LINES + 1), "");
  assert_string_equal(line_of(&s, 2 * SHOWN_LINES + 2), "three");
  close_shown(&s);
}

static void rows_are_as_long_as_the_terminal(void **state) {
  (void)state;
  const terminal narrow = {stdout, TERMINAL_PLAIN, 3};
  const terminal exact = {stdout, TERMINAL_PLAIN, 3 * 28 + 2 * SHOWN_GAP};
  const terminal less = {stdout, TERMINAL_PLAIN, 3 * 28 + 2 * SHOWN_GAP - 1};
  assert_int_equal(image_show_row(&narrow, SHOWN_COLUMNS), 1);
  assert_int_equal(image_show_row(&exact, SHOWN_COLUMNS), 3);
  assert_int_equal(image_show_row(&less, SHOWN_COLUMNS), 2);
  setenv("COLUMNS", "123", 1);
  assert_int_equal(terminal_columns(stdout), 123);
  setenv("COLUMNS", "wide", 1);
  assert_true(terminal_columns(stdout) > 0);
  setenv("COLUMNS", "999999999999", 1);
  assert_int_equal(terminal_columns(stdout), 10000);
  unsetenv("COLUMNS");
}

/* A label is never wider than its picture, which would push the next aside. */
static void labels_are_cut(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS] = {0};
  shown s;
  shown_image images[2] = {
      {.pixels = pixels, .small = true, .label = "12345678901234567890"},
      {.pixels = pixels, .small = true, .label = "next"}};
  open_shown(&s, TERMINAL_PLAIN, 80);
  image_show(&s.t, images, 2);
  assert_int_equal(lines_of(&s), SHOWN_LINES / 2 + 1);
  assert_string_equal(line_of(&s, SHOWN_LINES / 2), "12345678901234  next");
  close_shown(&s);
}

/* ---- Small, and warm
 * ---------------------------------------------------------- */

static void small_pictures_are_means(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS] = {0};
  const uint32_t mean = look_ink(LOOK_DARK, 127),
                 paper = look_ink(LOOK_DARK, 0);
  char expected[128];
  shown s;
  pixels[0] = pixels[NUMERAL_IMAGE_SIDE + 1] = 255; /* two of the first four */
  open_shown(&s, TERMINAL_TRUE, 80);
  image_show_line(&s.t, &(shown_image){.pixels = pixels, .small = true}, 0);
  snprintf(expected, sizeof expected,
           "\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dm" UPPER, (int)(mean >> 16),
           (int)(mean >> 8 & 255), (int)(mean & 255), (int)(paper >> 16),
           (int)(paper >> 8 & 255), (int)(paper & 255));
  assert_memory_equal(line_of(&s, 0), expected, strlen(expected));
  close_shown(&s);
}

static void heat_is_seen_without_colours(void **state) {
  (void)state;
  uint8_t pixels[NUMERAL_IMAGE_PIXELS] = {0};
  float heat[NUMERAL_IMAGE_PIXELS] = {0};
  static const float levels[4] = {0, 0.3f, 0.6f, 1};
  char expected[128] = "\u2591\u2592\u2593" FULL "  .:";
  shown s;
  for (int x = 0; x < 8; ++x) {
    pixels[x] = x < 4 ? 255 : 0;
    heat[x] = heat[NUMERAL_IMAGE_SIDE + x] = levels[x % 4];
  }
  open_shown(&s, TERMINAL_PLAIN, 80);
  image_show_line(&s.t, &(shown_image){.pixels = pixels, .heat = heat}, 0);
  repeat(expected, sizeof expected, " ", SHOWN_COLUMNS - 8);
  assert_string_equal(line_of(&s, 0), expected);
  close_shown(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(black_and_white_is_half_blocks),
      cmocka_unit_test(all_colours_are_those_of_the_look),
      cmocka_unit_test(few_colours_are_the_nearest),
      cmocka_unit_test(nearest_colours_are_near),
      cmocka_unit_test(pictures_stand_side_by_side),
      cmocka_unit_test(rows_are_as_long_as_the_terminal),
      cmocka_unit_test(labels_are_cut),
      cmocka_unit_test(small_pictures_are_means),
      cmocka_unit_test(heat_is_seen_without_colours)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
