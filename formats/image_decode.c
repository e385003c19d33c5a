/* image_decode.c: what the decoders share: the limits of a picture, its memory,
 * their messages. */
#include "formats/image_decode.h"

#include <stdlib.h>

#include "formats/format_fail.h"

enum { SIDE_LIMIT_PX = 32768 };

numeral_status image_check_size(const image_source *source, uint64_t width_px,
                                uint64_t height_px, numeral_error *error) {
  if (width_px == 0 || height_px == 0) {
    return image_fail_damaged(source, "image", "it has no pixels", error);
  }
  if (width_px <= SIDE_LIMIT_PX && height_px <= SIDE_LIMIT_PX &&
      width_px * height_px <= source->pixel_limit) {
    return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_LIMIT,
                     "%s has %llu x %llu pixels, but a side may have %d and "
                     "all together %llu: scale the picture down first",
                     source->name, (unsigned long long)width_px,
                     (unsigned long long)height_px, SIDE_LIMIT_PX,
                     (unsigned long long)source->pixel_limit);
}

numeral_status image_file_create(image_file *image, int width_px, int height_px,
                                 int channels, numeral_error *error) {
  size_t stride = (size_t)width_px * (size_t)channels;
  size_t size = stride * (size_t)height_px;
  image->pixels = malloc(size);
  if (!image->pixels) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for a picture of %d x %d pixels (%zu bytes): "
                       "close other programs or scale the picture down",
                       width_px, height_px, size);
  }
  image->raster =
      (numeral_raster){image->pixels, width_px, height_px, channels, stride};
  return NUMERAL_OK;
}

void image_file_release(image_file *image) {
  if (!image) return;
  free(image->pixels);
  *image = (image_file){0};
}

numeral_status image_fail_damaged(const image_source *source, const char *kind,
                                  const char *detail, numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "%s is not a whole, undamaged %s file (%s): check it in "
                     "an image viewer or make it again",
                     source->name, kind, detail);
}
