/* paper.c: see paper.h. */
#include "image/paper.h"

#include "image/histogram.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
  LEVELS = 16, /* bins a channel */
  BIN = 256 / LEVELS
};

typedef struct edge_ring {
  int left, top, right, bottom; /* what lies inside the ring */
} edge_ring;

static edge_ring find_ring(const nml_picture *picture) {
  int shorter = picture->width_px < picture->height_px ? picture->width_px
                                                       : picture->height_px;
  int thickness = shorter / 20 > 1 ? shorter / 20 : 1;
  return (edge_ring){thickness, thickness, picture->width_px - thickness,
                     picture->height_px - thickness};
}

static bool in_ring(const edge_ring *ring, int x, int y) {
  return x < ring->left || x >= ring->right || y < ring->top ||
         y >= ring->bottom;
}

static size_t ring_area(const nml_picture *picture, const edge_ring *ring) {
  size_t all = (size_t)picture->width_px * (size_t)picture->height_px;
  if (ring->right <= ring->left || ring->bottom <= ring->top) return all;
  return all - (size_t)(ring->right - ring->left) *
                   (size_t)(ring->bottom - ring->top);
}

static size_t bin_of(const uint8_t *pixel, int channels) {
  size_t bin = 0;
  for (int c = 0; c < channels; c++) bin = bin * LEVELS + pixel[c] / BIN;
  return bin;
}

/* Each pixel of the ring weighs so much that the ring weighs as the rest. */
static void count_colours(const nml_picture *picture, const edge_ring *ring,
                          uint64_t *bins) {
  size_t all = (size_t)picture->width_px * (size_t)picture->height_px;
  size_t outer = ring_area(picture, ring);
  uint64_t weight = outer < all ? (all - outer + outer - 1) / outer : 1;
  const uint8_t *pixel = picture->pixels;
  for (int y = 0; y < picture->height_px; y++) {
    for (int x = 0; x < picture->width_px; x++, pixel += picture->channels) {
      bins[bin_of(pixel, picture->channels)] +=
          in_ring(ring, x, y) ? weight : 1;
    }
  }
}

/* The bin that with its upper neighbours holds most: windows of two bins a
 * channel, so that a paper on the border of two bins is not cut in half. */
static void find_mode(const uint64_t *bins, int channels, int *mode) {
  int depth = channels == 3 ? LEVELS : 1;
  uint64_t most = 0;
  for (int window = 0; window < LEVELS * depth * depth; window++) {
    int corner[3] = {window / (depth * depth), window / depth % depth,
                     window % depth};
    uint64_t sum = 0;
    for (int offset = 0; offset < 1 << channels; offset++) {
      size_t bin = 0;
      bool inside = true;
      for (int c = 0; c < channels; c++) {
        int level = corner[c] + (offset >> c & 1);
        inside = inside && level < LEVELS;
        bin = bin * LEVELS + (size_t)level;
      }
      if (inside) sum += bins[bin];
    }
    if (sum > most) {
      most = sum;
      for (int c = 0; c < channels; c++) mode[c] = (corner[c] + 1) * BIN;
    }
  }
}

static int distance_to(const uint8_t *pixel, const int *colour, int channels) {
  int largest = 0;
  for (int c = 0; c < channels; c++) {
    int distance = abs(pixel[c] - colour[c]);
    if (distance > largest) largest = distance;
  }
  return largest;
}

/* The median, channel by channel, of what is near: on clean paper it is the
 * paper's very colour, which a mean is not. */
static void refine(const nml_picture *picture, int distance, int *colour) {
  uint64_t histograms[3][NML_LEVELS] = {{0}}, count = 0;
  size_t size = (size_t)picture->width_px * (size_t)picture->height_px;
  const uint8_t *pixel = picture->pixels;
  for (size_t i = 0; i < size; i++, pixel += picture->channels) {
    if (distance_to(pixel, colour, picture->channels) > distance) continue;
    for (int c = 0; c < picture->channels; c++) histograms[c][pixel[c]]++;
    count++;
  }
  if (count == 0) return;
  for (int c = 0; c < picture->channels; c++) {
    colour[c] = nml_histogram_level(histograms[c], 0, 0.5);
  }
}

/* Standard deviation of the noise, by the median of the second differences
 * along the rows of one channel, which see neither shading nor most strokes. */
static double find_noise(const nml_picture *picture) {
  uint64_t histogram[NML_LEVELS] = {0}, count = 0;
  int step = picture->channels;
  const uint8_t *value = picture->pixels;
  for (int y = 0; y < picture->height_px; y++) {
    for (int x = 0; x < picture->width_px; x++, value += step) {
      if (x == 0 || x == picture->width_px - 1) continue;
      int bend = abs(value[-step] - 2 * value[0] + value[step]);
      histogram[bend < 255 ? bend : 255]++;
      count++;
    }
  }
  return count > 0 ? nml_histogram_level(histogram, 0, 0.5) / (0.6745 * sqrt(6))
                   : 0;
}

numeral_status nml_paper_find(const nml_picture *picture, nml_paper *paper,
                              numeral_error *error) {
  size_t bin_count = picture->channels == 3 ? LEVELS * LEVELS * LEVELS : LEVELS;
  edge_ring ring = find_ring(picture);
  *paper = (nml_paper){{0}, 0};
  uint64_t *bins = nml_alloc(bin_count, sizeof *bins);
  if (!bins) return nml_fail_memory(error, "a histogram", bin_count * 8);
  count_colours(picture, &ring, bins);
  find_mode(bins, picture->channels, paper->colour);
  refine(picture, BIN, paper->colour);
  refine(picture, BIN, paper->colour);
  paper->noise = (float)find_noise(picture);
  nml_free(bins);
  return NUMERAL_OK;
}

void nml_paper_distance(const nml_picture *picture, const nml_paper *paper,
                        uint8_t *map) {
  const uint8_t *pixel = picture->pixels;
  size_t size = (size_t)picture->width_px * (size_t)picture->height_px;
  for (size_t i = 0; i < size; i++, pixel += picture->channels) {
    map[i] = (uint8_t)distance_to(pixel, paper->colour, picture->channels);
  }
}
