/* cpu.c: see cpu.h. */
#include "base/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
/* The builtins of gcc 11 do not know its name. */
static bool has_avx_vnni(void) {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}
#endif

static unsigned detect(void) {
  unsigned features = 0;
#if defined(__x86_64__)
  /* the builtins check XCR0, that is, the operating system's support too */
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    features |= NML_CPU_AVX2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    features |= NML_CPU_AVX512;
  if (__builtin_cpu_supports("avx512bf16")) features |= NML_CPU_BF16;
  if (__builtin_cpu_supports("avx512vnni")) features |= NML_CPU_VNNI;
  if (has_avx_vnni()) features |= NML_CPU_AVX_VNNI;
#elif defined(__aarch64__)
  features |= NML_CPU_NEON;
#endif
  return features;
}

unsigned nml_cpu_features(void) {
  const char *mask = getenv("NUMERAL_CPU_MASK");
  unsigned features = detect();
  if (mask) features &= ~(unsigned)strtoul(mask, NULL, 0);
  return features;
}

void nml_cpu_name(char *name, int size_bytes) {
  char line[256];
  FILE *file = fopen("/proc/cpuinfo", "r");
  snprintf(name, (size_t)size_bytes, "unknown");
  while (file && fgets(line, sizeof line, file)) {
    const char *colon = strstr(line, ": ");
    if (strncmp(line, "model name", 10) == 0 && colon) {
      line[strcspn(line, "\n")] = '\0';
      snprintf(name, (size_t)size_bytes, "%s", colon + 2);
      break;
    }
  }
  if (file) fclose(file);
}
