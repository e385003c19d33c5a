/* draw_layout.c: see draw_layout.h. The panel (answer, what is seen, bars) is
 * beside the canvas or below it, whichever leaves the larger canvas. */
#include "app/draw/draw_layout.h"

#include <math.h>

/* Lengths in look.h's pixels. */
enum {
  USUAL_LONGER = 900, /* sides of a window in which they are the screen's */
  USUAL_SHORTER = 640,
  BUTTON_HEIGHT = 46,
  BUTTON_LEAST_WIDTH = 53, /* for a word, and a finger */
  MESSAGE_HEIGHT = 22,
  PANEL_LEAST_WIDTH = 184,
  PANEL_MOST_WIDTH = 440,
  PANEL_LEAST_HEIGHT = 168, /* ten bars */
  PANEL_MOST_HEIGHT = 360,
  CONTENT_MOST_WIDTH = 720 /* of a tall window */
};
enum { CANVAS_MOST_PX = 4096 }; /* numeral_draw_line's */

/* All in the window's pixels. */
typedef struct plan {
  int width, height, gap, margin;
  int canvas; /* side of its card */
  int panel;  /* its width beside the canvas, its height below it */
  int button_height, button_rows, message_height;
  float scale;
} plan;

static int least(int a, int b) { return a < b ? a : b; }
static int most(int a, int b) { return a > b ? a : b; }

static int pixels(const plan *p, float length) {
  return (int)lroundf(length * p->scale);
}

static float choose_scale(int width_px, int height_px, float density) {
  float longer = (float)most(width_px, height_px) / density;
  float shorter = (float)least(width_px, height_px) / density;
  float size = fminf(longer / USUAL_LONGER, shorter / USUAL_SHORTER);
  /* half as fast as the window; words stay legible as long as they can */
  if (size > 1) return density * (1 + (size - 1) / 2);
  if (size > 0.5f) return density * fmaxf(size, 0.85f);
  return density * fmaxf(size * 1.7f, 0.5f);
}

static plan start_plan(int width_px, int height_px, float density) {
  plan p = {.width = most(width_px, 1), .height = most(height_px, 1)};
  p.scale = choose_scale(p.width, p.height, density > 0 ? density : 1);
  p.gap = pixels(&p, LOOK_GAP_PX);
  bool is_small = least(p.width, p.height) < pixels(&p, 560);
  p.margin = is_small ? p.gap : 2 * p.gap;
  p.button_height = pixels(&p, BUTTON_HEIGHT);
  p.message_height = pixels(&p, MESSAGE_HEIGHT);
  int fitting = (p.width - 2 * p.margin + p.gap) /
                (pixels(&p, BUTTON_LEAST_WIDTH) + p.gap / 2);
  p.button_rows = fitting >= DRAW_BUTTONS ? 1 : 2;
  return p;
}

/* What is not canvas or panel, from the upper edge to the lower. */
static int height_of_rest(const plan *p) {
  return 2 * p->margin + p->button_rows * (p->button_height + p->gap / 2) +
         p->gap + p->message_height;
}

/* A panel takes what the canvas cannot use, up to a limit. */
static int spread(int panel, int room, int limit) {
  return most(panel, least(room, limit));
}

static void plan_wide(plan *p) {
  int room = p->width - 2 * p->margin - p->gap;
  p->panel = least(most(room * 38 / 100, pixels(p, PANEL_LEAST_WIDTH)),
                   pixels(p, PANEL_MOST_WIDTH));
  p->canvas = least(room - p->panel, p->height - height_of_rest(p));
  p->panel = spread(p->panel, room - p->canvas, pixels(p, PANEL_MOST_WIDTH));
}

static void plan_tall(plan *p) {
  int room = p->height - height_of_rest(p) - p->gap;
  p->panel = least(most(room * 34 / 100, pixels(p, PANEL_LEAST_HEIGHT)),
                   pixels(p, PANEL_MOST_HEIGHT));
  p->canvas = least(p->width - 2 * p->margin, room - p->panel);
  p->panel = spread(p->panel, room - p->canvas, pixels(p, PANEL_MOST_HEIGHT));
}

static draw_rect inset(draw_rect r, int by) {
  return (draw_rect){r.x + by, r.y + by, most(r.width - 2 * by, 1),
                     most(r.height - 2 * by, 1)};
}

/* Answer and picture side by side, bars below. */
static void place_panel_beside(const plan *p, draw_rect panel, draw_layout *l) {
  int bars_least =
      least(pixels(p, PANEL_LEAST_HEIGHT), panel.height * 60 / 100);
  int top = least((panel.width - p->gap) / 2 + pixels(p, 18),
                  panel.height - p->gap - bars_least);
  top = most(top, 1);
  int seen = least((panel.width - p->gap) / 2, top);
  l->answer = (draw_rect){panel.x, panel.y, panel.width - p->gap - seen, top};
  l->seen = (draw_rect){panel.x + panel.width - seen, panel.y, seen, top};
  l->bars = (draw_rect){panel.x, panel.y + top + p->gap, panel.width,
                        most(panel.height - top - p->gap, 1)};
}

/* Answer over the picture, bars to the right of both. */
static void place_panel_below(const plan *p, draw_rect panel, draw_layout *l) {
  int half = (panel.height - p->gap) / 2;
  int left = least(most(panel.width * 34 / 100, pixels(p, 96)),
                   most(half * 3 / 2, pixels(p, 96)));
  l->answer = (draw_rect){panel.x, panel.y, left, most(half, 1)};
  l->seen = (draw_rect){panel.x, panel.y + half + p->gap, left,
                        most(panel.height - half - p->gap, 1)};
  l->bars = (draw_rect){panel.x + left + p->gap, panel.y,
                        most(panel.width - left - p->gap, 1), panel.height};
}

static void place_buttons(const plan *p, draw_rect bar, draw_layout *l) {
  static const draw_button buttons[DRAW_BUTTONS] = {
      {.command = DRAW_PREDICT, .key = "p", .word = "Predict"},
      {.command = DRAW_UNDO, .key = "u", .word = "Undo"},
      {.command = DRAW_CLEAR, .key = "c", .word = "Clear"},
      {.command = DRAW_SAVE, .key = "s", .word = "Save"},
      {.command = DRAW_RANDOM, .key = "r", .word = "Random"},
      {.command = DRAW_HEAT, .key = "e", .word = "Heat"},
      {.command = DRAW_THINNER, .key = "\xe2\x88\x92", .word = "Thin"},
      {.command = DRAW_THICKER, .key = "+", .word = "Thick"},
      {.command = DRAW_QUIT, .key = "q", .word = "Quit"}};
  int columns = (DRAW_BUTTONS + p->button_rows - 1) / p->button_rows;
  int step = p->gap / 2;
  for (int i = 0; i < DRAW_BUTTONS; i++) {
    int row = i / columns, column = i % columns;
    int here =
        row == p->button_rows - 1 ? DRAW_BUTTONS - row * columns : columns;
    int from = bar.x + (bar.width + step) * column / here;
    int to = bar.x + (bar.width + step) * (column + 1) / here - step;
    l->buttons[i] = buttons[i];
    l->buttons[i].place =
        (draw_rect){from, bar.y + row * (p->button_height + step),
                    most(to - from, 1), p->button_height};
  }
}

static void place_wide(const plan *p, draw_layout *l) {
  int width = p->canvas + p->gap + p->panel;
  int height = height_of_rest(p) + p->canvas;
  int x = (p->width - width) / 2, y = (p->height - height) / 2 + p->margin;
  l->canvas_card = (draw_rect){x, y, p->canvas, p->canvas};
  place_panel_beside(
      p, (draw_rect){x + p->canvas + p->gap, y, p->panel, p->canvas}, l);
  int below = y + p->canvas + p->gap;
  place_buttons(p, (draw_rect){x, below, width, p->button_height}, l);
  below += p->button_rows * (p->button_height + p->gap / 2);
  l->message = (draw_rect){x, below, width, p->message_height};
}

static void place_tall(const plan *p, draw_layout *l) {
  int height = height_of_rest(p) + p->canvas + p->gap + p->panel;
  int width = least(p->width - 2 * p->margin,
                    most(p->canvas, pixels(p, CONTENT_MOST_WIDTH)));
  int x = (p->width - width) / 2, y = (p->height - height) / 2 + p->margin;
  l->canvas_card =
      (draw_rect){(p->width - p->canvas) / 2, y, p->canvas, p->canvas};
  y += p->canvas + p->gap;
  place_buttons(p, (draw_rect){x, y, width, p->button_height}, l);
  y += p->button_rows * (p->button_height + p->gap / 2);
  l->message = (draw_rect){x, y, width, p->message_height};
  y += p->message_height + p->gap;
  place_panel_below(p, (draw_rect){x, y, width, p->panel}, l);
}

void draw_layout_make(int width_px, int height_px, float density,
                      draw_layout *layout) {
  plan wide = start_plan(width_px, height_px, density), tall = wide;
  *layout = (draw_layout){.scale = wide.scale};
  plan_wide(&wide);
  plan_tall(&tall);
  wide.canvas = least(most(wide.canvas, 2 * wide.gap), CANVAS_MOST_PX);
  tall.canvas = least(most(tall.canvas, 2 * tall.gap), CANVAS_MOST_PX);
  if (wide.canvas >= tall.canvas) {
    place_wide(&wide, layout);
  } else {
    place_tall(&tall, layout);
  }
  layout->canvas = inset(layout->canvas_card, wide.gap / 2);
}
