/* The kernels' checks, as plain functions, so that cmocka runs them here and a
 * bare main() runs them where cmocka is not to be had (Arm, emulated). */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "kernels/kernels.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct check {
  const char *name;
  bool (*holds)(const nml_kernels *kernels); /* else stderr says why not */
} check;

extern const check checks[];
extern const int check_count;

/* Buffers. `guarded` memory is aligned to 64 bytes, filled with NaNs, and
 * surrounded by bytes that guard_holds looks at; `exact` memory ends where
 * its last float ends, for a sanitizer to see what is read beyond. */
void *guarded(size_t count, size_t size_bytes);
bool guard_holds(const void *memory, const char *what);
void release(void *guarded_memory);
float *exact(size_t count);
void release_exact(float *memory);

/* Values. Each kind is one way to be awkward. */
typedef enum value_kind {
  VALUES_RANDOM,   /* -1 .. 1 */
  VALUES_SPARSE,   /* mostly 0, some of them -0 */
  VALUES_DENORMAL, /* below 1e-38, the ones that have lost their leading bit */
  VALUES_LARGE,    /* about 1e15, either sign */
  VALUES_WIDE,     /* 1e-15 .. 1e15 */
  VALUE_KINDS
} value_kind;
void fill(float *x, size_t count, value_kind kind, unsigned seed);
unsigned next_random(unsigned *state); /* 24 bits */

/* Is `got` the rounding of `want`, after `operations` on terms that add up to
 * `magnitude`? Denormals may lose all but the last bit at each operation. */
bool near(float got, double want, double magnitude, int operations);

/* Prints and returns false. */
__attribute__((format(printf, 1, 2))) bool wrong(const char *format, ...);

bool check_product(const nml_kernels *kernels);
bool check_product_gradient(const nml_kernels *kernels);
bool check_product_rows_independent(const nml_kernels *kernels);
bool check_product_order(const nml_kernels *kernels);
bool check_product_nan(const nml_kernels *kernels);
bool check_forward(const nml_kernels *kernels);
bool check_winner_pixels(const nml_kernels *kernels);
bool check_winners(const nml_kernels *kernels);
bool check_maxpool(const nml_kernels *kernels);
bool check_maxpool_nan(const nml_kernels *kernels);
bool check_avgpool(const nml_kernels *kernels);
bool check_depthwise(const nml_kernels *kernels);
bool check_transpose(const nml_kernels *kernels);
bool check_elements(const nml_kernels *kernels);
bool check_relu_nan(const nml_kernels *kernels);
bool check_sum_of_squares(const nml_kernels *kernels);
bool check_rows(const nml_kernels *kernels);
bool check_bytes(const nml_kernels *kernels);
bool check_byte_values(const nml_kernels *kernels);
bool check_byte_sums(const nml_kernels *kernels);
bool check_sgd(const nml_kernels *kernels);
bool check_adam(const nml_kernels *kernels);
bool check_peak(const nml_kernels *kernels);

#endif
