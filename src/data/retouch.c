/* retouch.c: see retouch.h. Whole rows with their margins at once, in whole
 * numbers of 16 bits where they suffice: compilers make vectors of that, and
 * the result is the same on every machine. */
#include "data/retouch.h"

#include <math.h>

enum {
  STEP = NML_SHEET_SIDE,
  FIRST = NML_SHEET_FIRST,
  PIXELS = NML_SHEET_PIXELS,
  ONE = 256, /* all of something */
  NOISE_ONE = 64
};

static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }
static uint8_t smaller(uint8_t a, uint8_t b) { return a < b ? a : b; }

/* The most, and the least, of a pixel and its four neighbours. */
static void spread_ink(const uint8_t *p, uint8_t *out) {
  for (int i = 0; i < PIXELS; i++)
    out[i] = larger(
        larger(larger(p[i - STEP], p[i + STEP]), larger(p[i - 1], p[i + 1])),
        p[i]);
}

static void spread_paper(const uint8_t *p, uint8_t *out) {
  for (int i = 0; i < PIXELS; i++)
    out[i] = smaller(
        smaller(smaller(p[i - STEP], p[i + STEP]), smaller(p[i - 1], p[i + 1])),
        p[i]);
}

void nml_retouch_thickness(nml_sheet *sheet, float by_px) {
  uint8_t spread[PIXELS], *pixels = sheet->pixels + FIRST;
  const uint16_t share = (uint16_t)(fabsf(by_px) * ONE + 0.5f);
  if (by_px > 0)
    spread_ink(pixels, spread);
  else
    spread_paper(pixels, spread);
  for (int i = 0; i < PIXELS; i++)
    pixels[i] = (uint8_t)((uint16_t)(pixels[i] * (ONE - share) +
                                     spread[i] * share + ONE / 2) /
                          ONE);
  nml_sheet_clear_margin(sheet);
}

/* The curve multiplies v by 1 + curve (255 - v) / 255, which is 0 to 2; both
 * factors are in parts of HALF, so that all fits into 16 bits. */
void nml_retouch_contrast(nml_sheet *sheet, float gain, float curve) {
  enum { HALF = ONE / 2 };
  uint8_t *pixels = sheet->pixels + FIRST;
  const uint16_t times = (uint16_t)(gain * HALF + 0.5f);
  const int16_t bow = (int16_t)(curve * HALF);
  for (int i = 0; i < PIXELS; i++) {
    uint16_t v = pixels[i];
    uint16_t factor = (uint16_t)(HALF * ONE + HALF + bow * (255 - v));
    uint16_t bowed = (uint16_t)(v * (factor / ONE) + HALF / 2) / HALF;
    bowed = bowed > 255 ? 255 : bowed;
    uint16_t ink = (uint16_t)(bowed * times + HALF / 2) / HALF;
    pixels[i] = (uint8_t)(ink > 255 ? 255 : ink);
  }
}

/* A pixel and its two neighbours `step` apart, in these shares. */
static void blend(const uint8_t *p, int step, uint16_t side, uint8_t *out) {
  const uint16_t own = (uint16_t)(ONE - 2 * side);
  for (int i = 0; i < PIXELS; i++)
    out[i] =
        (uint8_t)((uint16_t)(p[i] * own + (p[i - step] + p[i + step]) * side +
                             ONE / 2) /
                  ONE);
}

/* Three pixels each way have a variance of up to a half of a pixel; where more
 * is wanted, they are blended again. */
void nml_retouch_blur(nml_sheet *sheet, float sigma_px) {
  const float variance = sigma_px * sigma_px;
  const int rounds = (int)ceilf(2 * variance);
  nml_sheet between = *sheet;
  for (int round = 0; round < rounds; round++) {
    float side = variance / (float)rounds / 2;
    uint16_t share = (uint16_t)(side * ONE + 0.5f);
    blend(sheet->pixels + FIRST, 1, share, between.pixels + FIRST);
    nml_sheet_clear_margin(&between);
    blend(between.pixels + FIRST, STEP, share, sheet->pixels + FIRST);
  }
}

/* The sum of two even bytes is a triangle, near enough to the normal law, of
 * deviation 104.5. It is lifted above 0 while it is divided, so that the result
 * is rounded to the nearest whole number. */
void nml_retouch_noise(nml_sheet *sheet, nml_random *random, float deviation) {
  enum { LIFT = 320 };
  uint8_t bytes[2 * PIXELS], *pixels = sheet->pixels + FIRST;
  const int32_t size = (int32_t)(deviation * (255 / 104.5f) * NOISE_ONE + 0.5f);
  for (size_t i = 0; i < sizeof bytes; i += sizeof(uint64_t)) {
    uint64_t bits = nml_random_u64(random);
    memcpy(bytes + i, &bits, sizeof bits);
  }
  for (int i = 0; i < PIXELS; i++) {
    int32_t even = bytes[i] + bytes[PIXELS + i] - 255;
    uint16_t lifted =
        (uint16_t)(even * size + LIFT * NOISE_ONE + NOISE_ONE / 2);
    int16_t ink = (int16_t)(pixels[i] + lifted / NOISE_ONE - LIFT);
    ink = ink < 0 ? 0 : ink;
    pixels[i] = (uint8_t)(ink > 255 ? 255 : ink);
  }
  nml_sheet_clear_margin(sheet);
}

void nml_retouch_specks(nml_sheet *sheet, nml_random *random, int count) {
  for (int i = 0; i < count; i++) {
    int y = (int)nml_random_below(random, NUMERAL_IMAGE_SIDE);
    int x = (int)nml_random_below(random, NUMERAL_IMAGE_SIDE);
    nml_sheet_row(sheet, y)[x] = (uint8_t)nml_random_below(random, 256);
  }
}

void nml_retouch_cover(nml_sheet *sheet, int left, int top, int width,
                       int height) {
  for (int y = top; y < top + height; y++)
    memset(nml_sheet_row(sheet, y) + left, 0, (size_t)width);
}
