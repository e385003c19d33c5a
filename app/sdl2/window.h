/* window.h: a window to draw in, with SDL2. What it shows and does it is told
 * (app/draw/draw_view.h). */
#ifndef NUMERAL_APP_SDL2_WINDOW_H
#define NUMERAL_APP_SDL2_WINDOW_H

#include "app/draw/draw_view.h"

typedef struct draw_window_options {
  look_theme theme;
  float scale;       /* everything so many times larger; usually 1 */
  const char *title; /* of the window */
} draw_window_options;

/* Opens the window and comes back when it is closed. IO: it could not be
 * opened, and nothing was called but what is to be shown. In module "sdl2". */
typedef numeral_status draw_window_fn(const draw_window_options *options,
                                      const draw_calls *calls,
                                      numeral_error *error);
draw_window_fn draw_window;

#endif
