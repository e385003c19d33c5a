/* train.c: the training loop: epochs of shuffled batches, validation, early
 * stopping, checkpoints. What a step computes is in nn/. */
#include "engine/train.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/augment.h"
#include "data/sampler.h"
#include "engine/calibrate.h"
#include "engine/checkpoint.h"
#include "engine/clock.h"
#include "engine/committee.h"
#include "engine/evaluate.h"
#include "engine/precision.h"
#include "engine/schedule.h"
#include "engine/threads.h"
#include "model/spec.h"
#include "nn/optimise.h"
#include "nn/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A batch as its teachers saw it, and what they said. */
typedef struct lesson {
  uint8_t *images; /* [batch][28][28] */
  uint8_t *labels; /* [batch] */
  float *answers;  /* [batch][10] */
} lesson;

typedef struct trainer {
  const numeral_train_options *options;
  const numeral_dataset *train, *validation; /* validation: NULL or not empty */
  numeral_model *model; /* receives the result; gives net and spec */
  nml_run *run;
  nml_predictor *validator;
  nml_committee *teachers; /* NULL: labels are learned */
  nml_train_state state;
  nml_train_identity identity;
  char recipe[NML_RECIPE_BYTES];
  char start[24];       /* checksum of options->init */
  char taught[24];      /* ... of options->teachers */
  float *gradient;      /* [params_floats] */
  float *probabilities; /* [NML_EVALUATE_BATCH][10], of the validator */
  uint32_t *order;      /* [train->count] */
  uint16_t *shares;     /* [batch] of mixup, or NULL */
  lesson lesson;        /* with teachers */
  size_t frozen_floats; /* parameters before the first that move */
  int threads;
  bool bf16;      /* the precision, AUTO resolved */
  bool augments;  /* the recipe asks for it */
  uint64_t steps; /* an epoch */
  double learning_rate;
  double drawing; /* seconds that the first weights took */
  double epoch_started, last_checkpoint; /* clock readings; the first later by
                                            what was no training since */
  double epoch_seconds;                  /* of the epoch that ended */
  double rate_since, images_per_second;
  size_t rate_images; /* images trained on since rate_since */
} trainer;

static void release(trainer *t) {
  nml_run_destroy(t->run);
  nml_predictor_destroy(t->validator);
  nml_committee_destroy(t->teachers);
  nml_train_state_release(&t->state);
  nml_free(t->gradient);
  nml_free(t->probabilities);
  nml_free(t->order);
  nml_free(t->shares);
  nml_free(t->lesson.images);
  nml_free(t->lesson.labels);
  nml_free(t->lesson.answers);
  nml_model_destroy(t->model);
}

static numeral_status take_memory(trainer *t, numeral_error *error) {
  const nml_net *net = t->model->net;
  const numeral_recipe *recipe = &t->options->recipe;
  t->gradient = nml_alloc(net->params_floats, sizeof *t->gradient);
  t->order = nml_alloc(t->train->count, sizeof *t->order);
  t->probabilities =
      nml_alloc(NML_EVALUATE_BATCH * NUMERAL_CLASSES, sizeof *t->probabilities);
  if (recipe->mixup > 0)
    t->shares = nml_alloc((size_t)recipe->batch, sizeof *t->shares);
  if (!t->gradient || !t->order || !t->probabilities ||
      (recipe->mixup > 0 && !t->shares))
    return nml_fail_memory(error, "training",
                           net->params_floats * sizeof *t->gradient +
                               t->train->count * sizeof *t->order);
  return nml_train_state_init(
      &t->state, net, nml_optimiser_slots(recipe->optimizer),
      recipe->patience > 0 && t->validation, recipe->ema > 0, error);
}

/* In bytes where the processor multiplies them: asking costs a fraction of a
 * step then. */
static numeral_status find_teachers(trainer *t, numeral_error *error) {
  const numeral_train_options *options = t->options;
  const size_t batch = (size_t)options->recipe.batch;
  if (options->teacher_count == 0) return NUMERAL_OK;
  t->lesson = (lesson){
      .images = nml_alloc(batch, NUMERAL_IMAGE_PIXELS),
      .labels = nml_alloc(batch, sizeof *t->lesson.labels),
      .answers = nml_alloc(batch, NUMERAL_CLASSES * sizeof *t->lesson.answers)};
  if (!t->lesson.images || !t->lesson.labels || !t->lesson.answers)
    return nml_fail_memory(error, "a lesson", batch * NUMERAL_IMAGE_PIXELS);
  const numeral_session_options asking = {
      .struct_size = sizeof asking,
      .threads = t->threads,
      .max_batch = options->recipe.batch,
      .precision = nml_precision_available(NUMERAL_PRECISION_INT8)
                       ? NUMERAL_PRECISION_INT8
                       : NUMERAL_PRECISION_FP32};
  return nml_committee_create(options->teachers, options->teacher_count,
                              &asking, &t->teachers, error);
}

static numeral_status make_runs(trainer *t, numeral_error *error) {
  const numeral_recipe *recipe = &t->options->recipe;
  const nml_run_options training = {
      .max_batch = recipe->batch,
      .threads = t->threads,
      .bf16 = t->bf16,
      .seed = t->options->seed,
      .label_smoothing = (float)recipe->label_smoothing,
      .frozen = recipe->freeze};
  const nml_predictor_options watching = {.max_batch = NML_EVALUATE_BATCH,
                                          .threads = t->threads};
  numeral_status status =
      nml_run_create(t->model->net, &training, &t->run, error);
  if (status == NUMERAL_OK && t->validation)
    status =
        nml_predictor_create(t->model->net, &watching, &t->validator, error);
  if (status == NUMERAL_OK) status = find_teachers(t, error);
  return status;
}

/* Of all that their answers depend on. */
static uint64_t teachers_checksum(const trainer *t) {
  uint64_t hash = nml_hash_start;
  for (size_t i = 0; i < t->options->teacher_count; i++) {
    const numeral_model *teacher = t->options->teachers[i];
    const uint64_t own = nml_model_checksum(teacher);
    hash = nml_hash(hash, &own, sizeof own);
    hash = nml_hash(hash, &teacher->temperature, sizeof teacher->temperature);
    if (teacher->ranges)
      hash =
          nml_hash(hash, teacher->ranges,
                   (size_t)teacher->net->layer_count * sizeof *teacher->ranges);
  }
  return hash;
}

static void identify(trainer *t) {
  const numeral_train_options *options = t->options;
  numeral_recipe recipe = options->recipe;
  recipe.precision = nml_precision_of_training(recipe.precision);
  t->bf16 = recipe.precision == NUMERAL_PRECISION_BF16;
  t->augments = nml_augment_is_on(&recipe.augment);
  nml_recipe_format(&recipe, t->recipe, sizeof t->recipe);
  t->identity = (nml_train_identity){
      .spec = t->model->spec,
      .recipe = t->recipe,
      .seed = options->seed,
      .train_checksum = nml_dataset_checksum(t->train),
      .validation_checksum =
          t->validation ? nml_dataset_checksum(t->validation) : 0};
  if (options->init) {
    snprintf(t->start, sizeof t->start, "%016" PRIx64,
             nml_model_checksum(options->init));
    t->identity.start = t->start;
  }
  if (options->teacher_count == 0) return;
  snprintf(t->taught, sizeof t->taught, "%016" PRIx64, teachers_checksum(t));
  t->identity.teachers = t->taught;
}

/* Back to where the checkpoint was written: its last step is this run's too,
 * for reports that come before the next one. */
static numeral_status take_up(trainer *t, numeral_error *error) {
  const nml_train_counters *c = &t->state.counters;
  numeral_status status = nml_checkpoint_read(t->options->checkpoint_path,
                                              &t->identity, &t->state, error);
  uint64_t done = (uint64_t)c->epoch * t->steps + (uint64_t)c->step;
  if (status == NUMERAL_OK && done > 0)
    t->learning_rate =
        nml_schedule_rate(&t->options->recipe, done - 1, t->steps);
  return status;
}

/* Frozen layers come first, and so do their parameters. */
static numeral_status check_frozen(trainer *t, numeral_error *error) {
  const nml_net *net = t->model->net;
  int first = t->options->recipe.freeze;
  if (first == 0) return NUMERAL_OK;
  while (first < net->layer_count && net->layers[first].parameter_count == 0)
    first++;
  if (first >= net->layer_count)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "with %d layers frozen nothing is left to train: the "
                    "network has %d, freeze fewer",
                    t->options->recipe.freeze, net->layer_count);
  t->frozen_floats = net->layers[first].weight_at;
  return NUMERAL_OK;
}

static numeral_status check_init(const trainer *t, numeral_error *error) {
  const numeral_model *init = t->options->init;
  if (!init || strcmp(init->spec, t->model->spec) == 0) return NUMERAL_OK;
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                  "the model to begin with is another network (%.160s) than "
                  "the one to train (%.160s): leave that out, or begin anew",
                  init->spec, t->model->spec);
}

/* The first numbers: drawn, or those of another model. */
static void start_numbers(trainer *t) {
  const nml_net *net = t->model->net;
  const numeral_model *init = t->options->init;
  nml_train_state *s = &t->state;
  if (!init) {
    nml_net_init(net, t->options->seed, s->params, s->state);
  } else {
    memcpy(s->params, init->params, net->params_floats * sizeof(float));
    if (net->state_floats)
      memcpy(s->state, init->state, net->state_floats * sizeof(float));
  }
  if (!s->mean_params) return;
  memcpy(s->mean_params, s->params, net->params_floats * sizeof(float));
  memcpy(s->mean_state, s->state, net->state_floats * sizeof(float));
}

static numeral_status prepare(trainer *t, numeral_error *error) {
  numeral_status status = nml_model_create(t->options->net, &t->model, error);
  if (status == NUMERAL_OK) status = check_init(t, error);
  if (status == NUMERAL_OK) status = check_frozen(t, error);
  if (status != NUMERAL_OK) return status;
  identify(t);
  status = take_memory(t, error);
  if (status != NUMERAL_OK) return status;
  status = make_runs(t, error);
  if (status != NUMERAL_OK) return status;
  size_t batch = (size_t)t->options->recipe.batch;
  t->steps = (t->train->count + batch - 1) / batch;
  t->state.counters.last_val_loss = t->state.counters.last_val_accuracy = NAN;
  double began = nml_clock_seconds();
  start_numbers(t);
  t->drawing = nml_clock_seconds() - began;
  return t->options->resume ? take_up(t, error) : NUMERAL_OK;
}

static int report(trainer *t, numeral_event event) {
  const nml_train_counters *c = &t->state.counters;
  size_t batch = (size_t)t->options->recipe.batch;
  size_t seen = (size_t)c->step * batch;
  bool ended = event == NUMERAL_EVENT_EPOCH;
  if (!t->options->progress) return 0;
  if (seen > t->train->count) seen = t->train->count;
  numeral_progress progress = {
      .event = event,
      .epoch = (int)c->epoch + (event == NUMERAL_EVENT_STEP),
      .epochs = t->options->recipe.epochs,
      .step = (int)c->step,
      .steps = (int)t->steps,
      .loss = seen ? c->loss_sum / (double)seen : 0,
      .accuracy = seen ? (double)c->correct / (double)seen : 0,
      .val_loss = ended ? c->last_val_loss : NAN,
      .val_accuracy = ended ? c->last_val_accuracy : NAN,
      .learning_rate = t->learning_rate,
      .seconds =
          ended ? t->epoch_seconds : nml_clock_seconds() - t->epoch_started,
      .images_per_second = t->images_per_second};
  return t->options->progress(&progress, t->options->user);
}

static numeral_status checkpoint(trainer *t, numeral_error *error) {
  if (!t->options->checkpoint_path) return NUMERAL_OK;
  double began = nml_clock_seconds();
  numeral_status status = nml_checkpoint_write(t->options->checkpoint_path,
                                               &t->identity, &t->state, error);
  t->last_checkpoint = nml_clock_seconds();
  t->epoch_started += t->last_checkpoint - began;
  if (status == NUMERAL_OK) report(t, NUMERAL_EVENT_CHECKPOINT);
  return status;
}

/* Over the last second or so; a fifth of one is enough to begin with. */
static void measure_rate(trainer *t, int images) {
  double now = nml_clock_seconds(), passed = now - t->rate_since;
  t->rate_images += (size_t)images;
  if (passed < 0.2 && t->images_per_second > 0) return;
  t->images_per_second = (double)t->rate_images / passed;
  if (passed < 1) return;
  t->rate_since = now;
  t->rate_images = 0;
}

/* Which epoch it is says the trainer, which the threads only read. */
static void change_image(const void *context, size_t index,
                         const uint8_t *image, uint8_t *changed) {
  const trainer *t = context;
  nml_augment_apply(&t->options->recipe.augment, t->options->seed,
                    (uint64_t)t->state.counters.epoch, index, image, changed);
}

static void draw_shares(trainer *t, uint64_t step, int count) {
  nml_random random =
      nml_random_init(t->options->seed, NML_PURPOSE_MIXUP, step, 0);
  for (int i = 0; i < count; i++)
    t->shares[i] = (uint16_t)lrint(
        NML_SHARE_ONE * nml_random_beta(&random, t->options->recipe.mixup));
}

/* The batch as it is learned from teachers: its images, already changed, and
 * their answers. */
static void take_lesson(trainer *t, nml_batch *batch) {
  lesson *l = &t->lesson;
  for (int i = 0; i < batch->count; i++) {
    uint8_t *room = l->images + (size_t)i * NUMERAL_IMAGE_PIXELS;
    const uint8_t *image = nml_batch_image(batch, i, room);
    if (image != room) memcpy(room, image, NUMERAL_IMAGE_PIXELS);
    l->labels[i] = batch->labels[batch->order[i]];
  }
  nml_committee_run(t->teachers, l->images, batch->count, l->answers);
  batch->images = l->images;
  batch->labels = l->labels;
  batch->wanted = l->answers;
  batch->order = NULL;
  batch->change = NULL;
  batch->ahead = 0;
}

/* Moves what is not frozen, and the running means. */
static void move(trainer *t, uint64_t step) {
  const numeral_recipe *recipe = &t->options->recipe;
  const nml_net *net = t->model->net;
  nml_train_state *s = &t->state;
  nml_team *team = nml_run_team(t->run);
  const size_t first = t->frozen_floats;
  t->learning_rate = nml_schedule_rate(recipe, step, t->steps);
  nml_optimise(recipe, t->learning_rate, step + 1, net->params_floats - first,
               t->gradient + first, s->slots, s->params + first, team);
  if (!s->mean_params) return;
  double decay = fmin(recipe->ema, (1 + (double)step) / (10 + (double)step));
  nml_running_mean(decay, net->params_floats, s->params, s->mean_params, team);
  nml_running_mean(decay, net->state_floats, s->state, s->mean_state, team);
}

static numeral_status step(trainer *t, numeral_error *error) {
  nml_train_counters *c = &t->state.counters;
  const numeral_recipe *recipe = &t->options->recipe;
  size_t most = (size_t)recipe->batch, at = (size_t)c->step * most;
  size_t left = t->train->count - at, count = left < most ? left : most;
  size_t behind = left - count;
  uint64_t number = (uint64_t)c->epoch * t->steps + (uint64_t)c->step;
  nml_batch batch = {.images = t->train->images,
                     .labels = t->train->labels,
                     .order = t->order + at,
                     .count = (int)count,
                     .step = number,
                     .ahead = (int)(behind < most ? behind : most),
                     .change = t->augments ? change_image : NULL,
                     .change_context = t,
                     .shares = t->shares};
  if (t->shares) draw_shares(t, number, batch.count);
  if (t->teachers) take_lesson(t, &batch);
  nml_loss loss = nml_run_gradient(t->run, t->state.params, t->state.state,
                                   &batch, t->gradient);
  if (!isfinite(loss.sum))
    return nml_fail(error, NUMERAL_ERROR_DIVERGED,
                    "the loss is no longer a number at step %" PRIu64
                    " of epoch %d: lower the learning rate (%g) or clip the "
                    "gradient",
                    (uint64_t)c->step + 1, (int)c->epoch + 1,
                    recipe->learning_rate);
  move(t, number);
  c->loss_sum += loss.sum;
  c->correct += loss.correct;
  c->step++;
  measure_rate(t, batch.count);
  return NUMERAL_OK;
}

/* Steps until the epoch is full or the caller asks to stop. */
static numeral_status epoch_steps(trainer *t, numeral_error *error) {
  while ((uint64_t)t->state.counters.step < t->steps) {
    numeral_status status = step(t, error);
    if (status != NUMERAL_OK) return status;
    if (report(t, NUMERAL_EVENT_STEP)) {
      status = checkpoint(t, error);
      return status == NUMERAL_OK ? NUMERAL_STOPPED : status;
    }
    double due = t->last_checkpoint + t->options->checkpoint_seconds;
    if (nml_clock_seconds() >= due) {
      status = checkpoint(t, error);
      if (status != NUMERAL_OK) return status;
    }
  }
  return NUMERAL_OK;
}

/* What the run would give now, but for the best epoch. */
static const float *current_params(const nml_train_state *s) {
  return s->mean_params ? s->mean_params : s->params;
}

static const float *current_state(const nml_train_state *s) {
  return s->mean_params ? s->mean_state : s->state;
}

static void validate(trainer *t) {
  nml_train_counters *c = &t->state.counters;
  numeral_evaluation evaluation;
  const nml_net *net = t->model->net;
  if (!t->validation) return;
  nml_predictor_load(t->validator, current_params(&t->state),
                     current_state(&t->state));
  nml_measure(t->validator, t->validation, t->probabilities, &evaluation, NULL);
  c->last_val_loss = evaluation.loss;
  c->last_val_accuracy = evaluation.accuracy;
  if (c->best_epoch > 0 && !(evaluation.loss < c->best_val_loss)) return;
  c->best_epoch = c->epoch;
  c->best_val_loss = evaluation.loss;
  c->best_val_accuracy = evaluation.accuracy;
  if (!t->state.best_params) return;
  memcpy(t->state.best_params, current_params(&t->state),
         net->params_floats * sizeof(float));
  memcpy(t->state.best_state, current_state(&t->state),
         net->state_floats * sizeof(float));
}

static bool out_of_patience(const trainer *t) {
  const nml_train_counters *c = &t->state.counters;
  int patience = t->options->recipe.patience;
  return patience > 0 && t->validation && c->best_epoch > 0 &&
         c->epoch - c->best_epoch >= patience;
}

/* Trains and validates one epoch, or what is left of it. A checkpoint holds
 * either a place inside an epoch or its end with everything validated. */
static numeral_status epoch(trainer *t, numeral_error *error) {
  nml_train_counters *c = &t->state.counters;
  t->epoch_started = t->rate_since = nml_clock_seconds();
  if (c->epoch == 0 && c->step == 0) t->epoch_started -= t->drawing;
  t->rate_images = 0;
  nml_sample_order(t->options->seed, (int)c->epoch, t->order, t->train->count);
  numeral_status status = epoch_steps(t, error);
  if (status != NUMERAL_OK) return status;
  c->epoch++;
  t->epoch_seconds = nml_clock_seconds() - t->epoch_started;
  validate(t);
  int stop = report(t, NUMERAL_EVENT_EPOCH);
  c->step = c->correct = 0;
  c->loss_sum = 0;
  if (!stop) return NUMERAL_OK;
  status = checkpoint(t, error);
  return status == NUMERAL_OK ? NUMERAL_STOPPED : status;
}

static numeral_status loop(trainer *t, numeral_error *error) {
  const nml_train_counters *c = &t->state.counters;
  numeral_status status = NUMERAL_OK;
  t->epoch_started = nml_clock_seconds();
  if (!t->options->resume) status = checkpoint(t, error);
  t->last_checkpoint = nml_clock_seconds();
  if (status == NUMERAL_OK && report(t, NUMERAL_EVENT_START))
    return NUMERAL_STOPPED;
  while (status == NUMERAL_OK && c->epoch < t->options->recipe.epochs &&
         !out_of_patience(t))
    status = epoch(t, error);
  return status == NUMERAL_OK ? checkpoint(t, error) : status;
}

static numeral_status add_number(numeral_model *model, const char *key,
                                 const char *format, double value,
                                 numeral_error *error) {
  char text[64];
  snprintf(text, sizeof text, format, value);
  return nml_model_set_metadata(model, key, text, error);
}

/* What is known about the model, in the file. Nothing that two runs with the
 * same options could disagree on: no time, no machine, no threads. */
static numeral_status describe(trainer *t, numeral_error *error) {
  const nml_train_counters *c = &t->state.counters;
  const char *data = t->options->data_name;
  numeral_model *model = t->model;
  char number[32];
  numeral_status status =
      nml_model_set_metadata(model, "recipe", t->recipe, error);
  snprintf(number, sizeof number, "%" PRIu64, t->options->seed);
  if (status == NUMERAL_OK)
    status = nml_model_set_metadata(model, "seed", number, error);
  if (status == NUMERAL_OK)
    status =
        nml_model_set_metadata(model, "data", data ? data : "unnamed", error);
  snprintf(number, sizeof number, "%016" PRIx64, t->identity.train_checksum);
  if (status == NUMERAL_OK)
    status = nml_model_set_metadata(model, "data_checksum", number, error);
  if (status == NUMERAL_OK && t->options->init)
    status = nml_model_set_metadata(model, "init", t->start, error);
  if (status == NUMERAL_OK && t->options->teacher_count > 0)
    status = nml_model_set_metadata(model, "teachers", t->taught, error);
  bool best = t->state.best_params && c->best_epoch > 0;
  if (status == NUMERAL_OK)
    status = add_number(model, "epochs", "%.0f",
                        (double)(best ? c->best_epoch : c->epoch), error);
  if (status != NUMERAL_OK || !t->validation) return status;
  status = add_number(model, "val_loss", "%.6f",
                      best ? c->best_val_loss : c->last_val_loss, error);
  if (status != NUMERAL_OK) return status;
  return add_number(model, "val_accuracy", "%.6f",
                    best ? c->best_val_accuracy : c->last_val_accuracy, error);
}

static void copy_result(trainer *t) {
  const nml_net *net = t->model->net;
  const nml_train_state *s = &t->state;
  bool best = s->best_params && s->counters.best_epoch > 0;
  memcpy(t->model->params, best ? s->best_params : current_params(s),
         net->params_floats * sizeof(float));
  if (net->state_floats)
    memcpy(t->model->state, best ? s->best_state : current_state(s),
           net->state_floats * sizeof(float));
}

numeral_status nml_train(const numeral_train_options *options,
                         const numeral_dataset *train,
                         const numeral_dataset *validation,
                         numeral_model **model, numeral_error *error) {
  trainer t = {
      .options = options,
      .train = train,
      .validation = validation && validation->count ? validation : NULL,
      .threads = nml_threads(options->threads)};
  *model = NULL;
  numeral_status status = prepare(&t, error);
  if (status == NUMERAL_OK) status = loop(&t, error);
  if (status == NUMERAL_OK) {
    copy_result(&t);
    status = describe(&t, error);
  }
  if (status == NUMERAL_OK) status = nml_calibrate(t.model, train, error);
  if (status == NUMERAL_OK) {
    *model = t.model;
    t.model = NULL;
  }
  release(&t);
  return status;
}
