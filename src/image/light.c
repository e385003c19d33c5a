/* light.c: see light.h. */
#include "image/light.h"

#include "image/histogram.h"

#include "base/linear.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>

enum {
  MOST_SAMPLES = 1 << 14, /* of the picture's pixels */
  ROUNDS = 6              /* of parting the tones and fitting the light */
};

static const double TWO_TONES_SHARE = 0.88; /* of the variance, between them */
static const double LEAST_SLOPE = 0.03, MOST_SLOPE = 1.2, LEAST_LIGHT = 0.2;

/* 1 in the picture's middle, and so much more at its right and lower edge, half
 * a picture further, as half of these say. */
typedef struct light {
  double right, down;
} light;

typedef struct sample {
  double x, y; /* from the middle, in widths and heights of the picture */
  double grey;
} sample;

typedef struct samples {
  sample *items;
  size_t count;
} samples;

typedef struct two_tones {
  int threshold;
  double mean[2]; /* up to the threshold, above it */
  double share;   /* of the variance that is between them */
} two_tones;

static sample sample_at(const nml_picture *picture, int x, int y) {
  const uint8_t *pixel =
      picture->pixels + ((size_t)y * (size_t)picture->width_px + (size_t)x) *
                            (size_t)picture->channels;
  sample made = {(x + 0.5) / picture->width_px - 0.5,
                 (y + 0.5) / picture->height_px - 0.5, 0};
  for (int c = 0; c < picture->channels; c++)
    made.grey += (double)pixel[c] / picture->channels;
  return made;
}

static double light_at(const light *from, const sample *at) {
  return fmax(1 + from->right * at->x + from->down * at->y, LEAST_LIGHT);
}

static double tone_of(const sample *at, const light *from) {
  return fmin(at->grey / light_at(from, at), NML_LEVELS - 1);
}

static int samples_along(int length_px, int step) {
  return (length_px + step - 1) / step;
}

static numeral_status take_samples(const nml_picture *picture, samples *taken,
                                   numeral_error *error) {
  int width = picture->width_px, height = picture->height_px, step = 1;
  while (samples_along(width, step) * samples_along(height, step) >
         MOST_SAMPLES)
    step++;
  size_t most =
      (size_t)samples_along(width, step) * (size_t)samples_along(height, step);
  *taken = (samples){nml_alloc(most, sizeof(sample)), 0};
  if (!taken->items) return nml_fail_memory(error, "a picture's light", most);
  for (int y = 0; y < height; y += step)
    for (int x = 0; x < width; x += step)
      taken->items[taken->count++] = sample_at(picture, x, y);
  return NUMERAL_OK;
}

/* False: there is one tone only. */
static bool part_tones(const samples *taken, const light *from,
                       two_tones *tones) {
  uint64_t histogram[NML_LEVELS] = {0};
  double count[2] = {0}, sum[2] = {0}, squares = 0;
  for (size_t i = 0; i < taken->count; i++)
    histogram[(int)tone_of(&taken->items[i], from)]++;
  tones->threshold = nml_histogram_otsu(histogram);
  for (int v = 0; v < NML_LEVELS; v++) {
    int tone = v > tones->threshold;
    double here = (double)histogram[v];
    count[tone] += here;
    sum[tone] += v * here;
    squares += (double)v * v * here;
  }
  if (count[0] < 1 || count[1] < 1) return false;
  double all = count[0] + count[1], mean = (sum[0] + sum[1]) / all, between = 0;
  for (int tone = 0; tone < 2; tone++) {
    tones->mean[tone] = sum[tone] / count[tone];
    double off = tones->mean[tone] - mean;
    between += count[tone] * off * off;
  }
  tones->share = between / (squares - all * mean * mean);
  return true;
}

static double within(double value, double most) {
  return fmax(fmin(value, most), -most);
}

/* The light in which the tones come closest to what is seen, by least squares.
 */
static bool fit_light(const samples *taken, const two_tones *tones,
                      light *from) {
  double products[3][3] = {{0}}, found[3] = {0};
  for (size_t i = 0; i < taken->count; i++) {
    const sample *at = &taken->items[i];
    double mean = tones->mean[tone_of(at, from) >= tones->threshold + 1];
    double by[3] = {mean, mean * at->x, mean * at->y};
    for (int row = 0; row < 3; row++) {
      for (int k = 0; k < 3; k++) products[row][k] += by[row] * by[k];
      found[row] += by[row] * at->grey;
    }
  }
  if (!nml_solve(products[0], found, 3) || found[0] <= LEAST_LIGHT)
    return false;
  from->right = within(found[1] / found[0], MOST_SLOPE);
  from->down = within(found[2] / found[0], MOST_SLOPE);
  return true;
}

/* False: there are no two tones in light that has a slope. */
static bool find_light(const samples *taken, light *from) {
  two_tones tones;
  *from = (light){0};
  for (int round = 0; round < ROUNDS; round++)
    if (!part_tones(taken, from, &tones) || !fit_light(taken, &tones, from))
      return false;
  return part_tones(taken, from, &tones) && tones.share >= TWO_TONES_SHARE &&
         fmax(fabs(from->right), fabs(from->down)) >= LEAST_SLOPE;
}

static numeral_status divide(const nml_picture *picture, const light *by,
                             nml_picture *even, numeral_error *error) {
  size_t size_bytes = (size_t)picture->width_px * (size_t)picture->height_px *
                      (size_t)picture->channels;
  const uint8_t *value = picture->pixels;
  uint8_t *out = nml_alloc(size_bytes, 1);
  if (!out)
    return nml_fail_memory(error, "a picture in even light", size_bytes);
  *even = *picture;
  even->pixels = out;
  for (int y = 0; y < picture->height_px; y++) {
    for (int x = 0; x < picture->width_px; x++) {
      sample here = sample_at(picture, x, y);
      double share = light_at(by, &here);
      for (int c = 0; c < picture->channels; c++)
        *out++ = (uint8_t)fmin(*value++ / share + 0.5, 255);
    }
  }
  return NUMERAL_OK;
}

numeral_status nml_light_even(const nml_picture *picture, nml_picture *even,
                              numeral_error *error) {
  samples taken;
  light from;
  *even = (nml_picture){0};
  numeral_status status = take_samples(picture, &taken, error);
  if (status != NUMERAL_OK) return status;
  if (find_light(&taken, &from)) status = divide(picture, &from, even, error);
  nml_free(taken.items);
  return status;
}
