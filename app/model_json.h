/* model_json.h: what is in a model, as JSON. */
#ifndef NUMERAL_APP_MODEL_JSON_H
#define NUMERAL_APP_MODEL_JSON_H
#include <jansson.h>

#include "numeral.h"

/* What a model file may say about itself, one name each; NULL past the end. */
const char *model_metadata_key(int index);

/* Adds "spec", "parameters", "operations", "layers", "temperature" and
 * "metadata". */
void model_json_describe(json_t *object, const numeral_model *model);

#endif
