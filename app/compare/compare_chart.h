/* compare_chart.h: a comparison as a picture, over gnuplot. Must not know how
 * it was made. */
#ifndef NUMERAL_APP_COMPARE_COMPARE_CHART_H
#define NUMERAL_APP_COMPARE_COMPARE_CHART_H
#include "app/compare/comparison.h"

/* Draws it into the PNG file `path`: accuracies, with a dot a seed, and the
 * times, the best network first. IO, with the package's name, where gnuplot is
 * missing. */
numeral_status compare_chart_write(const comparison *all, const char *path,
                                   numeral_error *error);

#endif
