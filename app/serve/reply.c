/* reply.c: see reply.h. */
#include "app/serve/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/json_text.h"

static const char type_json[] = "application/json";

void reply_header(http_reply *reply, const char *name, const char *value) {
  for (int i = 0; i < HTTP_REPLY_HEADERS; ++i) {
    if (reply->headers[i].name != NULL) continue;
    reply->headers[i] = (http_header){name, value};
    return;
  }
}

http_reply reply_bytes(int status, const char *type, void *body,
                       size_t size_bytes) {
  http_reply reply = {.status = status,
                      .type = type,
                      .body = body,
                      .body_bytes = size_bytes,
                      .release = free};
  reply_header(&reply, "X-Content-Type-Options", "nosniff");
  reply_header(&reply, "Cache-Control", "no-store");
  return reply;
}

http_reply reply_fixed(int status, const char *type, const void *body,
                       size_t size_bytes) {
  http_reply reply = reply_bytes(status, type, NULL, size_bytes);
  reply.body = (void *)body; /* never written to: nobody is told to end it */
  reply.release = NULL;
  return reply;
}

/* Where memory for an answer is refused, this one needs none. */
static http_reply no_memory(void) {
  static const char text[] =
      "{\"error\":{\"code\":\"busy\",\"message\":\"no memory for this now; try "
      "again in a second\"}}\n";
  http_reply reply = reply_fixed(503, type_json, text, sizeof text - 1);
  reply_header(&reply, "Retry-After", "1");
  return reply;
}

http_reply reply_json_digits(int status, json_t *value, int digits) {
  char *text = value != NULL
                   ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                           JSON_REAL_PRECISION((size_t)digits))
                   : NULL;
  json_decref(value);
  if (text == NULL) return no_memory();
  size_t length = strlen(text);
  text[length] = '\n'; /* in the place of the zero: the size is told */
  return reply_bytes(status, type_json, text, length + 1);
}

http_reply reply_json(int status, json_t *value) {
  return reply_json_digits(status, value, REPLY_DIGITS);
}

http_reply reply_text(int status, text_buffer *text) {
  text_add_bytes(text, "\n", 1);
  if (text->refused) {
    text_buffer_release(text);
    return no_memory();
  }
  http_reply reply = reply_bytes(status, type_json, text->text, text->length);
  *text = (text_buffer){0};
  return reply;
}

size_t reply_append(http_reply *reply, const text_buffer *bytes) {
  size_t length = reply->body_bytes;
  char *body = bytes->refused || reply->release == NULL
                   ? NULL
                   : realloc(reply->body, length + bytes->length);
  if (body == NULL) {
    if (reply->release != NULL) reply->release(reply->body);
    *reply = no_memory();
    return 0;
  }
  memcpy(body + length, bytes->text, bytes->length);
  reply->body = body;
  reply->body_bytes = length + bytes->length;
  reply->type = "application/octet-stream";
  return length;
}

const char *reply_code(int status) {
  static const struct {
    int status;
    const char *code;
  } codes[] = {{400, "malformed"},
               {401, "unauthorised"},
               {404, "not_found"},
               {405, "method_not_allowed"},
               {408, "too_slow"},
               {411, "length_required"},
               {413, "too_large"},
               {415, "unsupported_type"},
               {422, "cannot_be_read"},
               {429, "too_many_requests"},
               {431, "headers_too_large"},
               {500, "internal"},
               {503, "busy"}};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i)
    if (codes[i].status == status) return codes[i].code;
  return "error";
}

http_reply reply_problem(int status, const char *format, ...) {
  char message[1024];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  http_reply reply = reply_json(
      status, json_pack("{s:{s:s, s:o}}", "error", "code", reply_code(status),
                        "message", json_text_string(message)));
  if (status == 429 || status == 503) reply_header(&reply, "Retry-After", "1");
  return reply;
}

http_reply reply_protocol_problem(int status, const char *message) {
  http_reply reply = reply_json(
      status, json_pack("{s:o}", "error", json_text_string(message)));
  if (status == 429 || status == 503) reply_header(&reply, "Retry-After", "1");
  return reply;
}
