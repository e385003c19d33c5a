/* gif_frames.c: see gif_frames.h. */
#include "formats/leptonica/gif_frames.h"

enum {
  SCREEN_END = 13,
  BLOCK_EXTENSION = 0x21,
  BLOCK_FRAME = 0x2C,
  BLOCK_TRAILER = 0x3B,
  FRAME_BYTES = 10
};

static int number_at(const uint8_t *bytes) { return bytes[0] | bytes[1] << 8; }

static size_t palette_bytes(uint8_t flags) {
  return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* The offset behind a chain of sub-blocks, or a value past the end. */
static size_t skip_sub_blocks(const uint8_t *bytes, size_t size, size_t at) {
  while (at < size && bytes[at] != 0) at += (size_t)bytes[at] + 1;
  return at + 1;
}

static void note_frame(gif_frames *frames, const uint8_t *frame, size_t end) {
  if (frames->first_end) return;
  int width = number_at(frame + 5), height = number_at(frame + 7);
  if (width > frames->width_px) frames->width_px = width;
  if (height > frames->height_px) frames->height_px = height;
  frames->first_end = end;
}

int gif_frames_find(const uint8_t *bytes, size_t size, gif_frames *frames) {
  *frames = (gif_frames){0};
  if (size < SCREEN_END) return 0;
  frames->width_px = number_at(bytes + 6);
  frames->height_px = number_at(bytes + 8);
  size_t at = SCREEN_END + palette_bytes(bytes[10]);
  while (at < size && bytes[at] != BLOCK_TRAILER) {
    if (bytes[at] == BLOCK_EXTENSION) {
      at = skip_sub_blocks(bytes, size, at + 2);
    } else if (bytes[at] == BLOCK_FRAME && size - at > FRAME_BYTES) {
      size_t data = at + FRAME_BYTES + palette_bytes(bytes[at + 9]) + 1;
      size_t end = skip_sub_blocks(bytes, size, data);
      note_frame(frames, bytes + at, end);
      at = end;
    } else {
      return 0;
    }
  }
  return at < size && frames->first_end;
}
