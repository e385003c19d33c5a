/* fuzz_pixel_json.c: any bytes as pixels in JSON: what is read in one pass is
 * what jansson reads, and within the room that was given. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/serve/pixel_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

/* The numbers under `value`, flat or nested, must be the image's. */
static size_t compare(const json_t *value, const uint8_t *pixels, size_t done) {
  if (!json_is_array(value)) {
    if (!json_is_integer(value) || done >= NUMERAL_IMAGE_PIXELS ||
        json_integer_value(value) != pixels[done])
      abort();
    return done + 1;
  }
  for (size_t i = 0; i < json_array_size(value); i++)
    done = compare(json_array_get(value, i), pixels, done);
  return done;
}

static void check(const json_t *body, const pixel_json *found) {
  const json_t *images = json_object_get(body, "images");
  const json_t *pixels = json_object_get(body, "pixels");
  if (json_object_size(body) != 1 || found->is_list != (images != NULL))
    abort();
  if (found->is_list && json_array_size(images) != found->count) abort();
  if (!found->is_list && (pixels == NULL || found->count != 1)) abort();
  for (size_t i = 0; i < found->count; i++) {
    const json_t *image = found->is_list ? json_array_get(images, i) : pixels;
    if (compare(image, found->images[i], 0) != NUMERAL_IMAGE_PIXELS) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  /* a copy of just this size: a byte further is a sanitizer's finding */
  char *text = malloc(size_bytes > 0 ? size_bytes : 1);
  pixel_json found = {.room = pixel_json_room(size_bytes)};
  found.images = malloc(found.room * sizeof *found.images);
  if (text != NULL && found.images != NULL) {
    if (size_bytes > 0) memcpy(text, bytes, size_bytes);
    if (pixel_json_read(text, size_bytes, &found)) {
      if (found.count > found.room) abort();
      json_t *body = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, NULL);
      if (body == NULL) abort();
      check(body, &found);
      json_decref(body);
    }
  }
  free(found.images);
  free(text);
  return 0;
}
