/* json.c: see json.h. Strict (RFC 8259), since whatever is accepted here must
 * mean the same to every other reader of the file. */
#include "model/json.h"

#include <assert.h>
#include <stddef.h>

numeral_status nml_json_fail(const nml_json *json, const char *expected) {
  return nml_fail(json->error, NUMERAL_ERROR_FORMAT,
                  "header byte %td: expected %s", json->at - json->start,
                  expected);
}

void nml_json_skip_space(nml_json *json) {
  while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' ||
                                  *json->at == '\n' || *json->at == '\r'))
    json->at++;
}

bool nml_json_take(nml_json *json, char c) {
  nml_json_skip_space(json);
  if (json->at == json->end || *json->at != (unsigned char)c) return false;
  json->at++;
  return true;
}

numeral_status nml_json_expect(nml_json *json, char c, const char *expected) {
  return nml_json_take(json, c) ? NUMERAL_OK : nml_json_fail(json, expected);
}

numeral_status nml_json_next(nml_json *json, char close, bool *first,
                             bool *more) {
  *more = !nml_json_take(json, close);
  if (*first || !*more) {
    *first = false;
    return NUMERAL_OK;
  }
  return nml_json_expect(json, ',',
                         close == '}' ? "a comma or }" : "a comma or ]");
}

/* Table 3-7 of the Unicode standard: no overlong form, no surrogate, nothing
 * past U+10FFFF. */
int nml_utf8_length(const unsigned char *at, const unsigned char *end) {
  ptrdiff_t left = end - at;
  if (left < 1) return 0;
  if (at[0] < 0x80) return 1;
  if (at[0] < 0xc2 || at[0] > 0xf4) return 0;
  int length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  unsigned char low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) return 0;
  for (int i = 2; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return length;
}

static char *put_utf8(char *out, unsigned code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  int tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  unsigned lead = tail == 1 ? 0xc0 : tail == 2 ? 0xe0 : 0xf0;
  *out++ = (char)(lead | code >> (6 * tail));
  while (tail-- > 0) *out++ = (char)(0x80 | (code >> (6 * tail) & 0x3f));
  return out;
}

/* 16 where it is none. */
static unsigned hex_digit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - (unsigned)'0';
  if (c >= 'a' && c <= 'f') return c - (unsigned)'a' + 10;
  if (c >= 'A' && c <= 'F') return c - (unsigned)'A' + 10;
  return 16;
}

/* The four digits after \u. */
static bool take_hex(nml_json *json, unsigned *code) {
  *code = 0;
  if (json->end - json->at < 4) return false;
  for (int i = 0; i < 4; i++) {
    unsigned digit = hex_digit(*json->at++);
    if (digit == 16) return false;
    *code = *code * 16 + digit;
  }
  return true;
}

static bool is_surrogate(unsigned code, unsigned first) {
  return code >= first && code < first + 0x400;
}

/* What follows the backslash; 0 where it is no escape (nor is U+0000). */
static unsigned take_escape(nml_json *json) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  unsigned code, low;
  if (json->at == json->end) return 0;
  char name = (char)*json->at++;
  for (int i = 0; names[i]; i++)
    if (names[i] == name) return (unsigned char)values[i];
  if (name != 'u' || !take_hex(json, &code)) return 0;
  if (is_surrogate(code, 0xdc00)) return 0;
  if (!is_surrogate(code, 0xd800)) return code;
  if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
    return 0;
  json->at += 2;
  if (!take_hex(json, &low) || !is_surrogate(low, 0xdc00)) return 0;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Never writes past `strings`: a decoded character is no longer than its text,
 * and the closing 0 takes the place of a quote. */
numeral_status nml_json_string(nml_json *json, const char **text) {
  char *out = json->strings;
  numeral_status status = nml_json_expect(json, '"', "a string");
  if (status != NUMERAL_OK) return status;
  while (json->at < json->end && *json->at != '"') {
    if (*json->at == '\\') {
      json->at++;
      unsigned code = take_escape(json);
      if (code == 0) return nml_json_fail(json, "a valid escape before it");
      out = put_utf8(out, code);
      continue;
    }
    int length = nml_utf8_length(json->at, json->end);
    if (length == 0 || *json->at < 0x20)
      return nml_json_fail(json, "text in UTF-8 without control characters");
    while (length-- > 0) *out++ = (char)*json->at++;
  }
  if (json->at == json->end) return nml_json_fail(json, "the string's end");
  json->at++;
  *out++ = '\0';
  *text = json->strings;
  json->strings = out;
  return NUMERAL_OK;
}

numeral_status nml_json_key(nml_json *json, const char **key) {
  numeral_status status = nml_json_string(json, key);
  return status == NUMERAL_OK ? nml_json_expect(json, ':', "a colon") : status;
}

static bool is_digit(const nml_json *json) {
  return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

numeral_status nml_json_integer(nml_json *json, int64_t *value) {
  static const char expected[] = "a whole number from 0 to 2^63 - 1";
  int64_t number = 0;
  nml_json_skip_space(json);
  if (!is_digit(json)) return nml_json_fail(json, expected);
  bool zero = *json->at == '0';
  while (is_digit(json)) {
    int digit = *json->at - '0';
    if (number > (INT64_MAX - digit) / 10) return nml_json_fail(json, expected);
    number = number * 10 + digit;
    json->at++;
    if (zero && is_digit(json))
      return nml_json_fail(json, "a number without leading zeros");
  }
  *value = number;
  return NUMERAL_OK;
}
