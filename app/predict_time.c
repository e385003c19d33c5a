/* predict_time.c: see predict_time.h. */
#include "app/predict_time.h"

#include <assert.h>

#include "app/machine.h"
#include "app/median.h"

static double median_time(numeral_session *session, const uint8_t *images,
                          size_t count, int rounds) {
  float probabilities[PREDICT_TIME_BATCH * NUMERAL_CLASSES];
  double seconds[PREDICT_TIME_ROUNDS] = {0};
  for (int i = -rounds / 10 - 1; i < rounds; ++i) { /* below 0: to warm up */
    double begun = machine_seconds();
    numeral_session_predict(session, images, count, probabilities, NULL);
    if (i >= 0) seconds[i] = machine_seconds() - begun;
  }
  return median_of(seconds, rounds);
}

numeral_status predict_time(const numeral_model *model, const uint8_t *images,
                            int count, int threads, int rounds, double *seconds,
                            numeral_error *error) {
  assert(count <= PREDICT_TIME_BATCH && rounds <= PREDICT_TIME_ROUNDS);
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.max_batch = count;
  options.threads = threads;
  numeral_session *session = NULL;
  *seconds = 0;
  numeral_status status =
      numeral_session_create(model, &options, &session, error);
  if (status == NUMERAL_OK)
    *seconds = median_time(session, images, (size_t)count, rounds);
  numeral_session_destroy(session);
  return status;
}
