/* sketch.c: see sketch.h. What was done is a list of steps: a stroke, or new
 * paper (blank or with a test image on it). What is drawn are the steps from
 * the last paper on, so undoing is to take away the last step. */
#include "app/draw/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/draw/ink_pen.h"

typedef struct sketch_step {
  size_t first, count; /* of points; paper has none */
  float radius;        /* 0: new paper */
  data_image *image;   /* on the paper, or NULL */
} sketch_step;

struct sketch {
  ink_point *points;
  sketch_step *steps; /* steps[0] is blank paper */
  size_t point_count, step_count, point_room, step_room;
  size_t paper; /* the last step that is paper */
  bool pen_is_down;
  ink_pen pen;
  ink_raster reading, showing;
  draw_rect changed;
};

/* ---- Memory ---- */

/* Room for one more of the items; false: no memory, and it is as it was. */
static bool reserve(void **items, size_t *room, size_t count,
                    size_t item_bytes) {
  if (count < *room) return true;
  size_t wanted = *room ? *room * 2 : 64;
  void *grown = realloc(*items, wanted * item_bytes);
  if (!grown) return false;
  *items = grown;
  *room = wanted;
  return true;
}

static bool add_step(sketch *s, sketch_step step) {
  void *steps = s->steps;
  bool has_room =
      reserve(&steps, &s->step_room, s->step_count, sizeof *s->steps);
  s->steps = steps;
  if (!has_room) return false;
  step.first = s->point_count;
  s->steps[s->step_count++] = step;
  return true;
}

static bool add_point(sketch *s, const ink_point *point) {
  void *points = s->points;
  bool has_room =
      reserve(&points, &s->point_room, s->point_count, sizeof *s->points);
  s->points = points;
  if (!has_room) return false;
  s->points[s->point_count++] = *point;
  s->steps[s->step_count - 1].count++;
  return true;
}

static void drop_step(sketch *s) {
  const sketch_step *last = &s->steps[--s->step_count];
  s->point_count = last->first;
  free(last->image);
}

sketch *sketch_create(void) {
  sketch *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->reading.side_px = SKETCH_READ_PX;
  s->reading.pixels = calloc(SKETCH_READ_PX, SKETCH_READ_PX);
  if (!s->reading.pixels || !add_step(s, (sketch_step){0})) {
    sketch_destroy(s);
    return NULL;
  }
  return s;
}

void sketch_destroy(sketch *s) {
  if (!s) return;
  while (s->step_count > 0) drop_step(s);
  free(s->points);
  free(s->steps);
  free(s->reading.pixels);
  free(s->showing.pixels);
  free(s);
}

/* ---- Drawing ---- */

static void draw_dots(ink_raster *raster, const numeral_dot *dots, int count) {
  numeral_dot scaled[INK_PEN_DOTS];
  float side = (float)raster->side_px;
  if (raster->side_px == 0) return;
  for (int i = 0; i < count; i++) {
    scaled[i] = (numeral_dot){dots[i].x * side, dots[i].y * side,
                              dots[i].radius * side};
  }
  numeral_draw_line(scaled, (size_t)count, raster->side_px, raster->pixels,
                    NULL);
}

/* Keys' cubic convolution (1981), between the four pixels about `at`. */
static float cubic(const float *p, float t) {
  return p[1] + t / 2 *
                    (p[2] - p[0] +
                     t * (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3] +
                          t * (3 * (p[1] - p[2]) + p[3] - p[0])));
}

static float pixel_of(const data_image *image, int x, int y) {
  bool inside =
      x >= 0 && y >= 0 && x < NUMERAL_IMAGE_SIDE && y < NUMERAL_IMAGE_SIDE;
  return inside ? image->pixels[y * NUMERAL_IMAGE_SIDE + x] : 0;
}

static float image_at(const data_image *image, float x, float y) {
  float rows[4], pixels[4];
  int left = (int)floorf(x - 0.5f), top = (int)floorf(y - 0.5f);
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 4; i++) {
      pixels[i] = pixel_of(image, left + i - 1, top + j - 1);
    }
    rows[j] = cubic(pixels, x - 0.5f - (float)left);
  }
  return fminf(fmaxf(cubic(rows, y - 0.5f - (float)top), 0), 255);
}

/* Fills the whole raster with the image, smooth between its pixels. */
static void draw_image(ink_raster *raster, const data_image *image) {
  float scale = (float)NUMERAL_IMAGE_SIDE / (float)raster->side_px;
  for (int y = 0; y < raster->side_px; y++) {
    uint8_t *row = raster->pixels + (size_t)y * (size_t)raster->side_px;
    for (int x = 0; x < raster->side_px; x++) {
      row[x] = (uint8_t)(image_at(image, ((float)x + 0.5f) * scale,
                                  ((float)y + 0.5f) * scale) +
                         0.5f);
    }
  }
}

static void draw_stroke(const sketch *s, const sketch_step *step,
                        bool is_finished, ink_raster *raster) {
  numeral_dot dots[INK_PEN_DOTS];
  ink_pen pen;
  const ink_point *points = s->points + step->first;
  int count = ink_pen_start(&pen, points, step->radius, dots);
  draw_dots(raster, dots, count);
  for (size_t i = 1; i < step->count; i++) {
    count = ink_pen_move(&pen, &points[i], dots);
    draw_dots(raster, dots, count);
  }
  if (!is_finished) return;
  count = ink_pen_finish(&pen, dots);
  draw_dots(raster, dots, count);
}

void sketch_render(const sketch *s, ink_raster *raster) {
  if (raster->side_px == 0) return;
  memset(raster->pixels, 0, (size_t)raster->side_px * (size_t)raster->side_px);
  const sketch_step *paper = &s->steps[s->paper];
  if (paper->image) draw_image(raster, paper->image);
  for (size_t i = s->paper + 1; i < s->step_count; i++) {
    bool is_open = s->pen_is_down && i == s->step_count - 1;
    draw_stroke(s, &s->steps[i], !is_open, raster);
  }
}

/* ---- What is new ---- */

static void mark_all(sketch *s) {
  s->changed = (draw_rect){0, 0, s->showing.side_px, s->showing.side_px};
}

static void add_rect(draw_rect *to, draw_rect more) {
  if (more.width <= 0 || more.height <= 0) return;
  if (to->width == 0) {
    *to = more;
    return;
  }
  int right = to->x + to->width, bottom = to->y + to->height;
  if (more.x + more.width > right) right = more.x + more.width;
  if (more.y + more.height > bottom) bottom = more.y + more.height;
  if (more.x < to->x) to->x = more.x;
  if (more.y < to->y) to->y = more.y;
  to->width = right - to->x;
  to->height = bottom - to->y;
}

static int clamp_pixel(float at, int side) {
  return at <= 0 ? 0 : at >= (float)side ? side : (int)at;
}

static void mark_dots(sketch *s, const numeral_dot *dots, int count) {
  int side = s->showing.side_px;
  float size = (float)side;
  for (int i = 0; i < count; i++) {
    float reach = dots[i].radius * size + 2;
    float x = dots[i].x * size, y = dots[i].y * size;
    int left = clamp_pixel(x - reach, side), top = clamp_pixel(y - reach, side);
    int right = clamp_pixel(x + reach + 1, side);
    int bottom = clamp_pixel(y + reach + 1, side);
    add_rect(&s->changed, (draw_rect){left, top, right - left, bottom - top});
  }
}

draw_rect sketch_take_changed(sketch *s) {
  draw_rect changed = s->changed;
  s->changed = (draw_rect){0};
  return changed;
}

static void add_ink(sketch *s, const numeral_dot *dots, int count) {
  draw_dots(&s->reading, dots, count);
  draw_dots(&s->showing, dots, count);
  mark_dots(s, dots, count);
}

static void render_both(sketch *s) {
  sketch_render(s, &s->reading);
  sketch_render(s, &s->showing);
  mark_all(s);
}

/* ---- Strokes ---- */

bool sketch_down(sketch *s, const ink_point *point, float radius) {
  numeral_dot dots[INK_PEN_DOTS];
  if (s->step_count >= SKETCH_STEPS_MAX ||
      s->point_count >= SKETCH_POINTS_MAX ||
      !add_step(s, (sketch_step){.radius = radius})) {
    return false;
  }
  if (!add_point(s, point)) {
    drop_step(s);
    return false;
  }
  s->pen_is_down = true;
  int count = ink_pen_start(&s->pen, point, radius, dots);
  add_ink(s, dots, count);
  return true;
}

bool sketch_move(sketch *s, const ink_point *point) {
  numeral_dot dots[INK_PEN_DOTS];
  if (s->point_count >= SKETCH_POINTS_MAX || !add_point(s, point)) return false;
  int count = ink_pen_move(&s->pen, point, dots);
  add_ink(s, dots, count);
  return true;
}

void sketch_up(sketch *s) {
  numeral_dot dots[INK_PEN_DOTS];
  int count = ink_pen_finish(&s->pen, dots);
  add_ink(s, dots, count);
  s->pen_is_down = false;
}

bool sketch_pen_is_down(const sketch *s) { return s->pen_is_down; }

/* ---- Steps ---- */

bool sketch_undo(sketch *s) {
  if (!sketch_can_undo(s)) return false;
  drop_step(s);
  s->paper = s->step_count - 1;
  while (s->steps[s->paper].radius > 0) s->paper--;
  render_both(s);
  return true;
}

/* Where much is remembered, it is forgotten with the old paper. */
static void forget_if_full(sketch *s) {
  if (s->point_count < SKETCH_POINTS_MAX / 2 &&
      s->step_count < SKETCH_STEPS_MAX / 2) {
    return;
  }
  while (s->step_count > 0) drop_step(s);
}

static bool new_paper(sketch *s, data_image *image) {
  forget_if_full(s);
  if (!add_step(s, (sketch_step){.image = image})) {
    free(image);
    return false;
  }
  s->paper = s->step_count - 1;
  render_both(s);
  return true;
}

bool sketch_clear(sketch *s) {
  return !sketch_is_blank(s) && new_paper(s, NULL);
}

bool sketch_put(sketch *s, const data_image *image) {
  data_image *kept = malloc(sizeof *kept);
  if (!kept) return false;
  *kept = *image;
  return new_paper(s, kept);
}

const data_image *sketch_image(const sketch *s) {
  return s->steps[s->paper].image;
}

bool sketch_is_blank(const sketch *s) {
  return !sketch_image(s) && sketch_stroke_count(s) == 0;
}

bool sketch_can_undo(const sketch *s) { return s->step_count > 1; }

size_t sketch_stroke_count(const sketch *s) {
  return s->step_count - 1 - s->paper;
}

const ink_raster *sketch_reading(const sketch *s) { return &s->reading; }
const ink_raster *sketch_showing(const sketch *s) { return &s->showing; }

bool sketch_resize(sketch *s, int side_px) {
  if (side_px == s->showing.side_px) return true;
  ink_raster larger = {calloc((size_t)side_px + 1, (size_t)side_px), side_px};
  if (side_px > 0 && !larger.pixels) return false;
  free(s->showing.pixels);
  s->showing = larger;
  sketch_render(s, &s->showing);
  mark_all(s);
  return true;
}
