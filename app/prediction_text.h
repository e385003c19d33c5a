/* prediction_text.h: what the program says about one image. */
#ifndef NUMERAL_APP_PREDICTION_TEXT_H
#define NUMERAL_APP_PREDICTION_TEXT_H

#include <jansson.h>

#include "app/text_buffer.h"
#include "numeral.h"

/* The most probable digit that is not `other`; -1: of all. The first of equals.
 */
int prediction_likeliest(const float probabilities[NUMERAL_CLASSES], int other);

/* "blank", "unsure" or "several". */
const char *prediction_reason(numeral_reason reason);

/* Two lines on stdout, digit and confidence. */
void prediction_print(const numeral_prediction *prediction);

/* {"file": ..., "digit": ...}; `file` may be NULL. As text without the closing
 * brace, so that more can follow; and as a value, which takes longer. */
void prediction_write(text_buffer *text, const char *file,
                      const numeral_prediction *prediction);
json_t *prediction_to_json(const char *file,
                           const numeral_prediction *prediction);

/* The same on one line of stdout. Returns the program's exit code. */
int prediction_print_json(const char *file,
                          const numeral_prediction *prediction);

#endif
