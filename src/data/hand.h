/* hand.h: a hand that writes digits, another one each time. Must not know
 * pixels. */
#ifndef NML_DATA_HAND_H
#define NML_DATA_HAND_H

#include "base/random.h"
#include "data/pen.h"
#include "data/strokes.h"

enum {
  NML_SPAN_DOTS = 8, /* dots from one knot to the next */
  NML_STROKE_DOTS = (NML_STROKE_KNOTS - 1) * NML_SPAN_DOTS + 1
};

/* A digit as the pen moved. Lengths are in heights of the digit, about; the
 * first stroke is never empty. */
typedef struct nml_drawing {
  numeral_dot dots[NML_SHAPE_STROKES][NML_STROKE_DOTS];
  int counts[NML_SHAPE_STROKES]; /* of dots; 0: no such stroke */
} nml_drawing;

/* Writes `digit` (0..9) in a shape and by a hand that `random` chooses. */
void nml_hand_write(int digit, nml_random *random, nml_drawing *drawing);

/* Writes any shape, the hand chosen by `random`. */
void nml_hand_write_shape(const nml_shape *shape, nml_random *random,
                          nml_drawing *drawing);

#endif
