/* paper.h: what colour the paper has. */
#ifndef NML_IMAGE_PAPER_H
#define NML_IMAGE_PAPER_H

#include "picture.h"

#include <stdbool.h>

typedef struct nml_paper {
  int colour[3]; /* of the picture's channels */
  bool even;     /* nearly all of the picture's edge has this colour */
} nml_paper;

/* The commonest colour, where the picture's edge counts as much as all the
 * rest: a bold digit may cover half of its picture, but little of its edge. */
numeral_status nml_paper_find(const nml_picture *picture, nml_paper *paper,
                              numeral_error *error);

#endif
