/* sampler.c: see sampler.h. */
#include "data/sampler.h"

#include "base/random.h"

void nml_sample_order(uint64_t seed, int epoch, uint32_t *order, size_t count) {
  nml_random random =
      nml_random_init(seed, NML_PURPOSE_SHUFFLE, (uint64_t)epoch, 0);
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  nml_random_shuffle(&random, order, count);
}
