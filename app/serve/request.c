/* request.c: see request.h. */
#include "app/serve/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/json_text.h"

const char *request_header(const request *r, const char *name) {
  return r->service->http.header(r->exchange, name);
}

const char *request_query(const request *r, const char *name) {
  return r->service->http.query(r->exchange, name);
}

work_state request_fail(request *r, int status, const char *format, ...) {
  char message[1024];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  bool is_protocol = strncmp(r->exchange->path, "/v2", 3) == 0;
  r->reply = is_protocol ? reply_protocol_problem(status, message)
                         : reply_problem(status, "%s", message);
  return WORK_ANSWERED;
}

bool request_number(request *r, const char *name, int minimum, int maximum,
                    int other, int *value) {
  const char *text = request_query(r, name);
  *value = other;
  if (text == NULL) return true;
  char *end;
  long number = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || number < minimum || number > maximum) {
    request_fail(r, 400, "?%s=%.40s: expected a whole number from %d to %d",
                 name, text, minimum, maximum);
    return false;
  }
  *value = (int)number;
  return true;
}

bool request_is_type(const request *r, const char *type) {
  const char *text = request_header(r, "Content-Type");
  size_t length = strlen(type);
  if (text == NULL || strncasecmp(text, type, length) != 0) return false;
  return text[length] == '\0' || text[length] == ';' || text[length] == ' ';
}

json_t *request_json(request *r, const char *text, size_t size_bytes) {
  json_error_t error;
  json_t *value = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, &error);
  if (value == NULL) {
    request_fail(r, 400, "the body is not JSON: line %d, column %d: %s",
                 error.line, error.column, error.text);
  }
  return value;
}

bool request_hold_model(request *r, const char *name) {
  if (name != NULL && *name == '\0') name = NULL;
  r->work.model = model_shelf_hold(r->service->shelf, name);
  if (r->work.model != NULL) return true;
  request_fail(r, 404,
               "there is no model \"%.64s\" here; GET /v1/models lists them",
               name);
  return false;
}
