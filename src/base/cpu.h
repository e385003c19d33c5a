/* cpu.h: which vector instructions this processor and its operating system
 * offer. Must not know the kernels that use them. */
#ifndef NML_BASE_CPU_H
#define NML_BASE_CPU_H

typedef enum nml_cpu_feature {
  NML_CPU_AVX2 = 1 << 0,    /* AVX2 and FMA, registers saved by the system */
  NML_CPU_AVX512 = 1 << 1,  /* AVX-512 F, BW, DQ, VL, registers saved */
  NML_CPU_NEON = 1 << 2,    /* always there on 64-bit Arm */
  NML_CPU_BF16 = 1 << 3,    /* AVX512-BF16 */
  NML_CPU_VNNI = 1 << 4,    /* AVX512-VNNI */
  NML_CPU_AVX_VNNI = 1 << 5 /* the same in registers of AVX2 */
} nml_cpu_feature;

/* What is there, less what the environment variable NUMERAL_CPU_MASK (a number,
 * bits to take away; read in every build, it can only remove) masks. */
unsigned nml_cpu_features(void);

/* Marketing name of the processor into `name` (at least 64 bytes), or
 * "unknown". */
void nml_cpu_name(char *name, int size_bytes);

#endif
