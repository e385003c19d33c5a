/* test_conditions.c: digits as people really write and photograph them: each
 * condition is drawn over clean digits, which must be read as before. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "data/synth.h"
#include "numeral.h"

enum { SIDE = 120, DIGITS = 60, MOST_CHANNELS = 4 };

/* What a condition may look at: how much ink the pen left at a place. */
typedef struct sheet {
  uint8_t ink[SIDE * SIDE];
  uint8_t pixels[SIDE * SIDE * MOST_CHANNELS];
  numeral_raster raster;
  nml_random random;
} sheet;

typedef void (*condition_fn)(sheet *on);

static double ink_at(const sheet *s, int x, int y) {
  bool inside = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
  return inside ? s->ink[y * SIDE + x] / 255.0 : 0;
}

static void set_grey(sheet *s, int x, int y, double value) {
  s->pixels[y * SIDE + x] = (uint8_t)(value < 0     ? 0
                                      : value > 255 ? 255
                                                    : value + 0.5);
}

static void draw_plain(sheet *s, double paper, double ink) {
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      set_grey(s, x, y, paper + (ink - paper) * ink_at(s, x, y));
}

static void add_noise(sheet *s, float sd) {
  for (int i = 0; i < SIDE * SIDE; i++)
    set_grey(s, i % SIDE, i / SIDE,
             s->pixels[i] + sd * nml_random_normal(&s->random));
}

static void clean(sheet *s) { draw_plain(s, 255, 0); }

static void pencil(sheet *s) {
  draw_plain(s, 236, 160);
  add_noise(s, 6);
}

static void marker(sheet *s) {
  uint8_t fat[SIDE * SIDE];
  for (int y = 0; y < SIDE; y++) {
    for (int x = 0; x < SIDE; x++) {
      double most = 0;
      for (int v = -2; v <= 2; v++)
        for (int u = -2; u <= 2; u++)
          most = fmax(most, ink_at(s, x + u, y + v));
      fat[y * SIDE + x] = (uint8_t)(255 * most);
    }
  }
  memcpy(s->ink, fat, sizeof fat);
  draw_plain(s, 250, 10);
}

/* A quarter as large, blurred, faint, and cut out along its ink, so that it
 * covers about half of what is left. */
static void cut_out(sheet *s) {
  int left = SIDE, right = 0, top = SIDE, bottom = 0;
  for (int i = 0; i < SIDE * SIDE; i++) {
    int x = i % SIDE / 4, y = i / SIDE / 4;
    if (s->ink[i] < 128) continue;
    left = x < left ? x : left;
    right = x > right ? x : right;
    top = y < top ? y : top;
    bottom = y > bottom ? y : bottom;
  }
  int width = right - left + 1, height = bottom - top + 1;
  for (int i = 0; i < width * height; i++) {
    double sum = 0;
    for (int k = 0; k < 100; k++)
      sum += ink_at(s, (left + i % width) * 4 - 3 + k % 10,
                    (top + i / width) * 4 - 3 + k / 10);
    double grain = 3 * nml_random_normal(&s->random);
    s->pixels[i] = (uint8_t)(150 - 0.7 * sum + grain);
  }
  s->raster = (numeral_raster){s->pixels, width, height, 1, (size_t)width};
}

static void shading(sheet *s) {
  draw_plain(s, 240, 40);
  for (int i = 0; i < SIDE * SIDE; i++)
    set_grey(s, i % SIDE, i / SIDE,
             s->pixels[i] * (1 - 0.5 * (i % SIDE + i / SIDE) / (2.0 * SIDE)));
}

static void ruled(sheet *s) {
  draw_plain(s, 250, 20);
  for (int y = 8; y < SIDE; y += 28)
    for (int x = 0; x < SIDE; x++)
      set_grey(s, x, y, fmin(s->pixels[y * SIDE + x], 185));
}

static void boxed(sheet *s) {
  draw_plain(s, 250, 20);
  for (int i = 2; i < SIDE - 2; i++) {
    set_grey(s, i, 2, 60);
    set_grey(s, i, SIDE - 3, 60);
    set_grey(s, 2, i, 60);
    set_grey(s, SIDE - 3, i, 60);
  }
}

static void specks(sheet *s) {
  draw_plain(s, 245, 25);
  for (int n = 0; n < 25; n++) {
    int x = (int)nml_random_below(&s->random, SIDE - 1);
    int y = (int)nml_random_below(&s->random, SIDE - 1);
    for (int i = 0; i < 4; i++) set_grey(s, x + i % 2, y + i / 2, 90);
  }
}

/* A dry pen: narrow gaps across the strokes. */
static void broken(sheet *s) {
  draw_plain(s, 250, 20);
  for (int y = 50; y < 53; y++)
    for (int x = 0; x < SIDE; x++) set_grey(s, x, y, 250);
}

/* The picture ends where the digit does. */
static void cropped(sheet *s) {
  int left = SIDE, top = SIDE, right = 0, bottom = 0;
  draw_plain(s, 250, 20);
  for (int i = 0; i < SIDE * SIDE; i++) {
    if (s->ink[i] < 128) continue;
    left = i % SIDE < left ? i % SIDE : left;
    right = i % SIDE > right ? i % SIDE : right;
    top = i / SIDE < top ? i / SIDE : top;
    bottom = i / SIDE > bottom ? i / SIDE : bottom;
  }
  s->raster.pixels = s->pixels + top * SIDE + left;
  s->raster.width_px = right - left + 1;
  s->raster.height_px = bottom - top + 1;
}

static void tiny(sheet *s) {
  enum { BLOCK = 6, SMALL = SIDE / BLOCK };
  for (int y = 0; y < SMALL; y++) {
    for (int x = 0; x < SMALL; x++) {
      double sum = 0;
      for (int i = 0; i < BLOCK * BLOCK; i++)
        sum += ink_at(s, x * BLOCK + i % BLOCK, y * BLOCK + i / BLOCK);
      set_grey(s, x, y, 250 - 230 * sum / (BLOCK * BLOCK));
    }
  }
  s->raster.width_px = s->raster.height_px = SMALL;
}

static void inverted(sheet *s) { draw_plain(s, 12, 240); }

/* A bank's paper: fine lines all over, as dark as half of the ink. */
static void patterned(sheet *s) {
  for (int y = 0; y < SIDE; y++) {
    for (int x = 0; x < SIDE; x++) {
      double wave = sin(1.3 * y + 3 * sin(0.1 * x)) + sin(0.9 * (x + y));
      set_grey(s, x, y, 205 + 14 * wave - 150 * ink_at(s, x, y));
    }
  }
  add_noise(s, 6);
}

static void set_channels(sheet *s, int channels) {
  s->raster.channels = channels;
  s->raster.stride_bytes = (size_t)SIDE * (size_t)channels;
}

static void coloured(sheet *s) {
  static const double paper[3] = {250, 244, 200}, pen[3] = {40, 70, 190};
  set_channels(s, 3);
  for (int i = 0; i < SIDE * SIDE; i++)
    for (int c = 0; c < 3; c++)
      s->pixels[3 * i + c] =
          (uint8_t)(paper[c] + (pen[c] - paper[c]) * s->ink[i] / 255);
}

static void transparent(sheet *s) {
  set_channels(s, 4);
  for (int i = 0; i < SIDE * SIDE; i++) {
    memset(s->pixels + 4 * i, 255, 3);
    s->pixels[4 * i + 3] = s->ink[i];
  }
}

static const struct {
  const char *name;
  condition_fn draw;
  int least; /* of DIGITS, read as the clean ones are */
} conditions[] = {
    {"pencil", pencil, 53},
    {"marker", marker, 52},
    {"shading", shading, 54},
    {"ruled", ruled, 53},
    {"boxed", boxed, 55},
    {"specks", specks, 55},
    {"broken", broken, 50},
    {"cropped", cropped, 55},
    {"tiny", tiny, 53},
    {"inverted", inverted, 55},
    {"patterned", patterned, 53},
    {"coloured", coloured, 55},
    {"transparent", transparent, 55},
    {"cut out", cut_out, 55},
};

static numeral_prediction read_sheet(numeral_session *session, int digit,
                                     condition_fn draw) {
  static sheet s;
  numeral_prediction prediction;
  numeral_error error;
  nml_synth_draw(digit % NUMERAL_CLASSES, 11, (uint64_t)digit, SIDE, s.ink);
  s.raster = (numeral_raster){s.pixels, SIDE, SIDE, 1, SIDE};
  s.random = nml_random_init(11, NML_PURPOSE_TEST, (uint64_t)digit, 0);
  draw(&s);
  assert_int_equal(
      numeral_session_read_raster(session, &s.raster, &prediction, &error),
      NUMERAL_OK);
  return prediction;
}

static void test_each_condition(void **state) {
  numeral_session *session = *state;
  int failed = 0;
  for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
    int same = 0, several = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
      numeral_prediction now = read_sheet(session, digit, conditions[i].draw);
      same += now.digit == read_sheet(session, digit, clean).digit;
      several += now.digits > 1;
    }
    if (same >= conditions[i].least && several == 0) continue;
    failed++;
    print_error("%s: %d of %d are read as without it, %d are several\n",
                conditions[i].name, same, (int)DIGITS, several);
  }
  assert_int_equal(failed, 0);
}

/* Two digits that are written into one picture. */
static numeral_prediction read_pair(numeral_session *session, int index) {
  static uint8_t halves[2][SIDE * SIDE], both[SIDE * 2 * SIDE];
  numeral_prediction prediction;
  for (int i = 0; i < 2; i++)
    nml_synth_draw((index * 3 + i) % NUMERAL_CLASSES, 12,
                   (uint64_t)(2 * index + i), SIDE, halves[i]);
  for (int i = 0; i < SIDE * 2 * SIDE; i++) {
    int x = i % (2 * SIDE), y = i / (2 * SIDE);
    both[i] = (uint8_t)(255 - halves[x / SIDE][y * SIDE + x % SIDE]);
  }
  const numeral_raster raster = {both, 2 * SIDE, SIDE, 1, (size_t)2 * SIDE};
  assert_int_equal(
      numeral_session_read_raster(session, &raster, &prediction, NULL),
      NUMERAL_OK);
  return prediction;
}

static void test_pairs_are_noticed(void **state) {
  numeral_session *session;
  numeral_model *model;
  int noticed = 0;
  (void)state;
  assert_int_equal(numeral_model_builtin(&model, NULL), NUMERAL_OK);
  assert_int_equal(numeral_session_create(model, NULL, &session, NULL),
                   NUMERAL_OK);
  for (int i = 0; i < DIGITS; i++) {
    numeral_prediction pair = read_pair(session, i);
    if (pair.reason != NUMERAL_REASON_SEVERAL) continue;
    noticed++;
    assert_int_equal(pair.digit, -1);
    assert_int_equal(pair.digits, 2);
  }
  assert_in_range(noticed, DIGITS - 4, DIGITS);
  numeral_session_destroy(session);
  numeral_model_destroy(model);
}

/* ---- The steps, watched ---- */

typedef struct watched {
  char names[64];
  int wrong;
} watched;

static void watch(const char *stage, const numeral_raster *picture,
                  void *user) {
  watched *w = user;
  size_t used = strlen(w->names);
  if (used + strlen(stage) + 2 > sizeof w->names) abort();
  strcat(strcat(w->names, stage), " ");
  bool image = strcmp(stage, "image") == 0;
  w->wrong += picture->width_px != (image ? NUMERAL_IMAGE_SIDE : SIDE);
  w->wrong += picture->channels != (strcmp(stage, "parts") == 0 ? 3 : 1);
}

static void test_steps_are_shown(void **state) {
  static sheet s;
  uint8_t image[NUMERAL_IMAGE_PIXELS], same[NUMERAL_IMAGE_PIXELS];
  int has_ink;
  watched w = {.names = ""};
  (void)state;
  nml_synth_draw(5, 13, 1, SIDE, s.ink);
  s.raster = (numeral_raster){s.pixels, SIDE, SIDE, 1, SIDE};
  clean(&s);
  assert_int_equal(
      numeral_normalise_watched(&s.raster, watch, &w, image, &has_ink, NULL),
      NUMERAL_OK);
  assert_string_equal(w.names, "plain ink parts digit image ");
  assert_int_equal(w.wrong, 0);
  numeral_normalise(&s.raster, same, &has_ink, NULL);
  assert_memory_equal(image, same, sizeof image);
  memset(s.pixels, 200, sizeof s.pixels);
  w = (watched){.names = ""};
  numeral_normalise_watched(&s.raster, watch, &w, image, &has_ink, NULL);
  assert_string_equal(w.names, "plain ink ");
  assert_int_equal(
      numeral_normalise_watched(&s.raster, NULL, NULL, image, &has_ink, NULL),
      NUMERAL_ERROR_ARGUMENT);
}

static numeral_model *builtin;

static int begin(void **state) {
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.accept_all = 1;
  if (numeral_model_builtin(&builtin, NULL)) return -1;
  return numeral_session_create(builtin, &options, (numeral_session **)state,
                                NULL)
             ? -1
             : 0;
}

static int end(void **state) {
  numeral_session_destroy(*state);
  numeral_model_destroy(builtin);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_condition),
                                     cmocka_unit_test(test_pairs_are_noticed),
                                     cmocka_unit_test(test_steps_are_shown)};
  return cmocka_run_group_tests(tests, begin, end);
}
