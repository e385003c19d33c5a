/* model_record.h: what is known of a model: its network, what its file says,
 * and where they lie beside it, its training's log and its evaluation. */
#ifndef NUMERAL_APP_SERVE_MODEL_RECORD_H
#define NUMERAL_APP_SERVE_MODEL_RECORD_H
#include <jansson.h>

#include "app/serve/model_shelf.h"

/* Its "name" and what model_json.h says. */
json_t *model_to_json(const served_model *model);

/* That, "log" (a list of epochs) and "evaluation" (what numeral
 * eval --json says), each null where it is not known. Beside a run's
 * model.safetensors they are log.jsonl and eval.json; beside NAME.safetensors,
 * NAME.log.jsonl and NAME.eval.json. */
json_t *model_record(const served_model *model);

#endif
