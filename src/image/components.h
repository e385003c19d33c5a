/* components.h: connected parts of a map of bytes. Must not know what they
 * are parts of. */
#ifndef NML_IMAGE_COMPONENTS_H
#define NML_IMAGE_COMPONENTS_H

#include "base/fail.h"
#include "base/numbers.h"

typedef struct nml_box {
  int left, top, right, bottom; /* right and bottom are just outside */
} nml_box;

static inline int nml_box_width(const nml_box *box) {
  return box->right - box->left;
}

static inline int nml_box_height(const nml_box *box) {
  return box->bottom - box->top;
}

static inline int nml_box_longer(const nml_box *box) {
  return nml_larger(nml_box_width(box), nml_box_height(box));
}

static inline int nml_box_shorter(const nml_box *box) {
  return nml_smaller(nml_box_width(box), nml_box_height(box));
}

typedef struct nml_component {
  nml_box box;
  uint8_t peak; /* its largest value */
  uint32_t area_px;
  uint64_t mass;       /* sum of its values */
  uint32_t edge_px[4]; /* on the map's left, top, right and lower edge */
} nml_component;

typedef struct nml_components {
  int32_t *labels; /* [height][width]: index into items, or -1 */
  nml_component *items;
  int count;
} nml_components;

/* Parts of pixels >= threshold (at least 1) that touch by a side or a corner.
 * The map has fewer than 2^31 pixels. End with nml_components_release. */
numeral_status nml_components_create(const uint8_t *map, int width_px,
                                     int height_px, int threshold,
                                     nml_components *parts,
                                     numeral_error *error);

/* Accepts half-built components. */
void nml_components_release(nml_components *parts);

#endif
