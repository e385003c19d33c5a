/* window_input.c: mouse, fingers and keys, each to the one thing that it means.
 * A tablet's pen comes as a mouse: SDL2 knows pressure of fingers alone. */
#include "app/sdl2/window_parts.h"

static bool is_inside(draw_rect r, float x, float y) {
  return x >= (float)r.x && y >= (float)r.y && x < (float)(r.x + r.width) &&
         y < (float)(r.y + r.height);
}

static int button_at(const draw_window_state *w, float x, float y) {
  for (int i = 0; i < DRAW_BUTTONS; i++) {
    if (is_inside(w->layout.buttons[i].place, x, y)) return i;
  }
  return -1;
}

/* ---- One pointer, in pixels ---- */

static void send_pen(draw_window_state *w, pen_change change, float x, float y,
                     float pressure, uint32_t time_ms) {
  const draw_rect *canvas = &w->layout.canvas;
  ink_point point = {(x - (float)canvas->x) / (float)canvas->width,
                     (y - (float)canvas->y) / (float)canvas->height, pressure,
                     time_ms};
  w->calls->pen(w->calls->desk, change, &point);
}

static void send_command(draw_window_state *w, draw_command command, bool far,
                         uint32_t time_ms) {
  if (!w->calls->command(w->calls->desk, command, far, time_ms)) {
    w->is_closed = true;
  }
}

static void press(draw_window_state *w, float x, float y, float pressure,
                  uint32_t time_ms) {
  w->held = button_at(w, x, y);
  if (w->held >= 0) {
    w->is_old = true;
  } else if (is_inside(w->layout.canvas_card, x, y)) {
    send_pen(w, PEN_DOWN, x, y, pressure, time_ms);
  } else {
    w->pointer = POINTER_NONE;
  }
}

static void drag(draw_window_state *w, float x, float y, float pressure,
                 uint32_t time_ms) {
  if (w->held < 0) send_pen(w, PEN_MOVE, x, y, pressure, time_ms);
}

/* A button does what it says where it is let go, too. */
static void release(draw_window_state *w, float x, float y, float pressure,
                    uint32_t time_ms) {
  int held = w->held;
  w->pointer = POINTER_NONE;
  w->held = -1;
  if (held < 0) {
    send_pen(w, PEN_UP, x, y, pressure, time_ms);
    return;
  }
  w->is_old = true;
  if (button_at(w, x, y) == held) {
    send_command(w, w->layout.buttons[held].command, false, time_ms);
  }
}

static void point_at(draw_window_state *w, float x, float y) {
  int pointed = button_at(w, x, y);
  if (pointed != w->pointed) {
    w->pointed = pointed;
    w->is_old = true;
  }
  SDL_SetCursor(is_inside(w->layout.canvas_card, x, y) ? w->cross : w->arrow);
}

/* ---- Mouse ---- */

static void take_button(draw_window_state *w, const SDL_MouseButtonEvent *e) {
  float x = ((float)e->x + 0.5f) * w->density_x;
  float y = ((float)e->y + 0.5f) * w->density_y;
  if (e->which == SDL_TOUCH_MOUSEID || e->button != SDL_BUTTON_LEFT) return;
  if (e->type == SDL_MOUSEBUTTONDOWN && w->pointer == POINTER_NONE) {
    w->pointer = POINTER_MOUSE;
    SDL_CaptureMouse(SDL_TRUE); /* a line may leave the window */
    press(w, x, y, -1, e->timestamp);
  } else if (e->type == SDL_MOUSEBUTTONUP && w->pointer == POINTER_MOUSE) {
    release(w, x, y, -1, e->timestamp);
  }
  if (w->pointer != POINTER_MOUSE) SDL_CaptureMouse(SDL_FALSE);
}

static void take_motion(draw_window_state *w, const SDL_MouseMotionEvent *e) {
  float x = ((float)e->x + 0.5f) * w->density_x;
  float y = ((float)e->y + 0.5f) * w->density_y;
  if (e->which == SDL_TOUCH_MOUSEID) return;
  if (w->pointer == POINTER_MOUSE) drag(w, x, y, -1, e->timestamp);
  point_at(w, x, y);
}

/* ---- Fingers ---- */

static void take_finger(draw_window_state *w, const SDL_TouchFingerEvent *e) {
  float x = e->x * (float)w->width_px, y = e->y * (float)w->height_px;
  bool is_ours = w->pointer == POINTER_FINGER && w->finger == e->fingerId;
  if (e->type == SDL_FINGERDOWN && w->pointer == POINTER_NONE) {
    w->pointer = POINTER_FINGER;
    w->finger = e->fingerId;
    press(w, x, y, e->pressure, e->timestamp);
  } else if (e->type == SDL_FINGERMOTION && is_ours) {
    drag(w, x, y, e->pressure, e->timestamp);
  } else if (e->type == SDL_FINGERUP && is_ours) {
    release(w, x, y, e->pressure, e->timestamp);
  }
}

/* ---- Keys ---- */

static draw_command command_of(SDL_Keycode key) {
  static const struct {
    SDL_Keycode key;
    draw_command command;
  } keys[] = {{SDLK_p, DRAW_PREDICT},
              {SDLK_u, DRAW_UNDO},
              {SDLK_c, DRAW_CLEAR},
              {SDLK_s, DRAW_SAVE},
              {SDLK_r, DRAW_RANDOM},
              {SDLK_e, DRAW_HEAT},
              {SDLK_q, DRAW_QUIT},
              {SDLK_PLUS, DRAW_THICKER},
              {SDLK_EQUALS, DRAW_THICKER},
              {SDLK_KP_PLUS, DRAW_THICKER},
              {SDLK_MINUS, DRAW_THINNER},
              {SDLK_KP_MINUS, DRAW_THINNER},
              {SDLK_UNDERSCORE, DRAW_THINNER},
              {SDLK_LEFT, DRAW_LEFT},
              {SDLK_RIGHT, DRAW_RIGHT},
              {SDLK_UP, DRAW_UP},
              {SDLK_DOWN, DRAW_DOWN},
              {SDLK_SPACE, DRAW_TOGGLE_PEN}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (keys[i].key == key) return keys[i].command;
  }
  return DRAW_NONE;
}

/* Keys without Latin letters on them have the place of those that have. */
static SDL_Keycode latin_key(const SDL_Keysym *pressed) {
  bool is_letter = pressed->scancode >= SDL_SCANCODE_A &&
                   pressed->scancode <= SDL_SCANCODE_Z;
  if (pressed->sym < 128 || pressed->sym & SDLK_SCANCODE_MASK || !is_letter) {
    return pressed->sym;
  }
  return SDLK_a + (SDL_Keycode)(pressed->scancode - SDL_SCANCODE_A);
}

static bool may_repeat(draw_command command) {
  return command == DRAW_UNDO || command == DRAW_THINNER ||
         command == DRAW_THICKER ||
         (command >= DRAW_LEFT && command <= DRAW_DOWN);
}

static void take_key(draw_window_state *w, const SDL_KeyboardEvent *e) {
  draw_command command = command_of(latin_key(&e->keysym));
  if (e->keysym.mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI)) return;
  if (command == DRAW_NONE || (e->repeat && !may_repeat(command))) return;
  send_command(w, command, e->keysym.mod & KMOD_SHIFT, e->timestamp);
}

/* ---- All of them ---- */

static void take_window_event(draw_window_state *w, const SDL_WindowEvent *e) {
  switch (e->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
      window_arrange(w);
      break;
    case SDL_WINDOWEVENT_EXPOSED:
      w->is_old = true;
      break;
    case SDL_WINDOWEVENT_LEAVE:
      w->is_old = w->is_old || w->pointed >= 0;
      w->pointed = -1;
      break;
    case SDL_WINDOWEVENT_CLOSE:
      w->is_closed = true;
      break;
    default:
      break;
  }
}

void window_take_event(draw_window_state *w, const SDL_Event *event) {
  switch (event->type) {
    case SDL_QUIT: /* Ctrl-C and SIGTERM too */
      w->is_closed = true;
      break;
    case SDL_WINDOWEVENT:
      take_window_event(w, &event->window);
      break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
      take_button(w, &event->button);
      break;
    case SDL_MOUSEMOTION:
      take_motion(w, &event->motion);
      break;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
      take_finger(w, &event->tfinger);
      break;
    case SDL_KEYDOWN:
      take_key(w, &event->key);
      break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET: /* what was kept in the card is gone */
      text_forget_pictures(&w->text);
      shapes_release(&w->shapes);
      window_arrange(w);
      break;
    default:
      break;
  }
}
