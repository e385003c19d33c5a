/* fuzz_csv.c: any bytes as a CSV file of digits. */
#include <stddef.h>
#include <stdint.h>

#include "numeral.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes) {
  numeral_dataset *dataset;
  numeral_error error;
  numeral_status status = numeral_dataset_parse_csv(
      (const char *)data, size_bytes, &dataset, &error);
  if ((status == NUMERAL_OK) != (dataset != NULL)) __builtin_trap();
  if (dataset) numeral_dataset_checksum(dataset);
  numeral_dataset_destroy(dataset);
  return 0;
}
