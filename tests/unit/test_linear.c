/* test_linear.c: equations are solved, or said to have no one solution. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/linear.h"

static void test_solution(void **state) {
  (void)state;
  const double wanted[] = {3, -1, 0.5, 2};
  const double a[4][4] = {
      {5, 1, 0, 2}, {1, 4, -1, 0}, {0, -1, 3, 1}, {2, 0, 1, 6}};
  for (int size = 1; size <= 4; size++) {
    double left[16], right[4] = {0};
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < size; k++) {
        left[i * size + k] = a[i][k];
        right[i] += a[i][k] * wanted[k];
      }
    }
    assert_true(nml_solve(left, right, size));
    for (int i = 0; i < size; i++)
      assert_true(fabs(right[i] - wanted[i]) < 1e-12);
  }
}

static void test_no_solution(void **state) {
  (void)state;
  double twice[] = {1, 2, 2, 4}, none[] = {0, 0, 0, 0}, b[] = {1, 1};
  assert_false(nml_solve(twice, b, 2));
  assert_false(nml_solve(none, b, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_solution),
                                     cmocka_unit_test(test_no_solution)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
