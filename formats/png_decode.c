/* png_decode.c: PNG through libpng's simplified interface, which turns every
 * depth and palette into 8 bits and reports in a struct instead of printing. */
#include <png.h>
#include <string.h>

#include "formats/image_decode.h"

/* libpng stops reading once it has all rows; a file cut off behind them is
 * found by walking its chunks to IEND. */
static int has_end(const image_source *source) {
  size_t at = 8;
  while (source->size_bytes - at >= 12) {
    const uint8_t *chunk = source->bytes + at;
    size_t length = (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 |
                    (size_t)chunk[2] << 8 | chunk[3];
    if (length > source->size_bytes - at - 12) return 0;
    if (memcmp(chunk + 4, "IEND", 4) == 0) return 1;
    at += length + 12;
  }
  return 0;
}

static numeral_status decode_rows(const image_source *source, png_image *png,
                                  image_file *image, numeral_error *error) {
  numeral_status status =
      image_check_size(source, png->width, png->height, error);
  if (status != NUMERAL_OK) return status;
  if (!has_end(source)) {
    return image_fail_damaged(source, "PNG", "its end is missing", error);
  }
  png->format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
  png->flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* 16 bits is not taken for linear */
  status =
      image_file_create(image, (int)png->width, (int)png->height,
                        (int)PNG_IMAGE_SAMPLE_CHANNELS(png->format), error);
  if (status != NUMERAL_OK) return status;
  if (png_image_finish_read(png, NULL, image->pixels,
                            (png_int_32)image->raster.stride_bytes, NULL)) {
    return NUMERAL_OK;
  }
  return image_fail_damaged(source, "PNG", png->message, error);
}

numeral_status png_decode(const image_source *source, image_file *image,
                          numeral_error *error) {
  png_image png = {.version = PNG_IMAGE_VERSION};
  numeral_status status;
  if (png_image_begin_read_from_memory(&png, source->bytes,
                                       source->size_bytes)) {
    status = decode_rows(source, &png, image, error);
  } else {
    status = image_fail_damaged(source, "PNG", png.message, error);
  }
  png_image_free(&png);
  return status;
}
