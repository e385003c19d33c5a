/* test_report_data.c: what a report believes of a run's files, which may be
 * damaged or made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/json_text.h"
#include "app/report/report_data.h"
#include "app/train_plan.h"

static char folder[] = "/tmp/numeral-test-XXXXXX";
static report_run run; /* too large for the stack of a test */

static void put(const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static int clean(void **state) {
  (void)state;
  char path[64];
  static const char *const names[] = {"run.json", "log.jsonl",
                                      "model.safetensors"};
  report_run_release(&run);
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    unlink(path);
  }
  return 0;
}

/* A record as train writes it at first. */
static void put_record(void) {
  train_plan plan = {.net = "mlp", .data = "synth:50", .seed = 3};
  assert_int_equal(numeral_recipe_for("mlp", &plan.recipe, NULL), NUMERAL_OK);
  json_t *record = json_pack("{s:s, s:o}", "command", "numeral train",
                             "options", train_plan_to_json(&plan));
  char *text = json_text(record, 0);
  put("run.json", text);
  free(text);
  json_decref(record);
}

static bool has_notice(const char *text) {
  for (int i = 0; i < run.notice_count; ++i) {
    if (strstr(run.notices[i], text) != NULL) return true;
  }
  return false;
}

/* ---- The log
 * ------------------------------------------------------------------- */

static const char line1[] =
    "{\"epoch\":1,\"loss\":0.5,\"accuracy\":0.8,\"val_loss\":null,"
    "\"val_accuracy\":null,\"learning_rate\":0.001,\"seconds\":0.1,"
    "\"images_per_second\":100}\n";
static const char line2[] =
    "{\"epoch\":2,\"loss\":0.25,\"accuracy\":0.9,\"val_loss\":0.3,"
    "\"val_accuracy\":0.88,\"learning_rate\":0,\"seconds\":0.1,"
    "\"images_per_second\":100}\n";

static int parse(const char *text, report_epoch **epochs, int *bad_line) {
  int count;
  numeral_error error;
  assert_int_equal(
      report_log_parse(text, strlen(text), epochs, &count, bad_line, &error),
      NUMERAL_OK);
  return count;
}

static void reads_a_log(void **state) {
  (void)state;
  char text[1024];
  report_epoch *epochs;
  int bad_line;
  snprintf(text, sizeof text, "%s%s", line1, line2);
  assert_int_equal(parse(text, &epochs, &bad_line), 2);
  assert_int_equal(bad_line, 0);
  assert_true(epochs[0].loss == 0.5 && epochs[1].accuracy == 0.9);
  assert_true(isnan(epochs[0].val_loss) && epochs[1].val_loss == 0.3);
  free(epochs);
  assert_int_equal(parse("", &epochs, &bad_line), 0);
  assert_null(epochs);
}

static void leaves_out_a_line_that_is_being_written(void **state) {
  (void)state;
  char text[1024];
  report_epoch *epochs;
  int bad_line;
  snprintf(text, sizeof text, "%s{\"epoch\":2,\"lo", line1);
  assert_int_equal(parse(text, &epochs, &bad_line), 1);
  assert_int_equal(bad_line, 0);
  free(epochs);
}

static void stops_at_the_first_bad_line(void **state) {
  (void)state;
  static const char *const bad[] = {"\n",
                                    "nonsense\n",
                                    "[]\n",
                                    "{}\n",
                                    "{\"epoch\":3}\n",
                                    "{\"epoch\":1}\n",
                                    "{\"epoch\":\"2\"}\n",
                                    "{\"epoch\":2.0}\n",
                                    "\xFF\xFE\n",
                                    "[[[[[[[[[[[[[[[[[[[[[[[[\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    char text[1024];
    report_epoch *epochs;
    int bad_line;
    snprintf(text, sizeof text, "%s%s%s", line1, bad[i], line2);
    assert_int_equal(parse(text, &epochs, &bad_line), 1);
    assert_int_equal(bad_line, 2);
    free(epochs);
  }
}

static void numbers_out_of_range_are_none(void **state) {
  (void)state;
  report_epoch *epochs;
  int bad_line;
  assert_int_equal(
      parse("{\"epoch\":1,\"loss\":-1,\"accuracy\":1.5,\"val_loss\":1e300,"
            "\"val_accuracy\":\"0.9\",\"learning_rate\":true,\"seconds\":{}}\n",
            &epochs, &bad_line),
      1);
  assert_true(isnan(epochs[0].loss) && isnan(epochs[0].accuracy));
  assert_true(isnan(epochs[0].val_loss) && isnan(epochs[0].val_accuracy));
  assert_true(isnan(epochs[0].learning_rate) && isnan(epochs[0].seconds));
  free(epochs);
}

/* ---- The folder
 * ---------------------------------------------------------------- */

static void an_unfinished_run_is_one(void **state) {
  (void)state;
  numeral_error error;
  put_record();
  put("log.jsonl", line1);
  assert_int_equal(report_run_open(folder, &run, &error), NUMERAL_OK);
  assert_true(run.has_plan);
  assert_int_equal(run.epoch_count, 1);
  assert_null(run.model);
  assert_true(has_notice("not finished: 1 of"));
  assert_true(has_notice("--resume"));
  assert_string_equal(run.name, strrchr(folder, '/') + 1);
}

static void says_what_is_missing_or_damaged(void **state) {
  (void)state;
  numeral_error error;
  put("run.json", "{\"options\": {\"net\": 7}, \"result\": {}, \"cpu\": 1}");
  put("model.safetensors", "no model");
  assert_int_equal(report_run_open(folder, &run, &error), NUMERAL_OK);
  assert_false(run.has_plan);
  assert_true(has_notice("the recipe is not shown"));
  assert_true(has_notice("there are no curves"));
  assert_true(has_notice("model.safetensors"));
  assert_null(report_run_text(&run, NULL, "cpu"));
  assert_null(report_run_text(&run, "no", "such"));
  assert_true(isnan(report_run_number(&run, "result", "seconds")));
  assert_int_equal(report_run_best_epoch(&run), 0);
}

static void refuses_what_is_no_run(void **state) {
  (void)state;
  numeral_error error;
  assert_int_equal(report_run_open("/no/such/run", &run, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/no/such/run"));
  assert_int_equal(report_run_open(folder, &run, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "run.json"));
  static const char *const bad[] = {"", "{", "[1]", "7", "\"x\""};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    put("run.json", bad[i]);
    assert_int_equal(report_run_open(folder, &run, &error),
                     NUMERAL_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "run.json"));
    report_run_release(&run);
  }
}

static void keeps_notices_within_their_room(void **state) {
  (void)state;
  char text[2 * REPORT_NOTICE_BYTES];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  for (int i = 0; i < 2 * REPORT_NOTICES; ++i)
    report_run_notice(&run, "%s", text);
  assert_int_equal(run.notice_count, REPORT_NOTICES);
  assert_int_equal(strlen(run.notices[0]), REPORT_NOTICE_BYTES - 1);
}

/* ---- Measuring
 * ----------------------------------------------------------------- */

static void ranks_mistakes_and_notices_other_data(void **state) {
  (void)state;
  numeral_error error;
  data_source data;
  data_source_options options = data_source_defaults();
  options.data = "synth:300";
  assert_int_equal(data_source_load(&options, &data, &error), NUMERAL_OK);
  run.record = json_pack("{s:{s:s}}", "data", "checksum", "0123");
  assert_int_equal(numeral_model_create("flatten, dense 16 relu, dense 10", 1,
                                        &run.model, &error),
                   NUMERAL_OK);
  report_run_measure(&run, &data, 1);
  assert_true(has_notice("has changed since"));
  const report_measure *m = &run.measure;
  assert_int_equal(m->evaluation.count, 50);
  assert_int_equal(m->mistake_count,
                   m->evaluation.count - m->evaluation.correct);
  assert_true(m->mistake_count > 1);
  const uint8_t *labels = numeral_dataset_labels(m->test);
  for (size_t i = 1; i < m->mistake_count; ++i) {
    size_t a = m->mistakes[i - 1], b = m->mistakes[i];
    assert_true(m->probabilities[10 * a + labels[a]] <=
                m->probabilities[10 * b + labels[b]]);
  }
  assert_int_equal(m->map.count, 50);
  report_run_release(&run);
  data_source_release(&data);
}

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_a_log),
      cmocka_unit_test(leaves_out_a_line_that_is_being_written),
      cmocka_unit_test(stops_at_the_first_bad_line),
      cmocka_unit_test(numbers_out_of_range_are_none),
      cmocka_unit_test_teardown(an_unfinished_run_is_one, clean),
      cmocka_unit_test_teardown(says_what_is_missing_or_damaged, clean),
      cmocka_unit_test_teardown(refuses_what_is_no_run, clean),
      cmocka_unit_test_teardown(keeps_notices_within_their_room, clean),
      cmocka_unit_test_teardown(ranks_mistakes_and_notices_other_data, clean),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
