/* reply.h: what the service says, as JSON or text, and how it says that
 * something is wrong. Must not know the routes. */
#ifndef NUMERAL_APP_SERVE_REPLY_H
#define NUMERAL_APP_SERVE_REPLY_H
#include <jansson.h>

#include "app/microhttpd/http_server.h"
#include "app/text_buffer.h"

/* A reply with the headers that all have. `body` of size_bytes is taken over,
 * and ended with free(). */
http_reply reply_bytes(int status, const char *type, void *body,
                       size_t size_bytes);

/* The same for a body that lives as long as the program. */
http_reply reply_fixed(int status, const char *type, const void *body,
                       size_t size_bytes);

/* The value, whose reference is given up, as a line of JSON; its numbers with
 * so many digits. */
enum {
  REPLY_DIGITS = 15,      /* what was rounded to a few places reads back as it
                             was */
  REPLY_FLOAT_DIGITS = 9, /* a float reads back to the same bits */
};
http_reply reply_json(int status, json_t *value);
http_reply reply_json_digits(int status, json_t *value, int digits);

/* The same of JSON that is text already, which is taken over and emptied. */
http_reply reply_text(int status, text_buffer *text);

/* Puts bytes behind a reply made by reply_json. Gives the length of the JSON
 * before them; 0: no memory, and the reply says so. */
size_t reply_append(http_reply *reply, const text_buffer *bytes);

/* {"error":{"code":"too_large","message":"..."}}: code is a word for programs,
 * the sentence for people. 429 and 503 also carry Retry-After. */
http_reply reply_problem(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* {"error":"..."}, as the Open Inference Protocol has it. */
http_reply reply_protocol_problem(int status, const char *message);

/* Adds a header where there is room for one more. The texts must stay until
 * the reply was given away. */
void reply_header(http_reply *reply, const char *name, const char *value);

/* The word for a status of 400 and above, "too_large"; "error" for others. */
const char *reply_code(int status);

#endif
