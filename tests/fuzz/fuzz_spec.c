/* fuzz_spec.c: any text as a network. What is understood must be understood
 * the same way again from its canonical text, and never grow past the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void check(bool holds) {
  if (!holds) abort();
}

static void parse_again(const nml_layer_spec *specs, int count) {
  static char text[NML_SPEC_BYTES], again[NML_SPEC_BYTES];
  static nml_layer_spec second[NML_MAX_LAYERS];
  int second_count;
  check(nml_spec_format(specs, count, text, sizeof text));
  check(nml_spec_parse(text, second, &second_count, NULL) == NUMERAL_OK);
  check(second_count == count);
  check(nml_spec_format(second, second_count, again, sizeof again));
  check(strcmp(text, again) == 0);
  for (int i = 0; i < count; i++) {
    char layer[NML_LAYER_TEXT_BYTES];
    check(nml_layer_format(&specs[i], layer, sizeof layer));
    check(specs[i].rate == second[i].rate);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes) {
  static nml_layer_spec specs[NML_MAX_LAYERS];
  numeral_error error = {0};
  nml_net *net;
  int count;
  char *text = malloc(size_bytes + 1);
  if (!text) return 0;
  memcpy(text, bytes, size_bytes);
  text[size_bytes] = '\0';
  if (nml_spec_parse(text, specs, &count, &error) == NUMERAL_OK) {
    parse_again(specs, count);
    if (nml_net_create(specs, count, &net, &error) == NUMERAL_OK)
      check(net->params_floats <= (size_t)1 << 26);
    else
      check(error.message[0] != '\0');
    nml_net_destroy(net);
  } else {
    check(count == 0 && error.message[0] != '\0');
  }
  free(text);
  return 0;
}
