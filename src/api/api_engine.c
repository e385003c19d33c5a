/* api_engine.c: numeral.h's sessions, training and measuring: arguments are
 * checked, the engine called, nothing more. */
#include "data/augment.h"
#include "engine/bench.h"
#include "engine/evaluate.h"
#include "engine/precision.h"
#include "engine/session.h"
#include "engine/sureness.h"
#include "engine/threads.h"
#include "engine/train.h"
#include "image/normalise.h"
#include "kernels/kernels.h"
#include "model/spec.h"
#include "nn/run.h"

#include <math.h>
#include <string.h>

enum { MAX_SIDE_PX = 32768, MAX_PIXELS = 1 << 28, MAX_EPOCHS = 100000 };

static numeral_status argument(numeral_error *error, const char *sentence) {
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT, "%s", sentence);
}

static numeral_status cannot_predict(numeral_precision precision,
                                     numeral_error *error) {
  if (precision == NUMERAL_PRECISION_BF16)
    return argument(error,
                    "this processor has no products of bf16 "
                    "(AVX512-BF16): predict with fp32");
  if (precision == NUMERAL_PRECISION_INT8)
    return argument(error,
                    "this processor has no products of bytes "
                    "(AVX512-VNNI, AVX-VNNI): predict with fp32");
  return argument(error, "precision is none of numeral_precision");
}

void numeral_session_options_init(numeral_session_options *options) {
  const numeral_session_options defaults = {
      .struct_size = sizeof *options,
      .threads = 1,
      .max_batch = NML_SESSION_DEFAULT_BATCH};
  if (options) *options = defaults;
}

numeral_status numeral_session_create(const numeral_model *model,
                                      const numeral_session_options *options,
                                      numeral_session **session,
                                      numeral_error *error) {
  return numeral_session_create_ensemble(&model, 1, options, session, error);
}

numeral_status numeral_session_create_ensemble(
    const numeral_model *const *models, size_t count,
    const numeral_session_options *options, numeral_session **session,
    numeral_error *error) {
  numeral_session_options defaults;
  nml_error_clear(error);
  if (!session) return argument(error, "session is NULL");
  *session = NULL;
  if (!models || count < 1 || count > NUMERAL_MODELS_MAX)
    return argument(error, "models is NULL, or not 1 to 16 of them");
  for (size_t i = 0; i < count; i++)
    if (!models[i]) return argument(error, "model is NULL");
  numeral_session_options_init(&defaults);
  if (!options) options = &defaults;
  if (options->struct_size < sizeof *options)
    return argument(error,
                    "session options were not set by their _init function");
  if (options->threads < 0 || options->threads > NML_MAX_THREADS)
    return argument(error, "threads must be 0 (all) to 1024");
  if (options->max_batch < 1 || options->max_batch > NML_MAX_BATCH)
    return argument(error, "max_batch must be 1 to 4096");
  if (!nml_precision_available(options->precision))
    return cannot_predict(options->precision, error);
  if (options->shifts != 0 && options->shifts != 4 &&
      options->shifts != NUMERAL_SHIFTS_MAX)
    return argument(error, "shifts must be 0, 4 or 8");
  return nml_session_create(models, count, options, session, error);
}

void numeral_session_destroy(numeral_session *session) {
  nml_session_destroy(session);
}

numeral_status numeral_session_predict(numeral_session *session,
                                       const uint8_t *images, size_t count,
                                       float *probabilities,
                                       numeral_error *error) {
  nml_error_clear(error);
  if (!session) return argument(error, "session is NULL");
  if (count > 0 && (!images || !probabilities))
    return argument(error, "images or probabilities is NULL");
  nml_session_predict(session, images, count, probabilities);
  return NUMERAL_OK;
}

numeral_status numeral_session_judge(numeral_session *session,
                                     const uint8_t *images,
                                     const numeral_frame *frames, size_t count,
                                     numeral_prediction *predictions,
                                     numeral_error *error) {
  nml_error_clear(error);
  if (predictions) memset(predictions, 0, count * sizeof *predictions);
  if (!session) return argument(error, "session is NULL");
  if (count > 0 && (!images || !predictions))
    return argument(error, "images or predictions is NULL");
  nml_session_judge(session, images, frames, count, predictions);
  return NUMERAL_OK;
}

static numeral_status check_raster(const numeral_raster *raster,
                                   numeral_error *error) {
  if (!raster || !raster->pixels) return argument(error, "raster is NULL");
  if (raster->channels < 1 || raster->channels > 4)
    return argument(error, "a raster has 1 to 4 channels");
  if (raster->width_px < 1 || raster->height_px < 1)
    return argument(error, "a raster is at least 1 x 1 pixels");
  if (raster->width_px > MAX_SIDE_PX || raster->height_px > MAX_SIDE_PX ||
      (int64_t)raster->width_px * raster->height_px > MAX_PIXELS)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "a picture of %d x %d pixels is too large: sides up to %d "
                    "and %d million pixels are read; make it smaller first",
                    raster->width_px, raster->height_px, MAX_SIDE_PX,
                    MAX_PIXELS >> 20);
  if (raster->stride_bytes <
      (size_t)raster->width_px * (size_t)raster->channels)
    return argument(error, "a raster's stride is shorter than its rows");
  return NUMERAL_OK;
}

numeral_status numeral_session_read_raster(numeral_session *session,
                                           const numeral_raster *raster,
                                           numeral_prediction *prediction,
                                           numeral_error *error) {
  nml_error_clear(error);
  if (!prediction) return argument(error, "prediction is NULL");
  memset(prediction, 0, sizeof *prediction);
  if (!session) return argument(error, "session is NULL");
  numeral_status status = check_raster(raster, error);
  if (status != NUMERAL_OK) return status;
  return nml_session_read_raster(session, raster, prediction, error);
}

static numeral_status normalise(const numeral_raster *raster,
                                const nml_stages *stages,
                                uint8_t image[NUMERAL_IMAGE_PIXELS],
                                int *has_ink, numeral_frame *frame,
                                numeral_error *error) {
  memset(frame, 0, sizeof *frame);
  memset(image, 0, NUMERAL_IMAGE_PIXELS);
  *has_ink = 0;
  numeral_status status = check_raster(raster, error);
  if (status == NUMERAL_OK)
    status = nml_normalise(raster, stages, image, frame, error);
  *has_ink = frame->digits > 0;
  return status;
}

numeral_status numeral_normalise_framed(const numeral_raster *raster,
                                        uint8_t image[NUMERAL_IMAGE_PIXELS],
                                        int *has_ink, numeral_frame *frame,
                                        numeral_error *error) {
  nml_error_clear(error);
  if (frame) memset(frame, 0, sizeof *frame);
  if (!image || !has_ink || !frame)
    return argument(error, "image, has_ink or frame is NULL");
  return normalise(raster, NULL, image, has_ink, frame, error);
}

numeral_status numeral_normalise(const numeral_raster *raster,
                                 uint8_t image[NUMERAL_IMAGE_PIXELS],
                                 int *has_ink, numeral_error *error) {
  numeral_frame frame;
  nml_error_clear(error);
  if (!image || !has_ink) return argument(error, "image or has_ink is NULL");
  return normalise(raster, NULL, image, has_ink, &frame, error);
}

numeral_status numeral_normalise_watched(const numeral_raster *raster,
                                         numeral_stage_fn show, void *user,
                                         uint8_t image[NUMERAL_IMAGE_PIXELS],
                                         int *has_ink, numeral_error *error) {
  const nml_stages stages = {show, user};
  numeral_frame frame;
  nml_error_clear(error);
  if (!image || !has_ink || !show)
    return argument(error, "image, has_ink or show is NULL");
  return normalise(raster, &stages, image, has_ink, &frame, error);
}

void numeral_train_options_init(numeral_train_options *options) {
  if (!options) return;
  memset(options, 0, sizeof *options);
  options->struct_size = sizeof *options;
  options->net = "cnn";
  options->recipe = nml_recipe_for(options->net);
  options->seed = 1;
  options->checkpoint_seconds = 5;
}

static bool in_range(double value, double low, double high) {
  return value >= low && value <= high; /* false for NaN */
}

static numeral_status check_recipe(const numeral_recipe *r,
                                   numeral_error *error) {
  if (r->struct_size < sizeof *r)
    return argument(error, "the recipe was not set by numeral_recipe_for");
  if (r->epochs < 1 || r->epochs > MAX_EPOCHS)
    return argument(error, "epochs must be 1 to 100000");
  if (r->batch < 1 || r->batch > NML_MAX_BATCH)
    return argument(error, "batch must be 1 to 4096");
  if (!(r->learning_rate > 0) || !isfinite(r->learning_rate))
    return argument(error, "the learning rate must be above 0");
  if (!in_range(r->momentum, 0, 1))
    return argument(error, "momentum must be 0 to 1");
  if (!in_range(r->beta1, 0, 1) || r->beta1 == 1 || !in_range(r->beta2, 0, 1) ||
      r->beta2 == 1 || !(r->epsilon >= 0) || !isfinite(r->epsilon))
    return argument(error, "Adam needs betas of 0 to below 1, epsilon >= 0");
  if (!in_range(r->weight_decay, 0, 1e6))
    return argument(error, "weight decay must be 0 or more");
  if (!in_range(r->clip, 0, 1e30))
    return argument(error, "clip must be 0 (off) or more");
  if (!in_range(r->label_smoothing, 0, 1) || r->label_smoothing == 1)
    return argument(error, "label_smoothing must be 0 to below 1");
  if (r->patience < 0)
    return argument(error, "patience must be 0 (off) or more");
  if (r->schedule == NUMERAL_SCHEDULE_STEP &&
      (r->step_epochs < 1 || !in_range(r->step_factor, 0, 1)))
    return argument(
        error, "schedule step needs step_epochs >= 1 and a factor of 0 to 1");
  if ((r->schedule == NUMERAL_SCHEDULE_ONE_CYCLE ||
       r->schedule == NUMERAL_SCHEDULE_TRIANGLE) &&
      !(r->one_cycle_warmup > 0 && r->one_cycle_warmup < 1))
    return argument(error, "one_cycle_warmup must be above 0 and below 1");
  if (r->precision == NUMERAL_PRECISION_INT8)
    return argument(error, "int8 is for prediction: train with fp32 or bf16");
  if (!nml_precision_available(r->precision))
    return argument(error, "this processor cannot train with that precision");
  if (!in_range(r->mixup, 0, 100))
    return argument(error, "mixup must be 0 (off) to 100");
  if (!in_range(r->ema, 0, 1) || r->ema == 1)
    return argument(error, "ema must be 0 (off) to below 1");
  if (r->schedule == NUMERAL_SCHEDULE_WARM_RESTARTS &&
      (r->restart_epochs < 1 || !in_range(r->restart_factor, 1, 100)))
    return argument(error,
                    "schedule warm restarts needs restart_epochs >= 1 and a "
                    "factor of 1 to 100");
  if (r->freeze < 0) return argument(error, "freeze must be 0 (none) or more");
  if ((unsigned)r->schedule > NUMERAL_SCHEDULE_WARM_RESTARTS ||
      (unsigned)r->optimizer > NUMERAL_OPTIMIZER_ADAMW)
    return argument(error, "an unknown schedule or optimizer");
  return nml_augment_check(&r->augment, error);
}

numeral_status numeral_train(const numeral_train_options *options,
                             const numeral_dataset *train,
                             const numeral_dataset *validation,
                             numeral_model **model, numeral_error *error) {
  nml_error_clear(error);
  if (!model) return argument(error, "model is NULL");
  *model = NULL;
  if (!options || options->struct_size < sizeof *options)
    return argument(error,
                    "train options were not set by their _init function");
  if (!options->net) return argument(error, "net is NULL");
  if (!train || train->count == 0)
    return argument(error, "there is nothing to train on: the set is empty");
  if (options->threads < 0 || options->threads > NML_MAX_THREADS)
    return argument(error, "threads must be 0 (all) to 1024");
  if (options->resume && !options->checkpoint_path)
    return argument(error, "resume needs checkpoint_path");
  if (options->teacher_count > NUMERAL_MODELS_MAX)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT, "at most %d teachers",
                    NUMERAL_MODELS_MAX);
  for (size_t i = 0; i < options->teacher_count; i++)
    if (!options->teachers || !options->teachers[i])
      return argument(error, "a teacher is NULL");
  if (!(options->checkpoint_seconds >= 0))
    return argument(error, "checkpoint_seconds must be 0 or more");
  numeral_status status = check_recipe(&options->recipe, error);
  if (status != NUMERAL_OK) return status;
  return nml_train(options, train, validation, model, error);
}

void numeral_calibrate_options_init(numeral_calibrate_options *options) {
  const numeral_calibrate_options defaults = {.struct_size = sizeof *options,
                                              .guard_epochs = 8,
                                              .refused = 0.004,
                                              .seed = 1};
  if (options) *options = defaults;
}

static numeral_status check_calibration(
    const numeral_calibrate_options *options, const numeral_dataset *train,
    const numeral_dataset *validation, numeral_error *error) {
  if (options->struct_size < sizeof *options)
    return argument(error,
                    "calibrate options were not set by their _init function");
  if (options->threads < 0 || options->threads > NML_MAX_THREADS)
    return argument(error, "threads must be 0 (all) to 1024");
  if (options->guard_epochs < 0 || options->guard_epochs > 1000)
    return argument(error, "guard_epochs must be 0 (no guard) to 1000");
  if (validation->count == 0)
    return argument(error, "there is nothing to measure on: the set is empty");
  if (options->guard_epochs == 0) return NUMERAL_OK;
  if (!(options->refused > 0 && options->refused < 0.5))
    return argument(error, "refused must be above 0 and below 0.5");
  if (!train || train->count == 0)
    return argument(error, "a guard needs digits to train on");
  if (validation->count < NUMERAL_GUARD_DIGITS)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "a guard is weighed on at least %d validation digits, and "
                    "there are %zu: keep more, or calibrate without a guard",
                    NUMERAL_GUARD_DIGITS, validation->count);
  return NUMERAL_OK;
}

numeral_status numeral_model_calibrate(const numeral_model *model,
                                       const numeral_dataset *train,
                                       const numeral_dataset *validation,
                                       const numeral_calibrate_options *options,
                                       numeral_model **calibrated,
                                       numeral_error *error) {
  numeral_calibrate_options defaults;
  nml_error_clear(error);
  if (!calibrated) return argument(error, "calibrated is NULL");
  *calibrated = NULL;
  if (!model || !validation)
    return argument(error, "model or validation is NULL");
  numeral_calibrate_options_init(&defaults);
  if (!options) options = &defaults;
  numeral_status status = check_calibration(options, train, validation, error);
  if (status != NUMERAL_OK) return status;
  return nml_model_calibrate(model, train, validation, options, calibrated,
                             error);
}

numeral_status numeral_evaluate(const numeral_model *model,
                                const numeral_dataset *dataset, int threads,
                                numeral_precision precision,
                                numeral_evaluation *evaluation,
                                float *probabilities, numeral_error *error) {
  nml_error_clear(error);
  if (!evaluation) return argument(error, "evaluation is NULL");
  memset(evaluation, 0, sizeof *evaluation);
  if (!model || !dataset) return argument(error, "model or dataset is NULL");
  if (dataset->count == 0)
    return argument(error, "there is nothing to measure on: the set is empty");
  if (threads < 0 || threads > NML_MAX_THREADS)
    return argument(error, "threads must be 0 (all) to 1024");
  if (!nml_precision_available(precision))
    return cannot_predict(precision, error);
  return nml_evaluate(model, dataset, threads, precision, evaluation,
                      probabilities, error);
}

numeral_status numeral_evaluate_session(numeral_session *session,
                                        const numeral_dataset *dataset,
                                        numeral_evaluation *evaluation,
                                        float *probabilities,
                                        numeral_error *error) {
  nml_error_clear(error);
  if (!evaluation) return argument(error, "evaluation is NULL");
  memset(evaluation, 0, sizeof *evaluation);
  if (!session || !dataset)
    return argument(error, "session or dataset is NULL");
  if (dataset->count == 0)
    return argument(error, "there is nothing to measure on: the set is empty");
  return nml_session_evaluate(session, dataset, evaluation, probabilities,
                              error);
}

int numeral_precision_available(numeral_precision precision) {
  return nml_precision_available(precision);
}

const char *numeral_instruction_set(void) { return nml_kernels_get()->name; }

int numeral_default_threads(void) { return nml_default_threads(); }

double numeral_bench_peak(numeral_precision precision, int threads) {
  return nml_bench_peak(precision, threads);
}

numeral_status numeral_bench_kernels(numeral_bench_fn report, void *user,
                                     numeral_error *error) {
  nml_error_clear(error);
  if (!report) return argument(error, "report is NULL");
  return nml_bench_kernels(report, user, error);
}
