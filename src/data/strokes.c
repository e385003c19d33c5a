/* strokes.c: the table of shapes. Made up by looking at how digits are
 * written, not traced from anyone's. */
#include "data/strokes.h"

#include <assert.h>
#include <stddef.h>

/* A knot where the pen goes round, and one where it turns sharply. */
#define R(x, y) \
  { x, y, NML_BEND_ROUND }
#define A(x, y) \
  { x, y, NML_BEND_ANGLE }

/* clang-format off */
static const nml_shape shapes[] = {
  /* 0: closed from the top; from the upper right, overlapping; slashed */
  {0, 10, 4, {{R(52, 2), R(30, 14), R(20, 50), R(32, 88), R(50, 98),
            R(70, 86), R(80, 50), R(70, 14), R(50, 2)}}},
  {0, 8, 4, {{R(64, 8), R(44, 2), R(22, 30), R(20, 65), R(42, 97),
           R(70, 80), R(80, 45), R(68, 12), R(46, 6)}}},
  {0, 1, 4, {{R(52, 2), R(30, 14), R(20, 50), R(32, 88), R(50, 98),
           R(70, 86), R(80, 50), R(70, 14), R(50, 2)},
          {R(78, 8), R(24, 92)}}},

  /* 1: plain; with a flag; with flag and foot */
  {1, 20, 2, {{R(50, 0), R(50, 50), R(50, 100)}}},
  {1, 4, 2, {{R(34, 18), A(52, 0), R(50, 50), R(50, 100)}}},
  {1, 2, 2, {{R(34, 18), A(52, 0), R(50, 50), R(50, 100)},
          {R(30, 99), R(72, 99)}}},

  /* 2: with an angle; looped; with a round turn */
  {2, 8, 4, {{R(22, 22), R(38, 4), R(62, 4), R(72, 24), R(58, 54),
           A(22, 95), R(50, 95), R(80, 95)}}},
  {2, 8, 4, {{R(22, 20), R(40, 3), R(64, 8), R(70, 30), R(50, 68),
           R(30, 92), R(18, 90), R(26, 76), R(50, 88), R(84, 94)}}},
  {2, 3, 4, {{R(22, 20), R(40, 3), R(64, 8), R(70, 30), R(50, 64),
           R(24, 92), R(50, 93), R(82, 92)}}},

  /* 3: round; with a loop in its waist; flat-topped */
  {3, 10, 4, {{R(24, 12), R(46, 2), R(70, 18), R(60, 40),
            A(44, 47), R(66, 54), R(76, 74), R(54, 97),
            R(22, 88)}}},
  {3, 4, 4, {{R(24, 12), R(48, 2), R(70, 18), R(56, 42), R(38, 50),
           R(46, 42), R(68, 56), R(74, 76), R(52, 97), R(20, 86)}}},
  {3, 2, 4, {{R(24, 5), A(74, 4), A(48, 40), R(70, 50),
           R(78, 72), R(54, 98), R(22, 88)}}},

  /* 4: open; closed; open with a round elbow; in one stroke */
  {4, 8, 4, {{R(28, 6), A(24, 54), R(52, 55), R(78, 53)},
          {R(68, 4), R(66, 50), R(62, 100)}}},
  {4, 4, 4, {{R(60, 2), A(18, 62), R(50, 62), R(84, 62)},
          {R(60, 3), R(59, 50), R(57, 100)}}},
  {4, 5, 4, {{R(28, 6), R(22, 38), R(36, 54), R(68, 44)},
          {R(74, 4), R(70, 50), R(64, 100)}}},
  {4, 2, 4, {{R(30, 8), A(22, 46), R(48, 44), A(72, 8),
           R(68, 54), R(62, 100)}}},

  /* 5: joined; with its flag apart; round */
  {5, 5, 4, {{R(76, 4), A(34, 5), A(28, 45), R(54, 40),
           R(74, 64), R(56, 95), R(20, 90)}}},
  {5, 6, 4, {{R(36, 6), A(30, 46), R(54, 42), R(72, 66),
           R(52, 96), R(20, 88)},
          {R(36, 6), R(60, 4), R(84, 2)}}},
  {5, 4, 4, {{R(74, 4), R(46, 8), R(34, 32), R(56, 50), R(66, 74),
           R(44, 96), R(18, 88)}}},

  /* 6: with an upright back; leaning */
  {6, 6, 4, {{R(60, 2), R(36, 28), R(24, 66), R(42, 97), R(68, 84),
           R(62, 60), R(44, 58), R(28, 74)}}},
  {6, 5, 4, {{R(48, 0), R(28, 36), R(22, 74), R(46, 98), R(74, 80),
           R(62, 62), R(42, 68), R(30, 86)}}},

  /* 7: plain; with a hook; round; crossed */
  {7, 10, 4, {{R(20, 7), R(48, 6), A(78, 5), R(60, 48),
            R(46, 100)}}},
  {7, 4, 4, {{R(22, 22), A(24, 8), R(52, 7), A(78, 5),
           R(60, 46), R(46, 100)}}},
  {7, 4, 4, {{R(20, 14), R(46, 5), R(74, 10), R(66, 44), R(52, 100)}}},
  {7, 3, 4, {{R(20, 7), R(48, 6), A(78, 5), R(58, 50),
           R(44, 100)},
          {R(36, 52), R(76, 48)}}},

  /* 8: in one stroke, closed and open at the top; as two circles */
  {8, 6, 4, {{R(70, 14), R(48, 2), R(30, 18), R(48, 44), R(70, 74),
           R(50, 98), R(30, 78), R(50, 48), R(70, 22), R(60, 4)}}},
  {8, 4, 4, {{R(76, 8), R(50, 4), R(32, 20), R(50, 46), R(64, 76),
           R(44, 98), R(28, 80), R(50, 48), R(78, 14)}}},
  {8, 2, 4, {{R(50, 2), R(32, 22), R(50, 46), R(68, 24), R(50, 2)},
          {R(50, 46), R(28, 72), R(50, 98), R(72, 72), R(50, 46)}}},

  /* 9: with a straight tail; a tail that goes on; a curved tail */
  {9, 6, 4, {{R(72, 16), R(50, 3), R(28, 24), R(42, 46), R(70, 24),
           A(74, 12), R(68, 52), R(62, 100)}}},
  {9, 5, 4, {{R(70, 14), R(46, 4), R(26, 30), R(42, 48), R(66, 28),
           R(72, 14), R(66, 54), R(50, 100)}}},
  {9, 3, 4, {{R(72, 18), R(50, 3), R(30, 24), R(44, 46), R(70, 28),
           A(73, 14), R(74, 60), R(58, 96), R(28, 90)}}},
};
/* clang-format on */

enum { SHAPES = sizeof shapes / sizeof *shapes };

int nml_stroke_length(const nml_knot stroke[NML_STROKE_KNOTS]) {
  int length = 0;
  while (length < NML_STROKE_KNOTS && (stroke[length].x || stroke[length].y)) {
    length++;
  }
  return length;
}

const nml_shape *nml_shape_pick(int digit, float pick) {
  float total = 0;
  for (int i = 0; i < SHAPES; i++) {
    if (shapes[i].digit == digit) total += shapes[i].share;
  }
  const nml_shape *last = NULL;
  float left = pick * total;
  for (int i = 0; i < SHAPES; i++) {
    if (shapes[i].digit != digit) continue;
    last = &shapes[i];
    left -= shapes[i].share;
    if (left < 0) break;
  }
  assert(last);
  return last;
}
