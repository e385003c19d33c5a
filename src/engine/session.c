/* session.c: see session.h. */
#include "engine/session.h"

#include "base/memory.h"
#include "engine/committee.h"
#include "engine/evaluate.h"
#include "engine/prepare.h"
#include "image/normalise.h"

struct numeral_session {
  nml_predictor *predictor; /* of the first model */
  nml_committee *committee; /* owns that; NULL for one model without shifts */
  int max_batch;
};

numeral_status nml_session_create(const numeral_model *const *models,
                                  size_t count,
                                  const numeral_session_options *options,
                                  numeral_session **session,
                                  numeral_error *error) {
  *session = NULL;
  numeral_session *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a session", sizeof *made);
  made->max_batch = options->max_batch;
  numeral_status status =
      count > 1 || options->shifts
          ? nml_committee_create(models, count, options, &made->committee,
                                 error)
          : nml_prepare(models[0], options->precision, options->max_batch,
                        options->threads, &made->predictor, error);
  if (made->committee) made->predictor = nml_committee_first(made->committee);
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

static void read_batch(void *reader, const uint8_t *images, int count,
                       float *probabilities) {
  nml_session_predict(reader, images, (size_t)count, probabilities);
}

numeral_status nml_session_evaluate(numeral_session *session,
                                    const numeral_dataset *dataset,
                                    numeral_evaluation *evaluation,
                                    float *probabilities,
                                    numeral_error *error) {
  float *batch = nml_alloc(NML_EVALUATE_BATCH * NUMERAL_CLASSES, sizeof *batch);
  if (!batch)
    return nml_fail_memory(error, "an evaluation",
                           NML_EVALUATE_BATCH * NUMERAL_CLASSES);
  nml_measure_by(read_batch, session, dataset, batch, evaluation,
                 probabilities);
  nml_free(batch);
  return NUMERAL_OK;
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
