/* fuzz_idx.c: any bytes as a pair of IDX files. The first two bytes
 * (little-endian) say how many of the rest are the images file. */
#include <stddef.h>
#include <stdint.h>

#include "numeral.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes) {
  if (size_bytes < 2) return 0;
  size_t images_bytes = (size_t)data[0] | (size_t)data[1] << 8;
  data += 2;
  size_bytes -= 2;
  if (images_bytes > size_bytes) images_bytes = size_bytes;
  numeral_dataset *dataset;
  numeral_error error;
  numeral_status status =
      numeral_dataset_parse_idx(data, images_bytes, data + images_bytes,
                                size_bytes - images_bytes, &dataset, &error);
  if ((status == NUMERAL_OK) != (dataset != NULL)) __builtin_trap();
  if (dataset) numeral_dataset_checksum(dataset);
  numeral_dataset_destroy(dataset);
  return 0;
}
