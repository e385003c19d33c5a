/* compare_table.c: see compare_table.h. */
#include "app/compare/compare_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/message.h"

enum { COLUMNS = 6, NAME_COLUMNS = 40 };

static const char *const heads[COLUMNS] = {"Network", "Accuracy", "Parameters",
                                           "MFLOP",   "Train s",  "Predict us"};

short_text compare_accuracy_text(const compare_figures *figures) {
  short_text text = {"-"};
  if (figures->count == 0) return text;
  text = text_percent(figures->accuracy);
  if (isfinite(figures->accuracy_deviation)) {
    snprintf(text.text, sizeof text.text, "%.2f%% ± %.2f%%",
             100 * figures->accuracy, 100 * figures->accuracy_deviation);
  }
  return text;
}

short_text compare_number_text(double number) {
  short_text text = {"-"};
  if (!isfinite(number)) return text;
  if (number >= 99.95) return text_count((uint64_t)(number + 0.5));
  snprintf(text.text, sizeof text.text, number < 9.995 ? "%.2f" : "%.1f",
           number);
  return text;
}

/* The cells behind the name. */
static void fill_cells(const compare_network *network,
                       short_text cells[COLUMNS]) {
  compare_figures figures = compare_network_figures(network);
  cells[1] = compare_accuracy_text(&figures);
  cells[2] = text_count(network->parameters);
  cells[3] = compare_number_text((double)network->operations / 1e6);
  cells[4] = compare_number_text(figures.train_seconds);
  cells[5] = compare_number_text(figures.predict_microseconds);
}

/* ---- For the terminal ---- */

/* Places on a terminal: the bytes of UTF-8 that begin a sign. */
static int columns_of(const char *text) {
  int columns = 0;
  for (; *text != '\0'; ++text) columns += (*text & 0xC0) != 0x80;
  return columns;
}

static int wider(int width, const char *text) {
  int columns = columns_of(text);
  return columns > width ? columns : width;
}

static void measure_columns(const comparison *all, int widths[COLUMNS]) {
  for (int c = 0; c < COLUMNS; ++c) widths[c] = columns_of(heads[c]);
  for (int i = 0; i < all->count; ++i) {
    short_text cells[COLUMNS];
    fill_cells(&all->networks[i], cells);
    widths[0] = wider(widths[0], all->networks[i].net);
    for (int c = 1; c < COLUMNS; ++c)
      widths[c] = wider(widths[c], cells[c].text);
  }
  if (widths[0] > NAME_COLUMNS) widths[0] = NAME_COLUMNS;
}

/* The text of a network may be long: its beginning. */
static void print_name(const char *net, int width) {
  char name[NAME_COLUMNS + 1];
  snprintf(name, sizeof name, "%s", net);
  if (strlen(net) > NAME_COLUMNS) memcpy(name + NAME_COLUMNS - 3, "...", 3);
  printf("%-*s", width, name);
}

static void print_cell(const char *text, int width) {
  printf("  %*s%s", width - columns_of(text), "", text);
}

void compare_table_print(const comparison *all) {
  int widths[COLUMNS];
  measure_columns(all, widths);
  printf("%s", style_on(stdout, STYLE_BOLD));
  print_name(heads[0], widths[0]);
  for (int c = 1; c < COLUMNS; ++c) print_cell(heads[c], widths[c]);
  printf("%s\n", style_off(stdout));
  for (int i = 0; i < all->count; ++i) {
    short_text cells[COLUMNS];
    fill_cells(&all->networks[i], cells);
    print_name(all->networks[i].net, widths[0]);
    for (int c = 1; c < COLUMNS; ++c) print_cell(cells[c].text, widths[c]);
    putchar('\n');
  }
}

/* ---- In Markdown ---- */

static const char *head_text(const comparison *all, const char *key) {
  const char *text = json_string_value(json_object_get(all->record, key));
  return text != NULL ? text : "unknown";
}

/* Nothing of a name ends the cell or its code. */
static void add_code(text_buffer *page, const char *text) {
  text_add(page, "`");
  for (; *text != '\0'; ++text)
    text_add(page, "%c", strchr("`|\r\n", *text) != NULL ? '?' : *text);
  text_add(page, "`");
}

static void add_words(const comparison *all, text_buffer *page) {
  const long long threads =
      json_integer_value(json_object_get(all->record, "threads"));
  text_add(page, "# Networks compared\n\nData ");
  add_code(page, all->data);
  text_add(
      page,
      ", %d seed%s. Accuracy: test set, mean and standard deviation over "
      "seeds. Train s: mean, without validation, on %lld thread%s. Predict "
      "us: one image on one thread, fp32, median.\n\n%s, %s, numeral %s, "
      "%s.\n\n",
      all->seeds, all->seeds == 1 ? "" : "s", threads, threads == 1 ? "" : "s",
      head_text(all, "cpu"), head_text(all, "instruction_set"),
      head_text(all, "version"), head_text(all, "started"));
}

void compare_table_markdown(const comparison *all, text_buffer *page) {
  add_words(all, page);
  for (int c = 0; c < COLUMNS; ++c) text_add(page, "| %s ", heads[c]);
  text_add(page, "|\n|---|");
  for (int c = 1; c < COLUMNS; ++c) text_add(page, "---:|");
  for (int i = 0; i < all->count; ++i) {
    short_text cells[COLUMNS];
    fill_cells(&all->networks[i], cells);
    text_add(page, "\n| ");
    add_code(page, all->networks[i].net);
    for (int c = 1; c < COLUMNS; ++c) text_add(page, " | %s", cells[c].text);
    text_add(page, " |");
  }
  text_add(page, "\n");
}
