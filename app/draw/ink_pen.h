/* ink_pen.h: from where a hand was to a line: smooth, and wider where it was
 * slow or pressed. Lengths in sides of the canvas. Must not know pixels. */
#ifndef NUMERAL_APP_INK_PEN_H
#define NUMERAL_APP_INK_PEN_H

#include "app/draw/draw_view.h"

enum { INK_PEN_DOTS = 17 }; /* most that a point adds to the line */

/* A line that is being drawn. */
typedef struct ink_pen {
  float radius;       /* of the pen at rest */
  ink_point last;     /* where the hand is */
  numeral_dot tip;    /* where the line has come to: half a point behind */
  float width;        /* times `radius` */
  float way, seconds; /* of the last few points, for the speed */
} ink_pen;

/* Each fills `dots` with a line that begins where the one before ended, and
 * gives how many: 1 from ink_pen_start, at least 2 from the others. */
int ink_pen_start(ink_pen *pen, const ink_point *point, float radius,
                  numeral_dot dots[INK_PEN_DOTS]);
int ink_pen_move(ink_pen *pen, const ink_point *point,
                 numeral_dot dots[INK_PEN_DOTS]);
/* From the tip to where the hand is. */
int ink_pen_finish(ink_pen *pen, numeral_dot dots[INK_PEN_DOTS]);

#endif
