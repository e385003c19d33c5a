/* tensor.c: see tensor.h. */
#include "app/serve/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- In ---- */

bool tensor_type_of(const char *word, tensor_type *type) {
  if (word == NULL) return false;
  *type = strcmp(word, "FP32") == 0 ? TENSOR_FP32 : TENSOR_UINT8;
  return *type == TENSOR_FP32 || strcmp(word, "UINT8") == 0;
}

size_t tensor_bytes(tensor_type type) {
  return type == TENSOR_FP32 ? sizeof(float) : 1;
}

const char *tensor_range(tensor_type type) {
  return type == TENSOR_FP32 ? "from 0 (paper) to 1 (ink)"
                             : "whole, from 0 (paper) to 255 (ink)";
}

/* False where it is no share of ink, NaN among them. */
static bool take_share(double share, uint8_t *to) {
  if (!(share >= 0 && share <= 1)) return false;
  *to = (uint8_t)lrint(255 * share);
  return true;
}

static bool take_value(const json_t *value, tensor_type type, uint8_t *to) {
  if (type == TENSOR_FP32)
    return json_is_number(value) && take_share(json_number_value(value), to);
  json_int_t pixel = json_is_integer(value) ? json_integer_value(value) : -1;
  if (pixel < 0 || pixel > 255) return false;
  *to = (uint8_t)pixel;
  return true;
}

/* Takes what is in the array from `done` on; false where it does not fit.
 * jansson keeps nesting within 2,048. */
static bool take_array(const json_t *data, tensor_type type, uint8_t *to,
                       size_t count, size_t *done) {
  for (size_t i = 0; i < json_array_size(data); ++i) {
    const json_t *value = json_array_get(data, i);
    if (json_is_array(value)) {
      if (!take_array(value, type, to, count, done)) return false;
    } else {
      if (*done == count || !take_value(value, type, to + *done)) return false;
      ++*done;
    }
  }
  return true;
}

bool tensor_from_json(const json_t *data, tensor_type type, uint8_t *to,
                      size_t count) {
  size_t done = 0;
  return take_array(data, type, to, count, &done) && done == count;
}

bool tensor_from_bytes(const void *bytes, tensor_type type, uint8_t *to,
                       size_t count) {
  if (type == TENSOR_UINT8) {
    memcpy(to, bytes, count);
    return true;
  }
  const char *from = bytes;
  for (size_t i = 0; i < count; ++i) {
    float share;
    memcpy(&share, from + i * sizeof share, sizeof share);
    if (!take_share((double)share, to + i)) return false;
  }
  return true;
}

/* ---- Out ---- */

static const struct {
  const char *name, *type;
  int columns;
} outputs[OUTPUTS] = {{"digit", "INT32", 1},
                      {"confidence", "FP32", 1},
                      {"probabilities", "FP32", NUMERAL_CLASSES}};

int tensor_find(const char *name) {
  for (int i = 0; name != NULL && i < OUTPUTS; ++i)
    if (strcmp(outputs[i].name, name) == 0) return i;
  return -1;
}

static json_t *describe(tensor_output output, json_int_t rows) {
  json_t *shape = json_pack("[I]", rows);
  if (outputs[output].columns > 1)
    json_array_append_new(shape, json_integer(outputs[output].columns));
  return json_pack("{s:s, s:s, s:o}", "name", outputs[output].name, "datatype",
                   outputs[output].type, "shape", shape);
}

json_t *tensor_describe(tensor_output output) { return describe(output, -1); }

static const float *floats_of(tensor_output output,
                              const numeral_prediction *p) {
  return output == OUTPUT_CONFIDENCE ? &p->confidence : p->probabilities;
}

static void add_binary(tensor_output output, const numeral_prediction *p,
                       text_buffer *binary) {
  int32_t digit = p->digit;
  if (output == OUTPUT_DIGIT) {
    text_add_bytes(binary, &digit, sizeof digit);
  } else {
    text_add_bytes(binary, floats_of(output, p),
                   (size_t)outputs[output].columns * sizeof(float));
  }
}

static void add_json(tensor_output output, const numeral_prediction *p,
                     json_t *data) {
  if (output == OUTPUT_DIGIT) {
    json_array_append_new(data, json_integer(p->digit));
    return;
  }
  const float *values = floats_of(output, p);
  for (int i = 0; i < outputs[output].columns; ++i)
    json_array_append_new(data, json_real((double)values[i]));
}

json_t *tensor_write(tensor_output output, const numeral_prediction *predicted,
                     size_t count, text_buffer *binary) {
  json_t *tensor = describe(output, (json_int_t)count);
  if (binary != NULL) {
    size_t before = binary->length;
    for (size_t i = 0; i < count; ++i)
      add_binary(output, &predicted[i], binary);
    json_object_set_new(tensor, "parameters",
                        json_pack("{s:I}", "binary_data_size",
                                  (json_int_t)(binary->length - before)));
    return tensor;
  }
  json_t *data = json_array();
  for (size_t i = 0; i < count; ++i) add_json(output, &predicted[i], data);
  json_object_set_new(tensor, "data", data);
  return tensor;
}
