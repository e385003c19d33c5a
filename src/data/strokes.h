/* strokes.h: the shapes of the digits, as the strokes that a hand draws. Must
 * not know pens or pixels. */
#ifndef NML_DATA_STROKES_H
#define NML_DATA_STROKES_H

#include <stdint.h>

enum { NML_SHAPE_STROKES = 4, NML_STROKE_KNOTS = 13 };

typedef enum nml_bend { NML_BEND_ROUND, NML_BEND_ANGLE } nml_bend;

/* A place that a stroke passes through, in hundredths of the digit's height:
 * x about 20..80, y 0 (top)..100. */
typedef struct nml_knot {
  int8_t x, y, bend;
} nml_knot;

/* A stroke ends at its first knot that is all 0, a shape at its first stroke
 * that is empty. */
typedef struct nml_shape {
  int8_t digit;
  int8_t share; /* how often, against the digit's other shapes */
  int8_t stray; /* how far a hand misses the knots, in the same hundredths */
  nml_knot strokes[NML_SHAPE_STROKES][NML_STROKE_KNOTS];
} nml_shape;

/* The number of knots of a stroke. */
int nml_stroke_length(const nml_knot stroke[NML_STROKE_KNOTS]);

/* The shape of `digit` that `pick` (0 <= pick < 1) falls on. */
const nml_shape *nml_shape_pick(int digit, float pick);

#endif
