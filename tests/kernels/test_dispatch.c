/* Which table is chosen: for every subset of the processor's features, and
 * when many threads ask first. Each choice is made in a process of its own,
 * because it is made once. */
#include "base/cpu.h"
#include "kernels/kernels.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL_FEATURES = 63, THREADS = 8 };

static const char *expected(unsigned features) {
  if (features & NML_CPU_AVX512) return "avx512";
  if (features & NML_CPU_AVX2) return "avx2";
  return features & NML_CPU_NEON ? "neon" : "portable";
}

static void mask_features(unsigned mask) {
  char text[16];
  snprintf(text, sizeof text, "%u", mask);
  assert_int_equal(setenv("NUMERAL_CPU_MASK", text, 1), 0);
}

/* In a child: is the table of that name the one, now and after a change? */
static bool chooses(const char *name) {
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    const nml_kernels *first = nml_kernels_get();
    setenv("NUMERAL_CPU_MASK", "0xff", 1);
    _exit(strcmp(first->name, name) == 0 && nml_kernels_get() == first ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_every_subset(void **state) {
  (void)state;
  mask_features(0);
  const unsigned all = nml_cpu_features();
  for (unsigned mask = 0; mask <= ALL_FEATURES; mask++) {
    mask_features(mask);
    assert_int_equal(nml_cpu_features(), all & ~mask);
    assert_true(chooses(expected(all & ~mask)));
  }
}

static void test_named(void **state) {
  (void)state;
  static const char *const names[] = {"avx2", "avx512", "neon"};
  mask_features(0);
  const unsigned all = nml_cpu_features();
  for (unsigned mask = 0; mask <= ALL_FEATURES; mask++) {
    mask_features(mask);
    for (unsigned i = 0; i < 3; i++) {
      const nml_kernels *kernels = nml_kernels_named(names[i]);
      assert_int_equal(kernels != NULL, (all & ~mask) >> i & 1);
      if (kernels) assert_string_equal(kernels->name, names[i]);
    }
    assert_string_equal(nml_kernels_named("portable")->name, "portable");
    assert_null(nml_kernels_named("sse9"));
  }
}

static void test_mask_is_text(void **state) {
  (void)state;
  unsetenv("NUMERAL_CPU_MASK");
  const unsigned all = nml_cpu_features();
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "", 1), 0);
  assert_int_equal(nml_cpu_features(), all);
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "nonsense", 1), 0);
  assert_int_equal(nml_cpu_features(), all);
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "0x3f", 1), 0);
  assert_int_equal(nml_cpu_features(), 0);
  assert_int_equal(setenv("NUMERAL_CPU_MASK", "-1", 1), 0);
  assert_int_equal(nml_cpu_features(), 0);
}

static void *ask(void *unused) {
  (void)unused;
  return (void *)(uintptr_t)nml_kernels_get();
}

static void test_threads_agree(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  unsetenv("NUMERAL_CPU_MASK");
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
  for (int i = 0; i < THREADS; i++) {
    void *answer;
    assert_int_equal(pthread_join(threads[i], &answer), 0);
    assert_ptr_equal(answer, nml_kernels_get());
  }
}

static void test_cpu_name(void **state) {
  (void)state;
  char name[64], little[64 + 1] = {0};
  nml_cpu_name(name, sizeof name);
  assert_true(strlen(name) > 0);
  memset(little, '#', sizeof little - 1);
  nml_cpu_name(little, 64);
  assert_string_equal(little, name);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_subset), cmocka_unit_test(test_named),
      cmocka_unit_test(test_mask_is_text), cmocka_unit_test(test_threads_agree),
      cmocka_unit_test(test_cpu_name)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
