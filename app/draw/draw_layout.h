/* draw_layout.h: where canvas, cards and buttons are in a window of any size,
 * wide or tall. Must not know how they are drawn. */
#ifndef NUMERAL_APP_DRAW_LAYOUT_H
#define NUMERAL_APP_DRAW_LAYOUT_H

#include "app/draw/draw_view.h"

enum { DRAW_LEAST_PX = 320 }; /* side of the smallest window that is of use */

/* `density`: the window's pixels for one of look.h's in a window of usual size;
 * in a large window words are larger, in a small one a little smaller. */
void draw_layout_make(int width_px, int height_px, float density,
                      draw_layout *layout);

#endif
