/* How many requests an address may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/serve/rate_limit.h"

static int take_all(rate_limit *limit, const char *address, double seconds) {
  int taken = 0;
  while (taken < 1000 && rate_limit_take(limit, address, seconds)) ++taken;
  return taken;
}

static void test_two_seconds_worth_at_once(void **state) {
  (void)state;
  rate_limit *limit = rate_limit_create(10);
  assert_int_equal(take_all(limit, "192.0.2.7", 100), 20);
  assert_int_equal(take_all(limit, "192.0.2.7", 100), 0);
  assert_int_equal(take_all(limit, "192.0.2.7", 100.5), 5);
  assert_int_equal(take_all(limit, "192.0.2.7", 900), 20);
  rate_limit_destroy(limit);
}

static void test_addresses_have_their_own(void **state) {
  (void)state;
  rate_limit *limit = rate_limit_create(3);
  assert_int_equal(take_all(limit, "192.0.2.7", 1), 6);
  assert_int_equal(take_all(limit, "192.0.2.8", 1), 6);
  assert_int_equal(take_all(limit, "2001:db8:1:2::1", 1), 6);
  assert_int_equal(take_all(limit, "2001:db8:1:3::1", 1), 6);
  /* of the same network of 64 bits */
  assert_int_equal(take_all(limit, "2001:db8:1:2::2", 1), 0);
  rate_limit_destroy(limit);
}

static void test_slow_rates_let_one_through(void **state) {
  (void)state;
  rate_limit *limit = rate_limit_create(0.1);
  assert_int_equal(take_all(limit, "192.0.2.7", 1), 1);
  assert_int_equal(take_all(limit, "192.0.2.7", 6), 0);
  assert_int_equal(take_all(limit, "192.0.2.7", 12), 1);
  rate_limit_destroy(limit);
}

/* More addresses than the table holds: the newest are still held to theirs. */
static void test_full_table(void **state) {
  (void)state;
  rate_limit *limit = rate_limit_create(1);
  char address[32];
  for (int i = 0; i < 200000; ++i) {
    snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255,
             i & 255);
    assert_true(rate_limit_take(limit, address, 1 + 1e-6 * i));
  }
  assert_true(rate_limit_take(limit, address, 1.3));
  assert_false(rate_limit_take(limit, address, 1.3));
  rate_limit_destroy(limit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_seconds_worth_at_once),
      cmocka_unit_test(test_addresses_have_their_own),
      cmocka_unit_test(test_slow_rates_let_one_through),
      cmocka_unit_test(test_full_table)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
