/* pixel_json.h: the pixels of a body of JSON in the shape that programs send,
 * read in one pass without a tree. What has any other shape is for jansson,
 * which also knows what is wrong with it. Must not know requests. */
#ifndef NUMERAL_APP_SERVE_PIXEL_JSON_H
#define NUMERAL_APP_SERVE_PIXEL_JSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numeral.h"

/* The most images that so many bytes can hold, 1 at least. */
size_t pixel_json_room(size_t size_bytes);

typedef struct pixel_json {
  uint8_t (*images)[NUMERAL_IMAGE_PIXELS]; /* [room], the caller's */
  size_t room;
  size_t count; /* what was found, in images */
  bool is_list; /* "images" */
} pixel_json;

/* {"pixels": IMAGE} or {"images": [IMAGE, ...]} and nothing else, where IMAGE
 * is an array of 784 whole numbers 0..255, or of 28 such of 28, and blanks may
 * stand as in any JSON. False: it is something else, or has more images than
 * `room`; images may then have been written to. */
bool pixel_json_read(const char *text, size_t size_bytes, pixel_json *found);

#endif
