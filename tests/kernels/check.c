/* The list of checks and what they share. See check.h. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const check checks[] = {
    {"product", check_product},
    {"product gradient", check_product_gradient},
    {"product: rows are independent", check_product_rows_independent},
    {"product: order of the sum", check_product_order},
    {"product: NaN", check_product_nan},
    {"product of prediction", check_forward},
    {"winners", check_winners},
    {"winners: pixels", check_winner_pixels},
    {"maxpool", check_maxpool},
    {"maxpool: NaN", check_maxpool_nan},
    {"avgpool", check_avgpool},
    {"depthwise", check_depthwise},
    {"transpose", check_transpose},
    {"relu, add, multiply", check_elements},
    {"relu: NaN", check_relu_nan},
    {"sum of squares", check_sum_of_squares},
    {"rows", check_rows},
    {"bytes to floats", check_bytes},
    {"bytes as values", check_byte_values},
    {"sums of bytes", check_byte_sums},
    {"sgd", check_sgd},
    {"adam", check_adam},
    {"peak", check_peak},
};
const int check_count = sizeof checks / sizeof checks[0];

enum { GUARD_BYTES = 128, GUARD = 0xa5 };

/* 64 bytes for the size, then a guard, the data, a guard. */
void *guarded(size_t count, size_t size_bytes) {
  size_t bytes = count * size_bytes;
  size_t whole = (64 + 2 * GUARD_BYTES + bytes + 63) / 64 * 64;
  unsigned char *memory = aligned_alloc(64, whole);
  if (!memory) abort();
  memcpy(memory, &bytes, sizeof bytes);
  memset(memory + 64, GUARD, whole - 64);
  memset(memory + 64 + GUARD_BYTES, 0xff, bytes);
  return memory + 64 + GUARD_BYTES;
}

bool guard_holds(const void *memory, const char *what) {
  const unsigned char *data = memory, *before = data - GUARD_BYTES;
  size_t bytes;
  memcpy(&bytes, before - 64, sizeof bytes);
  for (size_t i = 0; i < GUARD_BYTES; i++) {
    if (before[i] != GUARD) return wrong("%s: written before its start", what);
    if (data[bytes + i] != GUARD)
      return wrong("%s: written %zu bytes past its end", what, i);
  }
  return true;
}

void release(void *memory) {
  if (memory) free((unsigned char *)memory - GUARD_BYTES - 64);
}

/* Shifted so that the end is exact and the start is not aligned. */
float *exact(size_t count) {
  float *memory = malloc((count + 1) * sizeof *memory);
  if (!memory) abort();
  return memory + 1;
}

void release_exact(float *memory) { free(memory - 1); }

unsigned next_random(unsigned *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static float value_of(value_kind kind, unsigned *state) {
  float unit = (float)next_random(state) * 0x1p-23f - 1.0f;
  unsigned dice = next_random(state);
  switch (kind) {
    case VALUES_SPARSE:
      return dice % 4 == 0 ? unit : dice % 4 == 1 ? -0.0f : 0.0f;
    case VALUES_DENORMAL:
      return unit * 1e-39f;
    case VALUES_LARGE:
      return unit < 0 ? unit * 1e15f - 1e15f : unit * 1e15f;
    case VALUES_WIDE:
      return unit * powf(10.0f, (float)(dice % 31) - 15.0f);
    default:
      return unit;
  }
}

void fill(float *x, size_t count, value_kind kind, unsigned seed) {
  unsigned state = seed * 2654435761u + 1;
  for (size_t i = 0; i < count; i++) x[i] = value_of(kind, &state);
}

bool near(float got, double want, double magnitude, int operations) {
  double bound =
      operations * (magnitude * (double)FLT_EPSILON + (double)FLT_TRUE_MIN);
  return fabs((double)got - want) <= bound;
}

bool wrong(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  return false;
}
