/* synth.h: digits drawn from parametrised pen strokes; no handwriting of
 * anyone is in them. Must not know networks. */
#ifndef NML_DATA_SYNTH_H
#define NML_DATA_SYNTH_H

#include "data/dataset.h"

/* As numeral_dataset_synthesise. */
numeral_status nml_synth_dataset(size_t count, uint64_t seed,
                                 numeral_dataset **dataset,
                                 numeral_error *error);

/* Draws one digit (0..9), number `index` of `seed`, into side x side pixels
 * (28..512), 0 paper, 255 ink, placed freely with margins as a person would:
 * not centred by mass. numeral_dataset_synthesise normalises it to MNIST's
 * frame. */
void nml_synth_draw(int digit, uint64_t seed, uint64_t index, int side,
                    uint8_t *pixels);

#endif
