/* dispatch.h: the tables that this build has. Must not know what is in them. */
#ifndef NML_KERNELS_DISPATCH_H
#define NML_KERNELS_DISPATCH_H

#include "kernels/kernels.h"

#if defined(__x86_64__)
#define NML_HAVE_AVX2
#define NML_HAVE_AVX512
extern const nml_kernels nml_kernels_avx2;
#define NML_HAVE_AVX512_BF16
#define NML_HAVE_AVX512_VNNI
#define NML_HAVE_AVX2_VNNI
extern const nml_kernels nml_kernels_avx512;
extern const nml_bf16_kernels nml_bf16_kernels_avx512;
extern const nml_int8_kernels nml_int8_kernels_avx512;
extern const nml_int8_kernels nml_int8_kernels_avx2;
#elif defined(__aarch64__)
#define NML_HAVE_NEON
extern const nml_kernels nml_kernels_neon;
#endif
extern const nml_kernels nml_kernels_portable;

#endif
