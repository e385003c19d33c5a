/* fuzz_image.c: any bytes as an image file, and what comes out of it, or a
 * raster made of the bytes themselves, through the normaliser.
 * A raster is "RAW", channels, width, height (two bytes each, low one first),
 * pixels; these are repeated as often as needed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/image_file.h"
#include "image/normalise.h"

enum { RAW_HEADER_BYTES = 8, PIXEL_LIMIT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void normalise(const numeral_raster *raster) {
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  numeral_frame frame;
  uint8_t brightest = 0;
  if (nml_normalise(raster, NULL, image, &frame, NULL) != NUMERAL_OK) return;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    if (image[i] > brightest) brightest = image[i];
  }
  if ((frame.digits > 0) != (brightest > 0)) abort();
}

static void normalise_raw(const uint8_t *bytes, size_t size_bytes) {
  int channels = bytes[3] % 4 + 1;
  int width = (bytes[4] | bytes[5] << 8) % 2048 + 1;
  int height = (bytes[6] | bytes[7] << 8) % 2048 + 1;
  size_t row_bytes = (size_t)width * (size_t)channels;
  size_t pixel_bytes = size_bytes - RAW_HEADER_BYTES;
  if ((size_t)width * (size_t)height > PIXEL_LIMIT || pixel_bytes == 0) return;
  uint8_t *pixels = malloc(row_bytes * (size_t)height);
  if (!pixels) return;
  for (size_t i = 0; i < row_bytes * (size_t)height; i++) {
    pixels[i] = bytes[RAW_HEADER_BYTES + i % pixel_bytes];
  }
  numeral_raster raster = {pixels, width, height, channels, row_bytes};
  normalise(&raster);
  free(pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  if (size_bytes > RAW_HEADER_BYTES && memcmp(bytes, "RAW", 3) == 0) {
    normalise_raw(bytes, size_bytes);
    return 0;
  }
  image_file image;
  if (image_file_parse_within(bytes, size_bytes, "input", PIXEL_LIMIT, &image,
                              NULL) == NUMERAL_OK) {
    normalise(&image.raster);
  }
  image_file_release(&image);
  return 0;
}
