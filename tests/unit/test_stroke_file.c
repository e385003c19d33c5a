/* test_stroke_file.c: strokes in a text file: what is written is read back to
 * the same, and nothing else is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/draw/stroke_file.h"

#define FIRST "numeral strokes 1\n"

static numeral_status parse(const char *text, stroke_list *list,
                            numeral_error *error) {
  *error = (numeral_error){0};
  return stroke_list_parse(text, strlen(text), "t.txt", list, error);
}

static void assert_good(const char *text, size_t count) {
  stroke_list list;
  numeral_error error;
  numeral_status status = parse(text, &list, &error);
  if (status) fail_msg("%s", error.message);
  assert_int_equal(list.count, count);
  stroke_list_release(&list);
}

static void assert_bad(const char *text, const char *message) {
  stroke_list list = {(stroke_event *)1, 1};
  numeral_error error;
  assert_int_equal(parse(text, &list, &error), NUMERAL_ERROR_FORMAT);
  assert_null(list.events);
  assert_int_equal(list.count, 0);
  if (!strstr(error.message, message)) {
    fail_msg("\"%s\" lacks \"%s\"", error.message, message);
  }
}

static void reads_every_kind(void **state) {
  (void)state;
  stroke_list list;
  numeral_error error;
  const char *text = FIRST
      "pen 7 5\n"
      "down 0.25 -0.5 - 10\n"
      "move 1.99999 2 0.125 11\n"
      "predict 11\n"
      "up 11\n"
      "undo 12\n"
      "clear 13\n"
      "digit mnist:test:9999 14\n"
      "predict 15\n";
  assert_int_equal(parse(text, &list, &error), NUMERAL_OK);
  assert_int_equal(list.count, 9);
  const stroke_event *e = list.events;
  assert_true(e[0].kind == STROKE_PEN && e[0].pen == 7);
  assert_true(e[1].kind == STROKE_DOWN && e[1].point.x == 0.25f &&
              e[1].point.y == -0.5f && e[1].point.pressure < 0 &&
              e[1].point.time_ms == 10);
  assert_true(e[2].kind == STROKE_MOVE && e[2].point.x == 1.99999f &&
              e[2].point.y == 2 && e[2].point.pressure == 0.125f);
  assert_true(e[4].kind == STROKE_UP && e[5].kind == STROKE_UNDO &&
              e[6].kind == STROKE_CLEAR && e[8].kind == STROKE_PREDICT);
  assert_true(e[7].kind == STROKE_DIGIT && e[7].point.time_ms == 14);
  assert_string_equal(e[7].name, "mnist:test:9999");
  stroke_list_release(&list);
  assert_good(FIRST, 0);
  assert_good(FIRST "down 0 0 - 0\n", 1); /* the pen may stay down */
}

static void refuses_what_is_not_whole(void **state) {
  (void)state;
  assert_bad("", "first line");
  assert_bad("numeral strokes 1", "first line");
  assert_bad("numeral strokes 2\n", "first line");
  assert_bad("numeral strokes 1\r\n", "first line");
  assert_bad(FIRST "undo 1", "line 2: the line is not whole");
  assert_bad(FIRST "undo 1\n\n", "line 3: it is not understood");
}

static void refuses_bad_lines(void **state) {
  (void)state;
  static const char *const lines[] = {"Undo 1",
                                      "undo",
                                      "undo  1",
                                      "undo 1 ",
                                      " undo 1",
                                      "undo 1 2",
                                      "undo -1",
                                      "undo 1.0",
                                      "undo 86400001",
                                      "undo 99999999999999999999",
                                      "undo x",
                                      "undo\t1",
                                      "pen 0 1",
                                      "pen 10 1",
                                      "pen 1",
                                      "pen 1 2 3",
                                      "down 0 0 1",
                                      "down 0 0 - - 1",
                                      "down 2.00001 0 - 1",
                                      "down -1.1 0 - 1",
                                      "down 0.123456 0 - 1",
                                      "down .5 0 - 1",
                                      "down 5. 0 - 1",
                                      "down 1e0 0 - 1",
                                      "down 0x1 0 - 1",
                                      "down nan 0 - 1",
                                      "down inf 0 - 1",
                                      "down +1 0 - 1",
                                      "down 0 0 1.001 1",
                                      "down 0 0 -0.1 1",
                                      "down 0 0 0.1234 1",
                                      "down - 0 - 1",
                                      "down 0 0 -- 1",
                                      "down 1.2.3 0 - 1",
                                      "digit 1",
                                      "digit mnist:test: 1",
                                      "digit mnist:test:10000 1",
                                      "digit mnist:train:1 1",
                                      "digit /etc/passwd 1",
                                      "digit mnist:test:-1 1",
                                      "digit mnist:test:random 1",
                                      "what 1",
                                      "undo 1\x01",
                                      "undo \xc3\xa4"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char text[128];
    snprintf(text, sizeof text, FIRST "clear 0\n%s\n", lines[i]);
    assert_bad(text, "t.txt, line 3: it is not understood");
  }
  /* a NUL is a character like any other that does not belong there */
  stroke_list list;
  assert_int_equal(stroke_list_parse(FIRST "undo 1\0\n", sizeof FIRST - 1 + 8,
                                     "t", &list, NULL),
                   NUMERAL_ERROR_FORMAT);
}

static void refuses_what_cannot_follow(void **state) {
  (void)state;
  assert_bad(FIRST "clear 5\nclear 4\n", "line 3: the time goes back");
  assert_bad(FIRST "up 5\n", "the pen is not down");
  assert_bad(FIRST "move 0 0 - 5\n", "the pen is not down");
  static const char *const inside[] = {"down 0 0 - 2", "undo 2", "clear 2",
                                       "digit mnist:test:1 2"};
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
    char text[128];
    snprintf(text, sizeof text, FIRST "down 0 0 - 1\n%s\n", inside[i]);
    assert_bad(text, "line 3: the pen is still down");
  }
}

static void keeps_its_limit(void **state) {
  (void)state;
  static const char line[] = "undo 1\n";
  size_t lines = STROKE_EVENTS_MAX + 1, step = sizeof line - 1;
  char *text = malloc(sizeof FIRST + lines * step);
  assert_non_null(text);
  strcpy(text, FIRST);
  for (size_t i = 0; i < lines; i++) {
    memcpy(text + sizeof FIRST - 1 + i * step, line, step);
  }
  stroke_list list;
  numeral_error error;
  size_t size = sizeof FIRST - 1 + lines * step;
  assert_int_equal(stroke_list_parse(text, size, "t", &list, &error),
                   NUMERAL_ERROR_LIMIT);
  assert_null(list.events);
  assert_int_equal(stroke_list_parse(text, size - step, "t", &list, &error),
                   NUMERAL_OK);
  assert_int_equal(list.count, STROKE_EVENTS_MAX);
  stroke_list_release(&list);
  free(text);
}

static void writes_what_it_reads(void **state) {
  (void)state;
  static const float odd[] = {-9,         -1, -0.3333333f, 0, 0.000004f, 0.1f,
                              0.7777777f, 1,  1.999999f,   2, 1e9f};
  enum { COUNT = sizeof odd / sizeof *odd };
  char path[] = "/tmp/numeral-strokes-XXXXXX";
  int made = mkstemp(path);
  assert_true(made >= 0);
  FILE *file = fdopen(made, "w");
  stroke_event events[COUNT * 2 + 3];
  size_t count = 0;
  stroke_file_begin(file);
  events[count++] = (stroke_event){.kind = STROKE_PEN, .pen = 9};
  for (int i = 0; i < COUNT * 2; i++) {
    ink_point point = {odd[i % COUNT], odd[(i * 7) % COUNT],
                       i % 2 ? (float)i / COUNT / 2 : -1, (uint32_t)i};
    events[count++] = (stroke_event){.kind = i ? STROKE_MOVE : STROKE_DOWN,
                                     .point = stroke_point_round(&point)};
  }
  events[count++] = (stroke_event){.kind = STROKE_UP, .point.time_ms = 99};
  events[count++] = (stroke_event){
      .kind = STROKE_DIGIT, .name = "synth:test:0", .point.time_ms = 100};
  for (size_t i = 0; i < count; i++) stroke_file_add(file, &events[i]);
  fclose(file);
  stroke_list list;
  numeral_error error;
  numeral_status status = stroke_list_read(path, &list, &error);
  unlink(path);
  if (status) fail_msg("%s", error.message);
  assert_int_equal(list.count, count);
  for (size_t i = 0; i < count; i++) {
    const ink_point *a = &events[i].point, *b = &list.events[i].point;
    assert_true(a->x == b->x && a->y == b->y && a->time_ms == b->time_ms);
    assert_true(a->pressure == b->pressure ||
                list.events[i].kind > STROKE_MOVE);
    assert_int_equal(events[i].kind, list.events[i].kind);
    assert_string_equal(events[i].name, list.events[i].name);
  }
  stroke_list_release(&list);
  assert_int_equal(stroke_list_read(path, &list, &error), NUMERAL_ERROR_IO);
  assert_null(list.events);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_kind),
      cmocka_unit_test(refuses_what_is_not_whole),
      cmocka_unit_test(refuses_bad_lines),
      cmocka_unit_test(refuses_what_cannot_follow),
      cmocka_unit_test(keeps_its_limit),
      cmocka_unit_test(writes_what_it_reads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
