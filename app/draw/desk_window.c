/* desk_window.c: the desk as its window calls it: pens and keys become events,
 * and what came of them is shown. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "app/draw/canvas_paint.h"
#include "app/draw/draw_desk.h"
#include "app/draw/draw_layout.h"
#include "app/message.h"

/* Nearer points are no news, only the device's steps. */
static const float NEAREST = 0.004f;
static const float KEY_STEP = 0.02f, KEY_FAR_STEP = 0.1f;
enum { LONGEST_PAUSE_MS = 500 };

/* ---- Events from a hand ---- */

static bool act(draw_desk *desk, const stroke_event *event) {
  numeral_error error;
  if (draw_desk_apply(desk, event, &error) == NUMERAL_OK) return true;
  draw_desk_say(desk, true, "%s", error.message);
  return false;
}

static bool act_simply(draw_desk *desk, stroke_kind kind, uint32_t time_ms) {
  stroke_event event = {.kind = kind, .point.time_ms = time_ms};
  return act(desk, &event);
}

/* Time never goes back, though a replay may have been ahead of the clock. */
static uint32_t stamp(const draw_desk *desk, uint32_t time_ms) {
  return time_ms > desk->time_ms ? time_ms : desk->time_ms;
}

static void lift(draw_desk *desk, uint32_t time_ms) {
  if (!sketch_pen_is_down(desk->sketch)) return;
  if (desk->hand_is_ahead) {
    stroke_event move = {.kind = STROKE_MOVE, .point = desk->hand};
    move.point.time_ms = stamp(desk, desk->hand.time_ms);
    act(desk, &move);
  }
  desk->hand_is_ahead = false;
  act_simply(desk, STROKE_UP, stamp(desk, time_ms));
}

static void stop_replay(draw_desk *desk) {
  if (!desk->replay) return;
  desk->replay = NULL;
  lift(desk, desk->time_ms);
  draw_desk_say(desk, false, "The replay was ended.");
}

static void move_hand(draw_desk *desk, const ink_point *point) {
  stroke_event move = {.kind = STROKE_MOVE, .point = *point};
  float length = hypotf(point->x - desk->last.x, point->y - desk->last.y);
  desk->hand = *point;
  desk->hand_is_ahead = length > 0 && length < NEAREST;
  if (length >= NEAREST) act(desk, &move);
}

static void put_down(draw_desk *desk, const ink_point *point) {
  stroke_event down = {.kind = STROKE_DOWN, .point = *point};
  lift(desk, point->time_ms);
  desk->message[0] = '\0';
  act(desk, &down);
}

static void use_pen(draw_desk *desk, pen_change change,
                    const ink_point *point) {
  ink_point rounded = stroke_point_round(point);
  rounded.time_ms = stamp(desk, point->time_ms);
  if (change == PEN_DOWN) {
    put_down(desk, &rounded);
  } else if (sketch_pen_is_down(desk->sketch)) {
    move_hand(desk, &rounded);
    if (change == PEN_UP) lift(desk, rounded.time_ms);
  }
}

/* A mouse, a finger: the pen that keys move is put away. */
static void pen(void *user, pen_change change, const ink_point *point) {
  draw_desk *desk = user;
  if (change == PEN_DOWN) {
    stop_replay(desk);
    desk->cursor_on = false;
  }
  if (!desk->replay && !desk->cursor_on) use_pen(desk, change, point);
}

/* ---- Keys that move a pen ---- */

static void move_cursor(draw_desk *desk, draw_command command, bool far,
                        uint32_t time_ms) {
  float step = far ? KEY_FAR_STEP : KEY_STEP;
  float x = desk->cursor_x, y = desk->cursor_y;
  if (command == DRAW_LEFT) x -= step;
  if (command == DRAW_RIGHT) x += step;
  if (command == DRAW_UP) y -= step;
  if (command == DRAW_DOWN) y += step;
  desk->cursor_x = fminf(fmaxf(x, 0), 1);
  desk->cursor_y = fminf(fmaxf(y, 0), 1);
  desk->version++;
  ink_point point = {desk->cursor_x, desk->cursor_y, -1, time_ms};
  use_pen(desk, PEN_MOVE, &point);
}

/* The pen is put down and lifted at one place: that is a dot. */
static void toggle_pen(draw_desk *desk, uint32_t time_ms) {
  ink_point point = {desk->cursor_x, desk->cursor_y, -1, time_ms};
  bool is_down = sketch_pen_is_down(desk->sketch);
  use_pen(desk, is_down ? PEN_UP : PEN_DOWN, &point);
}

static void use_keys(draw_desk *desk, draw_command command, bool far,
                     uint32_t time_ms) {
  stop_replay(desk);
  /* a stroke that the mouse is drawing ends here */
  if (!desk->cursor_on) lift(desk, time_ms);
  desk->cursor_on = true;
  if (command == DRAW_TOGGLE_PEN) {
    toggle_pen(desk, time_ms);
  } else {
    move_cursor(desk, command, far, time_ms);
  }
}

/* ---- Commands ---- */

static void undo(draw_desk *desk, uint32_t time_ms) {
  if (sketch_can_undo(desk->sketch)) {
    act_simply(desk, STROKE_UNDO, time_ms);
    draw_desk_say(desk, false, "%s", "");
  } else {
    draw_desk_say(desk, false, "There is nothing to undo.");
  }
}

static void clear(draw_desk *desk, uint32_t time_ms) {
  if (sketch_is_blank(desk->sketch)) {
    draw_desk_say(desk, false, "There is nothing to clear.");
    return;
  }
  act_simply(desk, STROKE_CLEAR, time_ms);
  draw_desk_say(desk, false, "Cleared: u brings it back.");
}

static void save(draw_desk *desk) {
  char path[PATH_MAX];
  numeral_error error;
  if (sketch_is_blank(desk->sketch)) {
    draw_desk_say(desk, false, "There is nothing to save yet.");
    return;
  }
  if (draw_desk_save(desk, path, sizeof path, &error) != NUMERAL_OK) {
    message_error("draw", "%s", error.message);
    draw_desk_say(desk, true, "%s", error.message);
    return;
  }
  message_note("saved %s", path);
  draw_desk_say(desk, false, "Saved %s", path);
}

static void bring_digit(draw_desk *desk, uint32_t time_ms) {
  data_image image;
  numeral_error error;
  numeral_status status = random_digit_next(&desk->digits, &image, &error);
  if (!status) status = draw_desk_put(desk, &image, time_ms, &error);
  if (status) {
    draw_desk_say(desk, true, "%s", error.message);
  } else {
    draw_desk_say(desk, false, "Image %zu of the test set of %s.", image.index,
                  image.name[0] == 'm' ? "MNIST" : "drawn digits");
  }
}

static void toggle_heat(draw_desk *desk) {
  desk->heat_on = !desk->heat_on;
  desk->heat_is_old = desk->repaint = true;
  draw_desk_say(desk, false, "%s",
                desk->heat_on
                    ? "Grad-CAM: the warmer, the more it speaks for the answer."
                    : "");
}

static void resize_pen(draw_desk *desk, int by, uint32_t time_ms) {
  int pen = desk->pen + by;
  if (pen >= 1 && pen <= PEN_SIZES) {
    stroke_event event = {
        .kind = STROKE_PEN, .point.time_ms = time_ms, .pen = pen};
    act(desk, &event);
  }
  draw_desk_say(desk, false, "Pen %d of %d.", desk->pen, PEN_SIZES);
}

static bool command(void *user, draw_command command, bool far,
                    uint32_t time_ms) {
  draw_desk *desk = user;
  uint32_t time = stamp(desk, time_ms);
  if (command == DRAW_UNDO || command == DRAW_CLEAR || command == DRAW_RANDOM) {
    stop_replay(desk);
    lift(desk, time);
  }
  switch (command) {
    case DRAW_NONE:
      break;
    case DRAW_PREDICT:
      act_simply(desk, STROKE_PREDICT, time);
      break;
    case DRAW_UNDO:
      undo(desk, time);
      break;
    case DRAW_CLEAR:
      clear(desk, time);
      break;
    case DRAW_SAVE:
      save(desk);
      break;
    case DRAW_RANDOM:
      bring_digit(desk, time);
      break;
    case DRAW_HEAT:
      toggle_heat(desk);
      break;
    case DRAW_THINNER:
      resize_pen(desk, -1, time);
      break;
    case DRAW_THICKER:
      resize_pen(desk, +1, time);
      break;
    case DRAW_QUIT:
      return false;
    case DRAW_LEFT:
    case DRAW_RIGHT:
    case DRAW_UP:
    case DRAW_DOWN:
    case DRAW_TOGGLE_PEN:
      use_keys(desk, command, far, time);
  }
  return true;
}

/* ---- Replay ---- */

void draw_desk_replay(draw_desk *desk, const stroke_list *events) {
  desk->replay = events;
  desk->replay_next = 0;
  desk->replay_due_ms = 0;
}

static uint32_t pause_before(const stroke_list *list, size_t next) {
  uint32_t before = next > 0 ? list->events[next - 1].point.time_ms : 0;
  uint32_t pause = list->events[next].point.time_ms - before;
  return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}

static int tick(void *user, uint32_t time_ms) {
  draw_desk *desk = user;
  if (!desk->replay) return -1;
  if (desk->replay_next == 0) desk->replay_due_ms = time_ms;
  while (desk->replay_next < desk->replay->count) {
    if (time_ms < desk->replay_due_ms) {
      return (int)(desk->replay_due_ms - time_ms);
    }
    if (!act(desk, &desk->replay->events[desk->replay_next])) {
      desk->replay = NULL;
      return -1;
    }
    if (++desk->replay_next < desk->replay->count) {
      desk->replay_due_ms += pause_before(desk->replay, desk->replay_next);
    }
  }
  desk->replay = NULL;
  lift(desk, desk->time_ms);
  draw_desk_say(desk, false, "The replay is over; go on drawing.");
  return -1;
}

/* ---- What is shown ---- */

static void arrange(void *user, int width_px, int height_px, float density,
                    draw_layout *layout) {
  draw_desk *desk = user;
  draw_layout_make(width_px, height_px, density, layout);
  if (!sketch_resize(desk->sketch, layout->canvas.width)) {
    draw_desk_say(desk, true, "There is no memory for so large a window.");
  }
  desk->version++;
}

static unsigned version(void *user) {
  const draw_desk *desk = user;
  return desk->version;
}

/* Heat is worked out when it is looked at, not for every point of a stroke. */
static void renew_heat(draw_desk *desk) {
  numeral_error error;
  if (!desk->heat_on || !desk->heat_is_old) return;
  if (sketch_reader_heat(&desk->reader, desk->heat, &error) != NUMERAL_OK) {
    draw_desk_say(desk, true, "%s", error.message);
  }
  desk->heat_is_old = false;
}

static void look(void *user, draw_view *view) {
  draw_desk *desk = user;
  const data_image *image = sketch_image(desk->sketch);
  int side = sketch_showing(desk->sketch)->side_px;
  draw_rect changed = sketch_take_changed(desk->sketch);
  /* one point more, and heat is another one everywhere */
  if (desk->repaint || (desk->heat_on && desk->heat_is_old)) {
    changed = (draw_rect){0, 0, side, side};
  }
  renew_heat(desk);
  desk->repaint = false;
  *view = (draw_view){.prediction = desk->reader.prediction,
                      .seen = desk->reader.seen,
                      .is_blank = sketch_is_blank(desk->sketch),
                      .label = image ? image->label : -1,
                      .name = image ? image->name : "",
                      .message = desk->message,
                      .message_is_bad = desk->message_is_bad,
                      .heat_on = desk->heat_on,
                      .pen_radius = draw_desk_pen_radius(desk),
                      .cursor_on = desk->cursor_on,
                      .pen_down = sketch_pen_is_down(desk->sketch),
                      .cursor_x = desk->cursor_x,
                      .cursor_y = desk->cursor_y,
                      .changed = changed};
}

static void paint(void *user, draw_rect part, void *pixels,
                  size_t stride_bytes) {
  draw_desk *desk = user;
  canvas_heat heat = {desk->heat, desk->reader.frame};
  canvas_paint(sketch_showing(desk->sketch), desk->options.theme,
               desk->heat_on ? &heat : NULL, part, pixels, stride_bytes);
}

draw_calls draw_desk_calls(draw_desk *desk) {
  return (draw_calls){.desk = desk,
                      .arrange = arrange,
                      .pen = pen,
                      .command = command,
                      .tick = tick,
                      .version = version,
                      .look = look,
                      .paint = paint};
}
