/* window_parts.h: the window's own state, shared by its three files: window.c
 * (opening, waiting, closing), window_input.c, window_paint.c. */
#ifndef NUMERAL_APP_SDL2_WINDOW_PARTS_H
#define NUMERAL_APP_SDL2_WINDOW_PARTS_H

#include "app/sdl2/window.h"
#include "app/sdl2/window_shapes.h"
#include "app/sdl2/window_text.h"

/* Who holds the pen or a button. One at a time: a second finger, or the mouse
 * that a system makes of a finger, changes nothing. */
typedef enum pointer_kind {
  POINTER_NONE = 0,
  POINTER_MOUSE,
  POINTER_FINGER
} pointer_kind;

typedef struct draw_window_state {
  const draw_window_options *options;
  const draw_calls *calls;
  SDL_Window *window;
  SDL_Renderer *renderer;
  SDL_Cursor *cross, *arrow;
  window_text text;
  window_shapes shapes;
  int width_px, height_px;    /* of what is drawn into */
  float density_x, density_y; /* its pixels for one of the window's */
  draw_layout layout;
  draw_view view;
  SDL_Texture *canvas, *seen;
  bool canvas_is_old; /* all of it must be painted */
  pointer_kind pointer;
  SDL_FingerID finger;
  int held, pointed; /* button, or -1 */
  bool is_old;       /* must be painted, whatever the desk says */
  bool is_closed;
  unsigned version; /* that is shown */
} draw_window_state;

void window_take_event(draw_window_state *w, const SDL_Event *event);

/* Measures the window anew, and places everything. */
void window_arrange(draw_window_state *w);
void window_paint(draw_window_state *w);

#endif
