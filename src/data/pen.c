/* pen.c: each piece of a line is a capsule with two radii; a pixel's ink is
 * how far it lies inside, up to one pixel. */
#include "data/pen.h"

#include <assert.h>
#include <math.h>

nml_extent nml_pen_extent(const numeral_dot *dots, int count) {
  assert(count > 0);
  nml_extent box = {dots->x, dots->y, dots->x, dots->y};
  for (int i = 0; i < count; i++) {
    const numeral_dot *dot = &dots[i];
    box.left = fminf(box.left, dot->x - dot->radius);
    box.top = fminf(box.top, dot->y - dot->radius);
    box.right = fmaxf(box.right, dot->x + dot->radius);
    box.bottom = fmaxf(box.bottom, dot->y + dot->radius);
  }
  return box;
}

static int clamp_pixel(float at, int side) {
  return at <= 0 ? 0 : at >= (float)side ? side : (int)at;
}

static float clamp_unit(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static void draw_piece(const numeral_dot *from, const numeral_dot *to, int side,
                       uint8_t *pixels) {
  const numeral_dot ends[2] = {*from, *to};
  nml_extent box = nml_pen_extent(ends, 2);
  int left = clamp_pixel(box.left - 1, side);
  int right = clamp_pixel(box.right + 2, side);
  int top = clamp_pixel(box.top - 1, side);
  int bottom = clamp_pixel(box.bottom + 2, side);
  float dx = to->x - from->x, dy = to->y - from->y;
  float widening = to->radius - from->radius;
  float per_length2 = 1 / fmaxf(dx * dx + dy * dy, 1e-6f);
  for (int y = top; y < bottom; y++) {
    uint8_t *row = pixels + y * side;
    float py = (float)y + 0.5f - from->y;
    for (int x = left; x < right; x++) {
      float px = (float)x + 0.5f - from->x;
      float along = clamp_unit((px * dx + py * dy) * per_length2);
      float ex = px - along * dx, ey = py - along * dy;
      float inside =
          from->radius + along * widening - sqrtf(ex * ex + ey * ey) + 0.5f;
      uint8_t ink = (uint8_t)(255 * clamp_unit(inside) + 0.5f);
      if (ink > row[x]) row[x] = ink;
    }
  }
}

void nml_pen_draw(const numeral_dot *dots, int count, int side,
                  uint8_t *pixels) {
  if (count == 1) draw_piece(dots, dots, side, pixels);
  for (int i = 0; i + 1 < count; i++) {
    draw_piece(&dots[i], &dots[i + 1], side, pixels);
  }
}
