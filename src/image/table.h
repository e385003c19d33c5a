/* table.h: a sheet of paper that lies on something else, all of it in the
 * picture. Must not know ink. */
#ifndef NML_IMAGE_TABLE_H
#define NML_IMAGE_TABLE_H

#include "image/paper.h"

#include <stdbool.h>

/* Where the picture shows a sheet with straight sides, the paper along them is
 * continued over all that is around it. `table` is what nml_paper_find took for
 * the paper; it is to be looked for again where `covered` is true. */
numeral_status nml_table_cover(nml_picture *picture, const nml_paper *table,
                               bool *covered, numeral_error *error);

#endif
