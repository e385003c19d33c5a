/* corrupt.c: see corrupt.h. One table of strengths, chosen by looking: at 1 a
 * reader does not mind, at 3 most digits can still be told. */
#include "data/corrupt.h"

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SIDE = NUMERAL_IMAGE_SIDE, STRENGTHS = 3 };
static const float TURN = 6.2831853f;

/* noise: sd of grey levels; blur: sd in pixels; shift: pixels; scale: the
 * logarithm; rotate: degrees; shade: grey levels at the dark end; stripes: grey
 * levels; occlusion: side of the square in pixels. */
static const float strengths[][STRENGTHS] = {
    [NUMERAL_CORRUPTION_NOISE] = {25, 50, 90},
    [NUMERAL_CORRUPTION_BLUR] = {0.7f, 1.2f, 1.8f},
    [NUMERAL_CORRUPTION_SHIFT] = {2, 4, 6},
    [NUMERAL_CORRUPTION_SCALE] = {0.15f, 0.3f, 0.5f},
    [NUMERAL_CORRUPTION_ROTATE] = {15, 30, 45},
    [NUMERAL_CORRUPTION_SHADE] = {60, 120, 180},
    [NUMERAL_CORRUPTION_STRIPES] = {60, 110, 170},
    [NUMERAL_CORRUPTION_OCCLUSION] = {6, 9, 12}};

static float value_at(const float *image, int x, int y) {
  bool inside = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
  return inside ? image[y * SIDE + x] : 0;
}

static float between(const float *image, float x, float y) {
  int left = (int)floorf(x), top = (int)floorf(y);
  float u = x - (float)left, v = y - (float)top;
  float upper =
      (1 - u) * value_at(image, left, top) + u * value_at(image, left + 1, top);
  float lower = (1 - u) * value_at(image, left, top + 1) +
                u * value_at(image, left + 1, top + 1);
  return (1 - v) * upper + v * lower;
}

/* Turned by `angle` and made larger by `scale` about the middle, then moved. */
static void move(float *image, float angle, float scale, float right,
                 float down) {
  float from[NUMERAL_IMAGE_PIXELS];
  const float middle = (SIDE - 1) / 2.0f;
  float c = cosf(angle) / scale, s = sinf(angle) / scale;
  memcpy(from, image, sizeof from);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    float x = (float)(i % SIDE) - middle - right;
    float y = (float)(i / SIDE) - middle - down;
    image[i] = between(from, middle + c * x + s * y, middle - s * x + c * y);
  }
}

static void add_noise(float *image, float sd, nml_random *random) {
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++)
    image[i] += sd * nml_random_normal(random);
}

static void blur_along(float *image, float sd, int right, int down) {
  enum { REACH = 6 };
  float from[NUMERAL_IMAGE_PIXELS];
  memcpy(from, image, sizeof from);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    float sum = 0, weights = 0;
    for (int k = -REACH; k <= REACH; k++) {
      float weight = expf(-(float)(k * k) / (2 * sd * sd));
      sum += weight * value_at(from, i % SIDE + k * right, i / SIDE + k * down);
      weights += weight;
    }
    image[i] = sum / weights;
  }
}

/* Grey that rises from one side to the other; ink stays the darkest. */
static void add_shade(float *image, float most, nml_random *random) {
  float angle = nml_random_range(random, 0, TURN);
  float c = cosf(angle), s = sinf(angle);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    float x = (float)(i % SIDE) / (SIDE - 1) - 0.5f;
    float y = (float)(i / SIDE) / (SIDE - 1) - 0.5f;
    float shade = most * fmaxf(0, 0.5f + 0.7f * (c * x + s * y));
    image[i] = shade + image[i] * (255 - shade) / 255;
  }
}

static void add_stripes(float *image, float most, nml_random *random) {
  float angle = nml_random_range(random, 0, TURN);
  float period = nml_random_range(random, 3, 7);
  float phase = nml_random_range(random, 0, TURN);
  float c = cosf(angle) * TURN / period, s = sinf(angle) * TURN / period;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    float wave = sinf(c * (float)(i % SIDE) + s * (float)(i / SIDE) + phase);
    image[i] = fmaxf(image[i], wave > 0.5f ? most : 0);
  }
}

/* A square of paper, somewhere over the middle 20 x 20. */
static void cover(float *image, float side, nml_random *random) {
  uint32_t room = (uint32_t)(21 - side);
  int left = 4 + (int)nml_random_below(random, room);
  int top = 4 + (int)nml_random_below(random, room);
  for (int y = top; y < top + (int)side; y++)
    for (int x = left; x < left + (int)side; x++) image[y * SIDE + x] = 0;
}

static void spoil(float *image, numeral_corruption kind, float strength,
                  nml_random *random) {
  float sign = nml_random_below(random, 2) ? 1 : -1;
  switch (kind) {
    case NUMERAL_CORRUPTION_NOISE:
      add_noise(image, strength, random);
      break;
    case NUMERAL_CORRUPTION_BLUR:
      blur_along(image, strength, 1, 0);
      blur_along(image, strength, 0, 1);
      break;
    case NUMERAL_CORRUPTION_SHIFT: {
      float angle = nml_random_range(random, 0, TURN);
      move(image, 0, 1, strength * cosf(angle), strength * sinf(angle));
      break;
    }
    case NUMERAL_CORRUPTION_SCALE:
      move(image, 0, expf(sign * strength), 0, 0);
      break;
    case NUMERAL_CORRUPTION_ROTATE:
      move(image, sign * strength * TURN / 360, 1, 0, 0);
      break;
    case NUMERAL_CORRUPTION_SHADE:
      add_shade(image, strength, random);
      break;
    case NUMERAL_CORRUPTION_STRIPES:
      add_stripes(image, strength, random);
      break;
    default:
      cover(image, strength, random);
  }
}

static uint8_t to_byte(float value) {
  return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

numeral_status nml_corrupt(const numeral_dataset *dataset,
                           numeral_corruption kind, int strength, uint64_t seed,
                           numeral_dataset **corrupted, numeral_error *error) {
  float image[NUMERAL_IMAGE_PIXELS];
  numeral_status status = nml_dataset_alloc(dataset->count, corrupted, error);
  if (status != NUMERAL_OK) return status;
  if (dataset->count)
    memcpy((*corrupted)->labels, dataset->labels, dataset->count);
  for (size_t i = 0; i < dataset->count; i++) {
    const uint8_t *from = dataset->images + i * NUMERAL_IMAGE_PIXELS;
    uint8_t *to = (*corrupted)->images + i * NUMERAL_IMAGE_PIXELS;
    nml_random random =
        nml_random_init(seed, NML_PURPOSE_CORRUPT, i, (uint64_t)kind);
    for (int k = 0; k < NUMERAL_IMAGE_PIXELS; k++) image[k] = from[k];
    spoil(image, kind, strengths[kind][strength - 1], &random);
    for (int k = 0; k < NUMERAL_IMAGE_PIXELS; k++) to[k] = to_byte(image[k]);
  }
  return NUMERAL_OK;
}
