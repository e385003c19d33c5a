/* tensor.h: tensors of the Open Inference Protocol: images that come in, and
 * what is said of them. Must not know requests. */
#ifndef NUMERAL_APP_SERVE_TENSOR_H
#define NUMERAL_APP_SERVE_TENSOR_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/text_buffer.h"
#include "numeral.h"

/* ---- In: UINT8, 0 paper to 255 ink; or FP32, 0 to 1, as frameworks scale
 * them, which is taken to the nearest of 256 steps */

typedef enum tensor_type { TENSOR_UINT8 = 0, TENSOR_FP32 } tensor_type;

/* From "UINT8" or "FP32"; false for NULL and others. */
bool tensor_type_of(const char *word, tensor_type *type);
size_t tensor_bytes(tensor_type type); /* of a value */
/* "whole numbers from 0 to 255" */
const char *tensor_range(tensor_type type);

/* `count` values from an array, flat or nested, or from bytes (little-endian);
 * false where there are others than so many, or one is out of range. */
bool tensor_from_json(const json_t *data, tensor_type type, uint8_t *to,
                      size_t count);
bool tensor_from_bytes(const void *bytes, tensor_type type, uint8_t *to,
                       size_t count);

/* ---- Out */

typedef enum tensor_output {
  OUTPUT_DIGIT = 0,     /* INT32 [n], -1 where there is none */
  OUTPUT_CONFIDENCE,    /* FP32 [n] */
  OUTPUT_PROBABILITIES, /* FP32 [n][10] */
  OUTPUTS
} tensor_output;

/* By its name; -1 where it is none, or NULL. */
int tensor_find(const char *name);

/* {"name": ..., "datatype": ..., "shape": [-1, ...]} */
json_t *tensor_describe(tensor_output output);

/* The same with its data; or with its size, the data added to `binary`. Floats
 * are written so that they read back to the same bits. */
json_t *tensor_write(tensor_output output, const numeral_prediction *predicted,
                     size_t count, text_buffer *binary);

#endif
