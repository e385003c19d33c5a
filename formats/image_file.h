/* image_file.h: pictures from image files, and a picture to a PNG file.
 * Reads PNG, JPEG, TIFF (first page), WebP, BMP, GIF (first frame) and PNM,
 * told apart by their content, never by their name. Must not know digits. */
#ifndef FORMATS_IMAGE_FILE_H
#define FORMATS_IMAGE_FILE_H

#include "numeral.h"

/* A picture that owns its pixels: 1, 2, 3 or 4 channels of 8 bits, turned
 * upright where a JPEG says how the camera was held. */
typedef struct image_file {
  numeral_raster raster; /* what numeral_session_read_raster takes */
  uint8_t *pixels;
} image_file;

/* Fills *image, which image_file_release ends. IO: the file cannot be read;
 * FORMAT: no such picture in it, or it is damaged; LIMIT: more than 1 GiB, a
 * side over 32768 or more than 2^28 pixels, found before anything is decoded.
 */
numeral_status image_file_read(const char *path, image_file *image,
                               numeral_error *error);

/* The same from memory. `name` is what messages call it, such as a path. */
numeral_status image_file_parse(const void *bytes, size_t size_bytes,
                                const char *name, image_file *image,
                                numeral_error *error);

/* The same, for a caller that cannot afford the memory of the largest pictures:
 * more than pixel_limit pixels are refused with LIMIT. */
numeral_status image_file_parse_within(const void *bytes, size_t size_bytes,
                                       const char *name, uint64_t pixel_limit,
                                       image_file *image, numeral_error *error);

/* Accepts an empty image, and empties it. */
void image_file_release(image_file *image);

/* Writes a temporary file beside `path`, flushes it to disk and renames it:
 * on failure nothing is left behind and `path` is as it was. */
numeral_status image_file_write_png(const char *path,
                                    const numeral_raster *raster,
                                    numeral_error *error);

/* The same in memory; free() ends *png. */
numeral_status image_file_encode_png(const numeral_raster *raster,
                                     unsigned char **png, size_t *size_bytes,
                                     numeral_error *error);

#endif
