/* The products of prediction, one check for every kind of number. */
#ifndef TESTS_CHECK_FORWARD_H
#define TESTS_CHECK_FORWARD_H

#include "check.h"

/* How many of them a tap reads. */
typedef enum kind_of_number { FLOATS = 1, PAIRS = 2, BYTES = 4 } kind_of_number;

typedef void (*forward_fn)(const nml_forward *p);

bool forward_holds(forward_fn forward, kind_of_number kind);
/* The largest of windows, with its place; floats or pairs. */
bool best_holds(forward_fn forward, kind_of_number kind);

#endif
