/* session.c: see session.h. */
#include "engine/session.h"

#include "base/memory.h"
#include "engine/guard.h"
#include "engine/prepare.h"
#include "image/normalise.h"

#include <string.h>

struct numeral_session {
  const numeral_model *model;
  nml_predictor *predictor;
  nml_predictor *guard; /* NULL: the model has none */
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

numeral_status nml_session_create(const numeral_model *model,
                                  const numeral_session_options *options,
                                  numeral_session **session,
                                  numeral_error *error) {
  *session = NULL;
  numeral_session *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a session", sizeof *made);
  made->model = model;
  made->max_batch = options->max_batch;
  made->accept_all = options->accept_all != 0;
  numeral_status status = take_memory(made, error);
  if (status == NUMERAL_OK)
    status = nml_prepare(model, options->precision, options->max_batch,
                         options->threads, &made->predictor, error);
  if (status == NUMERAL_OK && model->guard)
    status =
        nml_prepare(model->guard, NUMERAL_PRECISION_FP32, options->max_batch,
                    options->threads, &made->guard, error);
  if (status != NUMERAL_OK) {
    nml_session_destroy(made);
    return status;
  }
  *session = made;
  return NUMERAL_OK;
}

void nml_session_destroy(numeral_session *session) {
  if (!session) return;
  nml_predictor_destroy(session->predictor);
  nml_predictor_destroy(session->guard);
  nml_free(session->values);
  nml_free(session->probabilities);
  nml_free(session);
}

void nml_session_predict(numeral_session *session, const uint8_t *images,
                         size_t count, float *probabilities) {
  size_t step = (size_t)session->max_batch;
  for (size_t at = 0; at < count; at += step)
    nml_predictor_run(session->predictor, images + at * NUMERAL_IMAGE_PIXELS,
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

void nml_session_judge(numeral_session *session, const uint8_t *images,
                       size_t count, numeral_prediction *predictions) {
  size_t step = (size_t)session->max_batch;
  float *guard = session->values + step * NUMERAL_CLASSES;
  for (size_t at = 0; at < count; at += step) {
    const uint8_t *batch = images + at * NUMERAL_IMAGE_PIXELS;
    int some = (int)(count - at < step ? count - at : step);
    /* the guard's probabilities are written over by the model's */
    if (session->guard)
      nml_predictor_values(session->guard, batch, some, guard,
                           session->probabilities);
    nml_predictor_values(session->predictor, batch, some, session->values,
                         session->probabilities);
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
