/* draw_view.h: what `numeral draw` and its window say to each other. The window
 * (app/sdl2) hears of the mouse, fingers and keys and shows what it is told;
 * all else is done by the desk (draw_desk.h), which never sees a window. Types
 * alone, so that the module shares them. */
#ifndef NUMERAL_APP_DRAW_VIEW_H
#define NUMERAL_APP_DRAW_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/look.h"
#include "numeral.h"

/* Where a pen was. The canvas is (0, 0) to (1, 1), y downwards; a line may
 * leave it. */
typedef struct ink_point {
  float x, y;
  float pressure; /* 0..1, or negative where the device does not say */
  uint32_t time_ms;
} ink_point;

typedef enum pen_change { PEN_DOWN = 0, PEN_MOVE, PEN_UP } pen_change;

typedef enum draw_command {
  DRAW_NONE = 0,
  DRAW_PREDICT, /* print what is read */
  DRAW_UNDO,
  DRAW_CLEAR,
  DRAW_SAVE,
  DRAW_RANDOM, /* a digit of a test set */
  DRAW_HEAT,   /* Grad-CAM, on or off */
  DRAW_THINNER,
  DRAW_THICKER,
  DRAW_QUIT,
  /* without a mouse: a pen that is moved, and put down or lifted */
  DRAW_LEFT,
  DRAW_RIGHT,
  DRAW_UP,
  DRAW_DOWN,
  DRAW_TOGGLE_PEN
} draw_command;

typedef struct draw_rect {
  int x, y, width, height; /* pixels; width 0: nothing */
} draw_rect;

typedef struct draw_button {
  draw_rect place;
  draw_command command;
  const char *key, *word; /* "p", "Predict" */
} draw_button;

enum { DRAW_BUTTONS = 9 };

/* Where everything is in a window of some size. */
typedef struct draw_layout {
  float scale;                   /* the window's pixels for one of look.h's */
  draw_rect canvas_card, canvas; /* the canvas is a square */
  draw_rect answer, seen, bars;  /* cards */
  draw_rect message;             /* one line */
  draw_button buttons[DRAW_BUTTONS];
} draw_layout;

/* What to show; valid until the next call. */
typedef struct draw_view {
  numeral_prediction prediction;
  const uint8_t *seen; /* 28 x 28; all 0 where blank */
  bool is_blank;       /* no ink, and no test image */
  int label;           /* of a test image, or -1 */
  const char *name;    /* of that image, or "" */
  const char *message; /* "" or a sentence */
  bool message_is_bad; /* something failed */
  bool heat_on;
  float pen_radius;         /* in sides of the canvas */
  bool cursor_on, pen_down; /* the pen that keys move */
  float cursor_x, cursor_y;
  draw_rect changed; /* pixels of the canvas, since the last look */
} draw_view;

/* What the window calls; `desk` is passed back. Times are milliseconds since
 * the window was opened. */
typedef struct draw_calls {
  void *desk;
  /* The window has this many pixels; `density` of them are one of the screen's
   * (2 where everything is shown twice as fine). */
  void (*arrange)(void *desk, int width_px, int height_px, float density,
                  draw_layout *layout);
  void (*pen)(void *desk, pen_change change, const ink_point *point);
  /* far: a larger step. False: close the window. */
  bool (*command)(void *desk, draw_command command, bool far, uint32_t time_ms);
  /* Does what is due; gives the milliseconds until it wants to be called again,
   * or -1. */
  int (*tick)(void *desk, uint32_t time_ms);
  /* A number that is another one when there is something new to show. */
  unsigned (*version)(void *desk);
  void (*look)(void *desk, draw_view *view);
  /* Colours of that part of the canvas, 0xffRRGGBB, rows stride_bytes apart. */
  void (*paint)(void *desk, draw_rect part, void *pixels, size_t stride_bytes);
} draw_calls;

#endif
