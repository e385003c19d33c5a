/* open_inference.c: the Open Inference Protocol, version 2, over HTTP, as
 * KServe and Triton speak it, with Triton's binary tensor data: a model has one
 * input, "image", and gives "digit" (-1 where there is none), "confidence" and
 * "probabilities". Version "1" is the only one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/json_text.h"
#include "app/serve/answers.h"
#include "app/serve/pictures.h"
#include "app/serve/routes.h"
#include "app/serve/tensor.h"

static const char binary_header[] = "Inference-Header-Content-Length";

/* ---- The server and its models ---- */

void answer_server(request *r) {
  r->reply = reply_json(
      200, json_pack("{s:s, s:s, s:[s]}", "name", "numeral", "version",
                     numeral_version(), "extensions", "binary_tensor_data"));
}

void answer_live(request *r) {
  r->reply = reply_json(200, json_pack("{s:b}", "live", 1));
}

void answer_ready(request *r) {
  bool ready = r->service->is_ready;
  r->reply = reply_json(ready ? 200 : 503, json_pack("{s:b}", "ready", ready));
}

/* The path's model, where its version, if it names one, is 1. */
static bool hold_versioned(request *r) {
  if (strstr(r->route->path, "/versions/") != NULL) {
    /* /v2/models/NAME/versions/VERSION: the last two parts have no slash */
    const char *version = r->exchange->path + strlen("/v2/models/");
    version += strcspn(version, "/") + strlen("/versions/");
    if (version[0] != '1' || (version[1] != '\0' && version[1] != '/')) {
      request_fail(r, 404, "there is only version 1 of a model");
      return false;
    }
  }
  return request_hold_model(r, r->model_name);
}

void answer_model_ready(request *r) {
  if (!hold_versioned(r)) return;
  bool ready = r->service->is_ready;
  r->reply = reply_json(
      ready ? 200 : 503,
      json_pack("{s:s, s:b}", "name", r->work.model->name, "ready", ready));
}

void answer_model_metadata(request *r) {
  if (!hold_versioned(r)) return;
  json_t *outputs = json_array();
  for (int i = 0; i < OUTPUTS; ++i)
    json_array_append_new(outputs, tensor_describe((tensor_output)i));
  r->reply = reply_json(
      200,
      json_pack("{s:s, s:[s], s:s, s:[{s:s, s:s, s:[i, i, i]}], s:o}", "name",
                r->work.model->name, "versions", "1", "platform", "numeral",
                "inputs", "name", "image", "datatype", "UINT8", "shape", -1,
                NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE, "outputs", outputs));
}

/* ---- POST infer: what is asked ---- */

typedef struct infer_wish {
  char *id; /* or NULL; behind the struct in its memory */
  bool wanted[OUTPUTS], binary[OUTPUTS];
} infer_wish;

static bool is_set(const json_t *object, const char *name) {
  return json_is_true(
      json_object_get(json_object_get(object, "parameters"), name));
}

static bool read_outputs(request *r, const json_t *body, infer_wish *wish) {
  const json_t *outputs = json_object_get(body, "outputs");
  bool binary = is_set(body, "binary_data_output");
  for (int i = 0; i < OUTPUTS; ++i) {
    wish->wanted[i] = json_array_size(outputs) == 0;
    wish->binary[i] = binary;
  }
  for (size_t i = 0; i < json_array_size(outputs); ++i) {
    const json_t *output = json_array_get(outputs, i);
    const char *name = json_string_value(json_object_get(output, "name"));
    int which = tensor_find(name);
    if (which < 0) {
      request_fail(r, 400,
                   "there is no output \"%.40s\": there are digit, confidence "
                   "and probabilities",
                   name != NULL ? name : "");
      return false;
    }
    wish->wanted[which] = true;
    const json_t *asked =
        json_object_get(json_object_get(output, "parameters"), "binary_data");
    if (asked != NULL) wish->binary[which] = json_is_true(asked);
  }
  return true;
}

static bool read_wish(request *r, const json_t *body) {
  const char *id = json_string_value(json_object_get(body, "id"));
  size_t id_bytes = id != NULL ? strlen(id) + 1 : 0;
  infer_wish *wish = calloc(1, sizeof *wish + id_bytes);
  if (wish == NULL) {
    request_fail(r, 503, "no memory for this now; try again in a second");
    return false;
  }
  r->extra = wish;
  if (id != NULL) wish->id = memcpy(wish + 1, id, id_bytes);
  return read_outputs(r, body, wish);
}

/* ---- POST infer: the images ---- */

/* Are the sides of `shape` from `first` on these? They end with 0. */
static bool has_sides(const json_t *shape, size_t first, const int *sides) {
  for (; *sides != 0; ++first, ++sides) {
    if (json_integer_value(json_array_get(shape, first)) != *sides)
      return false;
  }
  return first == json_array_size(shape);
}

/* How many images a shape holds, [n,28,28], [n,1,28,28], [n,28,28,1], [n,784],
 * or the same without n; 0 where it is another. */
static size_t images_of_shape(const json_t *shape) {
  enum { SIDE = NUMERAL_IMAGE_SIDE };
  static const int one[][4] = {
      {SIDE, SIDE}, {1, SIDE, SIDE}, {SIDE, SIDE, 1}, {NUMERAL_IMAGE_PIXELS}};
  for (size_t i = 0; i < sizeof one / sizeof *one; ++i) {
    if (has_sides(shape, 0, one[i])) return 1;
    if (!has_sides(shape, 1, one[i])) continue;
    json_int_t count = json_integer_value(json_array_get(shape, 0));
    return count >= 1 && count <= PICTURES_MAX ? (size_t)count : 0;
  }
  return 0;
}

/* Bytes of the binary part that belong to the input; -1 where its data is in
 * the JSON. */
static json_int_t binary_size(const json_t *input) {
  const json_t *size =
      json_object_get(json_object_get(input, "parameters"), "binary_data_size");
  return json_is_integer(size) ? json_integer_value(size) : -1;
}

typedef struct infer_body {
  json_t *json;
  const char *binary;
  size_t binary_bytes;
} infer_body;

static bool take_data(request *r, const json_t *input, const infer_body *body,
                      tensor_type type) {
  size_t values = r->pictures.count * NUMERAL_IMAGE_PIXELS;
  uint8_t *to = r->pictures.images[0];
  json_int_t size = binary_size(input);
  if (size < 0 && body->binary_bytes > 0) {
    request_fail(r, 400,
                 "%zu bytes follow the JSON that no input's "
                 "\"binary_data_size\" tells of",
                 body->binary_bytes);
  } else if (size < 0) {
    if (tensor_from_json(json_object_get(input, "data"), type, to, values))
      return true;
    request_fail(r, 400, "\"data\" of input image: expected %zu numbers, %s",
                 values, tensor_range(type));
  } else if ((size_t)size != values * tensor_bytes(type) ||
             (size_t)size != body->binary_bytes) {
    request_fail(r, 400,
                 "binary data of input image: expected %zu bytes, declared "
                 "%lld, and %zu came",
                 values * tensor_bytes(type), (long long)size,
                 body->binary_bytes);
  } else if (tensor_from_bytes(body->binary, type, to, values)) {
    return true;
  } else {
    request_fail(r, 400, "binary data of input image: expected %s",
                 tensor_range(type));
  }
  return false;
}

static bool read_input(request *r, const infer_body *body) {
  const json_t *inputs = json_object_get(body->json, "inputs");
  const json_t *input = json_array_get(inputs, 0);
  const char *name = json_string_value(json_object_get(input, "name"));
  const char *word = json_string_value(json_object_get(input, "datatype"));
  tensor_type type;
  if (json_array_size(inputs) != 1 || name == NULL ||
      strcmp(name, "image") != 0) {
    request_fail(r, 400, "expected one input, called \"image\"");
    return false;
  }
  if (!tensor_type_of(word, &type)) {
    request_fail(r, 400, "input image: expected datatype UINT8 or FP32");
    return false;
  }
  size_t count = images_of_shape(json_object_get(input, "shape"));
  if (count == 0) {
    request_fail(r, 400,
                 "input image: expected shape [n,28,28] (or [n,1,28,28], "
                 "[n,28,28,1], [n,784]) with n from 1 to %d",
                 PICTURES_MAX);
    return false;
  }
  return pictures_make(r, count) && take_data(r, input, body, type);
}

/* Where the JSON ends and binary data begins. */
static bool split_body(request *r, infer_body *body) {
  const http_exchange *e = r->exchange;
  const char *header = request_header(r, binary_header);
  size_t json_bytes = e->body_bytes;
  if (header != NULL) {
    char *end;
    errno = 0;
    unsigned long long length = strtoull(header, &end, 10);
    if (*header < '0' || *header > '9' || *end != '\0' || errno != 0 ||
        length > e->body_bytes) {
      request_fail(r, 400, "%s: expected a number up to the body's %zu bytes",
                   binary_header, e->body_bytes);
      return false;
    }
    json_bytes = (size_t)length;
  }
  body->binary = e->body != NULL ? e->body + json_bytes : NULL;
  body->binary_bytes = e->body_bytes - json_bytes;
  body->json = request_json(r, e->body != NULL ? e->body : "", json_bytes);
  return body->json != NULL;
}

work_state read_infer(work *w, bool slow) {
  (void)slow; /* there is no picture to decode */
  request *r = w->user;
  infer_body body = {.json = NULL};
  w->needs_network = true;
  bool ready = hold_versioned(r) && split_body(r, &body) &&
               read_wish(r, body.json) && read_input(r, &body);
  json_decref(body.json);
  if (!ready) return WORK_ANSWERED;
  pictures_hand_on(r);
  return WORK_READY;
}

/* ---- POST infer: the answer ---- */

void finish_infer(work *w) {
  request *r = w->user;
  if (r->reply.status != 0) return;
  const infer_wish *wish = r->extra;
  json_t *outputs = json_array();
  text_buffer binary = {0};
  for (int i = 0; i < OUTPUTS; ++i) {
    if (!wish->wanted[i]) continue;
    json_array_append_new(outputs,
                          tensor_write((tensor_output)i, w->predicted, w->count,
                                       wish->binary[i] ? &binary : NULL));
  }
  json_t *body = json_pack("{s:s, s:s, s:o}", "model_name", w->model->name,
                           "model_version", "1", "outputs", outputs);
  if (wish->id != NULL)
    json_object_set_new(body, "id", json_text_string(wish->id));
  r->reply = reply_json_digits(200, body, REPLY_FLOAT_DIGITS);
  if (binary.length > 0) {
    snprintf(r->length_text, sizeof r->length_text, "%zu",
             reply_append(&r->reply, &binary));
    if (r->reply.status == 200)
      reply_header(&r->reply, binary_header, r->length_text);
  }
  text_buffer_release(&binary);
}
