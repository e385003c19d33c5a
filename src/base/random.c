/* random.c: see random.h. */
#include "base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

nml_random nml_random_init(uint64_t seed, nml_purpose purpose, uint64_t a,
                           uint64_t b) {
  const uint64_t parts[4] = {seed, (uint64_t)purpose, a, b};
  nml_random random;
  uint64_t key = 0;
  for (int i = 0; i < 4; i++) {
    key ^= parts[i];
    key = splitmix64(&key); /* each part is mixed before the next enters */
  }
  for (int i = 0; i < 4; i++) random.state[i] = splitmix64(&key);
  return random;
}

static uint64_t rotate_left(uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

uint64_t nml_random_u64(nml_random *random) {
  uint64_t *s = random->state;
  uint64_t result = rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

/* Lemire 2019: multiply, and reject the few values that would be biased. */
uint32_t nml_random_below(nml_random *random, uint32_t bound) {
  uint32_t threshold = (0u - bound) % bound;
  uint64_t product;
  do {
    product = (nml_random_u64(random) >> 32) * bound;
  } while ((uint32_t)product < threshold);
  return (uint32_t)(product >> 32);
}

float nml_random_unit(nml_random *random) {
  return (float)(nml_random_u64(random) >> 40) * 0x1p-24f;
}

float nml_random_range(nml_random *random, float low, float high) {
  return low + (high - low) * nml_random_unit(random);
}

/* Box and Muller 1958; the second value is thrown away to keep no state. */
float nml_random_normal(nml_random *random) {
  double u = 1.0 - (double)(nml_random_u64(random) >> 11) * 0x1p-53;
  double v = (double)(nml_random_u64(random) >> 11) * 0x1p-53;
  return (float)(sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

/* The logarithm of a number of the law Gamma(alpha, 1) (Marsaglia and Tsang
 * 2000): for small alpha the number itself may be too small for a double. */
static double log_gamma(nml_random *random, double alpha) {
  double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3, c = 1 / sqrt(9 * d);
  double lifted = 0, v = 0, u, x;
  if (alpha < 1) lifted = log(1.0 - (double)nml_random_unit(random)) / alpha;
  do {
    x = (double)nml_random_normal(random);
    v = 1 + c * x;
    v = v * v * v;
    u = 1.0 - (double)nml_random_unit(random);
  } while (v <= 0 || log(u) >= 0.5 * x * x + d - d * v + d * log(v));
  return log(d * v) + lifted;
}

double nml_random_beta(nml_random *random, double alpha) {
  double a = log_gamma(random, alpha), b = log_gamma(random, alpha);
  return 1 / (1 + exp(b - a));
}

void nml_random_shuffle(nml_random *random, uint32_t *items, size_t count) {
  for (size_t i = count; i > 1; i--) {
    uint32_t j = nml_random_below(random, (uint32_t)i), kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}
