/* text_format.c: see text_format.h. */
#include "app/text_format.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

short_text text_count(uint64_t count) {
  short_text result = {""};
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
  char *out = result.text;
  for (int i = 0; i < length; ++i) {
    if (i > 0 && (length - i) % 3 == 0) *out++ = ',';
    *out++ = digits[i];
  }
  return result;
}

short_text text_duration(double seconds) {
  short_text result;
  if (!(seconds < 1e9)) seconds = 1e9; /* also where it is not a number */
  long whole = (long)(seconds + 0.5);
  if (seconds < 0.995) {
    snprintf(result.text, sizeof result.text, "%.2f s", seconds);
  } else if (seconds < 99.95) {
    snprintf(result.text, sizeof result.text, "%.1f s", seconds);
  } else if (whole < 3600) {
    snprintf(result.text, sizeof result.text, "%ld:%02ld", whole / 60,
             whole % 60);
  } else {
    snprintf(result.text, sizeof result.text, "%ld:%02ld:%02ld", whole / 3600,
             whole / 60 % 60, whole % 60);
  }
  return result;
}

short_text text_percent(double share) {
  short_text result;
  snprintf(result.text, sizeof result.text, "%.2f%%", 100 * share);
  return result;
}

short_text text_shape(int height, int width, int channels) {
  short_text shape;
  if (height == 1 && width == 1) {
    snprintf(shape.text, sizeof shape.text, "%d", channels);
  } else {
    snprintf(shape.text, sizeof shape.text, "%d x %d x %d", height, width,
             channels);
  }
  return shape;
}
