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

/* printf takes three times as long, most of it to find out what is known here:
 * that the number is so many units of 1 / scale. */
void json_add_rounded(text_buffer *text, double value, int decimals) {
  static const double scales[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  char digits[24], *end = digits + sizeof digits, *at = end;
  if (!isfinite(value)) {
    text_add_bytes(text, "null", 4);
    return;
  }
  unsigned long long units =
      (unsigned long long)llround(fabs(value) * scales[decimals]);
  int exponent = decimals;
  while (exponent > 1 && units % 10 == 0) {
    units /= 10;
    --exponent;
  }
  bool is_tiny = units > 0 && (double)units < 1e-4 * scales[exponent];
  if (is_tiny) { /* 1.2e-5 */
    exponent -= units > 9;
    *--at = (char)('0' + exponent);
    *--at = '-';
    *--at = 'e';
    exponent = units > 9;
  }
  for (int i = 0; i <= exponent || units > 0; ++i) {
    if (i == exponent && i > 0) *--at = '.';
    *--at = (char)('0' + units % 10);
    units /= 10;
  }
  if (signbit(value)) *--at = '-';
  text_add_bytes(text, at, (size_t)(end - at));
}

void json_add_string(text_buffer *text, const char *string) {
  json_t *value = json_text_string(string);
  char *quoted = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
  json_decref(value);
  if (quoted != NULL) {
    text_add_bytes(text, quoted, strlen(quoted));
  } else {
    text->refused = true;
  }
  free(quoted);
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
