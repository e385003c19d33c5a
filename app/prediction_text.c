/* prediction_text.c: see prediction_text.h. */
#include "app/prediction_text.h"

#include <stdio.h>

#include "app/json_text.h"

static const char *reason_text(numeral_reason reason) {
  return reason == NUMERAL_REASON_BLANK ? "blank" : "unsure";
}

int prediction_likeliest(const float probabilities[NUMERAL_CLASSES],
                         int other) {
  int best = other == 0 ? 1 : 0;
  for (int i = best + 1; i < NUMERAL_CLASSES; ++i) {
    if (i != other && probabilities[i] > probabilities[best]) best = i;
  }
  return best;
}

static void choose_digit(numeral_prediction *p) {
  p->digit = prediction_likeliest(p->probabilities, -1);
  p->confidence = p->probabilities[p->digit];
}

numeral_status prediction_make(numeral_session *session,
                               const uint8_t image[NUMERAL_IMAGE_PIXELS],
                               numeral_prediction *prediction,
                               numeral_error *error) {
  *prediction = (numeral_prediction){0};
  numeral_status status = numeral_session_predict(
      session, image, 1, prediction->probabilities, error);
  if (status == NUMERAL_OK) choose_digit(prediction);
  return status;
}

void prediction_print(const numeral_prediction *p) {
  if (p->digit >= 0) {
    printf("Predicted digit : %d\n", p->digit);
  } else {
    printf("Predicted digit : none (%s)\n", reason_text(p->reason));
  }
  printf("Confidence      : %.4f\n", (double)p->confidence);
}

json_t *prediction_to_json(const char *file, const numeral_prediction *p) {
  json_t *probabilities = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_array_append_new(probabilities, json_rounded(p->probabilities[i], 6));
  }
  json_t *object = json_object();
  if (file != NULL) json_object_set_new(object, "file", json_text_string(file));
  if (p->digit >= 0) {
    json_object_set_new(object, "digit", json_integer(p->digit));
  } else {
    json_object_set_new(object, "digit", json_null());
    json_object_set_new(object, "reason", json_string(reason_text(p->reason)));
  }
  json_object_set_new(object, "confidence", json_rounded(p->confidence, 4));
  json_object_set_new(object, "probabilities", probabilities);
  return object;
}

int prediction_print_json(const char *file, const numeral_prediction *p) {
  return json_print(prediction_to_json(file, p));
}
