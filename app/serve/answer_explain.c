/* answer_explain.c: POST /v1/explain: what the network saw in one picture: the
 * prediction, the 28 x 28, heat, and what came out of every layer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/explain/explanation.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/prediction_text.h"
#include "app/serve/answers.h"
#include "app/serve/pictures.h"
#include "app/serve/times.h"

enum { MAPS_MAX = 4096 };

typedef struct explain_wish {
  int maps;  /* most of each layer; 0: none */
  int digit; /* whose heat; -1: the answer's */
} explain_wish;

work_state read_explain(work *w, bool slow) {
  request *r = w->user;
  explain_wish *wish = r->extra;
  if (wish == NULL) wish = r->extra = calloc(1, sizeof *wish);
  if (wish == NULL) return request_fail(r, 503, "no memory for this now");
  if (!request_number(r, "maps", 0, MAPS_MAX, MAPS_MAX, &wish->maps) ||
      !request_number(r, "heat", 0, NUMERAL_CLASSES - 1, -1, &wish->digit))
    return WORK_ANSWERED;
  w->needs_network = true;
  work_state state = pictures_read(r, slow);
  if (state != WORK_READY || r->pictures.count == 1) return state;
  return request_fail(r, 422, "one picture is explained at a time, not %zu",
                      r->pictures.count);
}

static json_t *base64_to_json(const void *bytes, size_t size_bytes) {
  text_buffer text = {0};
  text_add_base64(&text, bytes, size_bytes);
  json_t *value = json_string(text.text);
  text_buffer_release(&text);
  return value;
}

/* ---- Heat ---- */

static json_t *heat_to_json(numeral_explainer *explainer, int digit) {
  float heat[NUMERAL_IMAGE_PIXELS];
  uint8_t bytes[NUMERAL_IMAGE_PIXELS];
  if (numeral_explainer_heat(explainer, digit, heat, NULL) != NUMERAL_OK)
    return json_null();
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    bytes[i] = (uint8_t)lrintf(255 * heat[i]);
  int layer = numeral_explainer_heat_layer(explainer);
  return json_pack("{s:i, s:s, s:o, s:o}", "digit", digit, "method",
                   explanation_method(layer), "layer",
                   layer >= 0 ? json_integer(layer) : json_null(), "values",
                   base64_to_json(bytes, sizeof bytes));
}

/* ---- Layers ---- */

/* `shown` channels one after the other, from the lowest value as 0 to the
 * highest as 255; these two are given back. NULL: no memory. */
static uint8_t *maps_to_bytes(const numeral_maps *maps, int shown,
                              float bounds[2]) {
  size_t places = (size_t)maps->height * (size_t)maps->width;
  size_t pitch = (size_t)maps->pitch;
  uint8_t *bytes = malloc(places * (size_t)shown);
  bounds[0] = bounds[1] = maps->values[0];
  for (size_t i = 0; i < places; ++i) {
    for (int c = 0; c < shown; ++c) {
      float value = maps->values[i * pitch + (size_t)c];
      if (value < bounds[0]) bounds[0] = value;
      if (value > bounds[1]) bounds[1] = value;
    }
  }
  float range = bounds[1] - bounds[0];
  float scale = range > 0 && isfinite(range) ? 255 / range : 0;
  for (int c = 0; bytes != NULL && c < shown; ++c) {
    for (size_t i = 0; i < places; ++i) {
      float value = maps->values[i * pitch + (size_t)c];
      bytes[(size_t)c * places + i] =
          scale > 0 ? (uint8_t)lrintf((value - bounds[0]) * scale) : 0;
    }
  }
  return bytes;
}

static json_t *layer_to_json(const served_model *model,
                             const numeral_explainer *explainer, size_t index,
                             int most) {
  numeral_layer_info info = numeral_model_layer(model->model, index);
  numeral_maps maps = numeral_explainer_layer(explainer, index);
  bool is_flat = maps.height == 1 && maps.width == 1;
  int shown = is_flat || maps.channels < most ? maps.channels : most;
  float bounds[2];
  uint8_t *bytes = maps_to_bytes(&maps, shown, bounds);
  if (bytes == NULL) return json_null();
  size_t places = (size_t)maps.height * (size_t)maps.width;
  json_t *layer = json_pack(
      "{s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "text", info.text, "height",
      maps.height, "width", maps.width, "channels", maps.channels, "shown",
      shown, "lowest", json_rounded((double)bounds[0], 6), "highest",
      json_rounded((double)bounds[1], 6), "maps",
      base64_to_json(bytes, places * (size_t)shown));
  free(bytes);
  return layer;
}

static json_t *layers_to_json(const served_model *model,
                              const numeral_explainer *explainer, int most) {
  json_t *layers = json_array();
  for (size_t i = 0; i < model->info.layer_count; ++i)
    json_array_append_new(layers, layer_to_json(model, explainer, i, most));
  return layers;
}

/* ---- The answer ---- */

/* Made by the worker that needs it first, and kept. NULL after a problem. */
static numeral_explainer *explainer_of(request *r) {
  work *w = &r->work;
  numeral_explainer **place = &w->model->explainers[w->worker];
  numeral_error error;
  if (*place == NULL &&
      numeral_explainer_create(w->model->model, place, &error) != NUMERAL_OK)
    request_fail(r, 503, "%s", error.message);
  return *place;
}

static void look_inside(request *r, numeral_explainer *explainer,
                        json_t *body) {
  const explain_wish *wish = r->extra;
  work *w = &r->work;
  numeral_prediction *p = w->predicted;
  double begun = machine_seconds();
  numeral_explainer_run(explainer, w->images, NULL, NULL);
  int likeliest = prediction_likeliest(p->probabilities, -1);
  json_object_set_new(
      body, "heat",
      heat_to_json(explainer, wish->digit >= 0 ? wish->digit : likeliest));
  if (wish->maps > 0) {
    json_object_set_new(body, "layers",
                        layers_to_json(w->model, explainer, wish->maps));
  }
  w->times.explain = machine_seconds() - begun;
}

static json_t *frame_to_json(const numeral_frame *frame) {
  if (frame->pixel_px <= 0) return json_null();
  return json_pack("{s:o, s:o, s:o}", "left_px",
                   json_rounded(frame->left_px, 4), "top_px",
                   json_rounded(frame->top_px, 4), "pixel_px",
                   json_rounded(frame->pixel_px, 6));
}

void finish_explain(work *w) {
  request *r = w->user;
  if (r->reply.status != 0) return;
  numeral_explainer *explainer = explainer_of(r);
  if (explainer == NULL) return;
  numeral_prediction *p = w->predicted;
  bool blank = p->reason == NUMERAL_REASON_BLANK;
  json_t *body = prediction_to_json(r->pictures.names[0], p);
  json_object_set_new(body, "model", json_string(w->model->name));
  json_object_set_new(body, "image",
                      base64_to_json(w->images, NUMERAL_IMAGE_PIXELS));
  json_object_set_new(body, "frame", frame_to_json(r->pictures.frames));
  if (!blank) look_inside(r, explainer, body);
  json_object_set_new(body, "timing_ms", times_to_json(&w->times));
  r->reply = reply_json(200, body);
}
