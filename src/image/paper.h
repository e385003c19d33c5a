/* paper.h: what colour the paper has. */
#ifndef NML_IMAGE_PAPER_H
#define NML_IMAGE_PAPER_H

#include "image/picture.h"

typedef struct nml_paper {
  int colour[3]; /* of the picture's channels */
  float noise;   /* standard deviation, in grey levels */
} nml_paper;

/* The commonest colour, where the picture's edge counts as much as all the
 * rest: a bold digit may cover half of its picture, but little of its edge. */
numeral_status nml_paper_find(const nml_picture *picture, nml_paper *paper,
                              numeral_error *error);

/* map[height][width]: how far each pixel is from `colour`, which is the
 * largest difference in any channel. */
void nml_paper_distance(const nml_picture *picture, const nml_paper *paper,
                        uint8_t *map);

#endif
