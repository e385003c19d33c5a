/* fuzz_strokes.c: any bytes as a file of strokes: what is read keeps its
 * limits, is written and read back to the same, and can be drawn. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/draw/sketch.h"
#include "app/draw/stroke_file.h"

enum { DRAWN_EVENTS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check_event(const stroke_event *e) {
  if ((unsigned)e->kind >= STROKE_KINDS) abort();
  if (e->point.time_ms > STROKE_TIME_MAX_MS) abort();
  if (e->kind == STROKE_PEN && (e->pen < 1 || e->pen > PEN_SIZES)) abort();
  if (e->kind == STROKE_DIGIT && !data_source_is_image(e->name)) abort();
  if (e->kind > STROKE_MOVE) return;
  if (!(e->point.x >= -1 && e->point.x <= 2)) abort();
  if (!(e->point.y >= -1 && e->point.y <= 2)) abort();
  if (!(e->point.pressure <= 1)) abort();
}

static void check_written(const stroke_list *list) {
  char *text = NULL;
  size_t size_bytes = 0;
  stroke_list again;
  FILE *file = open_memstream(&text, &size_bytes);
  if (!file) return;
  stroke_file_begin(file);
  for (size_t i = 0; i < list->count; i++) {
    stroke_file_add(file, &list->events[i]);
  }
  if (fclose(file) == 0) {
    if (stroke_list_parse(text, size_bytes, "again", &again, NULL)) abort();
    if (again.count != list->count) abort();
    for (size_t i = 0; i < list->count; i++) {
      const ink_point *a = &list->events[i].point, *b = &again.events[i].point;
      if (a->x != b->x || a->y != b->y || a->time_ms != b->time_ms) abort();
    }
    stroke_list_release(&again);
  }
  free(text);
}

static void draw_event(sketch *s, const stroke_event *e) {
  data_image image = {.label = 1};
  if (e->kind == STROKE_DOWN) sketch_down(s, &e->point, 0.05f);
  if (e->kind == STROKE_MOVE) sketch_move(s, &e->point);
  if (e->kind == STROKE_UP) sketch_up(s);
  if (e->kind == STROKE_UNDO) sketch_undo(s);
  if (e->kind == STROKE_CLEAR) sketch_clear(s);
  if (e->kind == STROKE_DIGIT) sketch_put(s, &image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  stroke_list list;
  if (stroke_list_parse((const char *)bytes, size_bytes, "input", &list,
                        NULL) != NUMERAL_OK) {
    if (list.events) abort();
    return 0;
  }
  sketch *s = sketch_create();
  for (size_t i = 0; i < list.count; i++) {
    check_event(&list.events[i]);
    if (s && i < DRAWN_EVENTS) draw_event(s, &list.events[i]);
  }
  sketch_destroy(s);
  check_written(&list);
  stroke_list_release(&list);
  return 0;
}
