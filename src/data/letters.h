/* letters.h: shapes that a hand draws and that are no digits. Must not know
 * pens or pixels. */
#ifndef NML_DATA_LETTERS_H
#define NML_DATA_LETTERS_H

#include "base/random.h"
#include "data/strokes.h"

/* A letter or sign of several scripts, none that could be taken for a digit;
 * `pick` (0 <= pick < 1) chooses. */
const nml_shape *nml_letter_pick(float pick);

/* Makes up a sign: bars, slopes, arcs, hooks and loops, put together anyhow.
 */
void nml_letter_invent(nml_random *random, nml_shape *shape);

/* Makes of a shape (at least one stroke) one that shares much with it: some
 * knots are moved far, maybe there is a stroke more. */
void nml_letter_spoil(nml_random *random, nml_shape *shape);

#endif
