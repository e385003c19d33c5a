/* test_comparison.c: what numeral compare records: figures over seeds, which
 * training is next, compare.json and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/compare/compare_table.h"
#include "app/compare/comparison.h"

/* Two networks and three seeds from 5 on, nothing trained. */
static int begin(void **state) {
  static const char *const nets[] = {"mlp", "flatten, dense 10"};
  comparison *all = calloc(1, sizeof *all);
  assert_non_null(all);
  strcpy(all->data, "synth:100");
  all->seed = 5;
  all->seeds = 3;
  all->count = 2;
  all->record = json_pack("{s:{s:s, s:s, s:i, s:i}}", "settings", "data",
                          "synth:100", "data_dir", "", "seeds", 3, "seed", 5);
  for (int i = 0; i < 2; ++i) {
    compare_network *network = &all->networks[i];
    strcpy(network->net, nets[i]);
    assert_int_equal(numeral_recipe_for(nets[i], &network->recipe, NULL),
                     NUMERAL_OK);
    network->recipe.epochs = 3 + i;
    network->parameters = 7850;
    network->operations = 15680;
  }
  *state = all;
  return 0;
}

static int end(void **state) {
  comparison_release(*state);
  free(*state);
  return 0;
}

static void add(compare_network *network, double accuracy, double seconds,
                double microseconds) {
  compare_training training = {.accuracy = accuracy,
                               .loss = 0.5,
                               .val_accuracy = NAN,
                               .epochs = 3,
                               .train_seconds = seconds,
                               .predict_microseconds = microseconds};
  if (!isfinite(accuracy)) {
    strcpy(training.trouble, "it diverged");
    training.loss = NAN;
  }
  compare_network_add(network, &training);
}

static void assert_near(double found, double expected) {
  if (fabs(found - expected) > 1e-12) fail_msg("%g, not %g", found, expected);
}

static void takes_figures_over_seeds(void **state) {
  compare_network *network = &((comparison *)*state)->networks[0];
  compare_figures none = compare_network_figures(network);
  assert_int_equal(none.count, 0);
  assert_true(isnan(none.accuracy) && isnan(none.predict_microseconds));
  assert_string_equal(compare_accuracy_text(&none).text, "-");
  add(network, 0.98, 4, 30);
  compare_figures one = compare_network_figures(network);
  assert_near(one.accuracy, 0.98);
  assert_true(isnan(one.accuracy_deviation));
  assert_string_equal(compare_accuracy_text(&one).text, "98.00%");
  add(network, NAN, 1, NAN); /* a training that gave nothing */
  add(network, 0.96, 6, 10);
  compare_figures two = compare_network_figures(network);
  assert_int_equal(two.count, 2);
  assert_near(two.accuracy, 0.97);
  assert_near(two.accuracy_deviation, sqrt(2e-4));
  assert_near(two.train_seconds, 5);
  assert_near(two.predict_microseconds, 10);
  assert_string_equal(compare_accuracy_text(&two).text, "97.00% ± 1.41%");
}

static void trains_all_with_a_seed_before_the_next(void **state) {
  comparison *all = *state;
  for (int i = 0; i < 6; ++i) {
    assert_int_equal(comparison_done(all), i);
    assert_ptr_equal(comparison_next(all), &all->networks[i % 2]);
    add(comparison_next(all), 0.9, 1, 1);
  }
  assert_null(comparison_next(all));
  assert_int_equal(comparison_wanted(all), 6);
}

static void comes_back_from_json(void **state) {
  comparison *all = *state, *back = calloc(1, sizeof *back);
  numeral_error error;
  add(&all->networks[0], 0.9871234567, 1.23456, 41.98765);
  add(&all->networks[0], NAN, 0.5, NAN);
  json_t *object = comparison_to_json(all);
  assert_non_null(back);
  assert_int_equal(comparison_from_json(object, back, &error), NUMERAL_OK);
  assert_int_equal(back->seeds, 3);
  assert_true(back->seed == 5);
  assert_int_equal(back->networks[0].count, 2);
  assert_int_equal(back->networks[1].recipe.epochs, 4);
  assert_string_equal(back->networks[0].trainings[1].trouble, "it diverged");
  json_t *again = comparison_to_json(back);
  assert_true(json_equal(object, again)); /* rounded once, not twice */
  json_decref(object);
  json_decref(again);
  comparison_release(back);
  free(back);
}

/* With `value`, which is taken, for the `key` that lies deepest. */
static void refuse(comparison *all, const char *key, json_t *value) {
  comparison *back = calloc(1, sizeof *back);
  numeral_error error;
  json_t *object = comparison_to_json(all);
  json_t *network = json_array_get(json_object_get(object, "networks"), 0);
  json_t *training = json_array_get(json_object_get(network, "trainings"), 0);
  json_t *settings = json_deep_copy(json_object_get(object, "settings"));
  json_object_set_new(object, "settings", settings);
  json_t *holders[] = {training, network, settings, object};
  int i = 0;
  while (json_object_get(holders[i], key) == NULL) ++i;
  json_object_set(holders[i], key, value);
  assert_non_null(back);
  assert_int_equal(comparison_from_json(object, back, &error),
                   NUMERAL_ERROR_FORMAT);
  assert_non_null(strstr(error.message, "is missing or wrong"));
  comparison_release(back);
  free(back);
  json_decref(object);
  json_decref(value);
}

static void refuses_what_is_no_record(void **state) {
  comparison *all = *state;
  add(&all->networks[0], 0.9, 1, 1);
  refuse(all, "networks", json_array());
  refuse(all, "networks", json_string("mlp"));
  refuse(all, "seeds", json_integer(0));
  refuse(all, "seeds", json_integer(101));
  refuse(all, "seed", json_integer(6));
  refuse(all, "data", json_null());
  refuse(all, "net", json_integer(1));
  refuse(all, "trainings", json_null());
  refuse(all, "accuracy", json_null()); /* with nothing that says why */
  refuse(all, "accuracy", json_string("high"));
  refuse(all, "train_seconds", json_integer(-1));
  refuse(all, "recipe", json_null());
}

static void writes_numbers_short(void **state) {
  (void)state;
  assert_string_equal(compare_number_text(0.2).text, "0.20");
  assert_string_equal(compare_number_text(9.996).text, "10.0");
  assert_string_equal(compare_number_text(99.96).text, "100");
  assert_string_equal(compare_number_text(1250.4).text, "1,250");
  assert_string_equal(compare_number_text(NAN).text, "-");
}

static void writes_a_table_that_nothing_breaks(void **state) {
  comparison *all = *state;
  text_buffer page = {0};
  strcpy(all->networks[1].net, "a|b`\nc");
  add(&all->networks[0], 0.5, 0, 0);
  compare_table_markdown(all, &page);
  assert_non_null(
      strstr(page.text, "| `mlp` | 50.00% | 7,850 | 0.02 | 0.00 |"));
  assert_non_null(strstr(page.text, "| `a?b??c` | - | 7,850 |"));
  text_buffer_release(&page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(takes_figures_over_seeds, begin, end),
      cmocka_unit_test_setup_teardown(trains_all_with_a_seed_before_the_next,
                                      begin, end),
      cmocka_unit_test_setup_teardown(comes_back_from_json, begin, end),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_record, begin, end),
      cmocka_unit_test(writes_numbers_short),
      cmocka_unit_test_setup_teardown(writes_a_table_that_nothing_breaks, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
