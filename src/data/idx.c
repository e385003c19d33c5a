/* idx.c: the file format of MNIST (a big-endian header, then bytes). Trusts
 * nothing: what a header promises is compared with the bytes that are there
 * before anything is allocated. */
#include <string.h>

#include "data/readers.h"

enum {
  IDX_IMAGES = 0x00000803, /* unsigned bytes, three dimensions */
  IDX_LABELS = 0x00000801, /* unsigned bytes, one dimension */
  IDX_IMAGES_HEADER_BYTES = 16,
  IDX_LABELS_HEADER_BYTES = 8
};

static uint32_t read_be32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         (uint32_t)at[3];
}

/* Why a file that does not start with the right number is not what it should
 * be; the usual mix-ups get their own words. */
static numeral_status fail_magic(const uint8_t *bytes, uint32_t wanted,
                                 const char *what, numeral_error *error) {
  uint32_t magic = read_be32(bytes);
  if (magic == IDX_IMAGES || magic == IDX_LABELS) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "the %s file holds IDX %s: give the images first and the "
                    "labels second",
                    what, magic == IDX_IMAGES ? "images" : "labels");
  }
  if (bytes[0] == 0x1f && bytes[1] == 0x8b) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "the %s file is compressed with gzip: unpack it first",
                    what);
  }
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "the %s file is not an IDX file of %s: it starts with "
                  "0x%08x instead of 0x%08x",
                  what, what, (unsigned)magic, (unsigned)wanted);
}

/* Reads the 4-byte number and the count, and checks that the file holds
 * exactly `count` items of item_bytes behind its header. */
static numeral_status check_header(const uint8_t *bytes, size_t size_bytes,
                                   uint32_t magic, size_t header_bytes,
                                   size_t item_bytes, const char *what,
                                   uint32_t *count, numeral_error *error) {
  *count = 0;
  if (size_bytes >= 4 && read_be32(bytes) != magic) {
    return fail_magic(bytes, magic, what, error);
  }
  if (size_bytes < header_bytes) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "the %s file has %zu bytes, fewer than the %zu of an IDX "
                    "header: it is empty or was cut short, fetch it again",
                    what, size_bytes, header_bytes);
  }
  uint32_t promised = read_be32(bytes + 4);
  uint64_t wanted_bytes = header_bytes + (uint64_t)promised * item_bytes;
  if (wanted_bytes != size_bytes) {
    return nml_fail(
        error, NUMERAL_ERROR_FORMAT,
        "the %s file's header (byte 4) promises %u %s, which take "
        "%llu bytes, but the file has %zu: it %s, fetch it again",
        what, (unsigned)promised, what, (unsigned long long)wanted_bytes,
        size_bytes,
        size_bytes < wanted_bytes ? "was cut short" : "has bytes too many");
  }
  *count = promised;
  return NUMERAL_OK;
}

static numeral_status check_sides(const uint8_t *bytes, size_t size_bytes,
                                  numeral_error *error) {
  if (size_bytes < IDX_IMAGES_HEADER_BYTES || read_be32(bytes) != IDX_IMAGES) {
    return NUMERAL_OK; /* check_header says it better */
  }
  uint32_t height = read_be32(bytes + 8), width = read_be32(bytes + 12);
  if (height == NUMERAL_IMAGE_SIDE && width == NUMERAL_IMAGE_SIDE) {
    return NUMERAL_OK;
  }
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "the images file's header (byte 8) says images of %u x %u "
                  "pixels: only 28 x 28 is handled",
                  (unsigned)width, (unsigned)height);
}

static numeral_status check_labels(const uint8_t *labels, size_t count,
                                   numeral_error *error) {
  for (size_t i = 0; i < count; i++) {
    if (labels[i] < NUMERAL_CLASSES) continue;
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "label %zu of the labels file (byte %zu) is %d: a label "
                    "is a digit 0 to 9",
                    i, i + IDX_LABELS_HEADER_BYTES, labels[i]);
  }
  return NUMERAL_OK;
}

numeral_status nml_idx_parse(const void *images, size_t images_size_bytes,
                             const void *labels, size_t labels_size_bytes,
                             numeral_dataset **dataset, numeral_error *error) {
  uint32_t image_count, label_count;
  numeral_status status;
  *dataset = NULL;
  status = check_sides(images, images_size_bytes, error);
  if (status) return status;
  status = check_header(images, images_size_bytes, IDX_IMAGES,
                        IDX_IMAGES_HEADER_BYTES, NUMERAL_IMAGE_PIXELS, "images",
                        &image_count, error);
  if (status) return status;
  status =
      check_header(labels, labels_size_bytes, IDX_LABELS,
                   IDX_LABELS_HEADER_BYTES, 1, "labels", &label_count, error);
  if (status) return status;
  if (image_count != label_count) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "there are %u images but %u labels: the two files do not "
                    "belong together",
                    (unsigned)image_count, (unsigned)label_count);
  }
  if (image_count > NML_DATASET_MAX) {
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "the IDX files hold %u images: at most %d are handled",
                    (unsigned)image_count, (int)NML_DATASET_MAX);
  }
  const uint8_t *label_bytes =
      (const uint8_t *)labels + IDX_LABELS_HEADER_BYTES;
  status = check_labels(label_bytes, label_count, error);
  if (status) return status;
  status = nml_dataset_alloc(image_count, dataset, error);
  if (status) return status;
  memcpy((*dataset)->labels, label_bytes, label_count);
  memcpy((*dataset)->images, (const uint8_t *)images + IDX_IMAGES_HEADER_BYTES,
         (size_t)image_count * NUMERAL_IMAGE_PIXELS);
  return NUMERAL_OK;
}
