/* random.h: random numbers that depend on a key alone, never on the order in
 * which threads ask. Make a generator for each thing that needs one (an image
 * of an epoch, a layer of a step) from the numbers that name it. */
#ifndef NML_BASE_RANDOM_H
#define NML_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. */
typedef struct nml_random {
  uint64_t state[4];
} nml_random;

/* What a stream of numbers is for: two purposes never share one. */
typedef enum nml_purpose {
  NML_PURPOSE_INIT = 1, /* initial weights; a: tensor */
  NML_PURPOSE_SHUFFLE,  /* order of an epoch; a: epoch */
  NML_PURPOSE_SPLIT,    /* validation split; a: class */
  NML_PURPOSE_DROPOUT,  /* a: step, b: layer and image */
  NML_PURPOSE_SYNTH,    /* synthetic digits; a: image */
  NML_PURPOSE_AUGMENT,  /* a: epoch, b: image */
  NML_PURPOSE_TEST,     /* tests and benchmarks */
  NML_PURPOSE_PROJECT,  /* where the search for principal axes begins */
  NML_PURPOSE_MIXUP,    /* a: step */
  NML_PURPOSE_NONDIGIT, /* pictures of no digit; a: image */
  NML_PURPOSE_CORRUPT,  /* images spoilt on purpose; a: image, b: kind */
  NML_PURPOSE_CLUTTER   /* a: epoch, b: image */
} nml_purpose;

nml_random nml_random_init(uint64_t seed, nml_purpose purpose, uint64_t a,
                           uint64_t b);
uint64_t nml_random_u64(nml_random *random);
uint32_t nml_random_below(nml_random *random,
                          uint32_t bound); /* 0..bound-1, unbiased; bound > 0 */
float nml_random_unit(nml_random *random); /* [0, 1), 24 bits */
float nml_random_range(nml_random *random, float low, float high);
float nml_random_normal(nml_random *random); /* mean 0, sd 1 */
double nml_random_beta(nml_random *random,
                       double alpha); /* Beta(alpha, alpha), 0..1; alpha > 0 */

/* Fisher-Yates. */
void nml_random_shuffle(nml_random *random, uint32_t *items, size_t count);

#endif
