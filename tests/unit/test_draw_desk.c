/* test_draw_desk.c: the desk as a window calls it: pens, keys, commands, what
 * is shown; and the same from a record, without a window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/draw/draw_desk.h"
#include "app/message.h"
#include "formats/image_file.h"

enum { WIDTH = 960, HEIGHT = 680 };

typedef struct bench {
  numeral_model *model;
  draw_desk *desk;
  draw_calls calls;
  draw_view view;
  uint32_t time_ms;
  char folder[64], record[96], strokes[96];
} bench;

static void open_desk(bench *b, const char *record_path) {
  draw_desk_options options = {.model = b->model,
                               .data_dir = b->folder,
                               .save_dir = b->folder,
                               .record_path = record_path,
                               .seed = 1};
  draw_layout layout;
  numeral_error error;
  if (draw_desk_create(&options, &b->desk, &error))
    fail_msg("%s", error.message);
  b->calls = draw_desk_calls(b->desk);
  b->calls.arrange(b->desk, WIDTH, HEIGHT, 1, &layout);
}

static void close_desk(bench *b) {
  numeral_error error;
  assert_int_equal(draw_desk_finish(b->desk, &error), NUMERAL_OK);
  draw_desk_destroy(b->desk);
}

static int set_up(void **state) {
  static bench b;
  numeral_error error;
  b = (bench){.folder = "/tmp/numeral-desk-XXXXXX"};
  message_set_quiet(true);
  /* drawn digits for r, whatever this machine has */
  unsetenv("NUMERAL_DATA_DIR");
  assert_non_null(mkdtemp(b.folder));
  setenv("XDG_CACHE_HOME", b.folder, 1);
  snprintf(b.record, sizeof b.record, "%s/record.txt", b.folder);
  snprintf(b.strokes, sizeof b.strokes, "%s/strokes.txt", b.folder);
  if (numeral_model_builtin(&b.model, &error) != NUMERAL_OK) {
    b.model = NULL;
  } else {
    open_desk(&b, b.record);
  }
  *state = &b;
  return 0;
}

static int tear_down(void **state) {
  bench *b = *state;
  char path[128];
  if (b->model) close_desk(b);
  numeral_model_destroy(b->model);
  unlink(b->record);
  unlink(b->strokes);
  for (int i = 1; i <= 3; i++) {
    snprintf(path, sizeof path, "%s/drawing-%d.png", b->folder, i);
    unlink(path);
  }
  rmdir(b->folder);
  return 0;
}

static bench *needs_model(void **state) {
  bench *b = *state;
  if (!b->model) skip();
  return b;
}

static void pen(bench *b, pen_change change, float x, float y) {
  ink_point point = {x, y, -1, b->time_ms += 10};
  b->calls.pen(b->desk, change, &point);
}

static void line(bench *b, float x0, float y0, float x1, float y1) {
  pen(b, PEN_DOWN, x0, y0);
  for (int i = 1; i <= 20; i++) {
    float t = (float)i / 20;
    pen(b, PEN_MOVE, x0 + t * (x1 - x0), y0 + t * (y1 - y0));
  }
  pen(b, PEN_UP, x1, y1);
}

static bool command(bench *b, draw_command what) {
  return b->calls.command(b->desk, what, false, b->time_ms += 10);
}

static const draw_view *look(bench *b) {
  b->calls.look(b->desk, &b->view);
  return &b->view;
}

static void draw_seven(bench *b) {
  line(b, 0.3f, 0.2f, 0.7f, 0.2f);
  line(b, 0.7f, 0.2f, 0.4f, 0.85f);
}

static void reads_what_is_drawn(void **state) {
  bench *b = needs_model(state);
  assert_true(look(b)->is_blank);
  assert_int_equal(look(b)->prediction.digit, -1);
  unsigned version = b->calls.version(b->desk);
  draw_seven(b);
  assert_true(b->calls.version(b->desk) != version);
  assert_int_equal(look(b)->prediction.digit, 7);
  int ink = 0;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) ink += b->view.seen[i] > 128;
  assert_in_range(ink, 20, 200);
  assert_true(b->desk->reader.times >= 40);
  command(b, DRAW_CLEAR);
  assert_int_equal(look(b)->prediction.digit, -1);
  assert_true(look(b)->is_blank);
  command(b, DRAW_UNDO);
  assert_int_equal(look(b)->prediction.digit, 7);
  assert_false(command(b, DRAW_QUIT));
}

/* Points nearer than a pixel are no points, but the end is where it is. */
static void small_steps_are_not_counted(void **state) {
  bench *b = needs_model(state);
  pen(b, PEN_DOWN, 0.5f, 0.5f);
  for (int i = 0; i < 10; i++)
    pen(b, PEN_MOVE, 0.5f + 0.0002f * (float)i, 0.5f);
  assert_int_equal(b->desk->reader.times, 1);
  pen(b, PEN_UP, 0.503f, 0.5f);
  assert_int_equal(b->desk->reader.times, 2);
  assert_true(b->desk->last.x == 0.503f);
  pen(b, PEN_MOVE, 0.9f, 0.9f); /* nobody holds the pen */
  assert_int_equal(b->desk->reader.times, 2);
}

static void keys_draw(void **state) {
  bench *b = needs_model(state);
  for (int i = 0; i < 4; i++) {
    b->calls.command(b->desk, DRAW_UP, true, b->time_ms += 10);
  }
  assert_true(look(b)->cursor_on && !look(b)->pen_down);
  command(b, DRAW_TOGGLE_PEN);
  assert_true(look(b)->pen_down);
  for (int i = 0; i < 35; i++) command(b, DRAW_DOWN);
  command(b, DRAW_TOGGLE_PEN);
  assert_false(look(b)->pen_down);
  assert_int_equal(look(b)->prediction.digit, 1);
  /* the pen stops at the edge, and is put away when a mouse comes */
  for (int i = 0; i < 30; i++) {
    b->calls.command(b->desk, DRAW_LEFT, true, b->time_ms += 10);
  }
  assert_true(look(b)->cursor_x == 0);
  command(b, DRAW_TOGGLE_PEN);
  pen(b, PEN_DOWN, 0.2f, 0.2f);
  assert_false(look(b)->cursor_on);
  pen(b, PEN_UP, 0.2f, 0.2f);
  assert_int_equal(sketch_stroke_count(b->desk->sketch), 3);
}

static void pens_have_sizes(void **state) {
  bench *b = needs_model(state);
  float usual = look(b)->pen_radius;
  for (int i = 0; i < 20; i++) command(b, DRAW_THICKER);
  assert_true(look(b)->pen_radius > 2 * usual);
  for (int i = 0; i < 20; i++) command(b, DRAW_THINNER);
  assert_true(look(b)->pen_radius < usual / 2 && look(b)->pen_radius > 0);
}

static uint32_t colour_at(bench *b, int x, int y) {
  uint32_t pixel = 0;
  b->calls.paint(b->desk, (draw_rect){x, y, 1, 1}, &pixel, sizeof pixel);
  return pixel;
}

static void heat_lies_on_the_drawing(void **state) {
  bench *b = needs_model(state);
  line(b, 0.4f, 0.35f, 0.65f, 0.35f);  /* a small 7: its frame ends before */
  line(b, 0.65f, 0.35f, 0.45f, 0.75f); /* the edges */
  look(b);
  int side = sketch_showing(b->desk->sketch)->side_px, warm = 0, far_warm = 0;
  uint32_t paper = colour_at(b, 2, side - 3);
  assert_int_equal(paper, 0xffffffff);
  command(b, DRAW_HEAT);
  assert_true(look(b)->heat_on);
  assert_int_equal(b->view.changed.width, side);
  for (int i = 0; i < 100 * 100; i++) {
    int x = i % 100 * side / 100, y = i / 100 * side / 100;
    uint32_t colour = colour_at(b, x, y);
    bool is_warm = (colour >> 16 & 255) > (colour & 255) + 40;
    warm += is_warm;
    /* the frame is about the digit: nothing is warm at the far edges */
    far_warm += is_warm && (x < side / 20 || x > side - side / 20);
  }
  assert_true(warm > 100);
  assert_int_equal(far_warm, 0);
  command(b, DRAW_HEAT);
  assert_int_equal(look(b)->changed.width, side);
  assert_int_equal(colour_at(b, 2, side - 3), paper);
}

static void test_images_come_and_go(void **state) {
  bench *b = needs_model(state);
  int right = 0;
  for (int i = 0; i < 10; i++) {
    command(b, DRAW_RANDOM);
    assert_in_range(look(b)->label, 0, 9);
    assert_true(strncmp(b->view.name, "synth:test:", 11) == 0);
    right += b->view.label == b->view.prediction.digit;
  }
  assert_true(right >= 8);
  command(b, DRAW_CLEAR);
  assert_int_equal(look(b)->label, -1);
}

static void saves_what_is_drawn(void **state) {
  bench *b = needs_model(state);
  char path[128];
  image_file image;
  numeral_error error;
  numeral_prediction prediction;
  command(b, DRAW_SAVE);
  snprintf(path, sizeof path, "%s/drawing-1.png", b->folder);
  assert_true(access(path, F_OK) != 0); /* nothing was drawn */
  draw_seven(b);
  command(b, DRAW_SAVE);
  command(b, DRAW_SAVE);
  assert_int_equal(image_file_read(path, &image, &error), NUMERAL_OK);
  assert_int_equal(
      numeral_session_read_raster(b->desk->reader.session, &image.raster,
                                  &prediction, &error),
      NUMERAL_OK);
  assert_int_equal(prediction.digit, 7);
  image_file_release(&image);
  snprintf(path, sizeof path, "%s/drawing-2.png", b->folder);
  assert_true(access(path, F_OK) == 0);
}

/* What was recorded is drawn again to the same pixels, and recorded to the same
 * bytes. */
static void records_and_replays(void **state) {
  bench *b = needs_model(state);
  stroke_list list;
  numeral_error error;
  draw_seven(b);
  command(b, DRAW_CLEAR);
  command(b, DRAW_RANDOM);
  command(b, DRAW_THICKER);
  line(b, 0.11111f, 0.2f, 0.33333f, 0.77777f);
  command(b, DRAW_UNDO);
  pen(b, PEN_DOWN, 0.5f, 0.123456789f);
  pen(b, PEN_MOVE, 5, 0.6f); /* far outside: brought back into a file's range */
  command(b, DRAW_HEAT);
  command(b, DRAW_UNDO); /* while the pen is down */
  line(b, 0.2f, 0.2f, 0.4f, 0.9f);
  const ink_raster *shown = sketch_showing(b->desk->sketch);
  size_t size = (size_t)shown->side_px * (size_t)shown->side_px;
  uint8_t *pixels = malloc(size);
  memcpy(pixels, shown->pixels, size);
  close_desk(b);
  if (stroke_list_read(b->record, &list, &error)) fail_msg("%s", error.message);
  open_desk(b, b->strokes);
  for (size_t i = 0; i < list.count; i++) {
    numeral_status status = draw_desk_apply(b->desk, &list.events[i], &error);
    if (status) fail_msg("%s", error.message);
  }
  assert_memory_equal(sketch_showing(b->desk->sketch)->pixels, pixels, size);
  close_desk(b);
  stroke_list again;
  assert_int_equal(stroke_list_read(b->strokes, &again, &error), NUMERAL_OK);
  assert_int_equal(again.count, list.count);
  assert_memory_equal(again.events, list.events,
                      list.count * sizeof *list.events);
  stroke_list_release(&again);
  stroke_list_release(&list);
  free(pixels);
  open_desk(b, NULL);
}

static void replays_at_its_own_pace(void **state) {
  bench *b = needs_model(state);
  static stroke_event events[] = {
      {.kind = STROKE_DOWN, .point = {0.5f, 0.2f, -1, 0}},
      {.kind = STROKE_MOVE, .point = {0.5f, 0.5f, -1, 40}},
      {.kind = STROKE_MOVE, .point = {0.5f, 0.8f, -1, 80}},
      {.kind = STROKE_UP, .point = {0, 0, -1, 60000}}};
  const stroke_list list = {events, 4};
  draw_desk_replay(b->desk, &list);
  assert_int_equal(b->calls.tick(b->desk, 1000), 40);
  assert_int_equal(b->calls.tick(b->desk, 1010), 30);
  pen(b, PEN_MOVE, 0.9f, 0.9f); /* a mouse that passes by changes nothing */
  assert_int_equal(b->calls.tick(b->desk, 1040), 40);
  assert_int_equal(b->calls.tick(b->desk, 1080), 500); /* not a minute */
  assert_int_equal(b->calls.tick(b->desk, 1580), -1);
  assert_int_equal(b->calls.tick(b->desk, 1581), -1);
  assert_int_equal(look(b)->prediction.digit, 1);
  /* a hand ends it */
  command(b, DRAW_CLEAR);
  draw_desk_replay(b->desk, &list);
  assert_int_equal(b->calls.tick(b->desk, 90000), 40);
  pen(b, PEN_DOWN, 0.3f, 0.3f);
  assert_int_equal(b->calls.tick(b->desk, 99000), -1);
  pen(b, PEN_UP, 0.3f, 0.3f);
  assert_int_equal(sketch_stroke_count(b->desk->sketch), 2);
}

static void says_what_is_missing(void **state) {
  bench *b = needs_model(state);
  numeral_error error;
  draw_desk *none = b->desk;
  draw_desk_options options = b->desk->options;
  options.record_path = "/no/such/folder/record.txt";
  assert_int_equal(draw_desk_create(&options, &none, &error), NUMERAL_ERROR_IO);
  assert_null(none);
  assert_non_null(strstr(error.message, options.record_path));
  /* never downloaded: an image of MNIST that is not here is an error */
  stroke_event digit = {.kind = STROKE_DIGIT, .name = "mnist:test:3"};
  assert_int_equal(draw_desk_apply(b->desk, &digit, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "not on this machine"));
}

#define DESK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      DESK_TEST(reads_what_is_drawn),
      DESK_TEST(small_steps_are_not_counted),
      DESK_TEST(keys_draw),
      DESK_TEST(pens_have_sizes),
      DESK_TEST(heat_lies_on_the_drawing),
      DESK_TEST(test_images_come_and_go),
      DESK_TEST(saves_what_is_drawn),
      DESK_TEST(records_and_replays),
      DESK_TEST(replays_at_its_own_pace),
      DESK_TEST(says_what_is_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
