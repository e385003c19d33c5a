/* canvas_paint.c: see canvas_paint.h. */
#include "app/draw/canvas_paint.h"

#include <math.h>
#include <string.h>

enum { SHADES = 64 };
/* The hottest colour is near the ink's: heat stops before it, so that the ink
 * stays visible. */
static const float HEAT_SHARE = 0.72f;

/* All mixes of heat and ink: a pixel is one look into it. */
typedef struct palette {
  uint32_t colours[SHADES][256]; /* [heat][ink] */
} palette;

static void make_palette(look_theme theme, int shades, palette *made) {
  uint32_t text = look_colour(theme, LOOK_TEXT);
  for (int h = 0; h < shades; h++) {
    double share = (double)HEAT_SHARE * h / (SHADES - 1);
    uint32_t ground = look_heat(theme, share);
    for (int ink = 0; ink < 256; ink++) {
      made->colours[h][ink] = 0xff000000u | look_mix(ground, text, ink / 255.0);
    }
  }
}

static float heat_pixel(const float *heat, int x, int y) {
  bool inside =
      x >= 0 && y >= 0 && x < NUMERAL_IMAGE_SIDE && y < NUMERAL_IMAGE_SIDE;
  return inside ? heat[y * NUMERAL_IMAGE_SIDE + x] : 0;
}

/* Linear between the middles of pixels; nothing outside. */
static float heat_at(const float *heat, float x, float y) {
  float side = NUMERAL_IMAGE_SIDE + 1;
  if (!(x > -1 && y > -1 && x < side && y < side)) return 0;
  float left = floorf(x - 0.5f), top = floorf(y - 0.5f);
  float u = x - 0.5f - left, v = y - 0.5f - top;
  int i = (int)left, j = (int)top;
  float upper =
      heat_pixel(heat, i, j) * (1 - u) + heat_pixel(heat, i + 1, j) * u;
  float lower =
      heat_pixel(heat, i, j + 1) * (1 - u) + heat_pixel(heat, i + 1, j + 1) * u;
  return upper * (1 - v) + lower * v;
}

static int shade_at(const canvas_heat *heat, int side_px, int x, int y) {
  const numeral_frame *frame = &heat->frame;
  if (frame->pixel_px <= 0) return 0;
  double across = ((x + 0.5) / side_px - frame->left_px) / frame->pixel_px;
  double down = ((y + 0.5) / side_px - frame->top_px) / frame->pixel_px;
  float value = heat_at(heat->heat, (float)across, (float)down);
  return (int)(fminf(fmaxf(value, 0), 1) * (SHADES - 1) + 0.5f);
}

void canvas_paint(const ink_raster *ink, look_theme theme,
                  const canvas_heat *heat, draw_rect part, void *pixels,
                  size_t stride_bytes) {
  palette mixes;
  make_palette(theme, heat ? SHADES : 1, &mixes);
  for (int y = 0; y < part.height; y++) {
    const uint8_t *row =
        ink->pixels + (size_t)(part.y + y) * (size_t)ink->side_px + part.x;
    unsigned char *out = (unsigned char *)pixels + (size_t)y * stride_bytes;
    for (int x = 0; x < part.width; x++) {
      int shade =
          heat ? shade_at(heat, ink->side_px, part.x + x, part.y + y) : 0;
      memcpy(out + (size_t)x * 4, &mixes.colours[shade][row[x]], 4);
    }
  }
}
