/* fuzz_model.c: any bytes as a model file. What is accepted must be readable
 * again after it has been written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "numeral.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check(int holds) {
  if (!holds) abort();
}

/* Writing is slow beside reading, so not each accepted file is written. */
static void write_again(const numeral_model *model) {
  static unsigned calls;
  char path[64];
  numeral_model *again;
  if (calls++ % 64 != 0) return;
  snprintf(path, sizeof path, "/tmp/numeral-fuzz-%ld", (long)getpid());
  check(numeral_model_write(model, path, NULL) == NUMERAL_OK);
  check(numeral_model_load(path, &again, NULL) == NUMERAL_OK);
  check(strcmp(numeral_model_get_info(model).spec,
               numeral_model_get_info(again).spec) == 0);
  numeral_model_destroy(again);
  unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  numeral_model *model;
  numeral_error error = {0};
  numeral_status status =
      numeral_model_parse(bytes, size_bytes, &model, &error);
  if (status == NUMERAL_OK) {
    numeral_model_info info = numeral_model_get_info(model);
    for (size_t i = 0; i < info.layer_count; i++)
      check(numeral_model_layer(model, i).text[0] != '\0');
    check(strcmp(numeral_model_metadata(model, "spec"), info.spec) == 0);
    write_again(model);
  } else {
    check(!model && error.message[0] != '\0');
  }
  numeral_model_destroy(model);
  return 0;
}
