/* median.h: the middle of some measurements. */
#ifndef NUMERAL_APP_MEDIAN_H
#define NUMERAL_APP_MEDIAN_H

/* Sorts values [count] in place; of an even count the lower middle; NaN of
 * none. */
double median_of(double *values, int count);

#endif
