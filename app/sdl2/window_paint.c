/* window_paint.c: what the window shows: cards on a page, each one thought. */
#include <stdio.h>

#include "app/sdl2/window_parts.h"

static uint32_t colour(const draw_window_state *w, look_role role) {
  return look_colour(w->options->theme, role);
}

/* look.h's pixels as the window's. */
static int pixels(const draw_window_state *w, float length) {
  int px = (int)(length * w->layout.scale + 0.5f);
  return px < 1 ? 1 : px;
}

static text_look style_of(const draw_window_state *w, text_weight weight,
                          float size, look_role role, text_side side) {
  return (text_look){weight, size * w->layout.scale, colour(w, role), side};
}

static SDL_Rect inset(SDL_Rect r, int by) {
  return (SDL_Rect){r.x + by, r.y + by, r.w - 2 * by, r.h - 2 * by};
}

/* ---- Textures ---- */

static void replace_texture(draw_window_state *w, SDL_Texture **texture,
                            int side_px) {
  if (*texture) SDL_DestroyTexture(*texture);
  *texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888,
                               SDL_TEXTUREACCESS_STREAMING, side_px, side_px);
}

void window_arrange(draw_window_state *w) {
  int width, height;
  SDL_GetWindowSize(w->window, &width, &height);
  if (SDL_GetRendererOutputSize(w->renderer, &w->width_px, &w->height_px)) {
    w->width_px = width;
    w->height_px = height;
  }
  w->density_x = width > 0 ? (float)w->width_px / (float)width : 1;
  w->density_y = height > 0 ? (float)w->height_px / (float)height : 1;
  w->calls->arrange(w->calls->desk, w->width_px, w->height_px,
                    w->density_x * w->options->scale, &w->layout);
  replace_texture(w, &w->canvas, w->layout.canvas.width);
  replace_texture(w, &w->seen, NUMERAL_IMAGE_SIDE);
  w->canvas_is_old = w->is_old = true;
}

static void renew_canvas(draw_window_state *w) {
  draw_rect part = w->view.changed;
  void *into;
  int stride;
  if (w->canvas_is_old) {
    part = (draw_rect){0, 0, w->layout.canvas.width, w->layout.canvas.height};
  }
  SDL_Rect locked = shapes_rect(part);
  if (part.width <= 0 || !w->canvas ||
      SDL_LockTexture(w->canvas, &locked, &into, &stride) != 0) {
    return;
  }
  w->calls->paint(w->calls->desk, part, into, (size_t)stride);
  SDL_UnlockTexture(w->canvas);
  w->canvas_is_old = false;
}

static void renew_seen(draw_window_state *w) {
  void *into;
  int stride;
  if (!w->seen || SDL_LockTexture(w->seen, NULL, &into, &stride) != 0) return;
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; y++) {
    uint32_t *row = (uint32_t *)(void *)((char *)into + y * stride);
    for (int x = 0; x < NUMERAL_IMAGE_SIDE; x++) {
      double ink = w->view.seen[y * NUMERAL_IMAGE_SIDE + x] / 255.0;
      row[x] = 0xff000000u |
               look_mix(colour(w, LOOK_PAPER), colour(w, LOOK_TEXT), ink);
    }
  }
  SDL_UnlockTexture(w->seen);
}

/* ---- Cards ---- */

static SDL_Rect paint_card(draw_window_state *w, draw_rect place) {
  SDL_Rect card = shapes_rect(place);
  shapes_card(&w->shapes, card, pixels(w, LOOK_ROUND_PX), pixels(w, 1),
              colour(w, LOOK_LINE), colour(w, LOOK_PAPER));
  return inset(card, pixels(w, LOOK_GAP_PX));
}

/* Takes the caption off the top of `inside`. */
static void paint_caption(draw_window_state *w, const char *words,
                          SDL_Rect *inside) {
  int height = pixels(w, LOOK_SMALL_PX + 4);
  SDL_Rect line = {inside->x, inside->y, inside->w, height};
  text_draw(&w->text, words,
            style_of(w, TEXT_PLAIN, LOOK_SMALL_PX, LOOK_FAINT, TEXT_LEFT),
            line);
  inside->y += height;
  inside->h -= height;
}

/* The pen that keys move: a ring when it is lifted, a disc when it is down. */
static void paint_cursor(draw_window_state *w) {
  const draw_rect *canvas = &w->layout.canvas;
  SDL_Rect clip = shapes_rect(w->layout.canvas_card);
  if (!w->view.cursor_on) return;
  float x = (float)canvas->x + w->view.cursor_x * (float)canvas->width;
  float y = (float)canvas->y + w->view.cursor_y * (float)canvas->height;
  float radius = w->view.pen_radius * (float)canvas->width;
  float least = (float)pixels(w, 5), line = (float)pixels(w, 2);
  if (radius < least) radius = least;
  SDL_RenderSetClipRect(w->renderer, &clip);
  /* paper about it, so that it is seen on ink too */
  shapes_ring(&w->shapes, x, y, radius + 2 * line, 2 * line + 1,
              colour(w, LOOK_PAPER));
  shapes_ring(&w->shapes, x, y, radius + line, w->view.pen_down ? 0 : line,
              colour(w, LOOK_FIRST));
  SDL_RenderSetClipRect(w->renderer, NULL);
}

static void paint_canvas(draw_window_state *w) {
  paint_card(w, w->layout.canvas_card);
  SDL_Rect canvas = shapes_rect(w->layout.canvas);
  if (w->canvas) SDL_RenderCopy(w->renderer, w->canvas, NULL, &canvas);
  if (w->view.is_blank && !w->view.cursor_on) {
    text_draw(&w->text, "Draw a digit here",
              style_of(w, TEXT_PLAIN, LOOK_TITLE_PX, LOOK_FAINT, TEXT_MIDDLE),
              inset(canvas, pixels(w, LOOK_GAP_PX)));
  }
  paint_cursor(w);
}

/* Of a test image the true digit is known. */
static void paint_truth(draw_window_state *w, SDL_Rect line) {
  char words[64];
  bool is_right = w->view.label == w->view.prediction.digit;
  snprintf(words, sizeof words, "it is a %d: %s", w->view.label,
           is_right ? "right" : "wrong");
  text_draw(&w->text, words,
            style_of(w, TEXT_STRONG, LOOK_SMALL_PX,
                     is_right ? LOOK_FIRST : LOOK_WRONG, TEXT_MIDDLE),
            line);
}

static void paint_digit(draw_window_state *w, SDL_Rect inside) {
  char digit[2] = {(char)('0' + w->view.prediction.digit), '\0'};
  char sure[32];
  int line_height = pixels(w, LOOK_SMALL_PX + 4);
  int lines = w->view.label >= 0 ? 2 : 1;
  snprintf(sure, sizeof sure, "%.2f%% sure",
           100 * (double)w->view.prediction.confidence);
  SDL_Rect large = {inside.x, inside.y, inside.w,
                    inside.h - lines * line_height};
  SDL_Rect line = {inside.x, large.y + large.h, inside.w, line_height};
  /* a figure is as high as 0.73 of its font, its line 1.2 of it */
  float size = (float)large.h / 0.9f / w->layout.scale;
  if (size > LOOK_ANSWER_PX) size = LOOK_ANSWER_PX;
  text_draw(&w->text, digit,
            style_of(w, TEXT_STRONG, size, LOOK_TEXT, TEXT_MIDDLE), large);
  text_draw(&w->text, sure,
            style_of(w, TEXT_PLAIN, LOOK_SMALL_PX, LOOK_TEXT, TEXT_MIDDLE),
            line);
  line.y += line_height;
  if (lines == 2) paint_truth(w, line);
}

static void paint_answer(draw_window_state *w) {
  SDL_Rect inside = paint_card(w, w->layout.answer);
  paint_caption(w, "Answer", &inside);
  if (w->view.prediction.digit >= 0) {
    paint_digit(w, inside);
  } else {
    bool blank = w->view.prediction.reason == NUMERAL_REASON_BLANK;
    text_draw(&w->text, blank ? "no digit yet" : "no digit: unsure",
              style_of(w, TEXT_PLAIN, LOOK_TITLE_PX, LOOK_FAINT, TEXT_MIDDLE),
              inside);
  }
}

/* Its pixels are squares of whole pixels, all of one size. */
static void paint_seen(draw_window_state *w) {
  SDL_Rect inside = paint_card(w, w->layout.seen);
  paint_caption(w, "The network sees", &inside);
  int side = inside.w < inside.h ? inside.w : inside.h;
  int cell = side / NUMERAL_IMAGE_SIDE;
  if (cell < 1) cell = 1;
  side = cell * NUMERAL_IMAGE_SIDE;
  SDL_Rect picture = {inside.x + (inside.w - side) / 2,
                      inside.y + (inside.h - side) / 2, side, side};
  shapes_fill(&w->shapes, inset(picture, -pixels(w, 1)), colour(w, LOOK_LINE));
  if (w->seen) SDL_RenderCopy(w->renderer, w->seen, NULL, &picture);
}

/* ---- Bars ---- */

static int runner_up(const numeral_prediction *p) {
  int second = -1;
  for (int i = 0; i < NUMERAL_CLASSES; i++) {
    if (i == p->digit) continue;
    if (second < 0 || p->probabilities[i] > p->probabilities[second]) {
      second = i;
    }
  }
  return second;
}

static void paint_bar(draw_window_state *w, int digit, SDL_Rect row) {
  const numeral_prediction *p = &w->view.prediction;
  double share = (double)p->probabilities[digit];
  bool is_best = p->digit == digit;
  look_role fill = is_best                 ? LOOK_FIRST
                   : runner_up(p) == digit ? LOOK_SECOND
                                           : LOOK_FAINT;
  text_weight weight = is_best ? TEXT_STRONG : TEXT_PLAIN;
  char label[2] = {(char)('0' + digit), '\0'}, number[16];
  int left = pixels(w, 20), right = pixels(w, 80);
  int thick = row.h * 45 / 100, thickest = pixels(w, 14);
  if (thick > thickest) thick = thickest;
  SDL_Rect track = {row.x + left, row.y + (row.h - thick) / 2,
                    row.w - left - right, thick};
  SDL_Rect value = {row.x + row.w - right, row.y, right, row.h};
  SDL_Rect name = {row.x, row.y, left - pixels(w, LOOK_GAP_PX), row.h};
  float size = (float)row.h / w->layout.scale / 1.15f;
  if (size > LOOK_BODY_PX) size = LOOK_BODY_PX;
  text_draw_number(&w->text, label,
                   style_of(w, weight, size, LOOK_TEXT, TEXT_MIDDLE), name);
  shapes_round(&w->shapes, track, thick / 2,
               look_mix(colour(w, LOOK_PAPER), colour(w, LOOK_LINE), 0.6));
  if (p->digit < 0) return;
  snprintf(number, sizeof number, "%.2f%%", 100 * share);
  text_draw_number(
      &w->text, number,
      style_of(w, weight, size, is_best ? LOOK_TEXT : LOOK_FAINT, TEXT_RIGHT),
      value);
  track.w = (int)(track.w * share + 0.5);
  if (track.w > 0) shapes_round(&w->shapes, track, thick / 2, colour(w, fill));
}

static void paint_bars(draw_window_state *w) {
  SDL_Rect inside = paint_card(w, w->layout.bars);
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    int top = inside.y + inside.h * digit / NUMERAL_CLASSES;
    int bottom = inside.y + inside.h * (digit + 1) / NUMERAL_CLASSES;
    paint_bar(w, digit, (SDL_Rect){inside.x, top, inside.w, bottom - top});
  }
}

/* ---- Buttons and the line of words ---- */

/* One size for all, that of the widest word. */
static float word_size(draw_window_state *w) {
  float size = LOOK_SMALL_PX;
  for (int i = 0; i < DRAW_BUTTONS; i++) {
    const draw_button *button = &w->layout.buttons[i];
    float fitting = text_fitting_size(&w->text, button->word, TEXT_PLAIN,
                                      LOOK_SMALL_PX * w->layout.scale,
                                      button->place.width - 2 * pixels(w, 2));
    size = SDL_min(size, fitting / w->layout.scale);
  }
  return size;
}

static void paint_button(draw_window_state *w, int index, float size) {
  const draw_button *button = &w->layout.buttons[index];
  SDL_Rect place = shapes_rect(button->place);
  bool is_on = button->command == DRAW_HEAT && w->view.heat_on;
  bool is_held = w->held == index;
  uint32_t paper = colour(w, LOOK_PAPER), first = colour(w, LOOK_FIRST);
  uint32_t face = is_on ? first : paper;
  if (is_held) {
    face = look_mix(face, first, 0.25);
  } else if (w->pointed == index) {
    face = look_mix(face, colour(w, LOOK_LINE), is_on ? 0.2 : 0.5);
  }
  shapes_card(&w->shapes, place, pixels(w, LOOK_ROUND_PX), pixels(w, 1),
              is_on || is_held ? first : colour(w, LOOK_LINE), face);
  SDL_Rect key = {place.x, place.y + place.h * 8 / 100, place.w,
                  place.h * 48 / 100};
  SDL_Rect word = {place.x + pixels(w, 2), place.y + place.h * 52 / 100,
                   place.w - 2 * pixels(w, 2), place.h * 38 / 100};
  look_role words = is_on ? LOOK_PAPER : LOOK_FAINT;
  text_draw(&w->text, button->key,
            style_of(w, TEXT_STRONG, LOOK_BODY_PX,
                     is_on ? LOOK_PAPER : LOOK_TEXT, TEXT_MIDDLE),
            key);
  text_draw(&w->text, button->word,
            style_of(w, TEXT_PLAIN, size, words, TEXT_MIDDLE), word);
}

static void paint_message(draw_window_state *w) {
  const char *words = w->view.message;
  bool is_empty = *words == '\0';
  if (is_empty) {
    words = "Arrow keys move the pen (Shift: far), space puts it down.";
  }
  text_draw(&w->text, words,
            style_of(w, TEXT_PLAIN, LOOK_SMALL_PX,
                     w->view.message_is_bad ? LOOK_WRONG
                     : is_empty             ? LOOK_FAINT
                                            : LOOK_TEXT,
                     TEXT_LEFT),
            shapes_rect(w->layout.message));
}

void window_paint(draw_window_state *w) {
  w->version = w->calls->version(w->calls->desk);
  w->calls->look(w->calls->desk, &w->view);
  renew_canvas(w);
  renew_seen(w);
  shapes_fill(&w->shapes, (SDL_Rect){0, 0, w->width_px, w->height_px},
              colour(w, LOOK_PAGE));
  paint_canvas(w);
  paint_answer(w);
  paint_seen(w);
  paint_bars(w);
  float size = word_size(w);
  for (int i = 0; i < DRAW_BUTTONS; i++) paint_button(w, i, size);
  paint_message(w);
  SDL_RenderPresent(w->renderer);
  w->is_old = false;
}
