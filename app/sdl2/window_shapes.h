/* window_shapes.h: boxes with round corners and rings, smooth-edged. */
#ifndef NUMERAL_APP_SDL2_WINDOW_SHAPES_H
#define NUMERAL_APP_SDL2_WINDOW_SHAPES_H

#include <SDL.h>

#include "app/draw/draw_view.h"

enum { SHAPES_KEPT = 16 };

/* A white disc or ring on nothing, to be coloured. */
typedef struct shape {
  SDL_Texture *texture;
  float radius, thickness; /* thickness 0: a disc */
  int side_px;
  unsigned used; /* when */
} shape;

typedef struct window_shapes {
  SDL_Renderer *renderer;
  shape kept[SHAPES_KEPT];
  unsigned turn;
} window_shapes;

void shapes_release(window_shapes *shapes);

SDL_Rect shapes_rect(draw_rect place);

/* colour: 0xRRGGBB, here and below. */
void shapes_fill(window_shapes *shapes, SDL_Rect place, uint32_t colour);

/* Corners of that radius in pixels, at most half the box. */
void shapes_round(window_shapes *shapes, SDL_Rect place, int radius_px,
                  uint32_t colour);

/* A box in `line` with one of `paper` in it, line_px smaller on each side. */
void shapes_card(window_shapes *shapes, SDL_Rect place, int radius_px,
                 int line_px, uint32_t line, uint32_t paper);

/* thickness 0: a disc. */
void shapes_ring(window_shapes *shapes, float x, float y, float radius,
                 float thickness, uint32_t colour);

#endif
