/* predict_time.h: how long a prediction takes. Must not know who asks. */
#ifndef NUMERAL_APP_PREDICT_TIME_H
#define NUMERAL_APP_PREDICT_TIME_H
#include "numeral.h"

enum { PREDICT_TIME_ROUNDS = 400, PREDICT_TIME_BATCH = 256 }; /* at most */

/* *seconds: of one call for `count` images, which are worked on together, in
 * precision AUTO (fp32): the median of `rounds` calls, after some that warm up.
 */
numeral_status predict_time(const numeral_model *model, const uint8_t *images,
                            int count, int threads, int rounds, double *seconds,
                            numeral_error *error);

#endif
