/* window_text.h: words in look.h's font. */
#ifndef NUMERAL_APP_SDL2_WINDOW_TEXT_H
#define NUMERAL_APP_SDL2_WINDOW_TEXT_H

#include <SDL.h>
#include <SDL_ttf.h>

#include "numeral.h"

enum { TEXT_FONTS = 24, TEXT_KEPT = 128, TEXT_BYTES = 160 };

typedef enum text_weight {
  TEXT_PLAIN = 0,
  TEXT_STRONG,
  TEXT_WEIGHTS
} text_weight;
typedef enum text_side { TEXT_LEFT = 0, TEXT_MIDDLE, TEXT_RIGHT } text_side;

typedef struct text_look {
  text_weight weight;
  float size_px;
  uint32_t colour; /* 0xRRGGBB */
  text_side side;  /* of the box that it keeps to */
} text_look;

typedef struct text_font {
  TTF_Font *font;
  text_weight weight;
  int size_px;
} text_font;

/* Words as a white picture, to be coloured. */
typedef struct text_picture {
  SDL_Texture *texture;
  char text[TEXT_BYTES];
  text_weight weight;
  int size_px, width_px, height_px;
  unsigned used; /* when */
} text_picture;

typedef struct window_text {
  SDL_Renderer *renderer;
  char files[TEXT_WEIGHTS][1024];
  int indices[TEXT_WEIGHTS]; /* of the face in its file */
  text_font fonts[TEXT_FONTS];
  int font_count;
  text_picture kept[TEXT_KEPT];
  unsigned turn;
} window_text;

/* Finds the font. SDL_ttf was started. */
numeral_status text_find_fonts(window_text *text, numeral_error *error);
/* Pictures only: after this the renderer may go. */
void text_forget_pictures(window_text *text);
void text_release(window_text *text);

/* The size that words have to be of to be no wider, at most size_px. */
float text_fitting_size(window_text *text, const char *words,
                        text_weight weight, float size_px, int width_px);

/* On one line in the middle of the box's height; smaller where it would be
 * wider than the box. */
void text_draw(window_text *text, const char *words, text_look look,
               SDL_Rect box);

/* The same for a number: each figure has the same width, so that figures stand
 * in columns. */
void text_draw_number(window_text *text, const char *number, text_look look,
                      SDL_Rect box);

#endif
