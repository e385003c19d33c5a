/* fuzz_pixels.c: any bytes as a body of pixels: what the quick reader takes,
 * jansson takes too, and finds the same pixels in it. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/serve/pixel_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check_pixel(const json_t *value, uint8_t pixel) {
  if (!json_is_integer(value) || json_integer_value(value) != pixel) abort();
}

static void check_image(const json_t *image, const uint8_t *pixels) {
  size_t rows = json_array_size(image);
  bool is_flat = rows == NUMERAL_IMAGE_PIXELS;
  if (!is_flat && rows != NUMERAL_IMAGE_SIDE) abort();
  for (size_t i = 0; i < NUMERAL_IMAGE_PIXELS; ++i) {
    const json_t *row = json_array_get(image, i / NUMERAL_IMAGE_SIDE);
    if (!is_flat && json_array_size(row) != NUMERAL_IMAGE_SIDE) abort();
    check_pixel(is_flat ? json_array_get(image, i)
                        : json_array_get(row, i % NUMERAL_IMAGE_SIDE),
                pixels[i]);
  }
}

static void check(const char *text, size_t size_bytes,
                  const pixel_json *found) {
  json_t *body = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, NULL);
  const json_t *images = json_object_get(body, "images");
  const json_t *image = json_object_get(body, "pixels");
  if (json_object_size(body) != 1) abort();
  if ((images != NULL) != found->is_list) abort();
  if (found->is_list ? json_array_size(images) != found->count
                     : found->count != 1)
    abort();
  for (size_t i = 0; i < found->count; ++i) {
    check_image(found->is_list ? json_array_get(images, i) : image,
                found->images[i]);
  }
  json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  size_t room = pixel_json_room(size_bytes);
  pixel_json found = {.images = malloc(room * sizeof *found.images),
                      .room = room};
  if (found.images == NULL) return 0;
  if (pixel_json_read((const char *)bytes, size_bytes, &found))
    check((const char *)bytes, size_bytes, &found);
  free(found.images);
  return 0;
}
