/* window_shapes.c: see window_shapes.h. SDL2 draws boxes and pictures: what is
 * round is made once as a picture of how much each pixel is covered. */
#include "app/sdl2/window_shapes.h"

#include <math.h>
#include <string.h>

static float clamp_unit(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

/* The share of a pixel that lies in the ring, `away` from its centre. */
static float covered(const shape *s, float away) {
  float outer = clamp_unit(s->radius - away + 0.5f);
  if (s->thickness <= 0) return outer;
  return outer - clamp_unit(s->radius - s->thickness - away + 0.5f);
}

static void fill_mask(const shape *s, SDL_Surface *mask) {
  float middle = (float)s->side_px / 2;
  for (int y = 0; y < s->side_px; y++) {
    unsigned char *row = (unsigned char *)mask->pixels + y * mask->pitch;
    for (int x = 0; x < s->side_px; x++) {
      float away = hypotf((float)x + 0.5f - middle, (float)y + 0.5f - middle);
      uint32_t alpha = (uint32_t)(255 * covered(s, away) + 0.5f);
      uint32_t pixel = alpha << 24 | 0xffffffu;
      memcpy(row + (size_t)x * sizeof pixel, &pixel, sizeof pixel);
    }
  }
}

static void make_shape(SDL_Renderer *renderer, shape *s) {
  s->side_px = 2 * (int)ceilf(s->radius);
  SDL_Surface *mask = SDL_CreateRGBSurfaceWithFormat(
      0, s->side_px, s->side_px, 32, SDL_PIXELFORMAT_ARGB8888);
  if (!mask) return;
  fill_mask(s, mask);
  s->texture = SDL_CreateTextureFromSurface(renderer, mask);
  SDL_FreeSurface(mask);
  if (s->texture) SDL_SetTextureBlendMode(s->texture, SDL_BLENDMODE_BLEND);
}

/* The one that is kept, or a new one in the place of the least used. */
static const shape *find_shape(window_shapes *shapes, float radius,
                               float thickness) {
  shape *oldest = &shapes->kept[0];
  for (int i = 0; i < SHAPES_KEPT; i++) {
    shape *s = &shapes->kept[i];
    if (s->texture && s->radius == radius && s->thickness == thickness) {
      s->used = ++shapes->turn;
      return s;
    }
    if (s->used < oldest->used) oldest = s;
  }
  if (oldest->texture) SDL_DestroyTexture(oldest->texture);
  *oldest =
      (shape){.radius = radius, .thickness = thickness, .used = ++shapes->turn};
  make_shape(shapes->renderer, oldest);
  return oldest;
}

void shapes_release(window_shapes *shapes) {
  for (int i = 0; i < SHAPES_KEPT; i++) {
    if (shapes->kept[i].texture) SDL_DestroyTexture(shapes->kept[i].texture);
  }
  *shapes = (window_shapes){.renderer = shapes->renderer};
}

SDL_Rect shapes_rect(draw_rect place) {
  return (SDL_Rect){place.x, place.y, place.width, place.height};
}

static void tint(SDL_Texture *texture, uint32_t colour) {
  SDL_SetTextureColorMod(texture, (Uint8)(colour >> 16), (Uint8)(colour >> 8),
                         (Uint8)colour);
}

void shapes_fill(window_shapes *shapes, SDL_Rect place, uint32_t colour) {
  SDL_SetRenderDrawColor(shapes->renderer, (Uint8)(colour >> 16),
                         (Uint8)(colour >> 8), (Uint8)colour, 255);
  SDL_RenderFillRect(shapes->renderer, &place);
}

void shapes_round(window_shapes *shapes, SDL_Rect place, int radius_px,
                  uint32_t colour) {
  int most = (place.w < place.h ? place.w : place.h) / 2;
  int r = radius_px < most ? radius_px : most;
  if (place.w <= 0 || place.h <= 0) return;
  SDL_Rect middle = {place.x, place.y + r, place.w, place.h - 2 * r};
  SDL_Rect upper = {place.x + r, place.y, place.w - 2 * r, r};
  SDL_Rect lower = {place.x + r, place.y + place.h - r, place.w - 2 * r, r};
  if (middle.h > 0) shapes_fill(shapes, middle, colour);
  if (r == 0) return;
  if (upper.w > 0) shapes_fill(shapes, upper, colour);
  if (lower.w > 0) shapes_fill(shapes, lower, colour);
  const shape *disc = find_shape(shapes, (float)r, 0);
  if (!disc->texture) return;
  tint(disc->texture, colour);
  for (int corner = 0; corner < 4; corner++) {
    int right = corner & 1, down = corner >> 1;
    SDL_Rect from = {right * r, down * r, r, r};
    SDL_Rect to = {right ? place.x + place.w - r : place.x,
                   down ? place.y + place.h - r : place.y, r, r};
    SDL_RenderCopy(shapes->renderer, disc->texture, &from, &to);
  }
}

void shapes_card(window_shapes *shapes, SDL_Rect place, int radius_px,
                 int line_px, uint32_t line, uint32_t paper) {
  SDL_Rect inner = {place.x + line_px, place.y + line_px, place.w - 2 * line_px,
                    place.h - 2 * line_px};
  shapes_round(shapes, place, radius_px, line);
  shapes_round(shapes, inner, radius_px - line_px, paper);
}

void shapes_ring(window_shapes *shapes, float x, float y, float radius,
                 float thickness, uint32_t colour) {
  const shape *ring = find_shape(shapes, radius, thickness);
  if (!ring->texture) return;
  int left = (int)lroundf(x) - ring->side_px / 2;
  int top = (int)lroundf(y) - ring->side_px / 2;
  SDL_Rect to = {left, top, ring->side_px, ring->side_px};
  tint(ring->texture, colour);
  SDL_RenderCopy(shapes->renderer, ring->texture, NULL, &to);
}
