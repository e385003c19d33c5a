/* explain_page.c: see explain_page.h. */
#include "app/explain/explain_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/board.h"
#include "app/explain/explain_panels.h"
#include "app/html.h"
#include "app/text_format.h"

enum {
  WIDTH = 496, /* of maps in one of two columns */
  SIDE = 240,  /* of two pictures side by side */
  EDGE = 1,    /* room for frames */
  MAP_COLUMNS = 8,
  NEAR_SIDE = 112,
  HEIGHT_MAX = 16384,
  SCALE = 2
};

typedef struct page {
  html html;
  const explanation *e;
  numeral_status status; /* the first that is not OK is kept */
  numeral_error *error;
} page;

/* Draws a part from (EDGE, EDGE) on; gives its height. */
typedef float part_fn(page *p, board *b, int which);

/* ---- Pictures
 * ----------------------------------------------------------------- */

static board draw_part(page *p, part_fn *part, int which, int width,
                       look_theme theme) {
  board b = board_begin(width + 2 * EDGE, HEIGHT_MAX, SCALE, theme);
  b.height = (int)ceilf(part(p, &b, which)) + 2 * EDGE;
  return b;
}

/* The same part in light and dark: the reader's system chooses. */
static void add_part(page *p, part_fn *part, int which, int width,
                     const char *alt) {
  html_picture pictures[LOOK_THEMES] = {
      {.media = "(prefers-color-scheme: dark)", .type = "image/png"},
      {.type = "image/png"}};
  static const look_theme themes[LOOK_THEMES] = {LOOK_DARK, LOOK_LIGHT};
  unsigned char *png[LOOK_THEMES] = {NULL, NULL};
  int height = 0;
  for (int i = 0; i < LOOK_THEMES && p->status == NUMERAL_OK; ++i) {
    board b = draw_part(p, part, which, width, themes[i]);
    height = b.height;
    if (p->status == NUMERAL_OK)
      p->status = board_encode(&b, &png[i], &pictures[i].size_bytes, p->error);
    pictures[i].bytes = png[i];
    board_release(&b);
  }
  if (p->status == NUMERAL_OK) {
    html_pictures(&p->html, pictures, LOOK_THEMES, width + 2 * EDGE, height,
                  alt);
  }
  for (int i = 0; i < LOOK_THEMES; ++i) free(png[i]);
}

static float given_part(page *p, board *b, int which) {
  (void)which;
  p->status = panel_given(b, p->e, EDGE, EDGE, SIDE, p->error);
  return SIDE;
}

static float seen_part(page *p, board *b, int which) {
  (void)which;
  board_digit(b, EDGE, EDGE, SIDE, p->e->pixels);
  return SIDE;
}

static float heat_part(page *p, board *b, int which) {
  board_heat(b, EDGE, EDGE, SIDE, p->e->pixels, p->e->heat[which]);
  return SIDE;
}

static float legend_part(page *p, board *b, int which) {
  (void)p, (void)which;
  panel_legend(b, EDGE, EDGE, WIDTH);
  return PANEL_LEGEND_PX;
}

static float nearest_part(page *p, board *b, int which) {
  board_digit(b, EDGE, EDGE, NEAR_SIDE, p->e->near.nearest[which].pixels);
  return NEAR_SIDE;
}

static float layer_part(page *p, board *b, int which) {
  return panel_layer(b, p->e, (size_t)which, EDGE, EDGE, WIDTH, MAP_COLUMNS);
}

/* ---- Cards
 * -------------------------------------------------------------------- */

static void open_card(page *p, const char *title) {
  text_add(&p->html, "<section class=\"card\">\n");
  html_element(&p->html, "h2", title);
  text_add(&p->html, "\n");
}

static void close_card(page *p) { text_add(&p->html, "</section>\n"); }

static void add_figure(page *p, part_fn *part, int which, int width,
                       const char *caption) {
  text_add(&p->html, "<figure>");
  add_part(p, part, which, width, caption);
  html_element(&p->html, "figcaption", caption);
  text_add(&p->html, "</figure>\n");
}

static void add_sight(page *p) {
  open_card(p, "The picture");
  text_add(&p->html, "<div class=\"pair\">\n");
  if (p->e->picture.pixels != NULL)
    add_figure(p, given_part, 0, SIDE, "as given");
  add_figure(p, seen_part, 0, SIDE, "as the network saw it, 28 x 28");
  text_add(&p->html, "</div>\n");
  close_card(p);
}

static void add_bar(page *p, int digit) {
  const explanation *e = p->e;
  const char *kind = digit == e->digit          ? " class=\"first\""
                     : digit == e->explained[1] ? " class=\"second\""
                                                : "";
  double share = (double)e->probabilities[digit];
  text_add(
      &p->html,
      "<tr><th>%d</th><td><div class=\"bar\"><div%s style=\"width:%.2f%%\">"
      "</div></div></td><td class=\"number\">%s%s%s</td></tr>\n",
      digit, kind, 100 * share, digit == e->digit ? "<b>" : "",
      text_percent(share).text, digit == e->digit ? "</b>" : "");
}

static void add_bars(page *p) {
  open_card(p, "Probabilities");
  text_add(&p->html, "<table class=\"bars\">\n");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) add_bar(p, i);
  text_add(&p->html, "</table>\n");
  close_card(p);
}

static void add_heat(page *p) {
  char text[METHOD_BYTES];
  open_card(p, "What speaks for it");
  text_add(&p->html, "<div class=\"pair\">\n");
  for (int i = 0; i < EXPLAINED_DIGITS; ++i) {
    snprintf(text, sizeof text, "for %d, %s%s", p->e->explained[i],
             explanation_role(p->e, i),
             explanation_has_heat(p->e, i) ? "" : ": nothing does");
    add_figure(p, heat_part, i, SIDE, text);
  }
  text_add(&p->html, "</div>\n");
  add_part(p, legend_part, 0, WIDTH,
           "the colours of heat, from no evidence for the digit to the most");
  text_add(&p->html,
           "<p class=\"faint ends\"><span>no evidence</span>"
           "<span>most evidence</span></p>\n");
  explanation_describe(p->e, text);
  text_add(&p->html, "<p class=\"faint\">");
  html_text(&p->html, text);
  text_add(&p->html, "</p>\n");
  close_card(p);
}

static void add_neighbour(page *p, int which) {
  const neighbour *n = &p->e->near.nearest[which];
  char alt[48];
  snprintf(alt, sizeof alt, "a training digit labelled %d", n->label);
  text_add(&p->html, "<figure>");
  add_part(p, nearest_part, which, NEAR_SIDE, alt);
  text_add(&p->html,
           "<figcaption><b>%d</b> image %s<br>distance %.2f</figcaption>"
           "</figure>\n",
           n->label, text_count(n->index).text, (double)n->distance);
}

static void add_nearest(page *p) {
  const neighbours *near = &p->e->near;
  if (near->count == 0) return;
  open_card(p, "Nearest training digits");
  text_add(&p->html, "<div class=\"tiles\">\n");
  for (size_t i = 0; i < near->count; ++i) add_neighbour(p, (int)i);
  text_add(&p->html,
           "</div>\n<p class=\"faint\">Nearest by the numbers that the last "
           "layer decides by. Below each: its label, its place in ");
  html_text(&p->html, near->set);
  text_add(&p->html, ", and how far from the picture it is.</p>\n");
  close_card(p);
}

static void add_layer(page *p, size_t index) {
  numeral_layer_info layer = numeral_model_layer(p->e->model, index);
  char title[128], caption[BOARD_TEXT_BYTES], alt[256];
  snprintf(title, sizeof title, "%zu  %s", index, layer.text);
  panel_layer_caption(p->e, index, caption);
  snprintf(alt, sizeof alt, "what came out of layer %zu: %s", index, caption);
  open_card(p, title);
  if (explanation_layer_is_seen(p->e, index))
    add_part(p, layer_part, (int)index, WIDTH, alt);
  text_add(&p->html, "<p class=\"faint\">%s</p>\n", caption);
  close_card(p);
}

/* ---- The page
 * ----------------------------------------------------------------- */

static void add_figure_of(page *p, const char *value, const char *what) {
  text_add(&p->html, "<div>");
  html_element(&p->html, "dt", what);
  html_element(&p->html, "dd", value);
  text_add(&p->html, "</div>\n");
}

static void add_head(page *p) {
  const explanation *e = p->e;
  char text[64];
  snprintf(text, sizeof text, "Why a %d?", e->digit);
  html_element(&p->html, "h1", text);
  text_add(&p->html, "\n<p>");
  html_text(&p->html, e->name);
  text_add(&p->html, ", model ");
  html_text(&p->html, e->model_name);
  text_add(&p->html, ": <code>");
  html_text(&p->html, numeral_model_get_info(e->model).spec);
  text_add(&p->html, "</code></p>\n<dl class=\"figures\">\n");
  snprintf(text, sizeof text, "%d", e->digit);
  add_figure_of(p, text, "the answer");
  add_figure_of(p, text_percent((double)e->probabilities[e->digit]).text,
                "its probability");
  snprintf(text, sizeof text, "%d, %s", e->runner_up,
           text_percent((double)e->probabilities[e->runner_up]).text);
  add_figure_of(p, text, "the runner-up");
  if (e->label >= 0) {
    snprintf(text, sizeof text, "%d", e->label);
    add_figure_of(p, text, "its label in the data");
  }
  text_add(&p->html, "</dl>\n");
}

static void add_body(page *p) {
  add_head(p);
  text_add(&p->html, "<div class=\"cards\">\n");
  add_sight(p);
  add_bars(p);
  add_heat(p);
  add_nearest(p);
  text_add(&p->html, "</div>\n");
  open_card(p, "What came out of each layer");
  text_add(&p->html,
           "<p>The colours of a map go from its lowest value, or 0, "
           "to its highest; those of numbers likewise, over all of a "
           "layer.</p>\n");
  close_card(p);
  text_add(&p->html, "<div class=\"cards\">\n");
  for (size_t i = 0; i < p->e->layer_count; ++i) add_layer(p, i);
  text_add(&p->html, "</div>\n");
}

numeral_status explain_page_write(const explanation *e, const char *path,
                                  numeral_error *error) {
  page p = {.e = e, .status = NUMERAL_OK, .error = error};
  char title[64];
  snprintf(title, sizeof title, "Why a %d?", e->digit);
  html_begin(&p.html, title);
  add_body(&p);
  html_end(&p.html);
  if (p.status == NUMERAL_OK) p.status = html_write(&p.html, path, error);
  html_release(&p.html);
  return p.status;
}
