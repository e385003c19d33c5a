/* explain_json.c: see explain_json.h. */
#include "app/explain/explain_json.h"

#include "app/json_text.h"
#include "app/prediction_text.h"

static json_t *rows_of(const float heat[NUMERAL_IMAGE_PIXELS]) {
  json_t *rows = json_array();
  for (int y = 0; y < NUMERAL_IMAGE_SIDE; ++y) {
    json_t *row = json_array();
    for (int x = 0; x < NUMERAL_IMAGE_SIDE; ++x) {
      double value = (double)heat[y * NUMERAL_IMAGE_SIDE + x];
      json_array_append_new(row, json_rounded(value, 4));
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *heat_of(const explanation *e) {
  json_t *heat = json_object();
  for (int i = 0; i < EXPLAINED_DIGITS; ++i) {
    char digit[2] = {(char)('0' + e->explained[i]), '\0'};
    json_object_set_new(heat, digit, rows_of(e->heat[i]));
  }
  return heat;
}

static json_t *layers_of(const explanation *e) {
  json_t *layers = json_array();
  for (size_t i = 0; i < e->layer_count; ++i) {
    numeral_layer_info layer = numeral_model_layer(e->model, i);
    json_array_append_new(
        layers, json_pack("{s:s, s:i, s:i, s:i}", "text", layer.text, "height",
                          layer.height, "width", layer.width, "channels",
                          layer.channels));
  }
  return layers;
}

static json_t *nearest_of(const explanation *e) {
  json_t *nearest = json_array();
  for (size_t i = 0; i < e->near.count; ++i) {
    const neighbour *n = &e->near.nearest[i];
    json_array_append_new(
        nearest,
        json_pack("{s:o, s:I, s:i, s:o}", "set", json_text_string(e->near.set),
                  "index", (json_int_t)n->index, "label", n->label, "distance",
                  json_rounded((double)n->distance, 4)));
  }
  return nearest;
}

static json_t *probabilities_of(const explanation *e) {
  json_t *probabilities = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_array_append_new(probabilities,
                          json_rounded((double)e->probabilities[i], 6));
  }
  return probabilities;
}

int explain_json_print(const explanation *e) {
  if (e->blank) {
    return json_print(json_pack("{s:o, s:n, s:s}", "file",
                                json_text_string(e->name), "digit", "reason",
                                "blank"));
  }
  double confidence = (double)e->probabilities[e->digit];
  json_t *layer =
      e->heat_layer >= 0 ? json_integer(e->heat_layer) : json_null();
  json_t *object =
      json_pack("{s:o, s:i, s:o, s:o, s:i, s:s, s:o, s:o, s:o, s:o}", "file",
                json_text_string(e->name), "digit", e->digit, "confidence",
                json_rounded(confidence, 4), "probabilities",
                probabilities_of(e), "runner_up", e->runner_up, "method",
                explanation_method(e->heat_layer), "heat_layer", layer, "heat",
                heat_of(e), "layers", layers_of(e), "nearest", nearest_of(e));
  if (e->refused)
    json_object_set_new(object, "reason",
                        json_string(prediction_reason(e->reason)));
  return json_print(object);
}
