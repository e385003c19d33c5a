/* session.c: see session.h. */
#include "engine/session.h"

#include "base/memory.h"
#include "engine/committee.h"
#include "engine/guard.h"
#include "engine/prepare.h"
#include "image/normalise.h"

#include <string.h>

struct numeral_session {
  const numeral_model *model; /* the first, whose guard it is */
  nml_predictor *predictor;   /* of the first model */
  nml_committee *committee;   /* owns that; NULL for one model without shifts */
  nml_predictor *guard;       /* NULL: the model has none */
  float *values;        /* [2][max_batch][10]: the model's, then its guard's */
  float *probabilities; /* [max_batch][10] */
  int max_batch;
  bool accept_all;
};

static numeral_status take_memory(numeral_session *session,
                                  numeral_error *error) {
  size_t count = (size_t)session->max_batch * NUMERAL_CLASSES;
  session->values = nml_alloc(2 * count, sizeof *session->values);
  session->probabilities = nml_alloc(count, sizeof *session->probabilities);
  return session->values && session->probabilities
             ? NUMERAL_OK
             : nml_fail_memory(error, "a session", 3 * count * sizeof(float));
}

/* The first model's own numbers and its guard's decide what is refused. */
static numeral_status make_predictors(const numeral_model *const *models,
                                      size_t count,
                                      const numeral_session_options *options,
                                      numeral_session *made,
                                      numeral_error *error) {
  numeral_status status =
      count > 1 || options->shifts
          ? nml_committee_create(models, count, options, &made->committee,
                                 error)
          : nml_prepare(models[0], options->precision, options->max_batch,
                        options->threads, &made->predictor, error);
  if (made->committee) made->predictor = nml_committee_first(made->committee);
  if (status != NUMERAL_OK || !models[0]->guard) return status;
  return nml_prepare(models[0]->guard, NUMERAL_PRECISION_FP32,
                     options->max_batch, options->threads, &made->guard, error);
}

numeral_status nml_session_create(const numeral_model *const *models,
                                  size_t count,
                                  const numeral_session_options *options,
                                  numeral_session **session,
                                  numeral_error *error) {
  *session = NULL;
  numeral_session *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a session", sizeof *made);
  made->model = models[0];
  made->max_batch = options->max_batch;
  made->accept_all = options->accept_all != 0;
  numeral_status status = take_memory(made, error);
  if (status == NUMERAL_OK)
    status = make_predictors(models, count, options, made, error);
  if (status != NUMERAL_OK) {
    nml_session_destroy(made);
    return status;
  }
  *session = made;
  return NUMERAL_OK;
}

void nml_session_destroy(numeral_session *session) {
  if (!session) return;
  if (!session->committee) nml_predictor_destroy(session->predictor);
  nml_committee_destroy(session->committee);
  nml_predictor_destroy(session->guard);
  nml_free(session->values);
  nml_free(session->probabilities);
  nml_free(session);
}

static void predict_batch(numeral_session *session, const uint8_t *images,
                          int count, float *probabilities) {
  if (session->committee)
    nml_committee_run(session->committee, images, count, probabilities);
  else
    nml_predictor_run(session->predictor, images, count, probabilities);
}

void nml_session_predict(numeral_session *session, const uint8_t *images,
                         size_t count, float *probabilities) {
  size_t step = (size_t)session->max_batch;
  for (size_t at = 0; at < count; at += step)
    predict_batch(session, images + at * NUMERAL_IMAGE_PIXELS,
                  (int)(count - at < step ? count - at : step),
                  probabilities + at * NUMERAL_CLASSES);
}

static bool is_blank(const uint8_t *image) {
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++)
    if (image[i]) return false;
  return true;
}

static void refuse(numeral_prediction *prediction, numeral_reason reason) {
  prediction->digit = -1;
  prediction->reason = reason;
  prediction->confidence = 0;
}

static numeral_prediction judge_one(const numeral_session *session, int index,
                                    const uint8_t *image) {
  const float *p = session->probabilities + index * NUMERAL_CLASSES;
  const float *own = session->values + index * NUMERAL_CLASSES;
  numeral_prediction out = {.digits = 1};
  if (is_blank(image)) {
    out.digits = 0;
    refuse(&out, NUMERAL_REASON_BLANK);
    return out;
  }
  memcpy(out.probabilities, p, sizeof out.probabilities);
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (p[k] > p[out.digit]) out.digit = k;
  out.confidence = p[out.digit];
  if (!session->guard) return out;
  out.score = nml_guard_score(session->model, own,
                              own + session->max_batch * NUMERAL_CLASSES);
  if (out.score < 0 && !session->accept_all)
    refuse(&out, NUMERAL_REASON_UNSURE);
  return out;
}

/* Both networks' values of a batch; the guard's probabilities are written over
 * by the model's. */
static void take_values(numeral_session *session, const uint8_t *batch,
                        int count) {
  float *guard = session->values + (size_t)session->max_batch * NUMERAL_CLASSES;
  nml_predictor_values(session->guard, batch, count, guard,
                       session->probabilities);
  nml_predictor_values(session->predictor, batch, count, session->values,
                       session->probabilities);
}

void nml_session_judge(numeral_session *session, const uint8_t *images,
                       size_t count, numeral_prediction *predictions) {
  size_t step = (size_t)session->max_batch;
  for (size_t at = 0; at < count; at += step) {
    const uint8_t *batch = images + at * NUMERAL_IMAGE_PIXELS;
    int some = (int)(count - at < step ? count - at : step);
    if (session->guard) take_values(session, batch, some);
    if (!session->guard || session->committee)
      predict_batch(session, batch, some, session->probabilities);
    for (int i = 0; i < some; i++)
      predictions[at + (size_t)i] =
          judge_one(session, i, batch + (size_t)i * NUMERAL_IMAGE_PIXELS);
  }
}

numeral_status nml_session_read_raster(numeral_session *session,
                                       const numeral_raster *raster,
                                       numeral_prediction *prediction,
                                       numeral_error *error) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  nml_finding finding;
  numeral_status status = nml_normalise(raster, NULL, image, &finding, error);
  if (status != NUMERAL_OK) return status;
  nml_session_judge(session, image, 1, prediction);
  prediction->digits = finding.digits;
  if (finding.digits > 1 && !session->accept_all)
    refuse(prediction, NUMERAL_REASON_SEVERAL);
  return NUMERAL_OK;
}
