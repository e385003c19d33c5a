/* session.c: see session.h. */
#include "engine/session.h"

#include "base/memory.h"
#include "engine/prepare.h"
#include "image/normalise.h"

struct numeral_session {
  nml_predictor *predictor;
  int max_batch;
};

numeral_status nml_session_create(const numeral_model *model,
                                  const numeral_session_options *options,
                                  numeral_session **session,
                                  numeral_error *error) {
  *session = NULL;
  numeral_session *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a session", sizeof *made);
  made->max_batch = options->max_batch;
  numeral_status status =
      nml_prepare(model, options->precision, options->max_batch,
                  options->threads, &made->predictor, error);
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

numeral_status nml_session_read_raster(numeral_session *session,
                                       const numeral_raster *raster,
                                       numeral_prediction *prediction,
                                       numeral_error *error) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  bool has_ink;
  numeral_status status = nml_normalise(raster, image, &has_ink, error);
  if (status != NUMERAL_OK) return status;
  if (!has_ink) {
    prediction->digit = -1;
    prediction->reason = NUMERAL_REASON_BLANK;
    return NUMERAL_OK;
  }
  float *p = prediction->probabilities;
  nml_session_predict(session, image, 1, p);
  for (int k = 1; k < NUMERAL_CLASSES; k++)
    if (p[k] > p[prediction->digit]) prediction->digit = k;
  prediction->confidence = p[prediction->digit];
  return NUMERAL_OK;
}
