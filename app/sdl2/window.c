/* window.c: see window.h. It sleeps until something happens, and paints when
 * something has changed. */
#include "app/sdl2/window.h"

#include "app/sdl2/window_parts.h"
#include "formats/format_fail.h"
#include "formats/module.h"

enum { USUAL_WIDTH = 960, USUAL_HEIGHT = 680, LEAST_SIDE = 320, GRACE_MS = 60 };

static numeral_status fail(numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_IO, "the window cannot be opened: %s",
                     SDL_GetError());
}

/* Where no screen answers, SDL2 may take a driver that shows nothing to anyone:
 * that is for those who asked for it. */
static bool has_screen(void) {
  static const char *const hidden[] = {"offscreen", "dummy", "evdev"};
  const char *driver = SDL_GetCurrentVideoDriver();
  if (SDL_getenv("SDL_VIDEODRIVER")) return true;
  for (size_t i = 0; driver && i < sizeof hidden / sizeof *hidden; i++) {
    if (SDL_strcmp(driver, hidden[i]) == 0) driver = NULL;
  }
  return driver != NULL;
}

static void set_hints(void) {
  /* fingers are fingers, and are not told a second time as a mouse */
  SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0");
  SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, "0");
  SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
  SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "nearest");
}

/* As large as is usual, or as fits on the screen. */
static void choose_size(float scale, int *width, int *height) {
  SDL_Rect screen;
  *width = (int)(USUAL_WIDTH * scale);
  *height = (int)(USUAL_HEIGHT * scale);
  if (SDL_GetDisplayUsableBounds(0, &screen) != 0) return;
  if (*width > screen.w) *width = screen.w;
  if (*height > screen.h) *height = screen.h;
}

static numeral_status open_window(draw_window_state *w, numeral_error *error) {
  int width, height;
  set_hints();
  if (SDL_Init(SDL_INIT_VIDEO) != 0) return fail(error);
  if (!has_screen()) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "the window cannot be opened: no screen answers at "
                       "DISPLAY or WAYLAND_DISPLAY");
  }
  if (TTF_Init() != 0) return fail(error);
  choose_size(w->options->scale, &width, &height);
  w->window = SDL_CreateWindow(w->options->title, SDL_WINDOWPOS_CENTERED,
                               SDL_WINDOWPOS_CENTERED, width, height,
                               SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
  if (!w->window) return fail(error);
  SDL_StopTextInput(); /* keys are commands, no keyboard on the screen */
  SDL_SetWindowMinimumSize(w->window, LEAST_SIDE, LEAST_SIDE);
  w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_PRESENTVSYNC);
  if (!w->renderer) w->renderer = SDL_CreateRenderer(w->window, -1, 0);
  if (!w->renderer) return fail(error);
  w->text.renderer = w->shapes.renderer = w->renderer;
  w->cross = SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_CROSSHAIR);
  w->arrow = SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_ARROW);
  return text_find_fonts(&w->text, error);
}

/* SDL wakes itself by a message to its window that goes by a second connection
 * to the X server. If that reads it when the window is gone, Xlib ends the
 * program with an error: so the window is hidden, and closed a little later. */
static void let_messages_arrive(SDL_Window *window) {
  SDL_HideWindow(window);
  SDL_Delay(GRACE_MS);
}

/* Half-open too. */
static void close_window(draw_window_state *w) {
  if (w->window) let_messages_arrive(w->window);
  text_release(&w->text);
  shapes_release(&w->shapes);
  if (w->canvas) SDL_DestroyTexture(w->canvas);
  if (w->seen) SDL_DestroyTexture(w->seen);
  if (w->renderer) SDL_DestroyRenderer(w->renderer);
  if (w->window) SDL_DestroyWindow(w->window);
  if (w->cross) SDL_FreeCursor(w->cross);
  if (w->arrow) SDL_FreeCursor(w->arrow);
  if (TTF_WasInit()) TTF_Quit();
  SDL_Quit();
}

/* Whatever has happened is taken in before anything is painted, so that
 * painting never falls behind a fast hand. */
static void wait_for_events(draw_window_state *w, int wait_ms) {
  SDL_Event event;
  int came = wait_ms < 0 ? SDL_WaitEvent(&event)
                         : SDL_WaitEventTimeout(&event, wait_ms);
  while (came && !w->is_closed) {
    window_take_event(w, &event);
    came = SDL_PollEvent(&event);
  }
}

static void run(draw_window_state *w) {
  while (!w->is_closed) {
    int wait_ms = w->calls->tick(w->calls->desk, SDL_GetTicks());
    if (w->is_old || w->version != w->calls->version(w->calls->desk)) {
      window_paint(w);
    }
    wait_for_events(w, wait_ms);
  }
}

MODULE_EXPORT numeral_status draw_window(const draw_window_options *options,
                                         const draw_calls *calls,
                                         numeral_error *error) {
  draw_window_state w = {
      .options = options, .calls = calls, .held = -1, .pointed = -1};
  numeral_status status = open_window(&w, error);
  if (!status) {
    window_arrange(&w);
    run(&w);
  }
  close_window(&w);
  return status;
}
