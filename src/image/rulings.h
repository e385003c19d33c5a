/* rulings.h: straight thin lines printed on the paper to write on: ruled or
 * squared paper, a form's boxes. Must not know digits. */
#ifndef NML_IMAGE_RULINGS_H
#define NML_IMAGE_RULINGS_H

#include "image/ink.h"

/* Takes them out of the map in place, and leaves the strokes that cross them.
 * A line is what runs from one edge of the picture, or from another line, to
 * another one; ink is what has at least `threshold`. `removed` says how many
 * there were. */
numeral_status nml_rulings_remove(nml_ink *map, int threshold, int *removed,
                                  numeral_error *error);

#endif
