/* histogram.h: how many pixels have each of the 256 levels, and what that
 * tells. Must not know where the pixels are. */
#ifndef NML_IMAGE_HISTOGRAM_H
#define NML_IMAGE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { NML_LEVELS = 256 };

/* Of `count` pixels. */
void nml_histogram_fill(const uint8_t *pixels, size_t count,
                        uint64_t histogram[NML_LEVELS]);

/* The level below which `share` (0 to 1) of the pixels lie that have at least
 * `first`. */
int nml_histogram_level(const uint64_t histogram[NML_LEVELS], int first,
                        double share);

/* Otsu 1979: the threshold with the largest variance between its two sides;
 * itself it is of the lower one. */
int nml_histogram_otsu(const uint64_t histogram[NML_LEVELS]);

#endif
