/* leptonica_decode.c: TIFF, WebP, BMP, GIF and PNM through Leptonica.
 * Sizes are checked first; BMP and GIF here, because Leptonica reads the whole
 * picture to learn them. */
#include <leptonica/allheaders.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format_fail.h"
#include "formats/image_decode.h"
#include "formats/leptonica/gif_frames.h"
#include "formats/module.h"

static void drop_message(const char *message) { (void)message; }

static void silence(void) {
  setMsgSeverity(L_SEVERITY_NONE);
  leptSetStderrHandler(drop_message);
}

static const char *format_name(int format) {
  switch (format) {
    case IFF_BMP:
      return "BMP";
    case IFF_GIF:
      return "GIF";
    case IFF_PNM:
      return "PNM";
    case IFF_WEBP:
      return "WebP";
    case IFF_TIFF:
    case IFF_TIFF_PACKBITS:
    case IFF_TIFF_RLE:
    case IFF_TIFF_G3:
    case IFF_TIFF_G4:
    case IFF_TIFF_LZW:
    case IFF_TIFF_ZIP:
    case IFF_TIFF_JPEG:
      return "TIFF";
    default:
      return NULL;
  }
}

static int detect_format(const image_source *source) {
  int format = IFF_UNKNOWN;
  if (source->size_bytes < 12) return IFF_UNKNOWN; /* looks at 12 bytes */
  findFileFormatBuffer(source->bytes, &format);
  return format;
}

static int32_t int32_at(const uint8_t *bytes) {
  return (int32_t)((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                   (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

static numeral_status check_declared_size(const image_source *source,
                                          int format, numeral_error *error) {
  int width = 0, height = 0;
  if (format == IFF_BMP) {
    if (source->size_bytes >= 26) {
      width = int32_at(source->bytes + 18);
      height = int32_at(source->bytes + 22);
    }
  } else {
    int bits, samples, palette;
    pixReadHeaderMem(source->bytes, source->size_bytes, &format, &width,
                     &height, &bits, &samples, &palette);
  }
  if (width <= 0 || height <= 0) {
    return image_fail_damaged(source, format_name(format),
                              "its header cannot be read", error);
  }
  return image_check_size(source, (uint64_t)width, (uint64_t)height, error);
}

/* Only the first frame is handed over: a small file may hold thousands. */
static numeral_status read_gif(const image_source *source, PIX **pix,
                               numeral_error *error) {
  gif_frames frames;
  if (!gif_frames_find(source->bytes, source->size_bytes, &frames)) {
    return image_fail_damaged(source, "GIF", "its blocks are incomplete",
                              error);
  }
  numeral_status status = image_check_size(source, (uint64_t)frames.width_px,
                                           (uint64_t)frames.height_px, error);
  if (status != NUMERAL_OK) return status;
  uint8_t *first = malloc(frames.first_end + 1);
  if (!first) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for %s (%zu bytes): close other programs",
                       source->name, frames.first_end + 1);
  }
  memcpy(first, source->bytes, frames.first_end);
  first[frames.first_end] = ';'; /* the trailer */
  *pix = pixReadMemGif(first, frames.first_end + 1);
  free(first);
  return NUMERAL_OK;
}

static numeral_status read_pix(const image_source *source, int format,
                               PIX **pix, numeral_error *error) {
  if (format == IFF_GIF) return read_gif(source, pix, error);
  numeral_status status = check_declared_size(source, format, error);
  if (status == NUMERAL_OK) {
    *pix = pixReadMem(source->bytes, source->size_bytes);
  }
  return status;
}

/* Any depth to 8 bits of grey or 32 of colour. Takes over `pix`. */
static PIX *simplify(PIX *pix) {
  PIX *plain = pixRemoveColormap(pix, REMOVE_CMAP_BASED_ON_SRC);
  pixDestroy(&pix);
  int depth = plain ? pixGetDepth(plain) : 0;
  if (depth == 0 || depth == 8 || depth == 32) return plain;
  PIX *bytes = depth == 24   ? pixConvert24To32(plain)
               : depth == 16 ? pixConvert16To8(plain, L_MS_BYTE)
                             : pixConvertTo8(plain, FALSE);
  pixDestroy(&plain);
  return bytes;
}

static void copy_row(const l_uint32 *words, uint8_t *row, int width_px,
                     int channels) {
  static const int shifts[] = {L_RED_SHIFT, L_GREEN_SHIFT, L_BLUE_SHIFT,
                               L_ALPHA_SHIFT};
  for (int x = 0; x < width_px; x++) {
    if (channels == 1) {
      row[x] = (uint8_t)GET_DATA_BYTE(words, x);
      continue;
    }
    for (int c = 0; c < channels; c++) {
      row[(size_t)x * (size_t)channels + (size_t)c] =
          (uint8_t)(words[x] >> shifts[c]);
    }
  }
}

static numeral_status copy_pixels(PIX *pix, image_file *image,
                                  numeral_error *error) {
  int width = pixGetWidth(pix), height = pixGetHeight(pix);
  int channels = pixGetDepth(pix) == 8 ? 1 : pixGetSpp(pix) == 4 ? 4 : 3;
  numeral_status status =
      image_file_create(image, width, height, channels, error);
  if (status != NUMERAL_OK) return status;
  size_t row_words = (size_t)pixGetWpl(pix);
  for (int y = 0; y < height; y++) {
    copy_row(pixGetData(pix) + (size_t)y * row_words,
             image->pixels + (size_t)y * image->raster.stride_bytes, width,
             channels);
  }
  return NUMERAL_OK;
}

MODULE_EXPORT numeral_status leptonica_decode(const image_source *source,
                                              image_file *image,
                                              numeral_error *error) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, silence);
  int format = detect_format(source);
  if (!format_name(format)) {
    return format_fail(error, NUMERAL_ERROR_FORMAT,
                       "%s is not an image that can be read: give PNG, JPEG, "
                       "TIFF, WebP, BMP, GIF or PNM",
                       source->name);
  }
  PIX *pix = NULL;
  numeral_status status = read_pix(source, format, &pix, error);
  if (status != NUMERAL_OK) return status;
  if (pix) pix = simplify(pix);
  if (!pix) {
    return image_fail_damaged(source, format_name(format),
                              "its pixels cannot be decoded", error);
  }
  status = copy_pixels(pix, image, error);
  pixDestroy(&pix);
  return status;
}
