/* draw_desk.h: all that `numeral draw` does, behind its window or without one:
 * what is drawn, read, printed, saved, recorded and replayed. Must not know who
 * holds the pen. */
#ifndef NUMERAL_APP_DRAW_DESK_H
#define NUMERAL_APP_DRAW_DESK_H

#include <stdio.h>

#include "app/draw/sketch.h"
#include "app/draw/sketch_reader.h"
#include "app/draw/stroke_file.h"
#include "app/random_digit.h"

typedef struct draw_desk_options {
  const numeral_model *model; /* must live longer than the desk */
  look_theme theme;
  bool json;               /* print objects */
  const char *data_dir;    /* where mnist may be, or NULL */
  const char *save_dir;    /* where drawings are saved */
  const char *record_path; /* or NULL */
  uint64_t seed;           /* which test images come */
} draw_desk_options;

typedef struct draw_desk {
  draw_desk_options options;
  sketch *sketch;
  sketch_reader reader;
  random_digit digits;
  FILE *record; /* or NULL */
  int pen;      /* 1..PEN_SIZES */
  uint32_t time_ms;
  ink_point last; /* of the stroke's points */
  char message[256];
  bool message_is_bad;
  int printed, recognised; /* answers; those that were digits */
  unsigned version;        /* another one when there is something new to show */
  /* of the window (desk_window.c) */
  ink_point hand; /* where the pen is: a little further than its last point */
  bool hand_is_ahead;
  bool heat_on, heat_is_old;
  bool repaint; /* all of the canvas, at the next look */
  float heat[NUMERAL_IMAGE_PIXELS];
  bool cursor_on; /* the pen that keys move is shown */
  float cursor_x, cursor_y;
  const stroke_list *replay; /* NULL: none, or at its end */
  size_t replay_next;
  uint32_t replay_due_ms;
} draw_desk;

/* Opens the record, which replaces a file of that name. */
numeral_status draw_desk_create(const draw_desk_options *options,
                                draw_desk **desk, numeral_error *error);
void draw_desk_destroy(draw_desk *desk);

/* Does what the event says, records it, and reads what is drawn now. Events
 * come in an order that a file may have. */
numeral_status draw_desk_apply(draw_desk *desk, const stroke_event *event,
                               numeral_error *error);

/* The same for a test image that is at hand already. */
numeral_status draw_desk_put(draw_desk *desk, const data_image *image,
                             uint32_t time_ms, numeral_error *error);

/* Prints what is read now. */
void draw_desk_print(draw_desk *desk);

/* Lifts the pen and closes the record; says on stderr how long reading took. */
numeral_status draw_desk_finish(draw_desk *desk, numeral_error *error);

/* Writes the drawing, dark on white, to the first free drawing-N.png. */
numeral_status draw_desk_save(draw_desk *desk, char *path, size_t path_bytes,
                              numeral_error *error);

/* Of the pen, in sides of the canvas. */
float draw_desk_pen_radius(const draw_desk *desk);

/* What stands in the window's line of words. */
void draw_desk_say(draw_desk *desk, bool is_bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- The window's side (desk_window.c) ---- */

/* What the window calls. */
draw_calls draw_desk_calls(draw_desk *desk);

/* Plays the events in the window, at their own pace but for long pauses. The
 * list must stay as long as the desk. */
void draw_desk_replay(draw_desk *desk, const stroke_list *events);

#endif
