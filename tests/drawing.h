/* drawing.h: a digit's shape for tests of the normaliser, drawn from lines of
 * any thickness at any place and size. */
#ifndef TESTS_DRAWING_H
#define TESTS_DRAWING_H

#include <math.h>
#include <stdint.h>

/* Distance from (x, y) to the line from (ax, ay) to (bx, by). */
static inline double line_distance(double x, double y, double ax, double ay,
                                   double bx, double by) {
  double dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  double t = length > 0 ? ((x - ax) * dx + (y - ay) * dy) / length : 0;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return hypot(x - ax - t * dx, y - ay - t * dy);
}

/* How much of the pixel at (x, y) a 4 covers, 0 to 1, whose box of side
 * size_px begins at (left, top). Its second stroke does not touch the first
 * where `open` is set. */
static inline double four_at(double x, double y, double left, double top,
                             double size_px, double thickness_px, int open) {
  double u = (x + 0.5 - left) / size_px, v = (y + 0.5 - top) / size_px;
  double bar = open ? 0.62 : 0.95;
  double nearest = line_distance(u, v, 0.45, 0.05, 0.12, 0.62);
  nearest = fmin(nearest, line_distance(u, v, 0.12, 0.62, bar, 0.62));
  nearest = fmin(nearest, line_distance(u, v, 0.78, 0.30, 0.78, 0.95));
  double inside = thickness_px / 2 - nearest * size_px + 0.5;
  return inside < 0 ? 0 : inside > 1 ? 1 : inside;
}

/* A mix of paper and ink. */
static inline uint8_t mix(int paper, int ink, double share) {
  return (uint8_t)(paper + (ink - paper) * share + 0.5);
}

#endif
