/* The benchmark of the kernels: every case is reported, with a rate of its
 * own kind, and memory that is refused is an error. How fast is not asked. */
#include "base/memory.h"
#include "engine/bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void count_result(const numeral_bench_result *result, void *user) {
  int *count = user;
  ++*count;
  assert_true(strlen(result->kernel) > 0 && strlen(result->shape) > 0);
  assert_true(strlen(result->precision) == 4 && result->threads >= 1);
  assert_true(isfinite(result->gflops) &&
              isfinite(result->gigabytes_per_second));
  assert_true((result->gflops > 0) != (result->gigabytes_per_second > 0));
  assert_true((result->gflops > 0) == (result->share_of_peak > 0));
}

static void test_all_reported(void **state) {
  (void)state;
  int count = 0;
  numeral_error error = {0};
  assert_int_equal(nml_bench_kernels(count_result, &count, &error), NUMERAL_OK);
  assert_true(count >= 15);
}

static void test_peak(void **state) {
  (void)state;
  assert_true(nml_bench_peak(NUMERAL_PRECISION_FP32, 1) > 0);
  assert_true(nml_bench_peak(NUMERAL_PRECISION_AUTO, 0) > 0);
}

static void ignore_result(const numeral_bench_result *result, void *user) {
  (void)result;
  (void)user;
}

static void test_memory_refused(void **state) {
  (void)state;
  for (long nth = 1; nth <= 20; nth++) {
    numeral_error error = {0};
    nml_alloc_fail_at(nth);
    assert_int_equal(nml_bench_kernels(ignore_result, NULL, &error),
                     NUMERAL_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "memory"));
  }
  nml_alloc_fail_at(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_reported),
                                     cmocka_unit_test(test_peak),
                                     cmocka_unit_test(test_memory_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
