/* The checks of check.h without cmocka: `plain_main SET`. */
#include "check.h"

int main(int count, char **arguments) {
  const nml_kernels *kernels =
      count == 2 ? nml_kernels_named(arguments[1]) : NULL;
  int failed = 0;
  if (!kernels) {
    fprintf(stderr, "usage: plain_main SET, a set that this processor has\n");
    return 2;
  }
  for (int i = 0; i < check_count; i++) {
    bool holds = checks[i].holds(kernels);
    printf("%s  %s: %s\n", holds ? "ok    " : "FAILED", kernels->name,
           checks[i].name);
    failed += !holds;
  }
  return failed ? 1 : 0;
}
