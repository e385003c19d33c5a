/* explain_poster.c: see explain_poster.h. */
#include "app/explain/explain_poster.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/explain/explain_panels.h"
#include "app/text_format.h"

enum {
  WIDTH = 1120,
  MARGIN = 3 * LOOK_GAP_PX,
  INNER = WIDTH - 2 * MARGIN,
  GAP = 4 * LOOK_GAP_PX, /* between parts */
  SIDE = PANEL_BARS_PX,  /* of pictures */
  HEAT_SIDE = 280,       /* whole pixels of the file for one of the image */
  TITLE = 4 * LOOK_GAP_PX,
  MAP_COLUMNS = 16,
  NEAR_COLUMNS = 8,
  HEIGHT_MAX = 8000, /* a picture of it takes 200 MB */
  SCALE = 2
};

typedef struct poster {
  board *b;
  const explanation *e;
  float y; /* what is above is laid out */
} poster;

static void title(poster *p, float x, const char *text, const char *more) {
  board_bold(p->b, x, p->y + 16, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT, "%s",
             text);
  if (more != NULL)
    board_text(p->b, MARGIN + INNER, p->y + 16, LOOK_SMALL_PX, BOARD_RIGHT,
               LOOK_FAINT, "%s", more);
}

/* ---- The answer
 * --------------------------------------------------------------- */

enum { NAME_BYTES = 80 };

/* The end of a long path says more than its beginning. */
static void shorten(const char *name, size_t most, char text[NAME_BYTES]) {
  size_t length = strlen(name);
  bool whole = length <= most;
  snprintf(text, NAME_BYTES, "%s%.72s", whole ? "" : "\u2026",
           whole ? name : name + length - most);
}

static void lay_out_name(poster *p, float x) {
  const explanation *e = p->e;
  char name[NAME_BYTES], label[32] = "";
  shorten(e->name, 72, name);
  if (e->label >= 0) snprintf(label, sizeof label, ", labelled %d", e->label);
  board_text(p->b, x, p->y + 46, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT, "%s%s",
             name, label);
}

static void lay_out_model(poster *p, float x) {
  enum { BOTH = 114 }; /* bytes that a text has left */
  const char *spec = numeral_model_get_info(p->e->model).spec;
  char name[NAME_BYTES];
  shorten(p->e->model_name, 32, name);
  int room = BOTH - (int)strlen(name);
  board_text(p->b, x, p->y + 70, LOOK_SMALL_PX, BOARD_LEFT, LOOK_FAINT,
             "model %s: %.*s%s", name, room, spec,
             (int)strlen(spec) > room ? "\u2026" : "");
}

static void lay_out_answer(poster *p) {
  const explanation *e = p->e;
  float x = MARGIN + 88;
  board_bold(p->b, MARGIN, p->y + 72, LOOK_ANSWER_PX, BOARD_LEFT, LOOK_FIRST,
             "%d", e->digit);
  board_bold(p->b, x, p->y + 20, LOOK_TITLE_PX, BOARD_LEFT, LOOK_TEXT,
             "Read as %d (%s); the runner-up is %d (%s)", e->digit,
             text_percent((double)e->probabilities[e->digit]).text,
             e->runner_up,
             text_percent((double)e->probabilities[e->runner_up]).text);
  lay_out_name(p, x);
  lay_out_model(p, x);
  p->y += 80 + GAP;
}

static numeral_status lay_out_sight(poster *p, numeral_error *error) {
  float x = MARGIN;
  numeral_status status = NUMERAL_OK;
  if (p->e->picture.pixels != NULL) {
    title(p, x, "As given", NULL);
    status = panel_given(p->b, p->e, x, p->y + TITLE, SIDE, error);
    x += SIDE + GAP;
  }
  title(p, x, "As the network saw it, 28 x 28", NULL);
  board_digit(p->b, x, p->y + TITLE, SIDE, p->e->pixels);
  x += SIDE + GAP;
  title(p, x, "Probabilities", NULL);
  panel_bars(p->b, p->e, x, p->y + TITLE, MARGIN + INNER - x);
  p->y += TITLE + SIDE + GAP;
  return status;
}

/* ---- Why
 * ---------------------------------------------------------------------- */

static void lay_out_heat(poster *p) {
  enum { COLUMNS = 62 };
  const explanation *e = p->e;
  float x = MARGIN;
  char text[METHOD_BYTES];
  for (int i = 0; i < EXPLAINED_DIGITS; ++i) {
    snprintf(text, sizeof text, "What speaks for %d, %s", e->explained[i],
             explanation_role(e, i));
    title(p, x, text, NULL);
    board_heat(p->b, x, p->y + TITLE, HEAT_SIDE, e->pixels, e->heat[i]);
    if (!explanation_has_heat(e, i))
      board_text(p->b, x + HEAT_SIDE / 2.0f, p->y + TITLE + 24, LOOK_BODY_PX,
                 BOARD_CENTRE, LOOK_WRONG, "nothing does");
    x += HEAT_SIDE + GAP;
  }
  title(p, x, "How to read the heat", NULL);
  panel_legend(p->b, x, p->y + TITLE, MARGIN + INNER - x);
  board_text(p->b, x, p->y + TITLE + 30, LOOK_SMALL_PX, BOARD_LEFT, LOOK_FAINT,
             "no evidence");
  board_text(p->b, MARGIN + INNER, p->y + TITLE + 30, LOOK_SMALL_PX,
             BOARD_RIGHT, LOOK_FAINT, "most evidence");
  explanation_describe(e, text);
  panel_words(p->b, x, p->y + TITLE + 48, COLUMNS, text);
  p->y += TITLE + HEAT_SIDE + GAP;
}

static void lay_out_nearest(poster *p) {
  char text[BOARD_TEXT_BYTES], set[NAME_BYTES];
  if (p->e->near.count == 0) return;
  shorten(p->e->near.set, 60, set);
  snprintf(text, sizeof text, "in %s: label, distance, place", set);
  title(p, MARGIN, "Nearest training digits, by what the last layer sees",
        text);
  p->y += TITLE;
  p->y += panel_nearest(p->b, p->e, MARGIN, p->y, INNER, NEAR_COLUMNS) + GAP;
}

/* ---- Layers
 * ------------------------------------------------------------------- */

static void lay_out_layer(poster *p, size_t index) {
  numeral_layer_info layer = numeral_model_layer(p->e->model, index);
  char name[128], caption[BOARD_TEXT_BYTES];
  snprintf(name, sizeof name, "%zu  %s", index, layer.text);
  panel_layer_caption(p->e, index, caption);
  board_bold(p->b, MARGIN, p->y + 16, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT, "%s",
             name);
  board_text(p->b, MARGIN + INNER, p->y + 16, LOOK_SMALL_PX, BOARD_RIGHT,
             LOOK_FAINT, "%s", caption);
  p->y += TITLE;
  if (!explanation_layer_is_seen(p->e, index)) return;
  p->y += panel_layer(p->b, p->e, index, MARGIN, p->y, INNER, MAP_COLUMNS);
  p->y += GAP - LOOK_GAP_PX;
}

static void lay_out_layers(poster *p) {
  board_text(p->b, MARGIN, p->y + 14, LOOK_SMALL_PX + 1, BOARD_LEFT, LOOK_FAINT,
             "Below: what came out of each layer. A map's colours go from its "
             "lowest value, or 0, to its highest.");
  p->y += TITLE;
  size_t i = 0;
  for (; i < p->e->layer_count && p->y < HEIGHT_MAX - 1000; ++i)
    lay_out_layer(p, i);
  if (i < p->e->layer_count) {
    board_text(p->b, MARGIN, p->y + 16, LOOK_BODY_PX, BOARD_LEFT, LOOK_TEXT,
               "%zu more layers: a page (-o FILE.html) has them",
               p->e->layer_count - i);
    p->y += TITLE;
  }
}

/* ---- All of it
 * ---------------------------------------------------------------- */

numeral_status explain_poster_lay_out(const explanation *e, look_theme theme,
                                      board *b, numeral_error *error) {
  *b = board_begin(WIDTH, HEIGHT_MAX, SCALE, theme);
  poster p = {.b = b, .e = e, .y = MARGIN};
  lay_out_answer(&p);
  numeral_status status = lay_out_sight(&p, error);
  if (status != NUMERAL_OK) return status;
  lay_out_heat(&p);
  lay_out_nearest(&p);
  lay_out_layers(&p);
  b->height = (int)ceilf(p.y) + MARGIN - GAP / 2;
  return NUMERAL_OK;
}

numeral_status explain_poster_write(const explanation *e, look_theme theme,
                                    const char *path, numeral_error *error) {
  board b;
  numeral_status status = explain_poster_lay_out(e, theme, &b, error);
  if (status == NUMERAL_OK) status = board_write(&b, path, error);
  board_release(&b);
  return status;
}
