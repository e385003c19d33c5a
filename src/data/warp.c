/* warp.c: every pixel of the result asks where it came from, and reads between
 * the four pixels there. Coordinates are made a row at a time in floats, which
 * compilers turn into vectors; reading is in whole numbers.
 *
 * The elastic field is that of Simard, Steinkraus and Platt 2003, a smooth
 * random displacement; theirs is noise under a Gaussian, here cubic B-splines
 * over a few random knots, which is as smooth and needs no convolution. */
#include "data/warp.h"

#include <math.h>

enum {
  SIDE = NUMERAL_IMAGE_SIDE,
  PIXELS = NUMERAL_IMAGE_PIXELS,
  CELL = 7, /* pixels from knot to knot: a Gaussian of 4 pixels is as wide */
  KNOTS = SIDE / CELL + 3,
  REACH = 4, /* knots that a pixel feels, each way */
  ONE = 256  /* a pixel, in whole numbers */
};

static const float middle = 0.5f * (SIDE - 1);
/* Of the sum of a pixel's knots, each uniform in -1..1. */
static const float knot_deviation = 0.2766f;

/* ---- The elastic field ------------------------------------------------- */

#define WEIGHTS(t)                                                      \
  {                                                                     \
    (1 - (t)) * (1 - (t)) * (1 - (t)) / 6,                              \
        (3 * (t) * (t) * (t)-6 * (t) * (t) + 4) / 6,                    \
        (((-3 * (t) + 3) * (t) + 3) * (t) + 1) / 6, (t) * (t) * (t) / 6 \
  }

static const float weights[CELL][REACH] = {
    WEIGHTS(0.5f / CELL), WEIGHTS(1.5f / CELL), WEIGHTS(2.5f / CELL),
    WEIGHTS(3.5f / CELL), WEIGHTS(4.5f / CELL), WEIGHTS(5.5f / CELL),
    WEIGHTS(6.5f / CELL)};

/* One of the two components. */
typedef struct field {
  float rows[KNOTS][SIDE]; /* knots down, pixels across */
} field;

static void draw_field(nml_random *random, float size, field *f) {
  float knots[KNOTS * KNOTS + 3];
  for (int i = 0; i < KNOTS * KNOTS; i += 4) { /* 16 bits are plenty */
    uint64_t bits = nml_random_u64(random);
    for (int j = 0; j < 4; j++, bits >>= 16)
      knots[i + j] = size * ((float)(int)(bits & 0xffff) * 0x1p-15f - 1.0f);
  }
  for (int row = 0; row < KNOTS; row++)
    for (int x = 0; x < SIDE; x++) {
      const float *k = knots + row * KNOTS + x / CELL, *w = weights[x % CELL];
      f->rows[row][x] = w[0] * k[0] + w[1] * k[1] + w[2] * k[2] + w[3] * k[3];
    }
}

static void add_field(const field *f, int y, float *way) {
  const float *w = weights[y % CELL];
  const float(*rows)[SIDE] = f->rows + y / CELL;
  for (int x = 0; x < SIDE; x++)
    way[x] += w[0] * rows[0][x] + w[1] * rows[1][x] + w[2] * rows[2][x] +
              w[3] * rows[3][x];
}

/* ---- Reading ----------------------------------------------------------- */

/* From the result's pixels to the image's, both about the middle. */
typedef struct inverse {
  float xx, xy, yx, yy, x, y;
} inverse;

/* The warp stretches, slants, turns and moves, in this order; here each is
 * undone, the last first. */
static inverse undo(const nml_warp *warp) {
  float c = cosf(warp->turn), s = sinf(warp->turn);
  float over_x = 1 / warp->stretch_x, over_y = 1 / warp->stretch_y;
  inverse i = {.yx = -s * over_y, .yy = c * over_y};
  i.xx = (c + warp->slant * -s) * over_x;
  i.xy = (s + warp->slant * c) * over_x;
  i.x = middle - i.xx * warp->right_px - i.xy * warp->down_px;
  i.y = middle - i.yx * warp->right_px - i.yy * warp->down_px;
  return i;
}

/* Where the pixels of the result are read: the upper left of four, and how far
 * to go from there, in parts of ONE. */
typedef struct places {
  uint16_t at[PIXELS], right[PIXELS], down[PIXELS];
} places;

/* In parts of ONE, cut off where there is only paper to be seen: as whole
 * numbers, which compilers compare side by side. */
static uint32_t to_whole(float at) {
  const int32_t low = (NML_SHEET_MARGIN - 1) * ONE;
  const int32_t high = (SIDE + NML_SHEET_MARGIN + 1) * ONE - 1;
  int32_t whole = (int32_t)((at + NML_SHEET_MARGIN) * ONE);
  whole = whole > low ? whole : low;
  return (uint32_t)(whole < high ? whole : high);
}

static void find_row(const float *at_x, const float *at_y, int first,
                     places *p) {
  for (int i = 0; i < SIDE; i++) {
    uint32_t x = to_whole(at_x[i]), y = to_whole(at_y[i]);
    p->at[first + i] = (uint16_t)(y / ONE * NML_SHEET_SIDE + x / ONE);
    p->right[first + i] = x % ONE;
    p->down[first + i] = y % ONE;
  }
}

/* The four pixels in one word, so that each place is looked up once. */
static void look_up(const uint8_t *sheet, const uint16_t *at, uint32_t *found) {
  enum { WORDS = (NML_SHEET_SIDE - 1) * NML_SHEET_SIDE - 1 };
  uint32_t words[WORDS];
  for (int i = 0; i < WORDS; i++)
    words[i] = sheet[i] | (uint32_t)sheet[i + 1] << 8 |
               (uint32_t)sheet[i + NML_SHEET_SIDE] << 16 |
               (uint32_t)sheet[i + NML_SHEET_SIDE + 1] << 24;
  for (int i = 0; i < PIXELS; i++) found[i] = words[at[i]];
}

static uint16_t between(uint16_t a, uint16_t b, uint16_t share) {
  return (uint16_t)((uint16_t)(a * (ONE - share) + b * share + ONE / 2) / ONE);
}

static void read_places(const nml_sheet *sheet, const places *p, uint8_t *out) {
  uint32_t found[PIXELS];
  look_up(sheet->pixels, p->at, found);
  for (int i = 0; i < PIXELS; i++) {
    const uint16_t top = (uint16_t)found[i],
                   bottom = (uint16_t)(found[i] >> 16);
    uint16_t above = between(top & 255, top >> 8, p->right[i]);
    uint16_t below = between(bottom & 255, bottom >> 8, p->right[i]);
    out[i] = (uint8_t)between(above, below, p->down[i]);
  }
}

void nml_warp_apply(const nml_warp *warp, nml_random *random,
                    nml_sheet *sheet) {
  const inverse back = undo(warp);
  field across, down;
  places p;
  uint8_t image[PIXELS];
  if (warp->bend_px > 0) {
    draw_field(random, warp->bend_px / knot_deviation, &across);
    draw_field(random, warp->bend_px / knot_deviation, &down);
  }
  for (int y = 0; y < SIDE; y++) {
    float at_x[SIDE], at_y[SIDE], v = (float)y - middle;
    for (int x = 0; x < SIDE; x++) {
      float u = (float)x - middle;
      at_x[x] = back.x + back.xx * u + back.xy * v;
      at_y[x] = back.y + back.yx * u + back.yy * v;
    }
    if (warp->bend_px > 0) {
      add_field(&across, y, at_x);
      add_field(&down, y, at_y);
    }
    find_row(at_x, at_y, y * SIDE, &p);
  }
  read_places(sheet, &p, image);
  nml_sheet_load(sheet, image);
}
