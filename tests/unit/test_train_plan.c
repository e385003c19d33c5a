/* test_train_plan.c: the options of training: command line, run.json and
 * back, and what contradicts a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/json_text.h"
#include "app/train_plan.h"

static const command_usage usage = {.name = "train", .summary = "Test."};

enum { MAX_WORDS = 64 };

/* Reads "--lr 0.1 --batch 3" as the command line, whose words stay in `line`.
 */
static void read_line(char *line, train_request *request, arguments *args) {
  static option_row table[OPTIONS_MAX];
  char *words[MAX_WORDS + 1] = {"train"};
  int count = 1;
  for (char *word = strtok(line, " "); word && count < MAX_WORDS;
       word = strtok(NULL, " ")) {
    words[count++] = word;
  }
  train_request_options(request, table);
  assert_true(options_read(&usage, table, count, words, args));
}

static void make(const char *text, train_plan *plan) {
  char line[512];
  train_request request;
  arguments args;
  snprintf(line, sizeof line, "%s", text);
  read_line(line, &request, &args);
  assert_int_equal(train_plan_make(&request, &args, plan, NULL), NUMERAL_OK);
}

/* The option that contradicts `plan`, or NULL. */
static const char *contradiction(const char *text, const train_plan *plan) {
  static char line[512];
  train_request request;
  arguments args;
  snprintf(line, sizeof line, "%s", text);
  read_line(line, &request, &args);
  return train_plan_contradiction(&request, &args, plan);
}

static void takes_the_recipe_of_the_network(void **state) {
  (void)state;
  train_plan plan;
  numeral_recipe recipe;
  assert_int_equal(numeral_recipe_for("cnn-100", &recipe, NULL), NUMERAL_OK);
  make("--net cnn-100", &plan);
  assert_memory_equal(&plan.recipe, &recipe, sizeof recipe);
  make("--net cnn-100 --batch 17", &plan);
  assert_int_equal(plan.recipe.batch, 17);
  assert_true(plan.recipe.learning_rate == recipe.learning_rate);
}

static void another_optimizer_brings_its_own_numbers(void **state) {
  (void)state;
  train_plan plan;
  make("--net cnn --optimizer sgd", &plan);
  assert_int_equal(plan.recipe.optimizer, NUMERAL_OPTIMIZER_SGD);
  assert_true(plan.recipe.learning_rate == 0.01);
  assert_true(plan.recipe.momentum == 0.9);
  make("--net cnn --optimizer sgd --lr 0.5 --momentum 0", &plan);
  assert_true(plan.recipe.learning_rate == 0.5);
  assert_true(plan.recipe.momentum == 0);
  make("--net cnn-100 --optimizer sgd", &plan);
  assert_true(plan.recipe.learning_rate == 0.01);
}

static void strengths_and_settings_by_hand(void **state) {
  (void)state;
  train_plan plan;
  numeral_augment strong = numeral_augment_preset(NUMERAL_STRENGTH_STRONG);
  make("--net mlp --augment strong", &plan);
  assert_memory_equal(&plan.recipe.augment, &strong, sizeof strong);
  make("--rotate 3 --net mlp --augment strong --noise 0", &plan);
  strong.rotate_degrees = 3;
  strong.noise = 0;
  assert_memory_equal(&plan.recipe.augment, &strong, sizeof strong);
  make("--net mlp --elastic 2", &plan);
  assert_true(plan.recipe.augment.elastic_px == 2);
  assert_true(plan.recipe.augment.rotate_degrees == 0);
  assert_string_equal(contradiction("--augment light", &plan), "augment");
  assert_string_equal(contradiction("--elastic 1", &plan), "elastic");
  assert_string_equal(contradiction("--blur 1", &plan), "blur");
  assert_null(contradiction("--augment none --elastic 2", &plan));
}

/* A run that was begun before there were these options. */
static void takes_an_older_run_json(void **state) {
  (void)state;
  static const char *const newer[] = {"init",  "teachers", "augment_rotate",
                                      "mixup", "ema",      "restart_epochs",
                                      "freeze"};
  train_plan plan, again;
  make("--net mlp", &plan);
  json_t *object = train_plan_to_json(&plan);
  for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
    assert_int_equal(json_object_del(object, newer[i]), 0);
  assert_int_equal(train_plan_from_json(object, &again, NULL), NUMERAL_OK);
  assert_memory_equal(&again.recipe, &plan.recipe, sizeof plan.recipe);
  json_object_del(object, "clip");
  assert_int_equal(train_plan_from_json(object, &again, NULL),
                   NUMERAL_ERROR_FORMAT);
  json_decref(object);
}

static void joined_sets_stay_apart(void **state) {
  (void)state;
  train_plan plan;
  make("--data mnist+synth:9", &plan);
  assert_string_equal(plan.data, "mnist+synth:9");
  make("--data synth:3+tests+mnist", &plan);
  assert_true(strncmp(plan.data, "synth:3+/", 9) == 0);
  assert_non_null(strstr(plan.data, "/tests+mnist"));
}

static void survives_run_json(void **state) {
  (void)state;
  train_plan plan, again;
  make(
      "--lr 0.00030000000000000003 --seed 18446744073709551615 --data synth:9 "
      "-o some/where --schedule one-cycle --nesterov --val-split 0.1 "
      "--net mlp --data-dir x --augment medium --shear 0.33 --mixup 0.2 "
      "--ema 0.999 --restart-epochs 3 --restart-factor 1.5 --freeze 1 "
      "--init some/model --teacher one --teacher builtin",
      &plan);
  json_t *object = train_plan_to_json(&plan);
  char *text = json_text(object, JSON_INDENT(2));
  json_t *read = json_loads(text, 0, NULL);
  assert_int_equal(train_plan_from_json(read, &again, NULL), NUMERAL_OK);
  assert_string_equal(again.net, "mlp");
  assert_string_equal(again.data, "synth:9");
  assert_string_equal(again.out, plan.out);
  assert_int_equal(again.out[0], '/');
  assert_string_equal(again.data_dir, plan.data_dir);
  assert_string_equal(again.init, plan.init);
  assert_int_equal(again.init[0], '/');
  assert_int_equal(again.teacher_count, 2);
  assert_string_equal(again.teachers[0], plan.teachers[0]);
  assert_int_equal(again.teachers[0][0], '/');
  assert_string_equal(again.teachers[1], "builtin");
  assert_true(again.seed == UINT64_MAX);
  assert_memory_equal(&again.recipe, &plan.recipe, sizeof plan.recipe);
  free(text);
  json_decref(object);
  json_decref(read);
}

static void refuses_a_run_json_with_a_gap(void **state) {
  (void)state;
  train_plan plan;
  make("--net mlp", &plan);
  json_t *whole = train_plan_to_json(&plan);
  const char *key;
  json_t *value;
  json_object_foreach(whole, key, value) {
    numeral_error error;
    json_t *object = json_copy(whole);
    json_object_set_new(object, key, json_true());
    if (strcmp(key, "seed") != 0) {
      assert_int_equal(train_plan_from_json(object, &plan, &error),
                       NUMERAL_ERROR_FORMAT);
      assert_non_null(strstr(error.message, key));
    }
    json_decref(object);
  }
  json_decref(whole);
  assert_int_equal(train_plan_from_json(NULL, &plan, NULL),
                   NUMERAL_ERROR_FORMAT);
}

static void finds_what_contradicts(void **state) {
  (void)state;
  train_plan plan;
  make("--net mlp --lr 0.02 --data synth:50 --epochs 4", &plan);
  assert_null(contradiction("", &plan));
  assert_null(
      contradiction("--lr 0.02 --epochs 4 --net mlp --data synth:50", &plan));
  assert_null(contradiction("-o elsewhere --threads 7 --checkpoint 1", &plan));
  assert_string_equal(contradiction("--lr 0.03", &plan), "lr");
  assert_string_equal(contradiction("--net cnn", &plan), "net");
  assert_string_equal(contradiction("--data synth:51", &plan), "data");
  assert_string_equal(contradiction("--seed 2", &plan), "seed");
  assert_string_equal(contradiction("--optimizer adamw", &plan), "optimizer");
  assert_string_equal(contradiction("--nesterov", &plan), "nesterov");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_the_recipe_of_the_network),
      cmocka_unit_test(another_optimizer_brings_its_own_numbers),
      cmocka_unit_test(strengths_and_settings_by_hand),
      cmocka_unit_test(takes_an_older_run_json),
      cmocka_unit_test(joined_sets_stay_apart),
      cmocka_unit_test(survives_run_json),
      cmocka_unit_test(refuses_a_run_json_with_a_gap),
      cmocka_unit_test(finds_what_contradicts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
