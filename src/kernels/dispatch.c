/* dispatch.c: the one place that decides which table runs here. */
#include "kernels/dispatch.h"

#include "base/cpu.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

typedef struct choice {
  unsigned needs; /* nml_cpu_feature */
  const nml_kernels *kernels;
} choice;

/* The best first; the last needs nothing. */
static const choice choices[] = {
#if defined(NML_HAVE_AVX512)
    {NML_CPU_AVX512, &nml_kernels_avx512},
#endif
#if defined(NML_HAVE_AVX2)
    {NML_CPU_AVX2, &nml_kernels_avx2},
#endif
#if defined(NML_HAVE_NEON)
    {NML_CPU_NEON, &nml_kernels_neon},
#endif
    {0, &nml_kernels_portable},
};

enum { CHOICES = sizeof choices / sizeof choices[0] };

static const nml_kernels *best(void) {
  const unsigned features = nml_cpu_features();
  int i = 0;
  while ((choices[i].needs & ~features) != 0) i++;
  return choices[i].kernels;
}

/* Two threads may both decide; the first to write wins, so that all agree
 * even where the environment changed between. */
const nml_kernels *nml_kernels_get(void) {
  static _Atomic(const nml_kernels *) decided;
  const nml_kernels *kernels = atomic_load(&decided);
  if (kernels) return kernels;
  const nml_kernels *mine = best();
  return atomic_compare_exchange_strong(&decided, &kernels, mine) ? mine
                                                                  : kernels;
}

const nml_kernels *nml_kernels_named(const char *name) {
  const unsigned features = nml_cpu_features();
  for (int i = 0; i < CHOICES; i++) {
    if ((choices[i].needs & ~features) == 0 &&
        strcmp(choices[i].kernels->name, name) == 0)
      return choices[i].kernels;
  }
  return NULL;
}

#if defined(__x86_64__)
static bool has(unsigned needs) {
  return (nml_cpu_features() & needs) == needs;
}
#endif

const nml_bf16_kernels *nml_bf16_kernels_get(void) {
#if defined(NML_HAVE_AVX512_BF16)
  if (has(NML_CPU_AVX512 | NML_CPU_BF16)) return &nml_bf16_kernels_avx512;
#endif
  return NULL;
}

const nml_int8_kernels *nml_int8_kernels_get(void) {
#if defined(NML_HAVE_AVX512_VNNI)
  if (has(NML_CPU_AVX512 | NML_CPU_VNNI)) return &nml_int8_kernels_avx512;
#endif
#if defined(NML_HAVE_AVX2_VNNI)
  if (has(NML_CPU_AVX2 | NML_CPU_AVX_VNNI)) return &nml_int8_kernels_avx2;
#endif
  return NULL;
}
