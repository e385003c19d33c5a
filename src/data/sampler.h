/* sampler.h: in which order an epoch visits a set. */
#ifndef NML_DATA_SAMPLER_H
#define NML_DATA_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

/* order [count]: a permutation of 0..count-1 that depends on seed and epoch
 * alone, so that a run can go on from any epoch. */
void nml_sample_order(uint64_t seed, int epoch, uint32_t *order, size_t count);

#endif
