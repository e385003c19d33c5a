/* stroke_file.h: what a hand did, as a text file (--record, --replay). Files
 * come from anywhere: each line is checked, and messages name it. Must not know
 * what is drawn from it.
 *
 *   numeral strokes 1
 *   pen 5 900                          the pen's size, 1..9
 *   down 0.25000 0.10000 - 1000        x and y in sides of the canvas, pressure
 *   move 0.25110 0.13000 0.500 1016    0..1 (- where the device has none)
 *   up 1210
 *   undo 1500
 *   clear 1600
 *   digit mnist:test:42 2000           an image of a test set on new paper
 *   predict 2100                       the answer is wanted
 *
 * Each line ends with the time in milliseconds, which never goes back. x and y
 * are -1..2 with at most 5 decimals, pressure has at most 3. A stroke is down,
 * moves, up; nothing but pen and predict comes between. Limits: 64 MiB, 2^20
 * lines, a day. */
#ifndef NUMERAL_APP_STROKE_FILE_H
#define NUMERAL_APP_STROKE_FILE_H

#include <stdio.h>

#include "app/draw/draw_view.h"

enum {
  PEN_SIZES = 9,
  STROKE_NAME_BYTES = 24,
  STROKE_EVENTS_MAX = 1 << 20,
  STROKE_FILE_MAX_BYTES = 1 << 26,
  STROKE_TIME_MAX_MS = 24 * 60 * 60 * 1000
};

typedef enum stroke_kind {
  STROKE_DOWN = 0,
  STROKE_MOVE,
  STROKE_UP,
  STROKE_UNDO,
  STROKE_CLEAR,
  STROKE_PEN,
  STROKE_DIGIT,
  STROKE_PREDICT,
  STROKE_KINDS
} stroke_kind;

typedef struct stroke_event {
  stroke_kind kind;
  ink_point point;              /* of down and move; time_ms of all */
  int pen;                      /* of pen: 1..PEN_SIZES */
  char name[STROKE_NAME_BYTES]; /* of digit: "mnist:test:42", "synth:test:7" */
} stroke_event;

typedef struct stroke_list {
  stroke_event *events;
  size_t count;
} stroke_list;

/* Fills *list, which stroke_list_release ends. `name` is what messages call the
 * text. FORMAT: a line is not as above; LIMIT: too many, or too large. */
numeral_status stroke_list_parse(const char *text, size_t size_bytes,
                                 const char *name, stroke_list *list,
                                 numeral_error *error);

/* The same from a file; IO where it cannot be read. */
numeral_status stroke_list_read(const char *path, stroke_list *list,
                                numeral_error *error);

/* Accepts an empty list, and empties it. */
void stroke_list_release(stroke_list *list);

/* What a file can hold of a point: rounded to its decimals, in its range. */
ink_point stroke_point_round(const ink_point *point);

/* The first line, and one for each event. */
void stroke_file_begin(FILE *file);
void stroke_file_add(FILE *file, const stroke_event *event);

#endif
