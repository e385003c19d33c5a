/* predict_show.c: see predict_show.h. */
#include "app/predict_show.h"

#include <stdlib.h>

#include "app/image_show.h"
#include "app/prediction_text.h"
#include "app/sample_sheet.h"
#include "app/text_format.h"
#include "formats/format_fail.h"

enum { SHEET_ZOOM = 4 };

/* ---- The list
 * ----------------------------------------------------------------- */

bool read_list_add(read_list *list, read_image *image) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 16;
    read_image *images = realloc(list->images, capacity * sizeof *images);
    if (images == NULL) return false;
    list->images = images;
    list->capacity = capacity;
  }
  list->images[list->count++] = *image;
  image->name = NULL;
  return true;
}

void read_list_clear(read_list *list) {
  for (size_t i = 0; i < list->count; ++i) free(list->images[i].name);
  list->count = 0;
}

void read_list_release(read_list *list) {
  read_list_clear(list);
  free(list->images);
  *list = (read_list){0};
}

/* ---- In the terminal
 * ---------------------------------------------------------- */

size_t read_list_row(FILE *file) {
  terminal t = terminal_of(file);
  return (size_t)image_show_row(&t, SHOWN_COLUMNS);
}

static shown_image shown_of(const read_image *image, bool labelled) {
  const numeral_prediction *p = &image->prediction;
  shown_image shown = {.pixels = image->pixels};
  if (labelled && p->digit >= 0) {
    snprintf(shown.label, sizeof shown.label, "%d  %s", p->digit,
             text_percent((double)p->confidence).text);
  } else if (labelled) {
    snprintf(shown.label, sizeof shown.label, "%s",
             prediction_reason(p->reason));
  }
  return shown;
}

void read_list_show(const read_list *list, FILE *file, bool labelled) {
  terminal t = terminal_of(file);
  size_t row = read_list_row(file);
  shown_image *shown = malloc(row * sizeof *shown);
  for (size_t i = 0; shown != NULL && i < list->count; i += row) {
    size_t here = list->count - i < row ? list->count - i : row;
    for (size_t k = 0; k < here; ++k)
      shown[k] = shown_of(&list->images[i + k], labelled);
    image_show(&t, shown, here);
  }
  free(shown);
}

/* ---- On a sheet
 * --------------------------------------------------------------- */

static sheet_cell cell_of(const read_image *image) {
  const numeral_prediction *p = &image->prediction;
  sheet_cell cell = {.pixels = image->pixels};
  if (p->digit >= 0) {
    snprintf(cell.caption, sizeof cell.caption, "%d", p->digit);
    snprintf(cell.note, sizeof cell.note, "%.1f%%",
             100 * (double)p->confidence);
  } else {
    snprintf(cell.caption, sizeof cell.caption, "%s",
             prediction_reason(p->reason));
    cell.marked = true;
  }
  return cell;
}

numeral_status read_list_write(const read_list *list, const char *path,
                               numeral_error *error) {
  sheet_cell *cells = malloc(list->count * sizeof *cells);
  if (cells == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for a sheet of %zu images", list->count);
  }
  for (size_t i = 0; i < list->count; ++i) cells[i] = cell_of(&list->images[i]);
  numeral_status status =
      sample_sheet_write(path, cells, list->count, 0, SHEET_ZOOM, error);
  free(cells);
  return status;
}
