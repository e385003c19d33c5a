/* clutter.h: what else is on the paper near a digit: rests of ruled lines and
 * of the digits beside it, as they stay when a digit is cut out. Must not know
 * what the digit is. */
#ifndef NML_DATA_CLUTTER_H
#define NML_DATA_CLUTTER_H

#include "base/random.h"
#include "data/sheet.h"

/* Lays one or two such rests along the edges of the ink, each up to
 * `longest_px` long. Nothing happens to an image without ink. */
void nml_clutter_apply(nml_sheet *sheet, nml_random *random, float longest_px);

#endif
