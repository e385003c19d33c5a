/* test_recipe.c: what a recipe can ask for beyond plain training: augmentation,
 * running means, mixup, warm restarts, frozen layers, another model's numbers.
 * The plain loop is in test_train.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "engine/schedule.h"
#include "model/model.h"
#include "nn/optimise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/numeral-test-recipe-XXXXXX";
static char checkpoint[64];
static numeral_dataset *train_set, *validation_set;

static int open_group(void **unused) {
  (void)unused;
  if (!mkdtemp(folder)) return 1;
  snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint", folder);
  return numeral_dataset_synthesise(500, 1, &train_set, NULL) ||
         numeral_dataset_synthesise(100, 2, &validation_set, NULL);
}

static int close_group(void **unused) {
  (void)unused;
  numeral_dataset_destroy(train_set);
  numeral_dataset_destroy(validation_set);
  unlink(checkpoint);
  return rmdir(folder);
}

static const char net[] =
    "conv 4 3x3 stride 2, batchnorm relu, maxpool 2, conv 8 3x3 relu, "
    "batchnorm, flatten, dense 16 relu, dropout 0.1, dense 10";
enum { SECOND_CONV = 3, SECOND_NORM = 4, FIRST_DENSE = 6 };

static numeral_train_options plain(void) {
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.net = net;
  options.recipe.epochs = 2;
  options.recipe.batch = 33; /* an odd one: an image is its own partner */
  options.threads = 2;
  return options;
}

/* All that can be asked for at once. */
static numeral_train_options all_of_it(void) {
  numeral_train_options options = plain();
  options.recipe.augment = numeral_augment_preset(NUMERAL_STRENGTH_STRONG);
  options.recipe.mixup = 0.4;
  options.recipe.ema = 0.9;
  options.recipe.patience = 2;
  options.recipe.label_smoothing = 0.1;
  options.recipe.schedule = NUMERAL_SCHEDULE_WARM_RESTARTS;
  options.recipe.restart_epochs = 1;
  options.recipe.freeze = 2;
  return options;
}

static numeral_model *train(const numeral_train_options *options) {
  numeral_model *model;
  numeral_error error;
  if (numeral_train(options, train_set, validation_set, &model, &error))
    fail_msg("%s", error.message);
  return model;
}

static bool same_numbers(const numeral_model *a, const numeral_model *b) {
  const nml_net *n = a->net;
  return memcmp(a->params, b->params, n->params_floats * sizeof(float)) == 0 &&
         memcmp(a->state, b->state, n->state_floats * sizeof(float)) == 0;
}

/* ---- The same bits ----------------------------------------------------- */

static void threads_do_not_change_a_bit(void **unused) {
  (void)unused;
  numeral_train_options options = all_of_it();
  options.threads = 1;
  numeral_model *one = train(&options);
  options.threads = 3;
  numeral_model *three = train(&options);
  assert_true(same_numbers(one, three));
  options.seed = 2;
  numeral_model *other = train(&options);
  assert_false(same_numbers(one, other));
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
  const int stops[] = {1, 9, 16, 17, 30};
  numeral_train_options options = all_of_it();
  numeral_model *start = train(&options);
  options.init = start;
  numeral_model *whole = train(&options);
  options.checkpoint_path = checkpoint;
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
    int left = stops[i];
    numeral_model *resumed;
    options.progress = stop_after;
    options.user = &left;
    options.resume = 0;
    assert_int_equal(
        numeral_train(&options, train_set, validation_set, &resumed, NULL),
        NUMERAL_STOPPED);
    options.progress = NULL;
    options.resume = 1;
    resumed = train(&options);
    assert_true(same_numbers(whole, resumed));
    numeral_model_destroy(resumed);
  }
  numeral_model_destroy(start);
  numeral_model_destroy(whole);
}

static void expect_refused(const numeral_train_options *options,
                           const char *word) {
  numeral_model *model;
  numeral_error error;
  assert_int_equal(
      numeral_train(options, train_set, validation_set, &model, &error),
      NUMERAL_ERROR_FORMAT);
  assert_non_null(strstr(error.message, word));
}

static void another_run_is_refused(void **unused) {
  (void)unused;
  numeral_train_options options = all_of_it();
  numeral_model *start = train(&options), *model;
  int left = 2;
  options.checkpoint_path = checkpoint;
  options.progress = stop_after;
  options.user = &left;
  assert_int_equal(
      numeral_train(&options, train_set, validation_set, &model, NULL),
      NUMERAL_STOPPED);
  options.progress = NULL;
  options.resume = 1;
  const numeral_train_options same = options;
  options.recipe.augment.blur_px *= 2;
  expect_refused(&options, "recipe");
  options = same;
  options.recipe.mixup = 0;
  expect_refused(&options, "recipe");
  options = same;
  options.recipe.ema = 0.91;
  expect_refused(&options, "recipe");
  options = same;
  options.recipe.freeze = 1;
  expect_refused(&options, "recipe");
  options = same;
  options.recipe.restart_factor = 3;
  expect_refused(&options, "recipe");
  options = same;
  options.init = start;
  expect_refused(&options, "initial model");
  numeral_model_destroy(start);
}

/* ---- Augmentation ------------------------------------------------------ */

/* Training on images that were changed beforehand gives the same bits. */
static void an_epoch_sees_the_images_of_augment_images(void **unused) {
  (void)unused;
  size_t count = numeral_dataset_count(train_set);
  numeral_train_options options = plain();
  options.recipe.epochs = 1;
  options.recipe.augment = numeral_augment_preset(NUMERAL_STRENGTH_MEDIUM);
  options.recipe.schedule = NUMERAL_SCHEDULE_CONSTANT;
  numeral_model *changing = train(&options);
  uint8_t *images = malloc(count * NUMERAL_IMAGE_PIXELS);
  numeral_dataset *changed, *kept = train_set;
  assert_int_equal(numeral_augment_images(
                       &options.recipe.augment, options.seed, 0, 0,
                       numeral_dataset_images(train_set), count, images, NULL),
                   NUMERAL_OK);
  assert_int_equal(
      numeral_dataset_create(images, numeral_dataset_labels(train_set), count,
                             &changed, NULL),
      NUMERAL_OK);
  options.recipe.augment = numeral_augment_preset(NUMERAL_STRENGTH_NONE);
  train_set = changed;
  numeral_model *still = train(&options);
  train_set = kept;
  assert_true(same_numbers(changing, still));
  numeral_dataset_destroy(changed);
  numeral_model_destroy(changing);
  numeral_model_destroy(still);
  free(images);
}

/* ---- Running means ----------------------------------------------------- */

static void a_mean_moves_as_the_formula_says(void **unused) {
  (void)unused;
  enum { COUNT = 16 * 3000 };
  nml_random random = nml_random_init(1, NML_PURPOSE_TEST, 0, 0);
  float *values = nml_alloc(COUNT, sizeof *values);
  float *mean = nml_alloc(COUNT, sizeof *mean);
  double *wanted = malloc(COUNT * sizeof *wanted);
  nml_team *team;
  assert_int_equal(nml_team_create(3, &team, NULL), NUMERAL_OK);
  for (int i = 0; i < COUNT; i++) {
    values[i] = nml_random_normal(&random);
    mean[i] = nml_random_normal(&random);
    wanted[i] = 0.99 * (double)mean[i] + 0.01 * (double)values[i];
  }
  nml_running_mean(0.99, COUNT, values, mean, team);
  for (int i = 0; i < COUNT; i++)
    assert_true(fabs(wanted[i] - (double)mean[i]) < 1e-6);
  nml_team_destroy(team);
  nml_free(values);
  nml_free(mean);
  free(wanted);
}

static const float *numbers_of(const numeral_model *model, bool state) {
  return state ? model->state : model->params;
}

/* The averages after two steps are of the first numbers and those after each of
 * the steps, in shares that the decay says. */
static void the_mean_is_that_of_the_steps(void **unused) {
  (void)unused;
  numeral_train_options options = plain();
  numeral_dataset *few, *rest, *kept = train_set;
  assert_int_equal(numeral_dataset_split(train_set, 0.12, 1, &rest, &few, NULL),
                   NUMERAL_OK);
  train_set = few;
  options.recipe.batch = 60;
  options.recipe.schedule = NUMERAL_SCHEDULE_CONSTANT;
  options.recipe.epochs = 1;
  numeral_model *after[3], *mean;
  assert_int_equal(numeral_model_create(net, 1, &after[0], NULL), NUMERAL_OK);
  after[1] = train(&options);
  options.recipe.epochs = 2;
  after[2] = train(&options);
  options.recipe.ema = 0.15; /* 1/10 in the first step, then 0.15 < 2/11 */
  mean = train(&options);
  train_set = kept;
  for (int part = 0; part < 2; part++) {
    size_t count = part ? mean->net->state_floats : mean->net->params_floats;
    for (size_t i = 0; i < count; i++) {
      double a = (double)numbers_of(after[0], part)[i];
      double b = (double)numbers_of(after[1], part)[i];
      double c = (double)numbers_of(after[2], part)[i];
      double wanted = 0.15 * (0.1 * a + 0.9 * b) + 0.85 * c;
      assert_true(fabs(wanted - (double)numbers_of(mean, part)[i]) < 1e-6);
    }
  }
  for (int i = 0; i < 3; i++) numeral_model_destroy(after[i]);
  numeral_model_destroy(mean);
  numeral_dataset_destroy(few);
  numeral_dataset_destroy(rest);
}

static int note_loss(const numeral_progress *progress, void *user) {
  if (progress->event == NUMERAL_EVENT_EPOCH)
    *(double *)user = progress->val_loss;
  return 0;
}

static void the_mean_is_what_is_validated(void **unused) {
  (void)unused;
  numeral_train_options options = plain();
  double loss = 0;
  options.recipe.ema = 0.95;
  options.progress = note_loss;
  options.user = &loss;
  numeral_model *model = train(&options);
  numeral_evaluation e;
  assert_int_equal(numeral_evaluate(model, validation_set, 1,
                                    NUMERAL_PRECISION_AUTO, &e, NULL, NULL),
                   NUMERAL_OK);
  assert_true(fabs(e.loss - loss) < 1e-6);
  numeral_model_destroy(model);
}

/* ---- Warm restarts, mixup's law ---------------------------------------- */

static void restarts_come_when_they_should(void **unused) {
  (void)unused;
  numeral_recipe recipe = plain().recipe;
  recipe.schedule = NUMERAL_SCHEDULE_WARM_RESTARTS;
  recipe.epochs = 30;
  recipe.learning_rate = 0.5;
  for (int factor = 1; factor <= 3; factor++) {
    int from = 0, period = 2;
    recipe.restart_epochs = period;
    recipe.restart_factor = factor;
    for (int step = 0; step < 300; step++) {
      if (step == (from + period) * 10) {
        from += period;
        period *= factor;
      }
      double share = (step / 10.0 - from) / period;
      double wanted = 0.25 * (1 + cos(share * 3.14159265358979));
      assert_true(
          fabs(nml_schedule_rate(&recipe, (uint64_t)step, 10) - wanted) < 1e-9);
    }
  }
  recipe.restart_factor = 1; /* a long run is not walked through */
  recipe.restart_epochs = 1;
  assert_true(fabs(nml_schedule_rate(&recipe, (uint64_t)1 << 60, 1) - 0.5) <
              1e-9);
}

static void shares_follow_their_law(void **unused) {
  (void)unused;
  const double alphas[] = {0.01, 0.2, 1, 3, 100};
  enum { DRAWS = 40000 };
  for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
    nml_random random = nml_random_init(4, NML_PURPOSE_TEST, i, 0);
    double sum = 0, squares = 0, variance = 1 / (4 * (2 * alphas[i] + 1));
    for (int k = 0; k < DRAWS; k++) {
      double x = nml_random_beta(&random, alphas[i]);
      assert_true(x >= 0 && x <= 1);
      sum += x - 0.5;
      squares += (x - 0.5) * (x - 0.5);
    }
    assert_true(fabs(sum / DRAWS) < 5 * sqrt(variance / DRAWS));
    assert_true(fabs(squares / DRAWS / variance - 1) < 0.05);
  }
}

/* ---- Beginning with a model, frozen layers ----------------------------- */

static void assert_layer(const numeral_model *a, const numeral_model *b,
                         int layer, bool same) {
  const nml_layer *l = &a->net->layers[layer];
  size_t count = l->bias_at + (size_t)l->w_pitch - l->weight_at;
  int order = memcmp(a->params + l->weight_at, b->params + l->weight_at,
                     count * sizeof(float));
  assert_int_equal(order == 0, same);
}

static void assert_statistics(const numeral_model *a, const numeral_model *b,
                              int layer, bool same) {
  const nml_layer *l = &a->net->layers[layer];
  int order = memcmp(a->state + l->state_at, b->state + l->state_at,
                     2 * (size_t)l->w_pitch * sizeof(float));
  assert_int_equal(order == 0, same);
}

static void frozen_layers_stay(void **unused) {
  (void)unused;
  numeral_train_options options = plain();
  numeral_model *start = train(&options);
  options.init = start;
  options.recipe.optimizer = NUMERAL_OPTIMIZER_ADAMW;
  options.recipe.weight_decay = 0.1;
  for (int freeze = SECOND_CONV; freeze <= SECOND_NORM + 2; freeze++) {
    options.recipe.freeze = freeze;
    numeral_model *model = train(&options);
    assert_layer(start, model, 0, true);
    assert_layer(start, model, 1, true);
    assert_statistics(start, model, 1, true);
    assert_layer(start, model, SECOND_CONV, freeze > SECOND_CONV);
    assert_layer(start, model, SECOND_NORM, freeze > SECOND_NORM);
    assert_statistics(start, model, SECOND_NORM, freeze > SECOND_NORM);
    assert_layer(start, model, FIRST_DENSE, false);
    assert_non_null(numeral_model_metadata(model, "init"));
    numeral_model_destroy(model);
  }
  numeral_model_destroy(start);
}

static int note_first_loss(const numeral_progress *progress, void *user) {
  double *first = user;
  if (progress->event == NUMERAL_EVENT_STEP && *first < 0)
    *first = progress->loss;
  return 0;
}

/* All but the last layer frozen and no dropout: the first step's loss is what
 * prediction says of the same images. */
static void a_frozen_network_works_as_in_prediction(void **unused) {
  (void)unused;
  double first = -1;
  numeral_train_options options = plain();
  options.net =
      "conv 4 3x3 stride 2, batchnorm relu, maxpool 2, flatten, "
      "dense 16, batchnorm relu, dense 10";
  options.recipe.precision = NUMERAL_PRECISION_FP32;
  options.recipe.batch = 500;
  options.recipe.epochs = 3;
  numeral_model *start = train(&options);
  options.init = start;
  options.recipe.freeze = 6;
  options.recipe.epochs = 1;
  options.progress = note_first_loss;
  options.user = &first;
  numeral_model *model = train(&options);
  numeral_evaluation e;
  assert_int_equal(numeral_evaluate(start, train_set, 1, NUMERAL_PRECISION_FP32,
                                    &e, NULL, NULL),
                   NUMERAL_OK);
  assert_true(fabs(e.loss - first) < 1e-5);
  numeral_model_destroy(start);
  numeral_model_destroy(model);
}

static void expect_argument(const numeral_train_options *options,
                            const char *word) {
  numeral_model *model;
  numeral_error error;
  assert_int_equal(
      numeral_train(options, train_set, validation_set, &model, &error),
      NUMERAL_ERROR_ARGUMENT);
  assert_non_null(strstr(error.message, word));
  assert_null(model);
}

static void bad_settings_are_refused(void **unused) {
  (void)unused;
  const numeral_train_options good = plain();
  numeral_train_options o = good;
  numeral_model *other;
  assert_int_equal(numeral_model_create("flatten, dense 10", 1, &other, NULL),
                   NUMERAL_OK);
  o.init = other;
  expect_argument(&o, "another network");
  o = good;
  o.recipe.freeze = 9;
  expect_argument(&o, "nothing is left");
  o.recipe.freeze = 1000;
  expect_argument(&o, "nothing is left");
  o.recipe.freeze = -1;
  expect_argument(&o, "freeze");
  o = good;
  o.recipe.mixup = -1;
  expect_argument(&o, "mixup");
  o = good;
  o.recipe.ema = 1;
  expect_argument(&o, "ema");
  o.recipe.ema = NAN;
  expect_argument(&o, "ema");
  o = good;
  o.recipe.augment.noise = 0.6;
  expect_argument(&o, "noise");
  o = good;
  o.recipe.schedule = NUMERAL_SCHEDULE_WARM_RESTARTS;
  o.recipe.restart_epochs = 0;
  expect_argument(&o, "restart");
  o.recipe.restart_epochs = 1;
  o.recipe.restart_factor = 0.5;
  expect_argument(&o, "restart");
  numeral_model_destroy(other);
}

static void refused_memory_is_an_error_never_a_crash(void **unused) {
  (void)unused;
  numeral_train_options options = all_of_it();
  options.net = "conv 2 9x9 stride 4, batchnorm, flatten, dense 10";
  options.recipe.epochs = 1;
  options.recipe.freeze = 1;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  for (long nth = 1; status == NUMERAL_ERROR_MEMORY; nth++) {
    numeral_model *model;
    nml_alloc_fail_at(nth);
    status = numeral_train(&options, train_set, validation_set, &model, NULL);
    nml_alloc_fail_at(0);
    numeral_model_destroy(model);
  }
  assert_int_equal(status, NUMERAL_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(a_stopped_run_goes_on_bit_for_bit),
      cmocka_unit_test(another_run_is_refused),
      cmocka_unit_test(an_epoch_sees_the_images_of_augment_images),
      cmocka_unit_test(a_mean_moves_as_the_formula_says),
      cmocka_unit_test(the_mean_is_that_of_the_steps),
      cmocka_unit_test(the_mean_is_what_is_validated),
      cmocka_unit_test(restarts_come_when_they_should),
      cmocka_unit_test(shares_follow_their_law),
      cmocka_unit_test(frozen_layers_stay),
      cmocka_unit_test(a_frozen_network_works_as_in_prediction),
      cmocka_unit_test(bad_settings_are_refused),
      cmocka_unit_test(refused_memory_is_an_error_never_a_crash)};
  return cmocka_run_group_tests(tests, open_group, close_group);
}
