/* json_text.c: see json_text.h. */
#include "app/json_text.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/message.h"

static bool reads_back(const char *text, const json_t *value) {
  json_t *again = json_loads(text, JSON_DECODE_ANY, NULL);
  bool same = again != NULL && json_equal(again, value);
  json_decref(again);
  return same;
}

char *json_text(const json_t *value, size_t flags) {
  /* 15 digits keep what people type ("0.1"), 17 keep every double */
  for (size_t digits = 15;; ++digits) {
    char *text = json_dumps(
        value, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
    if (text == NULL || digits == 17 || reads_back(text, value)) return text;
    free(text);
  }
}

int json_print(json_t *value) {
  char *text = value != NULL ? json_text(value, JSON_COMPACT) : NULL;
  json_decref(value);
  if (text == NULL)
    return message_error(NULL, "out of memory while writing the results");
  puts(text);
  free(text);
  return EXIT_DONE;
}

json_t *json_text_string(const char *text) {
  json_t *value = json_string(text);
  if (value != NULL) return value;
  static const char replacement[] = "\xEF\xBF\xBD";
  char *clean = malloc(3 * strlen(text) + 1), *out = clean;
  if (clean == NULL) return NULL;
  for (; *text != '\0'; ++text) {
    bool ascii = (unsigned char)*text < 0x80;
    memcpy(out, ascii ? text : replacement, ascii ? 1 : 3);
    out += ascii ? 1 : 3;
  }
  *out = '\0';
  value = json_string(clean);
  free(clean);
  return value;
}

json_t *json_finite(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_rounded(double value, int decimals) {
  double scale = pow(10, decimals);
  return json_finite(round(value * scale) / scale);
}

json_t *json_seed(uint64_t seed) {
  if (seed <= UINT64_C(1) << 53) return json_integer((json_int_t)seed);
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, seed);
  return json_string(text);
}

uint64_t json_read_seed(const json_t *value) {
  if (json_is_string(value))
    return strtoull(json_string_value(value), NULL, 10);
  return (uint64_t)json_integer_value(value);
}
