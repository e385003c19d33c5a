/* explain_panels.c: see explain_panels.h. */
#include "app/explain/explain_panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/text_format.h"
#include "formats/format_fail.h"

static void frame(board *b, float x, float y, float width, float height,
                  look_role role) {
  board_item *box = board_box(b, x - 0.5f, y - 0.5f, width + 1, height + 1,
                              board_colour(b, role));
  if (box != NULL) box->line = 1;
}

/* ---- The picture as given
 * ----------------------------------------------------- */

/* A pixel on white paper: that is also what the network is shown. */
static void add_pixel(const numeral_raster *r, int x, int y, double sum[3]) {
  const uint8_t *p =
      r->pixels + (size_t)y * r->stride_bytes + (size_t)(x * r->channels);
  bool grey = r->channels < 3;
  double opaque = r->channels % 2 == 0 ? p[r->channels - 1] / 255.0 : 1;
  for (int i = 0; i < 3; ++i) sum[i] += 255 - (255 - p[grey ? 0 : i]) * opaque;
}

/* The mean of a square of pixels, as far as it lies in the picture. */
static uint32_t mean_colour(const numeral_raster *r, int left, int top,
                            int side) {
  int right = left + side < r->width_px ? left + side : r->width_px;
  int bottom = top + side < r->height_px ? top + side : r->height_px;
  double sum[3] = {0, 0, 0}, count = (double)(right - left) * (bottom - top);
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) add_pixel(r, x, y, sum);
  uint32_t colour = 0;
  for (int i = 0; i < 3; ++i)
    colour = colour << 8 | (uint32_t)lrint(sum[i] / count);
  return colour;
}

/* A photo has more pixels than are drawn: they are taken together first. */
static uint32_t *shrink(const numeral_raster *r, int square, int columns,
                        int rows) {
  uint32_t *pixels = malloc((size_t)columns * (size_t)rows * sizeof *pixels);
  for (int i = 0; pixels != NULL && i < columns * rows; ++i) {
    pixels[i] =
        mean_colour(r, i % columns * square, i / columns * square, square);
  }
  return pixels;
}

numeral_status panel_given(board *b, const explanation *e, float x, float y,
                           float side, numeral_error *error) {
  const numeral_raster *r = &e->picture.raster;
  int longest = r->width_px > r->height_px ? r->width_px : r->height_px;
  int drawn = (int)(side * b->scale);
  int square = (longest + drawn - 1) / drawn;
  int columns = (r->width_px + square - 1) / square;
  int rows = (r->height_px + square - 1) / square;
  uint32_t *pixels = shrink(r, square, columns, rows);
  if (pixels == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory to show %.300s itself", e->name);
  }
  float scale = side / (float)(columns > rows ? columns : rows);
  float width = scale * (float)columns, height = scale * (float)rows;
  float left = x + (side - width) / 2, top = y + (side - height) / 2;
  board_map(b, left, top, width, height, pixels, columns, rows, square > 1);
  frame(b, left, top, width, height, LOOK_LINE);
  free(pixels);
  return NUMERAL_OK;
}

/* ---- Probabilities
 * ------------------------------------------------------------ */

void panel_bars(board *b, const explanation *e, float x, float y, float width) {
  enum {
    ROW = PANEL_BARS_PX / NUMERAL_CLASSES,
    BAR = 14,
    DIGIT = 24,
    TEXT = 76
  };
  float room = width - DIGIT - TEXT;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    float top = y + (float)(i * ROW), base = top + 17;
    bool answer = i == e->digit, other = i == e->explained[1];
    double share = (double)e->probabilities[i];
    look_role role = answer ? LOOK_FIRST : other ? LOOK_SECOND : LOOK_FAINT;
    board_item *digit =
        board_text(b, x, base, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT, "%d", i);
    board_item *text = board_text(b, x + width, base, LOOK_SMALL_PX + 1,
                                  BOARD_RIGHT, answer ? LOOK_TEXT : LOOK_FAINT,
                                  "%s", text_percent(share).text);
    if (digit != NULL) digit->bold = answer;
    if (text != NULL) text->bold = answer;
    board_box(b, x + DIGIT, top + 5, room, BAR, board_colour(b, LOOK_LINE));
    board_box(b, x + DIGIT, top + 5, room * (float)share, BAR,
              board_colour(b, role));
  }
}

/* ---- Heat
 * --------------------------------------------------------------------- */

void panel_legend(board *b, float x, float y, float width) {
  enum { STEPS = 128 };
  uint32_t pixels[STEPS];
  for (int i = 0; i < STEPS; ++i)
    pixels[i] = look_warm_ink(b->theme, 0, i / (STEPS - 1.0));
  board_map(b, x, y, width, PANEL_LEGEND_PX, pixels, STEPS, 1, true);
  frame(b, x, y, width, PANEL_LEGEND_PX, LOOK_LINE);
}

/* ---- Nearest training digits
 * -------------------------------------------------- */

float panel_nearest(board *b, const explanation *e, float x, float y,
                    float width, int columns) {
  enum { GAP = 2 * LOOK_GAP_PX, TEXT = 44 };
  float pitch = (width + GAP) / (float)columns, side = pitch - GAP;
  int count = (int)e->near.count, rows = (count + columns - 1) / columns;
  for (int i = 0; i < count; ++i) {
    const neighbour *n = &e->near.nearest[i];
    float left = x + (float)(i % columns) * pitch;
    float top = y + (float)(i / columns) * (side + TEXT + GAP);
    board_digit(b, left, top, side, n->pixels);
    if (n->label != e->digit)
      frame(b, left - 1, top - 1, side + 2, side + 2, LOOK_SECOND);
    board_bold(b, left, top + side + 18, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT,
               "%d", n->label);
    board_text(b, left + side, top + side + 18, LOOK_SMALL_PX, BOARD_RIGHT,
               LOOK_FAINT, "%.2f", (double)n->distance);
    board_text(b, left, top + side + 36, LOOK_SMALL_PX, BOARD_LEFT, LOOK_FAINT,
               "image %s", text_count(n->index).text);
  }
  return (float)rows * (side + TEXT + GAP) - GAP;
}

/* ---- Layers
 * ------------------------------------------------------------------- */

typedef struct value_range {
  float low, high;
} value_range;

static float value_at(const numeral_maps *m, int pixel, int channel) {
  return m->values[(size_t)pixel * (size_t)m->pitch + (size_t)channel];
}

static value_range widen(value_range range, float value) {
  return (value_range){value < range.low ? value : range.low,
                       value > range.high ? value : range.high};
}

/* Paper is 0, where nothing is below it. */
static uint32_t shade(const board *b, value_range range, float value) {
  float span = range.high - range.low;
  return look_mix(board_colour(b, LOOK_PAPER), board_colour(b, LOOK_FIRST),
                  span > 0 ? (double)((value - range.low) / span) : 0);
}

static void draw_map(board *b, const numeral_maps *m, int channel, float x,
                     float y, float side) {
  int count = m->height * m->width;
  uint32_t *pixels = malloc((size_t)count * sizeof *pixels);
  value_range range = {0, 0};
  if (pixels == NULL) {
    b->refused = true;
    return;
  }
  for (int i = 0; i < count; ++i) range = widen(range, value_at(m, i, channel));
  for (int i = 0; i < count; ++i)
    pixels[i] = shade(b, range, value_at(m, i, channel));
  board_map(b, x, y, side, side, pixels, m->width, m->height, false);
  frame(b, x, y, side, side, LOOK_LINE);
  free(pixels);
}

static float draw_maps(board *b, const numeral_maps *m, float x, float y,
                       float width, int columns) {
  enum { GAP = 4 };
  int shown = m->channels < PANEL_MAPS_MAX ? m->channels : PANEL_MAPS_MAX;
  float pitch = (width + GAP) / (float)columns;
  for (int i = 0; i < shown; ++i) {
    draw_map(b, m, i, x + (float)(i % columns) * pitch,
             y + (float)(i / columns) * pitch, pitch - GAP);
  }
  return (float)((shown + columns - 1) / columns) * pitch - GAP;
}

/* Numbers share one range: they are compared with each other. */
static float draw_values(board *b, const numeral_maps *m, float x, float y,
                         float width, int columns, bool digits) {
  int shown = m->channels < PANEL_VALUES_MAX ? m->channels : PANEL_VALUES_MAX;
  float pitch = width / (float)columns, text = digits ? 40 : 0;
  int rows = (shown + columns - 1) / columns;
  value_range range = {0, 0};
  for (int i = 0; i < m->channels; ++i) range = widen(range, value_at(m, 0, i));
  for (int i = 0; i < shown; ++i) {
    float left = x + (float)(i % columns) * pitch;
    float top = y + (float)(i / columns) * pitch, value = value_at(m, 0, i);
    board_box(b, left, top, pitch, pitch, shade(b, range, value));
    frame(b, left, top, pitch, pitch, LOOK_LINE);
    if (!digits) continue;
    board_text(b, left + pitch / 2, top + pitch + 18, LOOK_BODY_PX,
               BOARD_CENTRE, LOOK_TEXT, "%d", i);
    board_text(b, left + pitch / 2, top + pitch + 36, LOOK_SMALL_PX,
               BOARD_CENTRE, LOOK_FAINT, "%.*f", fabsf(value) < 9.95f,
               (double)value);
  }
  return (float)rows * pitch + text;
}

float panel_layer(board *b, const explanation *e, size_t index, float x,
                  float y, float width, int columns) {
  enum { LAST_PX = 320 };
  numeral_maps m = numeral_explainer_layer(e->explainer, index);
  if (index + 1 == e->layer_count) {
    float room = width < LAST_PX ? width : LAST_PX;
    return draw_values(b, &m, x, y, room, NUMERAL_CLASSES, true);
  }
  if (m.height * m.width > 1) return draw_maps(b, &m, x, y, width, columns);
  return draw_values(b, &m, x, y, width, columns * PANEL_VALUES_A_MAP, false);
}

void panel_layer_caption(const explanation *e, size_t index,
                         char text[BOARD_TEXT_BYTES]) {
  numeral_maps m = numeral_explainer_layer(e->explainer, index);
  bool maps = m.height * m.width > 1;
  int most = maps ? PANEL_MAPS_MAX : PANEL_VALUES_MAX;
  char part[16] = "", size[32] = "";
  const char *more = "";
  if (!explanation_layer_is_seen(e, index)) {
    snprintf(text, BOARD_TEXT_BYTES, "the same as what goes into it");
    return;
  }
  if (index + 1 == e->layer_count) {
    more = "; softmax makes probabilities of them";
  } else if (m.channels > most) {
    snprintf(part, sizeof part, "%d of ", most);
  }
  if (maps) snprintf(size, sizeof size, " of %d x %d", m.height, m.width);
  snprintf(text, BOARD_TEXT_BYTES, "%s%s %s%s%s", part,
           text_count((uint64_t)m.channels).text, maps ? "maps" : "numbers",
           size, more);
}

/* ---- Words
 * -------------------------------------------------------------------- */

float panel_words(board *b, float x, float y, int columns, const char *text) {
  enum { LINE = 20 };
  float height = 0;
  while (*text != '\0') {
    int length = (int)strlen(text);
    if (length > columns) {
      for (length = columns; length > 0 && text[length] != ' ';) --length;
      if (length == 0) length = columns;
    }
    board_text(b, x, y + height + LOOK_BODY_PX, LOOK_SMALL_PX + 1, BOARD_LEFT,
               LOOK_FAINT, "%.*s", length, text);
    height += LINE;
    text += length;
    while (*text == ' ') ++text;
  }
  return height;
}
