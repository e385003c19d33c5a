/* components.c: labelling by union-find in the label array itself: at first a
 * label is the index of an earlier pixel of the same part, or the pixel's own
 * index, so that nothing but the labels is needed. */
#include "image/components.h"

#include "base/memory.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>

enum { NO_PART = -1 };

static int32_t find_root(int32_t *labels, int32_t at) {
  while (labels[at] != at) {
    labels[at] = labels[labels[at]];
    at = labels[at];
  }
  return at;
}

/* The smaller index becomes the root: a part's root is its first pixel. */
static void join(int32_t *labels, int32_t a, int32_t b) {
  a = find_root(labels, a);
  b = find_root(labels, b);
  if (a < b) labels[b] = a;
  if (b < a) labels[a] = b;
}

static void join_neighbours(int32_t *labels, int32_t at, int x, int y,
                            int width_px) {
  bool left = x > 0 && labels[at - 1] != NO_PART;
  if (left) join(labels, at, at - 1);
  if (y == 0) return;
  int32_t above = at - width_px;
  if (labels[above] != NO_PART) {
    join(labels, at, above);
    return; /* the corners above already belong to it */
  }
  if (x > 0 && !left && labels[above - 1] != NO_PART) {
    join(labels, at, above - 1);
  }
  if (x + 1 < width_px && labels[above + 1] != NO_PART) {
    join(labels, at, above + 1);
  }
}

/* Returns how many parts there are. */
static int unite(const uint8_t *map, int width_px, int height_px, int threshold,
                 int32_t *labels) {
  int32_t at = 0;
  int count = 0;
  for (int y = 0; y < height_px; y++) {
    for (int x = 0; x < width_px; x++, at++) {
      labels[at] = map[at] >= threshold ? at : NO_PART;
      if (labels[at] != NO_PART) join_neighbours(labels, at, x, y, width_px);
    }
  }
  for (int32_t i = 0; i < at; i++) count += labels[i] == i;
  return count;
}

static void add_pixel(nml_component *part, uint8_t value, int x, int y,
                      int width_px, int height_px) {
  if (x < part->box.left) part->box.left = x;
  if (y < part->box.top) part->box.top = y;
  if (x >= part->box.right) part->box.right = x + 1;
  if (y >= part->box.bottom) part->box.bottom = y + 1;
  if (value > part->peak) part->peak = value;
  part->area_px++;
  part->mass += value;
  part->edge_px[0] += x == 0;
  part->edge_px[1] += y == 0;
  part->edge_px[2] += x == width_px - 1;
  part->edge_px[3] += y == height_px - 1;
}

/* Replaces roots by numbers. A pixel's label points at an earlier pixel, which
 * was given its number before, as its complement so that it is no index. */
static void number_parts(const uint8_t *map, int width_px, int height_px,
                         nml_components *parts) {
  int32_t *labels = parts->labels;
  int32_t at = 0;
  for (int y = 0; y < height_px; y++) {
    for (int x = 0; x < width_px; x++, at++) {
      if (labels[at] == NO_PART) continue;
      if (labels[at] == at) {
        parts->items[parts->count].box = (nml_box){INT_MAX, INT_MAX, 0, 0};
        labels[at] = -2 - parts->count++;
      } else {
        labels[at] = labels[labels[at]];
      }
      add_pixel(&parts->items[-2 - labels[at]], map[at], x, y, width_px,
                height_px);
    }
  }
  for (int32_t i = 0; i < at; i++) {
    if (labels[i] != NO_PART) labels[i] = -2 - labels[i];
  }
}

numeral_status nml_components_create(const uint8_t *map, int width_px,
                                     int height_px, int threshold,
                                     nml_components *parts,
                                     numeral_error *error) {
  size_t area = (size_t)width_px * (size_t)height_px;
  assert(threshold >= 1 && area <= INT32_MAX);
  *parts = (nml_components){0};
  parts->labels = nml_alloc(area, sizeof *parts->labels);
  if (!parts->labels) return nml_fail_memory(error, "labels", area * 4);
  int count = unite(map, width_px, height_px, threshold, parts->labels);
  parts->items = nml_alloc((size_t)count, sizeof *parts->items);
  if (!parts->items) {
    nml_components_release(parts);
    return nml_fail_memory(error, "the parts of a picture",
                           (size_t)count * sizeof *parts->items);
  }
  number_parts(map, width_px, height_px, parts);
  return NUMERAL_OK;
}

void nml_components_release(nml_components *parts) {
  nml_free(parts->labels);
  nml_free(parts->items);
  *parts = (nml_components){0};
}
