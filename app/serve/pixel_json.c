/* pixel_json.c: see pixel_json.h. A batch of 256 images is 200,704 numbers,
 * each of which jansson makes a value in memory of its own: 17 milliseconds,
 * two thirds of the batch's time; read straight into bytes it is under one. */
#include "app/serve/pixel_json.h"

#include <string.h>

typedef struct reading {
  const char *at, *end;
} reading;

static void skip_blanks(reading *r) {
  while (r->at < r->end &&
         (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
    ++r->at;
}

/* Is `c` next, after blanks? Then it is taken. */
static bool take(reading *r, char c) {
  skip_blanks(r);
  if (r->at == r->end || *r->at != c) return false;
  ++r->at;
  return true;
}

static bool take_word(reading *r, const char *word) {
  size_t length = strlen(word);
  skip_blanks(r);
  if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0)
    return false;
  r->at += length;
  return true;
}

static bool is_digit(const reading *r) {
  return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* 0 to 255, without leading zeros, as JSON has numbers. What may follow it,
 * a point for example, is found by whoever expects a comma there. */
static bool take_pixel(reading *r, uint8_t *pixel) {
  skip_blanks(r);
  if (!is_digit(r)) return false;
  unsigned value = (unsigned)(*r->at++ - '0');
  while (value > 0 && value < 256 && is_digit(r))
    value = 10 * value + (unsigned)(*r->at++ - '0');
  *pixel = (uint8_t)value;
  return value < 256;
}

static bool take_row(reading *r, uint8_t *pixels, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if ((i > 0 && !take(r, ',')) || !take_pixel(r, &pixels[i])) return false;
  }
  return take(r, ']');
}

static bool take_image(reading *r, uint8_t *image) {
  if (!take(r, '[')) return false;
  if (!take(r, '[')) return take_row(r, image, NUMERAL_IMAGE_PIXELS);
  for (size_t y = 0; y < NUMERAL_IMAGE_SIDE; ++y) {
    if (y > 0 && !(take(r, ',') && take(r, '['))) return false;
    if (!take_row(r, image + y * NUMERAL_IMAGE_SIDE, NUMERAL_IMAGE_SIDE))
      return false;
  }
  return take(r, ']');
}

static bool take_images(reading *r, pixel_json *found) {
  if (!take(r, '[')) return false;
  do {
    if (found->count == found->room) return false;
    if (!take_image(r, found->images[found->count])) return false;
    ++found->count;
  } while (take(r, ','));
  return take(r, ']');
}

size_t pixel_json_room(size_t size_bytes) {
  enum { LEAST_BYTES = 2 * NUMERAL_IMAGE_PIXELS }; /* a digit and a comma */
  return size_bytes / LEAST_BYTES + 1;
}

bool pixel_json_read(const char *text, size_t size_bytes, pixel_json *found) {
  reading r = {text, text + size_bytes};
  found->count = 0;
  if (!take(&r, '{')) return false;
  found->is_list = take_word(&r, "\"images\"");
  if (!found->is_list && !take_word(&r, "\"pixels\"")) return false;
  if (!take(&r, ':')) return false;
  if (found->is_list) {
    if (!take_images(&r, found)) return false;
  } else {
    if (found->room == 0 || !take_image(&r, found->images[0])) return false;
    found->count = 1;
  }
  if (!take(&r, '}')) return false;
  skip_blanks(&r);
  return r.at == r.end;
}
