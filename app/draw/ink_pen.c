/* ink_pen.c: see ink_pen.h. The line goes through the middles between points,
 * each piece a parabola that the point between them bends: it is smooth at
 * once, whatever comes next, and only half a point behind the hand. */
#include "app/draw/ink_pen.h"

#include <math.h>

static const float STEP = 0.008f; /* between dots of a curve */
/* The way on which the width follows: a hand's speed is uneven, a pen's
 * pressure means what it says. */
static const float SPEED_WAY = 0.05f, PRESSURE_WAY = 0.012f;
static const float START_WIDTH = 0.85f; /* before the speed is known */
static const float MEMORY = 0.75f;      /* of the speed, from point to point */

static bool says_pressure(const ink_point *point) {
  /* screens that cannot feel it say 0 or 1 always */
  return point->pressure > 0 && point->pressure < 1;
}

static float width_for_pressure(float pressure) {
  return 0.4f + 1.2f * pressure;
}

/* 1 at one side of the canvas in a second. */
static float width_for_speed(float sides_per_second) {
  float width = 1.3f / (1 + 0.3f * sides_per_second);
  return width < 0.55f ? 0.55f : width;
}

static void follow(ink_pen *pen, const ink_point *point, float length) {
  float goal, way;
  pen->way = MEMORY * pen->way + length;
  pen->seconds = MEMORY * pen->seconds +
                 (float)(point->time_ms - pen->last.time_ms) / 1000;
  if (says_pressure(point)) {
    goal = width_for_pressure(point->pressure);
    way = PRESSURE_WAY;
  } else {
    goal = width_for_speed(pen->way / fmaxf(pen->seconds, 1e-3f));
    way = SPEED_WAY;
  }
  pen->width += (goal - pen->width) * (1 - expf(-length / way));
}

int ink_pen_start(ink_pen *pen, const ink_point *point, float radius,
                  numeral_dot dots[INK_PEN_DOTS]) {
  *pen = (ink_pen){.radius = radius, .last = *point, .width = START_WIDTH};
  if (says_pressure(point)) pen->width = width_for_pressure(point->pressure);
  pen->tip = (numeral_dot){point->x, point->y, radius * pen->width};
  dots[0] = pen->tip;
  return 1;
}

/* A parabola from the tip to `end`, bent by where the hand was. */
static int curve(const ink_pen *pen, const numeral_dot *end, float length,
                 numeral_dot dots[INK_PEN_DOTS]) {
  int pieces = (int)fminf(fmaxf(ceilf(length / STEP), 1), INK_PEN_DOTS - 1);
  for (int i = 0; i <= pieces; i++) {
    float t = (float)i / (float)pieces, s = 1 - t;
    float a = s * s, b = 2 * s * t, c = t * t;
    dots[i] = (numeral_dot){a * pen->tip.x + b * pen->last.x + c * end->x,
                            a * pen->tip.y + b * pen->last.y + c * end->y,
                            s * pen->tip.radius + t * end->radius};
  }
  return pieces + 1;
}

int ink_pen_move(ink_pen *pen, const ink_point *point,
                 numeral_dot dots[INK_PEN_DOTS]) {
  float length = hypotf(point->x - pen->last.x, point->y - pen->last.y);
  follow(pen, point, length);
  numeral_dot end = {(pen->last.x + point->x) / 2, (pen->last.y + point->y) / 2,
                     pen->radius * pen->width};
  int count = curve(pen, &end, length, dots);
  pen->tip = end;
  pen->last = *point;
  return count;
}

int ink_pen_finish(ink_pen *pen, numeral_dot dots[INK_PEN_DOTS]) {
  dots[0] = pen->tip;
  pen->tip = (numeral_dot){pen->last.x, pen->last.y, pen->tip.radius};
  dots[1] = pen->tip;
  return 2;
}
