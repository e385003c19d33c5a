/* image_file.c: from a path to the right decoder, and the PNG writer.
 * Must not know how any format is laid out beyond its first bytes. */
#include "formats/image_file.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/file_bytes.h"
#include "formats/format_fail.h"
#include "formats/image_decode.h"
#include "formats/module.h"

static const uint64_t PIXEL_LIMIT = (uint64_t)1 << 28;
static const size_t FILE_LIMIT_BYTES = (size_t)1 << 30;

static int begins_with(const image_source *source, const char *magic,
                       size_t length) {
  return source->size_bytes >= length &&
         memcmp(source->bytes, magic, length) == 0;
}

static numeral_status decode_other(const image_source *source,
                                   image_file *image, numeral_error *error) {
  image_decoder *decode =
      (image_decoder *)module_function("leptonica", "leptonica_decode", error);
  return decode ? decode(source, image, error) : NUMERAL_ERROR_IO;
}

numeral_status image_file_parse(const void *bytes, size_t size_bytes,
                                const char *name, image_file *image,
                                numeral_error *error) {
  return image_file_parse_within(bytes, size_bytes, name, PIXEL_LIMIT, image,
                                 error);
}

numeral_status image_file_parse_within(const void *bytes, size_t size_bytes,
                                       const char *name, uint64_t pixel_limit,
                                       image_file *image,
                                       numeral_error *error) {
  image_source source = {bytes, size_bytes, name,
                         pixel_limit < PIXEL_LIMIT ? pixel_limit : PIXEL_LIMIT};
  *image = (image_file){0};
  if (size_bytes == 0) {
    return format_fail(error, NUMERAL_ERROR_FORMAT,
                       "%s is empty: give an image file", name);
  }
  numeral_status status;
  if (begins_with(&source, "\x89PNG\r\n\x1a\n", 8)) {
    status = png_decode(&source, image, error);
  } else if (begins_with(&source, "\xff\xd8\xff", 3)) {
    status = jpeg_decode(&source, image, error);
  } else {
    status = decode_other(&source, image, error);
  }
  if (status != NUMERAL_OK) image_file_release(image);
  return status;
}

numeral_status image_file_read(const char *path, image_file *image,
                               numeral_error *error) {
  byte_buffer file;
  *image = (image_file){0};
  numeral_status status = file_bytes_read(path, FILE_LIMIT_BYTES, &file, error);
  if (status == NUMERAL_OK) {
    status = image_file_parse(file.bytes, file.size_bytes, path, image, error);
  }
  free(file.bytes);
  return status;
}

static png_image png_header(const numeral_raster *raster) {
  static const png_uint_32 formats[] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA,
                                        PNG_FORMAT_RGB, PNG_FORMAT_RGBA};
  png_image png = {.version = PNG_IMAGE_VERSION};
  png.width = (png_uint_32)raster->width_px;
  png.height = (png_uint_32)raster->height_px;
  png.format = formats[raster->channels];
  return png;
}

static int write_whole_png(FILE *file, const numeral_raster *raster) {
  png_image png = png_header(raster);
  int written = png_image_write_to_stdio(
      &png, file, 0, raster->pixels, (png_int_32)raster->stride_bytes, NULL);
  png_image_free(&png);
  return written && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* O_EXCL with the process's number and a count: two writers never share a
 * temporary file, and unlike mkstemp the umask decides who may read it. */
static FILE *create_beside(const char *path, char *temporary, size_t size) {
  for (int attempt = 0; attempt < 1000; attempt++) {
    int length = snprintf(temporary, size, "%s.%ld-%d.tmp", path,
                          (long)getpid(), attempt);
    if (length < 0 || (size_t)length >= size) {
      errno = ENAMETOOLONG;
      return NULL;
    }
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (descriptor >= 0) {
      FILE *file = fdopen(descriptor, "wb");
      if (file) return file;
      close(descriptor);
      remove(temporary);
      return NULL;
    }
    if (errno != EEXIST) return NULL;
  }
  return NULL;
}

numeral_status image_file_write_png(const char *path,
                                    const numeral_raster *raster,
                                    numeral_error *error) {
  char temporary[4096];
  FILE *file = create_beside(path, temporary, sizeof temporary);
  if (!file) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "%s cannot be written: %s; choose another folder", path,
                       strerror(errno));
  }
  errno = 0;
  int written = write_whole_png(file, raster);
  int reason = errno;
  if (fclose(file) != 0 && written) {
    written = 0;
    reason = errno;
  }
  if (written && rename(temporary, path) != 0) {
    written = 0;
    reason = errno;
  }
  if (written) return NUMERAL_OK;
  remove(temporary);
  return format_fail(error, NUMERAL_ERROR_IO,
                     "%s cannot be written: %s; nothing was changed", path,
                     reason ? strerror(reason) : "libpng refused the picture");
}

/* ---- PNG in memory ---- */

enum { PALETTE = 256, PLACES = 1024 };

typedef struct palette {
  uint8_t colours[PALETTE][3];
  int count;
  uint32_t keys[PLACES]; /* a colour and 1, by its hash; 0: free */
  uint8_t values[PLACES];
} palette;

/* The colour's index, or -1 where the palette is full. */
static int palette_index(palette *p, const uint8_t *rgb) {
  uint32_t key = ((uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2]) + 1;
  uint32_t place = key * 2654435761u >> 22;
  while (p->keys[place] != 0 && p->keys[place] != key)
    place = (place + 1) % PLACES;
  if (p->keys[place] == key) return p->values[place];
  if (p->count == PALETTE) return -1;
  p->keys[place] = key;
  p->values[place] = (uint8_t)p->count;
  memcpy(p->colours[p->count], rgb, 3);
  return p->count++;
}

/* The picture as indices into the palette; NULL where it has more colours, or
 * memory is refused. */
static uint8_t *palette_indices(const numeral_raster *raster, palette *p) {
  size_t width = (size_t)raster->width_px, height = (size_t)raster->height_px;
  uint8_t *indices = raster->channels == 3 ? malloc(width * height) : NULL;
  for (size_t i = 0; indices != NULL && i < width * height; i++) {
    const uint8_t *row = raster->pixels + i / width * raster->stride_bytes;
    int index = palette_index(p, row + i % width * 3);
    if (index < 0) {
      free(indices);
      return NULL;
    }
    indices[i] = (uint8_t)index;
  }
  return indices;
}

/* No filters: they cost most of the time, and flat pictures grow by them. */
numeral_status image_file_encode_png(const numeral_raster *raster,
                                     unsigned char **png, size_t *size_bytes,
                                     numeral_error *error) {
  palette few = {.count = 0};
  uint8_t *indices = palette_indices(raster, &few);
  png_image header = png_header(raster);
  header.flags = PNG_IMAGE_FLAG_FAST;
  if (indices != NULL) {
    header.format = PNG_FORMAT_RGB_COLORMAP;
    header.colormap_entries = (png_uint_32)few.count;
  }
  png_alloc_size_t needed = PNG_IMAGE_PNG_SIZE_MAX(header);
  *size_bytes = 0;
  *png = malloc(needed);
  if (*png == NULL) {
    free(indices);
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "a picture of %d x %d needs more memory than there is",
                       raster->width_px, raster->height_px);
  }
  int written = png_image_write_to_memory(
      &header, *png, &needed, 0, indices != NULL ? indices : raster->pixels,
      indices != NULL ? 0 : (png_int_32)raster->stride_bytes, few.colours);
  png_image_free(&header);
  free(indices);
  if (written) {
    *size_bytes = needed;
    return NUMERAL_OK;
  }
  free(*png);
  *png = NULL;
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "libpng refused a picture: %s", header.message);
}
