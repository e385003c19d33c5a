/* opening.c: see opening.h. Minima and maxima of windows by the method of van
 * Herk 1992 and Gil and Werman 1993: three comparisons a pixel, however large
 * the window is. */
#include "image/opening.h"

#include "base/memory.h"

#include <stddef.h>
#include <string.h>

enum {
  STRIP_PX = 64, /* columns worked on at once: a cache line a row */
  EDGE_PX = 6    /* values that tell the level at an edge */
};

typedef struct window_filter {
  uint8_t *padded;   /* the line with `reach` values of outside at either end */
  uint8_t *forward;  /* maxima from the start of each block of a window */
  uint8_t *backward; /* and from its end */
  int reach;         /* a window has 2 * reach + 1 values */
  nml_outside outside;
  uint8_t zero; /* what NML_OUTSIDE_ZERO is: 255 while the map is inverted */
} window_filter;

static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

/* Running maxima of `count` lines side by side, each `lanes` wide. */
static void maxima_of_lines(const window_filter *filter, int count, int lanes) {
  int window = 2 * filter->reach + 1;
  int padded_count = count + 2 * filter->reach;
  size_t lane_count = (size_t)lanes;
  for (int i = 0; i < padded_count; i++) {
    const uint8_t *value = filter->padded + (size_t)i * lane_count;
    uint8_t *out = filter->forward + (size_t)i * lane_count;
    if (i % window == 0) {
      memcpy(out, value, lane_count);
      continue;
    }
    for (int l = 0; l < lanes; l++) out[l] = larger(out[l - lanes], value[l]);
  }
  for (int i = padded_count - 1; i >= 0; i--) {
    const uint8_t *value = filter->padded + (size_t)i * lane_count;
    uint8_t *out = filter->backward + (size_t)i * lane_count;
    if (i == padded_count - 1 || i % window == window - 1) {
      memcpy(out, value, lane_count);
      continue;
    }
    for (int l = 0; l < lanes; l++) out[l] = larger(out[l + lanes], value[l]);
  }
}

/* The level at an edge: the mean of a few values, since the noise of one would
 * be doubled all along what is turned about it. */
static int edge_level(const uint8_t *edge, ptrdiff_t inwards, int count) {
  int values = count < EDGE_PX ? count : EDGE_PX, sum = 0;
  for (int i = 0; i < values; i++) sum += edge[i * inwards];
  return (sum + values / 2) / values;
}

/* Fills one end of a padded line, outwards from its last value. */
static void pad_end(const window_filter *filter, uint8_t *edge,
                    ptrdiff_t inwards, int count) {
  int level = edge_level(edge, inwards, count);
  for (int i = 1; i <= filter->reach; i++) {
    int value = 2 * level - edge[(i < count ? i : count - 1) * inwards];
    if (value < 0) value = 0;
    if (value > 255) value = 255;
    if (filter->outside == NML_OUTSIDE_ZERO) value = filter->zero;
    edge[-i * inwards] = (uint8_t)value;
  }
}

static void pad_ends(const window_filter *filter, int count, int lanes) {
  uint8_t *first = filter->padded + (ptrdiff_t)filter->reach * lanes;
  uint8_t *last = first + (ptrdiff_t)(count - 1) * lanes;
  for (int l = 0; l < lanes; l++) {
    pad_end(filter, first + l, lanes, count);
    pad_end(filter, last + l, -lanes, count);
  }
}

/* Up to STRIP_PX lines side by side: columns of the map, or (lanes 1) a row.
 * Their values lie step_bytes apart. */
static void filter_lines(const window_filter *filter, uint8_t *values,
                         int count, size_t step_bytes, int lanes) {
  size_t reach = (size_t)filter->reach, lane_count = (size_t)lanes;
  for (int i = 0; i < count; i++) {
    memcpy(filter->padded + ((size_t)i + reach) * lane_count,
           values + (size_t)i * step_bytes, lane_count);
  }
  pad_ends(filter, count, lanes);
  maxima_of_lines(filter, count, lanes);
  for (int i = 0; i < count; i++) {
    const uint8_t *back = filter->backward + (size_t)i * lane_count;
    const uint8_t *ahead =
        filter->forward + ((size_t)i + 2 * reach) * lane_count;
    uint8_t *out = values + (size_t)i * step_bytes;
    for (int l = 0; l < lanes; l++) out[l] = larger(back[l], ahead[l]);
  }
}

static void maximum(const window_filter *filter, uint8_t *map, int width,
                    int height) {
  for (int y = 0; y < height; y++) {
    filter_lines(filter, map + (size_t)y * (size_t)width, width, 1, 1);
  }
  for (int x = 0; x < width; x += STRIP_PX) {
    int lanes = width - x < STRIP_PX ? width - x : STRIP_PX;
    filter_lines(filter, map + x, height, (size_t)width, lanes);
  }
}

/* The minimum is the maximum of the inverse. */
static void invert(uint8_t *map, size_t area) {
  for (size_t i = 0; i < area; i++) map[i] = (uint8_t)(255 - map[i]);
}

/* The mean of 3 x 3: the extremes of raw noise would lie far from its middle.
 */
static void smooth(const uint8_t *map, int width, int height, uint8_t *out) {
  for (int y = 0; y < height; y++) {
    int above = y > 0 ? -width : 0, below = y + 1 < height ? width : 0;
    for (int x = 0; x < width; x++, map++) {
      int left = x > 0 ? -1 : 0, right = x + 1 < width ? 1 : 0;
      int sum = map[above + left] + map[above] + map[above + right] +
                map[left] + map[0] + map[right] + map[below + left] +
                map[below] + map[below + right];
      *out++ = (uint8_t)((sum + 4) / 9);
    }
  }
}

numeral_status nml_opening(const uint8_t *map, int width_px, int height_px,
                           int side_px, nml_outside outside, uint8_t *opened,
                           numeral_error *error) {
  size_t area = (size_t)width_px * (size_t)height_px;
  int longer = width_px > height_px ? width_px : height_px;
  size_t line = ((size_t)longer + (size_t)side_px + 1) * STRIP_PX;
  uint8_t *lines = nml_alloc(3, line);
  if (!lines) return nml_fail_memory(error, "a picture's shades", 3 * line);
  window_filter filter = {lines,       lines + line, lines + 2 * line,
                          side_px / 2, outside,      255};
  smooth(map, width_px, height_px, opened);
  invert(opened, area);
  maximum(&filter, opened, width_px, height_px);
  invert(opened, area);
  filter.zero = 0;
  maximum(&filter, opened, width_px, height_px);
  nml_free(lines);
  return NUMERAL_OK;
}
