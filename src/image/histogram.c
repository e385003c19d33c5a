/* histogram.c: see histogram.h. */
#include "image/histogram.h"

#include <string.h>

void nml_histogram_fill(const uint8_t *pixels, size_t count,
                        uint64_t histogram[NML_LEVELS]) {
  memset(histogram, 0, NML_LEVELS * sizeof *histogram);
  for (size_t i = 0; i < count; i++) histogram[pixels[i]]++;
}

int nml_histogram_level(const uint64_t histogram[NML_LEVELS], int first,
                        double share) {
  uint64_t count = 0, below = 0;
  for (int v = first; v < NML_LEVELS; v++) count += histogram[v];
  int level = first;
  while (level < NML_LEVELS - 1 &&
         (double)(below += histogram[level]) < share * (double)count) {
    level++;
  }
  return level;
}

int nml_histogram_otsu(const uint64_t histogram[NML_LEVELS]) {
  double count = 0, sum = 0, below = 0, below_sum = 0, best = -1;
  int threshold = 0;
  for (int v = 0; v < NML_LEVELS; v++) {
    count += (double)histogram[v];
    sum += v * (double)histogram[v];
  }
  for (int v = 0; v < NML_LEVELS - 1; v++) {
    below += (double)histogram[v];
    below_sum += v * (double)histogram[v];
    double above = count - below;
    if (below == 0 || above == 0) continue;
    double gap = below_sum / below - (sum - below_sum) / above;
    double variance = below * above * gap * gap;
    if (variance > best) {
      best = variance;
      threshold = v;
    }
  }
  return threshold;
}
