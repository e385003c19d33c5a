/* model_record.c: see model_record.h. The built-in model's log and evaluation
 * are in the program, as models/ had them when it was built. */
#include "app/serve/model_record.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/file_replace.h"
#include "app/included_file.h"
#include "app/model_json.h"
#include "formats/file_bytes.h"

INCLUDED_FILE(builtin_log, NUMERAL_MODELS "/default.log.jsonl");
INCLUDED_FILE(builtin_evaluation, NUMERAL_MODELS "/default.eval.json");

enum { RECORD_LIMIT_BYTES = 16 * 1024 * 1024 };

json_t *model_to_json(const served_model *model) {
  json_t *object = json_pack("{s:s}", "name", model->name);
  model_json_describe(object, model->model);
  return object;
}

/* An object a line, up to the first line that is none. */
static json_t *parse_lines(const char *text, size_t size_bytes) {
  json_t *lines = json_array();
  const char *end = text + size_bytes;
  while (text < end) {
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t length = stop != NULL ? (size_t)(stop - text) : (size_t)(end - text);
    json_t *line = json_loadb(text, length, 0, NULL);
    if (!json_is_object(line)) {
      json_decref(line);
      break;
    }
    json_array_append_new(lines, line);
    text += length + (stop != NULL);
  }
  if (json_array_size(lines) > 0) return lines;
  json_decref(lines);
  return json_null();
}

static json_t *parse_object(const char *text, size_t size_bytes) {
  json_t *value = json_loadb(text, size_bytes, 0, NULL);
  if (json_is_object(value)) return value;
  json_decref(value);
  return json_null();
}

/* The file that belongs to the model's: RUN/log.jsonl for
 * RUN/model.safetensors, else NAME.log.jsonl for NAME.safetensors. */
static bool name_beside(const char *path, const char *what,
                        char beside[PATH_MAX]) {
  const char *slash = strrchr(path, '/');
  const char *file = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr(file, '.');
  bool is_run = strcmp(file, "model.safetensors") == 0;
  size_t stem = (size_t)((is_run || dot == NULL ? file : dot + 1) - path);
  return snprintf(beside, PATH_MAX, "%.*s%s", (int)stem, path, what) < PATH_MAX;
}

typedef json_t *parse_fn(const char *text, size_t size_bytes);

static json_t *read_beside(const char *path, const char *what,
                           parse_fn *parse) {
  char beside[PATH_MAX];
  byte_buffer file = {0};
  json_t *value = NULL;
  if (name_beside(path, what, beside) &&
      file_bytes_read(beside, RECORD_LIMIT_BYTES, &file, NULL) == NUMERAL_OK) {
    value = parse((const char *)file.bytes, file.size_bytes);
  }
  free(file.bytes);
  return value != NULL ? value : json_null();
}

json_t *model_record(const served_model *model) {
  json_t *record = model_to_json(model);
  json_t *log, *evaluation;
  if (model->path == NULL) {
    log = parse_lines(builtin_log, INCLUDED_SIZE(builtin_log));
    evaluation =
        parse_object(builtin_evaluation, INCLUDED_SIZE(builtin_evaluation));
  } else {
    log = read_beside(model->path, "log.jsonl", parse_lines);
    evaluation = read_beside(model->path, "eval.json", parse_object);
  }
  json_object_set_new(record, "log", log);
  json_object_set_new(record, "evaluation", evaluation);
  return record;
}
