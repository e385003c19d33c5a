/* exif.c: the one thing we want from a photo's EXIF data: how the camera was
 * held. The layout is TIFF's: byte order, offset of the first directory,
 * entries of 12 bytes (tag, type, count, value). */
#include <string.h>

#include "formats/image_decode.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

typedef struct exif_bytes {
  const uint8_t *bytes;
  size_t size_bytes;
  int big_endian;
} exif_bytes;

static uint32_t number_at(const exif_bytes *exif, size_t at, int bytes) {
  uint32_t value = 0;
  if (at > exif->size_bytes || exif->size_bytes - at < (size_t)bytes) return 0;
  for (int i = 0; i < bytes; i++) {
    int shift = 8 * (exif->big_endian ? bytes - 1 - i : i);
    value |= (uint32_t)exif->bytes[at + (size_t)i] << shift;
  }
  return value;
}

int exif_orientation(const uint8_t *segment, size_t size_bytes) {
  if (size_bytes < 14 || memcmp(segment, "Exif\0\0", 6) != 0) return 1;
  exif_bytes exif = {segment + 6, size_bytes - 6, segment[6] == 'M'};
  size_t directory = number_at(&exif, 4, 4);
  uint32_t entries = number_at(&exif, directory, 2);
  for (uint32_t i = 0; i < entries; i++) {
    size_t at = directory + 2 + (size_t)i * ENTRY_BYTES;
    if (number_at(&exif, at, 2) != TAG_ORIENTATION) continue;
    uint32_t value = number_at(&exif, at + 8, 2);
    int valid = number_at(&exif, at + 2, 2) == TYPE_SHORT;
    return valid && value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}
