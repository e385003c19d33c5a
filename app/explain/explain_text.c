/* explain_text.c: see explain_text.h. */
#include "app/explain/explain_text.h"

#include <stdio.h>

#include "app/image_show.h"
#include "app/look.h"
#include "app/message.h"
#include "app/text_format.h"

static void heading(const terminal *t, const char *text, const char *more) {
  fprintf(t->file, "\n%s%s%s%s\n", style_on(t->file, STYLE_BOLD), text,
          style_off(t->file), more);
}

/* ---- The digit, and its probabilities
 * ----------------------------------------- */

enum { BAR_MOST = 40, BAR_TEXT = 11, BAR_LEAST = 10, SIDE_GAP = 3 };

/* A bar of eighths of a letter, and blanks up to `columns`. */
static void print_bar(const terminal *t, double share, int columns) {
  static const char *const parts[] = {"",       "\u258f", "\u258e", "\u258d",
                                      "\u258c", "\u258b", "\u258a", "\u2589"};
  int eighths = (int)(share * columns * 8 + 0.5);
  for (int i = 0; i < eighths / 8; ++i) fputs("\u2588", t->file);
  fputs(parts[eighths % 8], t->file);
}

/* What is said of the answer is bold, so that it is found without colours. */
static void print_probability(const terminal *t, const explanation *e,
                              int digit, int columns) {
  double share = (double)e->probabilities[digit];
  bool answer = digit == e->digit;
  look_role role = answer                     ? LOOK_FIRST
                   : digit == e->explained[1] ? LOOK_SECOND
                                              : LOOK_FAINT;
  fprintf(t->file, "%s%d %7s%s", answer ? style_on(t->file, STYLE_BOLD) : "",
          digit, text_percent(share).text, answer ? style_off(t->file) : "");
  if (share * columns < 1.0 / 16) return; /* not an eighth of a letter */
  fputs("  ", t->file);
  terminal_ink(t, look_colour(LOOK_DARK, role));
  print_bar(t, share, columns);
  terminal_reset(t);
}

static int bar_columns(int room) {
  room -= BAR_TEXT;
  return room > BAR_MOST ? BAR_MOST : room < BAR_LEAST ? BAR_LEAST : room;
}

static void print_below(const terminal *t, const explanation *e) {
  const shown_image seen = {.pixels = e->pixels};
  image_show(t, &seen, 1);
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    print_probability(t, e, i, bar_columns(t->columns));
    fputc('\n', t->file);
  }
}

static void print_sight(const terminal *t, const explanation *e) {
  enum { BARS_FROM = (SHOWN_LINES - NUMERAL_CLASSES) / 2 };
  const shown_image seen = {.pixels = e->pixels};
  int room = t->columns - SHOWN_COLUMNS - SIDE_GAP;
  if (room < BAR_TEXT + BAR_LEAST) {
    print_below(t, e);
    return;
  }
  for (int line = 0; line < SHOWN_LINES; ++line) {
    int digit = line - BARS_FROM;
    image_show_line(t, &seen, line);
    if (digit >= 0 && digit < NUMERAL_CLASSES) {
      fprintf(t->file, "%*s", SIDE_GAP, "");
      print_probability(t, e, digit, bar_columns(room));
    }
    fputc('\n', t->file);
  }
}

/* ---- Why
 * ---------------------------------------------------------------------- */

static void print_scale(const terminal *t) {
  enum { STEPS = 16 };
  if (t->colours == TERMINAL_PLAIN) {
    fputs("Ink from cold to hot: \u2591\u2592\u2593\u2588; hot paper: . :\n",
          t->file);
    return;
  }
  fputs("no evidence ", t->file);
  for (int i = 0; i < STEPS; ++i) {
    terminal_ink(t, look_warm_ink(LOOK_DARK, 0, i / (STEPS - 1.0)));
    fputs("\u2588", t->file);
  }
  terminal_reset(t);
  fputs(" most\n", t->file);
}

static void print_heat(const terminal *t, const explanation *e) {
  shown_image shown[EXPLAINED_DIGITS];
  char more[128] = "";
  for (int i = 0; i < EXPLAINED_DIGITS; ++i) {
    shown[i] = (shown_image){.pixels = e->pixels, .heat = e->heat[i]};
    snprintf(shown[i].label, sizeof shown[i].label, "%d, %s%s", e->explained[i],
             explanation_role(e, i),
             explanation_has_heat(e, i) ? "" : ": nothing");
  }
  if (e->heat_layer >= 0) {
    snprintf(more, sizeof more, " (Grad-CAM of layer %d)", e->heat_layer);
  } else {
    snprintf(more, sizeof more, " (%s: no convolution)",
             explanation_method(e->heat_layer));
  }
  heading(t, "What speaks for it", more);
  image_show(t, shown, EXPLAINED_DIGITS);
  print_scale(t);
}

static void print_nearest(const terminal *t, const explanation *e) {
  shown_image shown[NEIGHBOURS_MAX];
  char more[128];
  if (e->near.count == 0) return;
  for (size_t i = 0; i < e->near.count; ++i) {
    const neighbour *n = &e->near.nearest[i];
    shown[i] = (shown_image){.pixels = n->pixels, .small = true};
    snprintf(shown[i].label, sizeof shown[i].label, "%d #%zu %.1f", n->label,
             n->index, (double)n->distance);
  }
  snprintf(more, sizeof more, " in %.80s: label, place, distance", e->near.set);
  heading(t, "Nearest training digits", more);
  image_show(t, shown, e->near.count);
}

/* ---- Layers
 * ------------------------------------------------------------------- */

static void print_layers(const terminal *t, const explanation *e) {
  heading(t, "Layers", "");
  for (size_t i = 0; i < e->layer_count; ++i) {
    numeral_layer_info layer = numeral_model_layer(e->model, i);
    fprintf(t->file, "%2zu  %-24s  %s\n", i, layer.text,
            text_shape(layer.height, layer.width, layer.channels).text);
  }
}

void explain_text_print(const terminal *t, const explanation *e) {
  fprintf(t->file, "%sPredicted digit : %d%s\n", style_on(t->file, STYLE_BOLD),
          e->digit, style_off(t->file));
  fprintf(t->file, "Confidence      : %.4f\n\n",
          (double)e->probabilities[e->digit]);
  print_sight(t, e);
  print_heat(t, e);
  print_nearest(t, e);
  print_layers(t, e);
}
