/* model_json.c: see model_json.h. */
#include "app/model_json.h"

#include "app/json_text.h"

const char *model_metadata_key(int index) {
  static const char *const keys[] = {"recipe",        "seed",   "data",
                                     "data_checksum", "epochs", "val_accuracy",
                                     "val_loss",      "input",  "guard"};
  enum { KEYS = sizeof keys / sizeof *keys };
  return index < KEYS ? keys[index] : NULL;
}

static json_t *layers_to_json(const numeral_model *model, size_t count) {
  json_t *layers = json_array();
  for (size_t i = 0; i < count; ++i) {
    numeral_layer_info layer = numeral_model_layer(model, i);
    json_array_append_new(
        layers, json_pack("{s:s, s:i, s:i, s:i, s:I, s:I}", "text", layer.text,
                          "height", layer.height, "width", layer.width,
                          "channels", layer.channels, "parameters",
                          (json_int_t)layer.parameter_count, "operations",
                          (json_int_t)layer.forward_flops));
  }
  return layers;
}

static json_t *metadata_to_json(const numeral_model *model) {
  json_t *metadata = json_object();
  const char *key;
  for (int i = 0; (key = model_metadata_key(i)) != NULL; ++i) {
    const char *value = numeral_model_metadata(model, key);
    if (value != NULL)
      json_object_set_new(metadata, key, json_text_string(value));
  }
  return metadata;
}

void model_json_describe(json_t *object, const numeral_model *model) {
  numeral_model_info info = numeral_model_get_info(model);
  json_object_set_new(object, "spec", json_string(info.spec));
  json_object_set_new(object, "parameters",
                      json_integer((json_int_t)info.parameter_count));
  json_object_set_new(object, "operations",
                      json_integer((json_int_t)info.forward_flops));
  json_object_set_new(object, "layers",
                      layers_to_json(model, info.layer_count));
  json_object_set_new(object, "temperature",
                      json_rounded((double)info.temperature, 6));
  json_object_set_new(object, "metadata", metadata_to_json(model));
}
