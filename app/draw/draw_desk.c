/* draw_desk.c: see draw_desk.h. Whatever happens is an event, from a hand or
 * from a file alike: what was recorded is replayed to the same pixels. */
#include "app/draw/draw_desk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/machine.h"
#include "app/message.h"
#include "app/prediction_text.h"
#include "app/text_format.h"
#include "formats/format_fail.h"
#include "formats/image_file.h"

enum { PEN_USUAL = 5, SAVE_PX = 560, SAVE_NUMBERS = 100000 };

/* In sides of the canvas; MNIST's pens are as 3 to 5. */
static const float radii[PEN_SIZES + 1] = {
    0, 0.010f, 0.016f, 0.022f, 0.028f, 0.034f, 0.042f, 0.052f, 0.064f, 0.078f};

float draw_desk_pen_radius(const draw_desk *desk) { return radii[desk->pen]; }

void draw_desk_say(draw_desk *desk, bool is_bad, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(desk->message, sizeof desk->message, format, values);
  va_end(values);
  desk->message_is_bad = is_bad;
  desk->version++;
}

/* ---- From beginning to end ---- */

static numeral_status open_record(draw_desk *desk, numeral_error *error) {
  const char *path = desk->options.record_path;
  if (!path) return NUMERAL_OK;
  desk->record = fopen(path, "w");
  if (!desk->record) {
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                       path, strerror(errno));
  }
  stroke_file_begin(desk->record);
  return NUMERAL_OK;
}

numeral_status draw_desk_create(const draw_desk_options *options,
                                draw_desk **desk, numeral_error *error) {
  draw_desk *made = calloc(1, sizeof *made);
  *desk = NULL;
  if (!made) {
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory to draw in");
  }
  made->options = *options;
  made->digits =
      (random_digit){.data_dir = options->data_dir, .seed = options->seed};
  made->pen = PEN_USUAL;
  made->cursor_x = made->cursor_y = 0.5f;
  made->sketch = sketch_create();
  numeral_status status =
      made->sketch
          ? NUMERAL_OK
          : format_fail(error, NUMERAL_ERROR_MEMORY, "no memory to draw in");
  if (!status) {
    status = sketch_reader_create(options->model, &made->reader, error);
  }
  if (!status) status = open_record(made, error);
  if (status) {
    draw_desk_destroy(made);
    return status;
  }
  *desk = made;
  return NUMERAL_OK;
}

void draw_desk_destroy(draw_desk *desk) {
  if (!desk) return;
  sketch_destroy(desk->sketch);
  sketch_reader_release(&desk->reader);
  random_digit_release(&desk->digits);
  if (desk->record) fclose(desk->record);
  free(desk);
}

static numeral_status close_record(draw_desk *desk, numeral_error *error) {
  if (!desk->record) return NUMERAL_OK;
  bool failed = ferror(desk->record) != 0;
  errno = 0;
  failed = fclose(desk->record) != 0 || failed;
  desk->record = NULL;
  if (!failed) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_IO, "%s was not written whole: %s",
                     desk->options.record_path,
                     errno ? strerror(errno) : "write error");
}

numeral_status draw_desk_finish(draw_desk *desk, numeral_error *error) {
  const sketch_reader *reader = &desk->reader;
  numeral_status status = NUMERAL_OK;
  if (sketch_pen_is_down(desk->sketch)) {
    stroke_event up = {.kind = STROKE_UP, .point.time_ms = desk->time_ms};
    status = draw_desk_apply(desk, &up, error);
  }
  if (reader->times > 0) {
    message_note(
        "%s stroke points, each read in %.2f ms (99 of 100 within %.2f ms, "
        "at most %.2f ms)",
        text_count(reader->times).text,
        reader->total_ms / (double)reader->times,
        sketch_reader_within(reader, 0.99), reader->most_ms);
  }
  numeral_status closed = close_record(desk, status ? NULL : error);
  return status ? status : closed;
}

/* ---- Events ---- */

static numeral_status read_again(draw_desk *desk, numeral_error *error) {
  desk->heat_is_old = true;
  return sketch_reader_read(&desk->reader, desk->sketch, error);
}

static const char *name_of(const draw_desk *desk) {
  const data_image *image = sketch_image(desk->sketch);
  bool is_image = image && sketch_stroke_count(desk->sketch) == 0;
  return is_image ? image->name : "drawing";
}

void draw_desk_print(draw_desk *desk) {
  const numeral_prediction *p = &desk->reader.prediction;
  if (desk->options.json) {
    prediction_print_json(name_of(desk), p);
  } else {
    prediction_print(p);
  }
  fflush(stdout);
  desk->printed++;
  if (p->digit < 0) {
    bool blank = p->reason == NUMERAL_REASON_BLANK;
    draw_desk_say(
        desk, false,
        blank ? "Printed: no digit yet." : "Printed: no digit (unsure).");
    return;
  }
  desk->recognised++;
  draw_desk_say(desk, false, "Printed: %d, %s sure.", p->digit,
                text_percent((double)p->confidence).text);
}

static numeral_status fail_full(numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_LIMIT,
                     "the paper is full: clear it first");
}

/* Draws a point and reads what there is then, against the clock. */
static numeral_status apply_point(draw_desk *desk, const stroke_event *event,
                                  numeral_error *error) {
  double start = machine_seconds();
  bool drawn =
      event->kind == STROKE_DOWN
          ? sketch_down(desk->sketch, &event->point, draw_desk_pen_radius(desk))
          : sketch_move(desk->sketch, &event->point);
  if (!drawn) return fail_full(error);
  desk->last = event->point;
  numeral_status status = read_again(desk, error);
  sketch_reader_time(&desk->reader, 1e3 * (machine_seconds() - start));
  return status;
}

static numeral_status apply_digit(draw_desk *desk, const char *name,
                                  numeral_error *error) {
  data_image image;
  numeral_status status =
      random_digit_named(&desk->digits, name, &image, error);
  if (status) return status;
  if (!sketch_put(desk->sketch, &image)) return fail_full(error);
  return read_again(desk, error);
}

static numeral_status apply(draw_desk *desk, const stroke_event *event,
                            numeral_error *error) {
  switch (event->kind) {
    case STROKE_DOWN:
    case STROKE_MOVE:
      return apply_point(desk, event, error);
    case STROKE_UP:
      sketch_up(desk->sketch);
      break;
    case STROKE_UNDO:
      sketch_undo(desk->sketch);
      break;
    case STROKE_CLEAR:
      sketch_clear(desk->sketch);
      break;
    case STROKE_PEN:
      desk->pen = event->pen;
      return NUMERAL_OK;
    case STROKE_DIGIT:
      return apply_digit(desk, event->name, error);
    case STROKE_PREDICT:
      draw_desk_print(desk);
      return NUMERAL_OK;
    case STROKE_KINDS:
      return NUMERAL_OK;
  }
  return read_again(desk, error);
}

/* What was done is on disk when the pen is lifted. */
static void record(draw_desk *desk, const stroke_event *event) {
  if (!desk->record) return;
  stroke_file_add(desk->record, event);
  if (event->kind != STROKE_DOWN && event->kind != STROKE_MOVE) {
    fflush(desk->record);
  }
}

numeral_status draw_desk_apply(draw_desk *desk, const stroke_event *event,
                               numeral_error *error) {
  desk->time_ms = event->point.time_ms;
  desk->version++;
  numeral_status status = apply(desk, event, error);
  if (!status) record(desk, event);
  return status;
}

numeral_status draw_desk_put(draw_desk *desk, const data_image *image,
                             uint32_t time_ms, numeral_error *error) {
  stroke_event event = {.kind = STROKE_DIGIT, .point.time_ms = time_ms};
  snprintf(event.name, sizeof event.name, "%.*s", STROKE_NAME_BYTES - 1,
           image->name);
  desk->time_ms = time_ms;
  desk->version++;
  if (!sketch_put(desk->sketch, image)) return fail_full(error);
  record(desk, &event);
  return read_again(desk, error);
}

/* ---- Saving ---- */

static numeral_status free_name(const draw_desk *desk, char *path,
                                size_t path_bytes, numeral_error *error) {
  const char *folder = desk->options.save_dir;
  bool is_here = strcmp(folder, ".") == 0;
  for (int number = 1; number < SAVE_NUMBERS; number++) {
    int length = snprintf(path, path_bytes, "%s%sdrawing-%d.png",
                          is_here ? "" : folder, is_here ? "" : "/", number);
    if (length < 0 || (size_t)length >= path_bytes) break;
    if (access(path, F_OK) != 0) return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_IO,
                     "there is no free name drawing-N.png in %.200s", folder);
}

numeral_status draw_desk_save(draw_desk *desk, char *path, size_t path_bytes,
                              numeral_error *error) {
  ink_raster ink = {malloc((size_t)SAVE_PX * SAVE_PX), SAVE_PX};
  numeral_raster picture = {ink.pixels, SAVE_PX, SAVE_PX, 1, SAVE_PX};
  if (!ink.pixels) {
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for a picture");
  }
  numeral_status status = free_name(desk, path, path_bytes, error);
  if (!status) {
    sketch_render(desk->sketch, &ink);
    for (size_t i = 0; i < (size_t)SAVE_PX * SAVE_PX; i++) {
      ink.pixels[i] = (uint8_t)(255 - ink.pixels[i]);
    }
    status = image_file_write_png(path, &picture, error);
  }
  free(ink.pixels);
  return status;
}
