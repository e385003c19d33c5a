/* test_augment.c: what augmentation does to an image, against plain formulas in
 * double precision, and that it depends on nothing but its arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/augment.h"
#include "data/retouch.h"
#include "data/synth.h"
#include "data/warp.h"

#include <math.h>
#include <string.h>

enum { SIDE = NUMERAL_IMAGE_SIDE, PIXELS = NUMERAL_IMAGE_PIXELS };

static nml_random numbers(uint64_t key) {
  return nml_random_init(key, NML_PURPOSE_TEST, 0, 0);
}

static void draw_noise(uint64_t key, uint8_t *image) {
  nml_random random = numbers(key);
  for (int i = 0; i < PIXELS; i++)
    image[i] = (uint8_t)nml_random_below(&random, 256);
}

static double at(const uint8_t *image, int x, int y) {
  bool inside = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
  return inside ? image[y * SIDE + x] : 0;
}

/* Keys 1981: what a pixel counts at this distance. */
static double keys(double distance) {
  double d = fabs(distance);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

static double between_pixels(const uint8_t *image, double x, double y) {
  double value = 0;
  for (int row = (int)floor(y) - 1; row <= floor(y) + 2; row++)
    for (int column = (int)floor(x) - 1; column <= floor(x) + 2; column++)
      value += keys(x - column) * keys(y - row) * at(image, column, row);
  return fmin(fmax(value, 0), 255);
}

static void warp_image(const nml_warp *warp, uint64_t key, const uint8_t *image,
                       uint8_t *out) {
  nml_random random = numbers(key);
  nml_sheet sheet;
  nml_sheet_load(&sheet, image);
  nml_warp_apply(warp, &random, &sheet);
  nml_sheet_store(&sheet, out);
}

/* A point forward: stretched, slanted, turned, moved. */
static void go(const nml_warp *w, double u, double v, double *x, double *y) {
  double c = cos((double)w->turn), s = sin((double)w->turn);
  double a = u * (double)w->stretch_x, b = v * (double)w->stretch_y;
  a -= (double)w->slant * b;
  *x = c * a - s * b + (double)w->right_px;
  *y = s * a + c * b + (double)w->down_px;
}

/* Where a pixel came from, found by Newton's method on the way forward. */
static void come(const nml_warp *w, double x, double y, double *u, double *v) {
  *u = *v = 0;
  for (int i = 0; i < 3; i++) {
    double x0, y0, xu, yu, xv, yv;
    go(w, *u, *v, &x0, &y0);
    go(w, *u + 1, *v, &xu, &yu);
    go(w, *u, *v + 1, &xv, &yv);
    double a = xu - x0, b = xv - x0, c = yu - y0, d = yv - y0;
    double det = a * d - b * c, dx = x - x0, dy = y - y0;
    *u += (d * dx - b * dy) / det;
    *v += (a * dy - c * dx) / det;
  }
}

static void warps_as_the_formula_says(void **unused) {
  (void)unused;
  const nml_warp warps[] = {
      {0, 0, 0, 1, 1, 0, 0},           {0, 1, 0, 1, 1, 0, 0},
      {0, -3, 2, 1, 1, 0, 0},          {1.57079633f, 0, 0, 1, 1, 0, 0},
      {0, 0, 0, 1.3f, 0.8f, 0, 0},     {0, 0, 0, 1, 1, 0.4f, 0},
      {0.3f, 0.4f, -1.7f, 1, 1, 0, 0}, {-0.7f, 2.2f, 1, 0.9f, 1.2f, -0.3f, 0},
      {3, 14, -14, 0.1f, 1.9f, 2, 0}};
  uint8_t image[PIXELS], out[PIXELS];
  draw_noise(3, image);
  for (size_t i = 0; i < sizeof warps / sizeof *warps; i++) {
    warp_image(&warps[i], 1, image, out);
    for (int p = 0; p < PIXELS; p++) {
      double u, v;
      come(&warps[i], p % SIDE - 13.5, p / SIDE - 13.5, &u, &v);
      double wanted = between_pixels(image, u + 13.5, v + 13.5);
      /* what lies beyond the edge is cut off a little earlier */
      assert_true(fabs(wanted - out[p]) < 3);
    }
  }
  warp_image(&warps[0], 1, image, out);
  assert_memory_equal(image, out, PIXELS);
}

/* On a slope the level tells where a pixel came from. */
static void bends_by_what_was_asked(void **unused) {
  (void)unused;
  uint8_t image[PIXELS], out[PIXELS];
  for (int p = 0; p < PIXELS; p++) image[p] = (uint8_t)(p % SIDE * 9);
  for (int k = 1; k <= 3; k++) {
    nml_warp warp = {
        .stretch_x = 1, .stretch_y = 1, .bend_px = 0.5f * (float)k};
    double sum = 0, jump = 0;
    int count = 0;
    for (uint64_t key = 0; key < 200; key++) {
      warp_image(&warp, key, image, out);
      for (int y = 7; y < 21; y++)
        for (int x = 7; x < 21; x++, count++) {
          int p = y * SIDE + x;
          double way = (out[p] - image[p]) / 9.0;
          sum += way * way;
          jump = fmax(jump, fabs(way - (out[p + SIDE] - image[p]) / 9.0));
        }
    }
    assert_true(fabs(sqrt(sum / count) - 0.5 * k) < 0.04 * k);
    assert_true(jump < 0.6 * k); /* it is smooth */
  }
}

static void load_noise(uint64_t key, uint8_t *image, nml_sheet *sheet) {
  draw_noise(key, image);
  nml_sheet_load(sheet, image);
}

static void assert_margin_is_paper(const nml_sheet *sheet) {
  nml_sheet other = *sheet;
  uint8_t image[PIXELS];
  nml_sheet_store(&other, image);
  nml_sheet_load(&other, image);
  assert_memory_equal(&other, sheet, sizeof other);
}

static void thickness_goes_to_the_neighbours(void **unused) {
  (void)unused;
  const double amounts[] = {1, 0.5, 0.25, -0.25, -1};
  for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
    uint8_t image[PIXELS], out[PIXELS];
    nml_sheet sheet;
    load_noise(7, image, &sheet);
    nml_retouch_thickness(&sheet, (float)amounts[i]);
    assert_margin_is_paper(&sheet);
    nml_sheet_store(&sheet, out);
    for (int p = 0; p < PIXELS; p++) {
      int x = p % SIDE, y = p / SIDE;
      double own = image[p],
             around[4] = {at(image, x - 1, y), at(image, x + 1, y),
                          at(image, x, y - 1), at(image, x, y + 1)};
      double most = own, least = own;
      for (int k = 0; k < 4; k++) {
        most = fmax(most, around[k]);
        least = fmin(least, around[k]);
      }
      double end = amounts[i] > 0 ? most : least;
      double wanted = own + fabs(amounts[i]) * (end - own);
      assert_true(fabs(wanted - out[p]) <= 0.51);
    }
  }
}

static void contrast_is_a_curve_and_a_gain(void **unused) {
  (void)unused;
  const double settings[][2] = {{1, 0},  {0.5, 0},   {1.5, 0},    {1, 1},
                                {1, -1}, {1.3, 0.4}, {0.7, -0.6}, {2, 1}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    uint8_t image[PIXELS], out[PIXELS];
    nml_sheet sheet;
    load_noise(8, image, &sheet);
    nml_retouch_contrast(&sheet, (float)settings[i][0], (float)settings[i][1]);
    assert_margin_is_paper(&sheet);
    nml_sheet_store(&sheet, out);
    for (int p = 0; p < PIXELS; p++) {
      double v = image[p], curve = settings[i][1];
      double wanted = settings[i][0] * (v + curve * v * (255 - v) / 255);
      assert_true(fabs(fmin(wanted, 255) - out[p]) <= 3);
    }
  }
}

static void blur_has_its_deviation(void **unused) {
  (void)unused;
  for (int i = 0; i <= 20; i++) {
    uint8_t image[PIXELS] = {0}, out[PIXELS];
    nml_sheet sheet;
    double mass = 0, spread = 0, sigma = 0.1 * i;
    for (int y = 10; y < 18; y++) memset(image + y * SIDE + 10, 250, 8);
    nml_sheet_load(&sheet, image);
    nml_retouch_blur(&sheet, (float)sigma);
    nml_sheet_store(&sheet, out);
    for (int p = 0; p < PIXELS; p++) {
      mass += out[p];
      spread += out[p] * pow(p % SIDE - 13.5, 2);
    }
    /* a square of 8 pixels has a variance of 63 / 12 by itself */
    assert_true(fabs(mass / (64 * 250) - 1) < 0.03);
    assert_true(fabs(spread / mass - 63 / 12.0 - sigma * sigma) <
                0.02 + 0.06 * sigma * sigma);
  }
}

static void noise_has_its_deviation(void **unused) {
  (void)unused;
  for (int i = 1; i <= 3; i++) {
    uint8_t image[PIXELS], out[PIXELS];
    double sum = 0, squares = 0, size = 0.04 * i * 255;
    nml_random random = numbers(5);
    memset(image, 128, PIXELS);
    for (int round = 0; round < 20; round++) {
      nml_sheet sheet;
      nml_sheet_load(&sheet, image);
      nml_retouch_noise(&sheet, &random, 0.04f * (float)i);
      assert_margin_is_paper(&sheet);
      nml_sheet_store(&sheet, out);
      for (int p = 0; p < PIXELS; p++) {
        sum += out[p] - 128;
        squares += pow(out[p] - 128, 2);
      }
    }
    assert_true(fabs(sum / (20 * PIXELS)) < 0.05 * size);
    assert_true(fabs(sqrt(squares / (20 * PIXELS)) / size - 1) < 0.07);
  }
}

static void cover_and_specks_stay_inside(void **unused) {
  (void)unused;
  uint8_t image[PIXELS], out[PIXELS];
  nml_sheet sheet;
  nml_random random = numbers(6);
  memset(image, 9, PIXELS);
  nml_sheet_load(&sheet, image);
  nml_retouch_cover(&sheet, 3, 0, 25, 5);
  nml_sheet_store(&sheet, out);
  for (int p = 0; p < PIXELS; p++)
    assert_int_equal(out[p], p % SIDE >= 3 && p / SIDE < 5 ? 0 : 9);
  nml_retouch_specks(&sheet, &random, 1000);
  assert_margin_is_paper(&sheet);
}

/* ---- All together ------------------------------------------------------ */

static void apply(const numeral_augment *a, uint64_t seed, int epoch,
                  size_t index, const uint8_t *image, uint8_t *out) {
  assert_int_equal(
      numeral_augment_images(a, seed, epoch, index, image, 1, out, NULL),
      NUMERAL_OK);
}

static void depends_on_its_arguments_alone(void **unused) {
  (void)unused;
  numeral_augment strong = numeral_augment_preset(NUMERAL_STRENGTH_STRONG);
  uint8_t images[3 * PIXELS], a[PIXELS], b[PIXELS], all[3 * PIXELS];
  for (int i = 0; i < 3; i++)
    nml_synth_draw(3, 4, (uint64_t)i, SIDE, images + i * PIXELS);
  assert_int_equal(
      numeral_augment_images(&strong, 1, 2, 5, images, 3, all, NULL),
      NUMERAL_OK);
  for (int i = 2; i >= 0; i--) {
    apply(&strong, 1, 2, 5 + (size_t)i, images + i * PIXELS, a);
    assert_memory_equal(a, all + i * PIXELS, PIXELS);
  }
  memcpy(b, images, PIXELS);
  apply(&strong, 1, 2, 5, b, b); /* in place */
  assert_memory_equal(a, b, PIXELS);
  apply(&strong, 2, 2, 5, images, b);
  assert_memory_not_equal(a, b, PIXELS);
  apply(&strong, 1, 3, 5, images, b);
  assert_memory_not_equal(a, b, PIXELS);
  apply(&strong, 1, 2, 6, images, b);
  assert_memory_not_equal(a, b, PIXELS);
}

static void none_changes_nothing(void **unused) {
  (void)unused;
  numeral_augment none = numeral_augment_preset(NUMERAL_STRENGTH_NONE);
  uint8_t image[PIXELS], out[PIXELS];
  draw_noise(2, image);
  assert_false(nml_augment_is_on(&none));
  apply(&none, 1, 0, 0, image, out);
  assert_memory_equal(image, out, PIXELS);
}

/* How far from the image it is, on average over many draws. */
static double distance(const numeral_augment *a, const uint8_t *image) {
  double sum = 0;
  for (size_t i = 0; i < 300; i++) {
    uint8_t out[PIXELS];
    apply(a, 1, 0, i, image, out);
    for (int p = 0; p < PIXELS; p++) sum += pow(out[p] - image[p], 2);
  }
  return sum;
}

static void each_setting_does_something(void **unused) {
  (void)unused;
  uint8_t image[PIXELS];
  double before = 0;
  nml_synth_draw(8, 1, 1, SIDE, image);
  for (int s = NUMERAL_STRENGTH_LIGHT; s < NUMERAL_STRENGTHS; s++) {
    numeral_augment preset = numeral_augment_preset((numeral_strength)s);
    assert_true(distance(&preset, image) > 1.2 * before);
    before = distance(&preset, image);
  }
  numeral_augment strong = numeral_augment_preset(NUMERAL_STRENGTH_STRONG);
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++) {
    numeral_augment one = {0};
    ((double *)&one)[i] = nml_augment_value(&strong, i);
    assert_true(nml_augment_is_on(&one));
    double whole = distance(&one, image);
    assert_true(whole > 0);
    ((double *)&one)[i] /= 4;
    assert_true(distance(&one, image) < whole);
  }
}

static void one_setting_leaves_the_others_alone(void **unused) {
  (void)unused;
  uint8_t image[PIXELS], a[PIXELS], b[PIXELS];
  nml_synth_draw(5, 1, 1, SIDE, image);
  numeral_augment turn = {.rotate_degrees = 20, .contrast = 0.5}, more = turn;
  more.occlude = 1e-9; /* a single pixel, or a line of them */
  for (size_t i = 0; i < 50; i++) {
    int different = 0;
    apply(&turn, 1, 0, i, image, a);
    apply(&more, 1, 0, i, image, b);
    for (int p = 0; p < PIXELS; p++) different += a[p] != b[p];
    assert_true(different <= SIDE);
  }
}

static void ranges_are_checked(void **unused) {
  (void)unused;
  uint8_t image[PIXELS] = {0}, out[PIXELS];
  const double most[NML_AUGMENT_SETTINGS] = {180, 14, 0.9, 2, 8, 1,
                                             1,   2,  0.5, 1, 1};
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++) {
    const double wrong[] = {-1e-9, most[i] * 1.0001, NAN, INFINITY};
    numeral_augment a = {0};
    numeral_error error;
    ((double *)&a)[i] = most[i];
    draw_noise(1, image);
    for (size_t k = 0; k < 200; k++) apply(&a, k, 0, k, image, out);
    for (int k = 0; k < 4; k++) {
      ((double *)&a)[i] = wrong[k];
      assert_int_equal(
          numeral_augment_images(&a, 1, 0, 0, image, 1, out, &error),
          NUMERAL_ERROR_ARGUMENT);
      assert_non_null(strstr(error.message, nml_augment_name(i)));
    }
  }
  numeral_augment all = {180, 14, 0.9, 2, 8, 1, 1, 2, 0.5, 1, 1};
  for (size_t k = 0; k < 2000; k++) apply(&all, k, 0, k, image, out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(warps_as_the_formula_says),
      cmocka_unit_test(bends_by_what_was_asked),
      cmocka_unit_test(thickness_goes_to_the_neighbours),
      cmocka_unit_test(contrast_is_a_curve_and_a_gain),
      cmocka_unit_test(blur_has_its_deviation),
      cmocka_unit_test(noise_has_its_deviation),
      cmocka_unit_test(cover_and_specks_stay_inside),
      cmocka_unit_test(depends_on_its_arguments_alone),
      cmocka_unit_test(none_changes_nothing),
      cmocka_unit_test(each_setting_does_something),
      cmocka_unit_test(one_setting_leaves_the_others_alone),
      cmocka_unit_test(ranges_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
