/* Every check of check.h, for every set of kernels that runs here. */
#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct job {
  const check *check;
  const nml_kernels *kernels;
  char name[80];
} job;

static void holds(void **state) {
  const job *it = *state;
  assert_true(it->check->holds(it->kernels));
}

int main(void) {
  static const char *const sets[] = {"portable", "avx2", "avx512", "neon"};
  enum { SETS = 4, MOST = 4 * 32 };
  static job jobs[MOST];
  static struct CMUnitTest tests[MOST];
  size_t count = 0;
  for (int i = 0; i < SETS * check_count; i++) {
    const nml_kernels *kernels = nml_kernels_named(sets[i / check_count]);
    if (!kernels) continue;
    job *it = &jobs[count];
    it->check = &checks[i % check_count];
    it->kernels = kernels;
    snprintf(it->name, sizeof it->name, "%s: %s", kernels->name,
             it->check->name);
    tests[count++] = (struct CMUnitTest){
        .name = it->name, .test_func = holds, .initial_state = it};
  }
  return _cmocka_run_group_tests("kernels", tests, count, NULL, NULL);
}
