/* session.h: predictions of one model, or of several together. Contracts as
 * numeral.h says of numeral_session_*. */
#ifndef NML_ENGINE_SESSION_H
#define NML_ENGINE_SESSION_H

#include "model/model.h"

enum { NML_SESSION_DEFAULT_BATCH = 64 };

/* Arguments were checked. */
numeral_status nml_session_create(const numeral_model *const *models,
                                  size_t count,
                                  const numeral_session_options *options,
                                  numeral_session **session,
                                  numeral_error *error);
void nml_session_destroy(numeral_session *session);
void nml_session_predict(numeral_session *session, const uint8_t *images,
                         size_t count, float *probabilities);
void nml_session_judge(numeral_session *session, const uint8_t *images,
                       size_t count, numeral_prediction *predictions);
numeral_status nml_session_read_raster(numeral_session *session,
                                       const numeral_raster *raster,
                                       numeral_prediction *prediction,
                                       numeral_error *error);

#endif
