/* gif_frames.h: where the first picture of a GIF file ends, found without
 * decoding anything. Must not know Leptonica. */
#ifndef FORMATS_GIF_FRAMES_H
#define FORMATS_GIF_FRAMES_H

#include <stddef.h>
#include <stdint.h>

typedef struct gif_frames {
  int width_px,
      height_px;    /* the larger of the screen's and the first frame's */
  size_t first_end; /* offset just behind the first frame's data */
} gif_frames;

/* 1 where the file is whole, down to its trailer, and has a frame. */
int gif_frames_find(const uint8_t *bytes, size_t size_bytes,
                    gif_frames *frames);

#endif
