/* text_format.h: numbers as people read them. Same text in every locale. */
#ifndef NUMERAL_APP_TEXT_FORMAT_H
#define NUMERAL_APP_TEXT_FORMAT_H
#include <stdint.h>

/* Short texts are given by value, so that no buffer needs an owner. */
typedef struct short_text {
  char text[32];
} short_text;

/* 225034 -> "225,034" */
short_text text_count(uint64_t count);

/* Seconds -> "0.04 s", "4.2 s", "3:07", "1:02:45" */
short_text text_duration(double seconds);

/* 0.98724 -> "98.72%" */
short_text text_percent(double share);

/* "11 x 11 x 64", or "128" for a row of numbers */
short_text text_shape(int height, int width, int channels);

#endif
