/* test_train.c: the training loop through numeral.h: it learns, and its
 * result depends on nothing but options and data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "numeral.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRAIN = 600, VALIDATION = 200 };

static char folder[] = "/tmp/numeral-test-train-XXXXXX";
static numeral_dataset *train_set, *validation_set;

static const char *path_of(const char *name) {
  static char paths[4][128];
  static int next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* Ten bars at ten angles, shifted, under noise: quick to make, learnable, and
 * not separable by single pixels. */
static void draw_bar(nml_random *random, int label, uint8_t *image) {
  double angle = label * 3.14159265 / 10;
  double x0 = 13.5 + (double)nml_random_range(random, -4, 4);
  double y0 = 13.5 + (double)nml_random_range(random, -4, 4);
  for (int p = 0; p < NUMERAL_IMAGE_PIXELS; p++) {
    double x = p % 28 - x0, y = p / 28 - y0;
    double along = fabs(x * cos(angle) + y * sin(angle));
    double across = fabs(x * sin(angle) - y * cos(angle));
    int noise = (int)nml_random_below(random, 90);
    image[p] = (uint8_t)(along < 9 && across < 1.6 ? 255 - noise : noise);
  }
}

static numeral_dataset *draw_set(size_t count, uint64_t seed) {
  numeral_dataset *set;
  nml_random random = nml_random_init(seed, NML_PURPOSE_TEST, 0, 0);
  uint8_t *images = malloc(count * NUMERAL_IMAGE_PIXELS),
          *labels = malloc(count);
  for (size_t i = 0; i < count; i++) {
    labels[i] = (uint8_t)nml_random_below(&random, 10);
    draw_bar(&random, labels[i], images + i * NUMERAL_IMAGE_PIXELS);
  }
  numeral_status status =
      numeral_dataset_create(images, labels, count, &set, NULL);
  free(images);
  free(labels);
  return status == NUMERAL_OK ? set : NULL;
}

static int open_group(void **unused) {
  (void)unused;
  train_set = draw_set(TRAIN, 1);
  validation_set = draw_set(VALIDATION, 2);
  return !mkdtemp(folder) || !train_set || !validation_set;
}

static int close_group(void **unused) {
  static const char *const names[] = {"checkpoint", "a", "b", "model"};
  (void)unused;
  numeral_dataset_destroy(train_set);
  numeral_dataset_destroy(validation_set);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unlink(path_of(names[i]));
  return rmdir(folder);
}

static numeral_train_options options_for(const char *net) {
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.net = net;
  options.recipe.epochs = 3;
  options.recipe.batch = 32;
  options.threads = 2;
  return options;
}

static const char small_net[] =
    "conv 4 3x3 stride 2, batchnorm relu, maxpool 2, conv 8 3x3 relu, maxpool "
    "2, flatten, dropout 0.1, dense 10";

static numeral_model *train_or_fail(const numeral_train_options *options) {
  numeral_model *model;
  numeral_error error;
  if (numeral_train(options, train_set, validation_set, &model, &error))
    fail_msg("%s", error.message);
  return model;
}

static char *bytes_of(const numeral_model *model, size_t *size) {
  const char *path = path_of("model");
  numeral_error error;
  if (numeral_model_write(model, path, &error)) fail_msg("%s", error.message);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *bytes = malloc(1 << 20);
  *size = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

static void assert_same_model(const numeral_model *a, const numeral_model *b) {
  size_t a_size, b_size;
  char *a_bytes = bytes_of(a, &a_size), *b_bytes = bytes_of(b, &b_size);
  assert_int_equal(a_size, b_size);
  assert_memory_equal(a_bytes, b_bytes, a_size);
  free(a_bytes);
  free(b_bytes);
}

static int highest(const float *p) {
  int best = 0;
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (p[k] > p[best]) best = k;
  return best;
}

/* Bin by bin, in another way than evaluate.c's. */
static void check_reliability(const numeral_evaluation *e,
                              const float (*said)[NUMERAL_CLASSES]) {
  const uint8_t *labels = numeral_dataset_labels(validation_set);
  double error = 0;
  size_t all = 0;
  for (int bin = 0; bin < NUMERAL_RELIABILITY_BINS; bin++) {
    double low = bin / 15.0, high = (bin + 1) / 15.0, confidence = 0;
    size_t count = 0, right = 0;
    for (int i = 0; i < VALIDATION; i++) {
      double p = (double)said[i][highest(said[i])];
      if (!(p > low && p <= high)) continue;
      count++;
      confidence += p;
      right += highest(said[i]) == labels[i];
    }
    const numeral_reliability *r = &e->reliability[bin];
    assert_int_equal(r->count, count);
    all += count;
    if (count == 0) continue;
    assert_float_equal(r->confidence, confidence / (double)count, 1e-9);
    assert_float_equal(r->accuracy, (double)right / (double)count, 1e-9);
    error += fabs(confidence - (double)right) / VALIDATION;
  }
  assert_int_equal(all, VALIDATION);
  assert_float_equal(e->calibration_error, error, 1e-9);
  assert_true(e->calibration_error > 0);
}

static void a_network_learns(void **unused) {
  (void)unused;
  numeral_train_options options =
      options_for("flatten, dense 64 relu, dense 10");
  options.recipe.epochs = 12;
  numeral_model *model = train_or_fail(&options);
  numeral_evaluation e;
  float said[VALIDATION][NUMERAL_CLASSES];
  assert_int_equal(numeral_evaluate(model, validation_set, 2,
                                    NUMERAL_PRECISION_AUTO, &e, said[0], NULL),
                   NUMERAL_OK);
  check_reliability(&e, (const float(*)[NUMERAL_CLASSES])said);
  assert_true(e.accuracy > 0.6);
  assert_true(e.accuracy_low < e.accuracy && e.accuracy < e.accuracy_high);
  size_t correct = 0, all = 0;
  for (int i = 0; i < VALIDATION; i++)
    correct += highest(said[i]) == numeral_dataset_labels(validation_set)[i];
  for (int k = 0; k < 100; k++) all += e.confusion[k / 10][k % 10];
  assert_int_equal(correct, e.correct);
  assert_int_equal(all, VALIDATION);
  assert_non_null(numeral_model_metadata(model, "recipe"));
  assert_float_equal(
      strtod(numeral_model_metadata(model, "val_accuracy"), NULL), e.accuracy,
      1e-6);
  numeral_model_destroy(model);
}

static void threads_do_not_change_the_file(void **unused) {
  (void)unused;
  numeral_train_options options = options_for(small_net);
  options.threads = 1;
  numeral_model *one = train_or_fail(&options);
  options.threads = 3;
  numeral_model *three = train_or_fail(&options);
  assert_same_model(one, three);
  options.seed = 2;
  numeral_model *other = train_or_fail(&options);
  size_t a_size, b_size;
  char *a = bytes_of(one, &a_size), *b = bytes_of(other, &b_size);
  assert_true(a_size != b_size || memcmp(a, b, a_size) != 0);
  free(a);
  free(b);
  numeral_model_destroy(one);
  numeral_model_destroy(three);
  numeral_model_destroy(other);
}

static int stop_after(const numeral_progress *progress, void *user) {
  int *left = user;
  return progress->event == NUMERAL_EVENT_STEP && --*left <= 0;
}

static void a_stopped_run_goes_on_bit_for_bit(void **unused) {
  (void)unused;
  const numeral_optimizer optimizers[] = {NUMERAL_OPTIMIZER_ADAM,
                                          NUMERAL_OPTIMIZER_SGD};
  const int stops[] = {1, 7, 19, 20, 30, 57};
  for (int o = 0; o < 2; o++) {
    numeral_train_options options = options_for(small_net);
    options.recipe.optimizer = optimizers[o];
    options.recipe.momentum = 0.9;
    options.recipe.patience = 2;
    numeral_model *whole = train_or_fail(&options), *resumed = NULL;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
      int left = stops[i];
      options.checkpoint_path = path_of("checkpoint");
      options.progress = stop_after;
      options.user = &left;
      options.resume = 0;
      assert_int_equal(
          numeral_train(&options, train_set, validation_set, &resumed, NULL),
          NUMERAL_STOPPED);
      assert_null(resumed);
      options.progress = NULL;
      options.resume = 1;
      resumed = train_or_fail(&options);
      assert_same_model(whole, resumed);
      numeral_model_destroy(resumed);
    }
    numeral_model_destroy(whole);
  }
}

static void expect_refused(const numeral_train_options *options,
                           const numeral_dataset *set, const char *word) {
  numeral_model *model;
  numeral_error error;
  assert_int_equal(numeral_train(options, set, validation_set, &model, &error),
                   NUMERAL_ERROR_FORMAT);
  assert_non_null(strstr(error.message, word));
}

static void a_checkpoint_of_another_run_is_refused(void **unused) {
  (void)unused;
  numeral_train_options options = options_for(small_net);
  numeral_model *model;
  int left = 2;
  options.checkpoint_path = path_of("checkpoint");
  options.progress = stop_after;
  options.user = &left;
  assert_int_equal(
      numeral_train(&options, train_set, validation_set, &model, NULL),
      NUMERAL_STOPPED);
  options.resume = 1;
  options.seed = 77;
  expect_refused(&options, train_set, "seed");
  options.seed = 1;
  expect_refused(&options, validation_set, "training data");
  options.recipe.learning_rate *= 2;
  expect_refused(&options, train_set, "recipe");
}

/* The training set for teachers who take each digit for the next one. */
static numeral_dataset *renamed_set(void) {
  numeral_dataset *set;
  uint8_t labels[TRAIN];
  for (int i = 0; i < TRAIN; i++)
    labels[i] = (uint8_t)((numeral_dataset_labels(train_set)[i] + 1) % 10);
  assert_int_equal(numeral_dataset_create(numeral_dataset_images(train_set),
                                          labels, TRAIN, &set, NULL),
                   NUMERAL_OK);
  return set;
}

static numeral_model *teacher_of(const numeral_dataset *set, uint64_t seed) {
  numeral_train_options options =
      options_for("flatten, dense 64 relu, dense 10");
  numeral_model *teacher;
  options.recipe.epochs = 12;
  options.seed = seed;
  assert_int_equal(numeral_train(&options, set, NULL, &teacher, NULL),
                   NUMERAL_OK);
  return teacher;
}

static size_t count_next(const numeral_model *model) {
  static float said[VALIDATION][NUMERAL_CLASSES];
  numeral_evaluation e;
  size_t next = 0;
  assert_int_equal(numeral_evaluate(model, validation_set, 2,
                                    NUMERAL_PRECISION_FP32, &e, said[0], NULL),
                   NUMERAL_OK);
  for (int i = 0; i < VALIDATION; i++)
    next += highest(said[i]) ==
            (numeral_dataset_labels(validation_set)[i] + 1) % 10;
  return next;
}

static void a_student_answers_as_its_teachers(void **unused) {
  (void)unused;
  numeral_dataset *renamed = renamed_set();
  const numeral_model *const teachers[] = {teacher_of(renamed, 5),
                                           teacher_of(renamed, 6)};
  numeral_train_options options =
      options_for("flatten, dense 64 relu, dense 10");
  numeral_model *student, *resumed;
  numeral_error error;
  options.recipe.epochs = 12;
  options.recipe.augment.shift_px = 1;
  options.teachers = teachers;
  options.teacher_count = 2;
  student = train_or_fail(&options);
  assert_true(count_next(student) > VALIDATION / 2);
  assert_non_null(numeral_model_metadata(student, "teachers"));
  options.threads = 3; /* the same bits, stopped and resumed */
  int left = 31;
  options.checkpoint_path = path_of("checkpoint");
  options.progress = stop_after;
  options.user = &left;
  assert_int_equal(
      numeral_train(&options, train_set, validation_set, &resumed, NULL),
      NUMERAL_STOPPED);
  options.progress = NULL;
  options.resume = 1;
  options.teacher_count = NUMERAL_MODELS_MAX + 1;
  assert_int_equal(numeral_train(&options, train_set, NULL, &resumed, &error),
                   NUMERAL_ERROR_ARGUMENT);
  options.teacher_count = 1; /* and with one teacher fewer refused */
  expect_refused(&options, train_set, "teachers");
  options.teacher_count = 2;
  resumed = train_or_fail(&options);
  assert_same_model(student, resumed);
  numeral_model_destroy(student);
  numeral_model_destroy(resumed);
  numeral_model_destroy((numeral_model *)teachers[0]);
  numeral_model_destroy((numeral_model *)teachers[1]);
  numeral_dataset_destroy(renamed);
}

static int remember(const numeral_progress *progress, void *user) {
  double *losses = user;
  if (progress->event == NUMERAL_EVENT_EPOCH)
    losses[progress->epoch] = progress->val_loss;
  return 0;
}

static void patience_keeps_the_best_epoch(void **unused) {
  (void)unused;
  double losses[64];
  for (int i = 0; i < 64; i++) losses[i] = NAN;
  numeral_train_options options =
      options_for("flatten, dense 64 relu, dense 10");
  options.recipe.epochs = 40;
  options.recipe.learning_rate = 0.02; /* overfits soon */
  options.recipe.schedule = NUMERAL_SCHEDULE_CONSTANT;
  options.recipe.patience = 3;
  options.progress = remember;
  options.user = losses;
  numeral_model *model = train_or_fail(&options);
  int ran = 0, best = 1;
  while (ran < 40 && !isnan(losses[ran + 1])) ran++;
  for (int i = 1; i <= ran; i++)
    if (losses[i] < losses[best]) best = i;
  assert_true(ran < 40);
  assert_int_equal(ran, best + 3);
  numeral_evaluation e;
  assert_int_equal(numeral_evaluate(model, validation_set, 1,
                                    NUMERAL_PRECISION_AUTO, &e, NULL, NULL),
                   NUMERAL_OK);
  assert_true(fabs(e.loss - losses[best]) < 1e-6);
  assert_int_equal(atoi(numeral_model_metadata(model, "epochs")), best);
  numeral_model_destroy(model);
}

static void a_loss_that_is_no_number_is_said(void **unused) {
  (void)unused;
  numeral_train_options options = options_for("mlp");
  numeral_model *model;
  numeral_error error;
  options.recipe.optimizer = NUMERAL_OPTIMIZER_SGD;
  options.recipe.learning_rate = 1e30;
  assert_int_equal(numeral_train(&options, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_DIVERGED);
  assert_non_null(strstr(error.message, "learning rate"));
}

static void schedules_move_the_rate(void **unused) {
  (void)unused;
  const numeral_schedule all[] = {
      NUMERAL_SCHEDULE_CONSTANT, NUMERAL_SCHEDULE_STEP, NUMERAL_SCHEDULE_COSINE,
      NUMERAL_SCHEDULE_ONE_CYCLE, NUMERAL_SCHEDULE_TRIANGLE};
  for (int i = 0; i < 5; i++) {
    numeral_train_options options = options_for("flatten, dense 10");
    options.recipe.schedule = all[i];
    options.recipe.step_epochs = 1;
    options.recipe.step_factor = 0.5;
    options.recipe.one_cycle_warmup = 0.3;
    options.recipe.clip = 1;
    numeral_model_destroy(train_or_fail(&options));
  }
}

static void bad_arguments_are_refused(void **unused) {
  (void)unused;
  numeral_model *model = (numeral_model *)1;
  numeral_error error;
  numeral_train_options options = options_for(small_net);
  assert_int_equal(numeral_train(NULL, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_null(model);
  options.recipe.epochs = 0;
  assert_int_equal(numeral_train(&options, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_non_null(strstr(error.message, "epochs"));
  options = options_for("conv 3 3x3");
  assert_int_equal(numeral_train(&options, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_SPEC);
  options = options_for(small_net);
  options.recipe.learning_rate = NAN;
  assert_int_equal(numeral_train(&options, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_ARGUMENT);
  options = options_for(small_net);
  options.checkpoint_path = "/nonexistent/checkpoint";
  assert_int_equal(numeral_train(&options, train_set, NULL, &model, &error),
                   NUMERAL_ERROR_IO);
}

static void refused_memory_is_an_error_never_a_crash(void **unused) {
  (void)unused;
  numeral_train_options options = options_for("maxpool 7, flatten, dense 10");
  options.recipe.epochs = 1;
  options.recipe.patience = 1;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  long nth = 0;
  while (status == NUMERAL_ERROR_MEMORY) {
    numeral_model *model;
    nml_alloc_fail_at(++nth);
    status = numeral_train(&options, train_set, validation_set, &model, NULL);
    nml_alloc_fail_at(0);
    if (status == NUMERAL_ERROR_MEMORY) assert_null(model);
    numeral_model_destroy(model);
  }
  assert_int_equal(status, NUMERAL_OK);
  assert_true(nth > 10);
}

static void a_session_reads_what_evaluate_reads(void **unused) {
  (void)unused;
  numeral_train_options options = options_for(small_net);
  numeral_model *model = train_or_fail(&options);
  numeral_session_options session_options;
  numeral_session *session;
  numeral_error error;
  float said[VALIDATION][NUMERAL_CLASSES];
  numeral_evaluation e;
  numeral_session_options_init(&session_options);
  session_options.max_batch = 7;
  assert_int_equal(
      numeral_session_create(model, &session_options, &session, &error),
      NUMERAL_OK);
  assert_int_equal(numeral_evaluate(model, validation_set, 2,
                                    NUMERAL_PRECISION_AUTO, &e, said[0], NULL),
                   NUMERAL_OK);
  float(*p)[NUMERAL_CLASSES] = malloc(VALIDATION * sizeof *p);
  const uint8_t *images = numeral_dataset_images(validation_set);
  assert_int_equal(
      numeral_session_predict(session, images, VALIDATION, p[0], &error),
      NUMERAL_OK);
  assert_memory_equal(p, said, sizeof said);
  const numeral_raster blank = {(const uint8_t *)"\0\0\0\0", 2, 2, 1, 2};
  numeral_prediction prediction;
  assert_int_equal(
      numeral_session_read_raster(session, &blank, &prediction, &error),
      NUMERAL_OK);
  assert_int_equal(prediction.digit, -1);
  assert_int_equal(prediction.reason, NUMERAL_REASON_BLANK);
  const numeral_raster digit = {images, 28, 28, 1, 28};
  assert_int_equal(
      numeral_session_read_raster(session, &digit, &prediction, &error),
      NUMERAL_OK);
  assert_true(prediction.digit >= 0 && prediction.confidence > 0.1f);
  const numeral_raster wrong = {images, 28, 28, 5, 28};
  assert_int_equal(
      numeral_session_read_raster(session, &wrong, &prediction, &error),
      NUMERAL_ERROR_ARGUMENT);
  const numeral_raster huge = {images, 30000, 30000, 1, 30000};
  assert_int_equal(
      numeral_session_read_raster(session, &huge, &prediction, &error),
      NUMERAL_ERROR_LIMIT);
  assert_int_equal(numeral_session_predict(session, NULL, 3, p[0], &error),
                   NUMERAL_ERROR_ARGUMENT);
  free(p);
  numeral_session_destroy(session);
  numeral_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_network_learns),
      cmocka_unit_test(threads_do_not_change_the_file),
      cmocka_unit_test(a_stopped_run_goes_on_bit_for_bit),
      cmocka_unit_test(a_checkpoint_of_another_run_is_refused),
      cmocka_unit_test(a_student_answers_as_its_teachers),
      cmocka_unit_test(patience_keeps_the_best_epoch),
      cmocka_unit_test(a_loss_that_is_no_number_is_said),
      cmocka_unit_test(schedules_move_the_rate),
      cmocka_unit_test(bad_arguments_are_refused),
      cmocka_unit_test(refused_memory_is_an_error_never_a_crash),
      cmocka_unit_test(a_session_reads_what_evaluate_reads)};
  return cmocka_run_group_tests(tests, open_group, close_group);
}
