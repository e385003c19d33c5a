/* test_explanation.c: what numeral explain has to say, who is near, and that
 * its poster is a picture from which nothing is cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/explain/explain_panels.h"
#include "app/explain/explain_poster.h"

static const char deep[] =
    "conv 70 3x3 relu, maxpool 2, batchnorm, conv 8 3x3 stride 2, flatten, "
    "dropout 0.5, dense 300 relu, dense 10";
static const char flat[] = "flatten, dense 20 relu, dense 10";

static numeral_model *model_of(const char *net) {
  numeral_model *model;
  numeral_error error;
  if (numeral_model_create(net, 3, &model, &error) != NUMERAL_OK)
    fail_msg("%s: %s", net, error.message);
  return model;
}

static explanation *explain(const numeral_model *model, const char *image,
                            int digit) {
  explanation *e = calloc(1, sizeof *e);
  const explanation_request request = {image, data_source_defaults(), digit};
  numeral_error error;
  assert_non_null(e);
  if (explanation_make(&request, model, "model", e, &error) != NUMERAL_OK)
    fail_msg("%s", error.message);
  return e;
}

static void let_go(explanation *e) {
  explanation_release(e);
  free(e);
}

/* ---- What is said
 * ------------------------------------------------------------- */

static void the_answer_and_the_runner_up(void **state) {
  (void)state;
  numeral_model *model = model_of(deep);
  explanation *e = explain(model, "synth:test:4", -1);
  assert_string_equal(e->name, "synth:test:4");
  assert_int_equal(e->label, 2);
  assert_false(e->blank);
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    assert_true(e->probabilities[i] <= e->probabilities[e->digit]);
    if (i != e->digit)
      assert_true(e->probabilities[i] <= e->probabilities[e->runner_up]);
  }
  assert_int_not_equal(e->digit, e->runner_up);
  assert_int_equal(e->explained[0], e->digit);
  assert_int_equal(e->explained[1], e->runner_up);
  assert_string_equal(explanation_role(e, 1), "the runner-up");
  assert_string_equal(explanation_method(e->heat_layer), "Grad-CAM");
  let_go(e);
  numeral_model_destroy(model);
}

static void another_digit_may_be_asked_for(void **state) {
  (void)state;
  numeral_model *model = model_of(deep);
  explanation *first = explain(model, "synth:test:4", -1);
  int other = 0;
  while (other == first->digit || other == first->runner_up) ++other;
  explanation *asked = explain(model, "synth:test:4", other);
  assert_int_equal(asked->explained[1], other);
  assert_int_equal(asked->runner_up, first->runner_up);
  assert_string_equal(explanation_role(asked, 1), "as asked");
  /* the answer itself is shown anyway */
  explanation *same = explain(model, "synth:test:4", first->digit);
  assert_int_equal(same->explained[1], first->runner_up);
  let_go(first);
  let_go(asked);
  let_go(same);
  numeral_model_destroy(model);
}

static void no_convolution_is_no_grad_cam(void **state) {
  (void)state;
  char text[METHOD_BYTES];
  numeral_model *model = model_of(flat);
  explanation *e = explain(model, "synth:test:4", -1);
  assert_int_equal(e->heat_layer, -1);
  assert_string_equal(explanation_method(e->heat_layer),
                      "gradient times pixel");
  explanation_describe(e, text);
  assert_non_null(strstr(text, "Gradient times pixel"));
  assert_false(explanation_layer_is_seen(e, 0));
  assert_true(explanation_layer_is_seen(e, 1));
  let_go(e);
  numeral_model_destroy(model);
}

static void layers_say_how_many_are_shown(void **state) {
  (void)state;
  char text[BOARD_TEXT_BYTES];
  numeral_model *model = model_of(deep);
  explanation *e = explain(model, "synth:test:4", -1);
  panel_layer_caption(e, 0, text);
  assert_string_equal(text, "64 of 70 maps of 26 x 26");
  panel_layer_caption(e, 3, text);
  assert_string_equal(text, "8 maps of 6 x 6");
  panel_layer_caption(e, 6, text);
  assert_string_equal(text, "256 of 300 numbers");
  let_go(e);
  numeral_model_destroy(model);
}

/* ---- Who is near
 * -------------------------------------------------------------- */

enum { NEAR = 5, AMONG = 5000 }; /* more than a portion */

static void near_is_near_among_all(void **state) {
  (void)state;
  numeral_model *model = model_of(flat);
  numeral_dataset *all;
  size_t width = numeral_model_get_info(model).feature_count;
  float *features = malloc(AMONG * width * sizeof *features);
  neighbours *found = malloc(sizeof *found);
  size_t expected[NEAR];
  float distances[NEAR];
  data_source_options data = data_source_defaults();
  data.data = "synth:5000";
  assert_int_equal(numeral_dataset_synthesise(AMONG, 1, &all, NULL),
                   NUMERAL_OK);
  const uint8_t *images = numeral_dataset_images(all);
  const uint8_t *query = images + 4321 * NUMERAL_IMAGE_PIXELS;
  numeral_features(model, images, AMONG, 1, features, NULL);
  numeral_nearest(features, AMONG, width, features + 4321 * width, NEAR,
                  expected, distances, NULL);
  assert_int_equal(
      neighbours_find(model, query, "a picture", &data, NEAR, 1, found, NULL),
      NUMERAL_OK);
  assert_string_equal(found->set, "synth:train");
  assert_int_equal(found->count, NEAR);
  for (size_t i = 0; i < NEAR; ++i) {
    const neighbour *n = &found->nearest[i];
    assert_int_equal(n->index, expected[i]);
    assert_true(n->distance == distances[i]);
    assert_int_equal(n->label, numeral_dataset_labels(all)[n->index]);
    assert_memory_equal(n->pixels, images + n->index * NUMERAL_IMAGE_PIXELS,
                        NUMERAL_IMAGE_PIXELS);
  }
  /* the image itself is not its own neighbour */
  assert_int_equal(found->nearest[0].index, 4321);
  neighbours_find(model, query, "synth:train:4321", &data, NEAR - 1, 1, found,
                  NULL);
  assert_int_equal(found->count, NEAR - 1);
  assert_int_equal(found->nearest[0].index, expected[1]);
  free(found);
  free(features);
  numeral_dataset_destroy(all);
  numeral_model_destroy(model);
}

static void few_have_few_neighbours(void **state) {
  (void)state;
  numeral_model *model = model_of(flat);
  neighbours *found = malloc(sizeof *found);
  const uint8_t image[NUMERAL_IMAGE_PIXELS] = {0};
  data_source_options data = data_source_defaults();
  data.data = "synth:3";
  assert_int_equal(
      neighbours_find(model, image, "x", &data, NEIGHBOURS_MAX, 1, found, NULL),
      NUMERAL_OK);
  assert_int_equal(found->count, 3);
  free(found);
  numeral_model_destroy(model);
}

/* ---- The poster
 * --------------------------------------------------------------- */

static void expect_inside(const board *b) {
  for (size_t i = 0; i < b->count; ++i) {
    const board_item *item = &b->items[i];
    assert_true(item->x >= 0 && item->y >= 0);
    assert_true(item->x + item->width <= (float)b->width);
    assert_true(item->y + item->height <= (float)b->height);
  }
}

static void expect_poster(const char *net, bool dark) {
  numeral_model *model = model_of(net);
  explanation *e = explain(model, "synth:test:4", -1);
  data_source_options data = data_source_defaults();
  board poster;
  numeral_error error;
  image_file picture;
  unsigned char *png;
  size_t size_bytes;
  data.data = "synth:60";
  neighbours_find(model, e->pixels, e->name, &data, 12, 1, &e->near, &error);
  assert_int_equal(
      explain_poster_lay_out(e, dark ? LOOK_DARK : LOOK_LIGHT, &poster, &error),
      NUMERAL_OK);
  expect_inside(&poster);
  if (board_encode(&poster, &png, &size_bytes, &error) != NUMERAL_OK)
    fail_msg("%s", error.message);
  assert_int_equal(
      image_file_parse(png, size_bytes, "poster", &picture, &error),
      NUMERAL_OK);
  assert_int_equal(picture.raster.width_px, 2240);
  assert_int_equal(picture.raster.height_px, 2 * poster.height);
  assert_int_equal(picture.pixels[0], dark ? 0x1c : 0xff);
  image_file_release(&picture);
  free(png);
  board_release(&poster);
  let_go(e);
  numeral_model_destroy(model);
}

static void a_poster_is_a_whole_picture(void **state) {
  (void)state;
  expect_poster(deep, false);
  expect_poster(flat, true);
}

/* 100 layers of 64 maps would be taller than a picture may be. */
static void a_poster_has_an_end(void **state) {
  (void)state;
  char net[8192] = "conv 64 3x3 relu";
  for (int i = 0; i < 99; ++i) strcat(net, ", batchnorm");
  strcat(net, ", flatten, dense 10");
  expect_poster(net, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_answer_and_the_runner_up),
      cmocka_unit_test(another_digit_may_be_asked_for),
      cmocka_unit_test(no_convolution_is_no_grad_cam),
      cmocka_unit_test(layers_say_how_many_are_shown),
      cmocka_unit_test(near_is_near_among_all),
      cmocka_unit_test(few_have_few_neighbours),
      cmocka_unit_test(a_poster_is_a_whole_picture),
      cmocka_unit_test(a_poster_has_an_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
