/* warp.c: every pixel of the result asks where it came from, and reads between
 * the sixteen pixels there. Coordinates are made a row at a time and pixels
 * four at a time, which compilers turn into vectors.
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
  REACH = 4 /* knots or pixels that a place feels, each way */
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

/* Where the pixels of the result are read: the pixel above and to the left in
 * the sheet, and how far to go from there, 0 to 1. */
typedef struct places {
  uint16_t at[PIXELS];
  float right[PIXELS], down[PIXELS];
} places;

/* Cut off where there is only paper to be seen, all neighbours too. */
static float on_sheet(float at) {
  const float low = 1, high = NML_SHEET_SIDE - 2.01f;
  at += NML_SHEET_MARGIN;
  at = at > low ? at : low;
  return at < high ? at : high;
}

static void find_row(const float *at_x, const float *at_y, int first,
                     places *p) {
  for (int i = 0; i < SIDE; i++) {
    float x = on_sheet(at_x[i]), y = on_sheet(at_y[i]);
    int column = (int)x, row = (int)y;
    p->at[first + i] = (uint16_t)(row * NML_SHEET_SIDE + column);
    p->right[first + i] = x - (float)column;
    p->down[first + i] = y - (float)row;
  }
}

/* Cubic convolution (Keys 1981): what the pixels at -1, 0, 1 and 2 count at t,
 * 0 to 1. A straight line between two pixels would blur by 0.4 of a pixel, and
 * a network that only sees blurred digits misreads sharp ones. */
static void weigh(float t, float w[REACH]) {
  static const float c0[REACH] = {0, 1, 0, 0}, c1[REACH] = {-0.5f, 0, 0.5f, 0},
                     c2[REACH] = {1, -2.5f, 2, -0.5f},
                     c3[REACH] = {-0.5f, 1.5f, -1.5f, 0.5f};
  for (int i = 0; i < REACH; i++)
    w[i] = ((c3[i] * t + c2[i]) * t + c1[i]) * t + c0[i];
}

static void read_places(const nml_sheet *sheet, const places *p, uint8_t *out) {
  float ink[NML_SHEET_SIDE * NML_SHEET_SIDE], values[PIXELS];
  for (int i = 0; i < NML_SHEET_SIDE * NML_SHEET_SIDE; i++)
    ink[i] = (float)sheet->pixels[i];
  for (int i = 0; i < PIXELS; i++) {
    const float *from = ink + p->at[i] - NML_SHEET_SIDE - 1;
    float across[REACH], down[REACH], columns[REACH] = {0};
    weigh(p->right[i], across);
    weigh(p->down[i], down);
    for (int row = 0; row < REACH; row++)
      for (int k = 0; k < REACH; k++)
        columns[k] += down[row] * from[row * NML_SHEET_SIDE + k];
    for (int k = 0; k < REACH; k++) columns[k] *= across[k];
    values[i] = (columns[0] + columns[1]) + (columns[2] + columns[3]);
  }
  for (int i = 0; i < PIXELS; i++) {
    float value = values[i] + 0.5f;
    value = value > 0 ? value : 0;
    out[i] = (uint8_t)(int32_t)(value < 255 ? value : 255);
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
