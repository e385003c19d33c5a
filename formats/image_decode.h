/* image_decode.h: one decoder for each library that image_file.c uses. Each
 * takes a whole file in memory, checks what its header declares before it
 * decodes, and prints nothing. */
#ifndef FORMATS_IMAGE_DECODE_H
#define FORMATS_IMAGE_DECODE_H

#include "formats/image_file.h"

typedef struct image_source {
  const uint8_t *bytes;
  size_t size_bytes;
  const char *name; /* for messages */
  uint64_t pixel_limit;
} image_source;

typedef numeral_status image_decoder(const image_source *source,
                                     image_file *image, numeral_error *error);

/* libpng, libjpeg, and Leptonica (a module) for everything else. */
image_decoder png_decode, jpeg_decode, leptonica_decode;

/* The EXIF orientation (1..8; 1 where there is none) in the APP1 segment of
 * a JPEG file. */
int exif_orientation(const uint8_t *segment, size_t size_bytes);

/* NUMERAL_OK where the sides can be handled. */
numeral_status image_check_size(const image_source *source, uint64_t width_px,
                                uint64_t height_px, numeral_error *error);

/* Takes memory for the picture; the size was checked. */
numeral_status image_file_create(image_file *image, int width_px, int height_px,
                                 int channels, numeral_error *error);

/* "NAME is not a whole, undamaged X file: DETAIL". */
numeral_status image_fail_damaged(const image_source *source, const char *kind,
                                  const char *detail, numeral_error *error);

#endif
