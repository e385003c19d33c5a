/* json.h: the pieces of JSON that a safetensors header is made of: objects,
 * arrays, strings and whole numbers, read one after the other by the caller,
 * without recursion. Text is untrusted. Must not know what it means. */
#ifndef NML_MODEL_JSON_H
#define NML_MODEL_JSON_H

#include "base/fail.h"

#include <stdbool.h>

/* A place in the text. `strings` is where decoded strings are put; as many
 * bytes as the text has are enough for all of them. */
typedef struct nml_json {
  const unsigned char *start, *at, *end;
  char *strings;
  numeral_error *error;
} nml_json;

/* FORMAT: "header byte N: expected ...". */
numeral_status nml_json_fail(const nml_json *json, const char *expected);

/* Skips white space; nml_json_take also takes `c` where it comes next. */
void nml_json_skip_space(nml_json *json);
bool nml_json_take(nml_json *json, char c);
numeral_status nml_json_expect(nml_json *json, char c, const char *expected);

/* Steps through an object or array whose opening bracket has been taken:
 *   for (bool first = true, more;;) {
 *     status = nml_json_next(json, '}', &first, &more); ...
 * Sets *more to whether an item follows, having taken the comma before it. */
numeral_status nml_json_next(nml_json *json, char close, bool *first,
                             bool *more);

/* A string, decoded, checked to be UTF-8 without U+0000, ended by 0. */
numeral_status nml_json_string(nml_json *json, const char **text);

/* "key" and its colon. */
numeral_status nml_json_key(nml_json *json, const char **key);

/* Plain digits, 0 to 2^63 - 1. */
numeral_status nml_json_integer(nml_json *json, int64_t *value);

/* Bytes of the UTF-8 character at `at`, 1 to 4; 0 where there is none. */
int nml_utf8_length(const unsigned char *at, const unsigned char *end);

#endif
