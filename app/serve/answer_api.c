/* answer_api.c: numeral's own interface, /v1: predictions, models, samples. */
#include <string.h>

#include "app/json_text.h"
#include "app/prediction_text.h"
#include "app/serve/answers.h"
#include "app/serve/model_record.h"
#include "app/serve/pictures.h"
#include "app/serve/times.h"

/* ---- POST /v1/predict ---- */

work_state read_predict(work *w, bool slow) {
  request *r = w->user;
  w->needs_network = true;
  return pictures_read(r, slow);
}

/* Written as text at once: as jansson's values a prediction is 17 blocks of
 * memory and 4 of the microseconds that it takes. */
static void add_predictions(text_buffer *text, const request *r) {
  const request_pictures *p = &r->pictures;
  if (!p->is_list) {
    prediction_write(text, p->names[0], &p->predicted[0]);
    return;
  }
  text_add(text, "{\"predictions\":");
  for (size_t i = 0; i < p->count; ++i) {
    text_add_bytes(text, i == 0 ? "[" : ",", 1);
    prediction_write(text, p->names[i], &p->predicted[i]);
    text_add_bytes(text, "}", 1);
  }
  text_add_bytes(text, "]", 1);
}

void finish_predict(work *w) {
  request *r = w->user;
  if (r->reply.status != 0) return;
  text_buffer text = {0};
  add_predictions(&text, r);
  text_add(&text, ",\"model\":\"%s\",\"timing_ms\":", w->model->name);
  times_write(&text, &w->times);
  text_add_bytes(&text, "}", 1);
  r->reply = reply_text(200, &text);
}

/* ---- GET /v1/models, /v1/models/NAME ---- */

static served_model *hold_first(const request *r) {
  return model_shelf_hold_at(r->service->shelf, 0);
}

void answer_models(request *r) {
  model_shelf *shelf = r->service->shelf;
  json_t *list = json_array();
  for (int i = 0; i < model_shelf_count(shelf); ++i) {
    served_model *model = model_shelf_hold_at(shelf, i);
    json_array_append_new(list, model_to_json(model));
    model_release(model);
  }
  served_model *first = hold_first(r);
  r->reply = reply_json(
      200, json_pack("{s:s, s:o}", "default", first->name, "models", list));
  model_release(first);
}

void answer_model(request *r) {
  if (!request_hold_model(r, r->model_name)) return;
  r->reply = reply_json(200, model_record(r->work.model));
}

/* ---- GET /v1/samples/random ---- */

/* The set may have to be loaded, or drawn, which takes a while. */
work_state read_sample(work *w, bool slow) {
  (void)w;
  return slow ? WORK_ANSWERED : WORK_SLOW;
}

void finish_sample(work *w) {
  request *r = w->user;
  service *s = r->service;
  data_image image;
  numeral_error error;
  pthread_mutex_lock(&s->digits_lock);
  numeral_status status = random_digit_next(&s->digits, &image, &error);
  pthread_mutex_unlock(&s->digits_lock);
  if (status != NUMERAL_OK) {
    request_fail(r, 503, "%s", error.message);
    return;
  }
  text_buffer pixels = {0};
  text_add_base64(&pixels, image.pixels, sizeof image.pixels);
  r->reply =
      reply_json(200, json_pack("{s:s, s:i, s:s?}", "name", image.name, "label",
                                image.label, "pixels", pixels.text));
  text_buffer_release(&pixels);
}
