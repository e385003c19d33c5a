/* window_text.c: see window_text.h. A window shows the same few words again and
 * again, so their pictures are kept. */
#include "app/sdl2/window_text.h"

#include <fontconfig/fontconfig.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/look.h"
#include "formats/format_fail.h"

enum { LEAST_SIZE_PX = 6 };

/* ---- Fonts ---- */

static bool match_font(int weight, char *file, size_t file_bytes, int *index) {
  FcPattern *wanted = FcPatternCreate(), *found = NULL;
  FcChar8 *path = NULL;
  FcResult result;
  bool done = false;
  if (!wanted) return false;
  FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)LOOK_FONT);
  FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)LOOK_FONT_FALLBACK);
  FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)"sans-serif");
  FcPatternAddInteger(wanted, FC_WEIGHT, weight);
  FcPatternAddInteger(wanted, FC_SLANT, FC_SLANT_ROMAN);
  FcPatternAddBool(wanted, FC_SCALABLE, FcTrue);
  FcConfigSubstitute(NULL, wanted, FcMatchPattern);
  FcDefaultSubstitute(wanted);
  found = FcFontMatch(NULL, wanted, &result);
  if (found && FcPatternGetString(found, FC_FILE, 0, &path) == FcResultMatch &&
      strlen((const char *)path) < file_bytes) {
    strcpy(file, (const char *)path);
    if (FcPatternGetInteger(found, FC_INDEX, 0, index) != FcResultMatch) {
      *index = 0;
    }
    done = true;
  }
  if (found) FcPatternDestroy(found);
  FcPatternDestroy(wanted);
  return done;
}

static TTF_Font *find_font(window_text *text, text_weight weight, int size_px) {
  for (int i = 0; i < text->font_count; i++) {
    text_font *kept = &text->fonts[i];
    if (kept->weight == weight && kept->size_px == size_px) return kept->font;
  }
  if (text->font_count == TEXT_FONTS) { /* after many sizes of the window */
    while (text->font_count > 0) {
      TTF_CloseFont(text->fonts[--text->font_count].font);
    }
  }
  /* the upper half of an index names an instance of a variable font */
  TTF_Font *font = TTF_OpenFontIndex(text->files[weight], size_px,
                                     text->indices[weight] & 0xffff);
  if (!font) return NULL;
  TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
  text->fonts[text->font_count++] = (text_font){font, weight, size_px};
  return font;
}

numeral_status text_find_fonts(window_text *text, numeral_error *error) {
  static const int weights[TEXT_WEIGHTS] = {FC_WEIGHT_REGULAR,
                                            FC_WEIGHT_DEMIBOLD};
  for (int i = 0; i < TEXT_WEIGHTS; i++) {
    if (!match_font(weights[i], text->files[i], sizeof text->files[i],
                    &text->indices[i]) ||
        !find_font(text, (text_weight)i, LOOK_BODY_PX)) {
      return format_fail(error, NUMERAL_ERROR_IO,
                         "there is no font to write with: install fonts-inter "
                         "or fonts-dejavu-core");
    }
  }
  return NUMERAL_OK;
}

void text_forget_pictures(window_text *text) {
  for (int i = 0; i < TEXT_KEPT; i++) {
    if (text->kept[i].texture) SDL_DestroyTexture(text->kept[i].texture);
    text->kept[i] = (text_picture){.texture = NULL};
  }
}

void text_release(window_text *text) {
  text_forget_pictures(text);
  while (text->font_count > 0) {
    TTF_CloseFont(text->fonts[--text->font_count].font);
  }
}

/* ---- Pictures ---- */

static void make_picture(window_text *text, text_picture *picture) {
  static const SDL_Color white = {255, 255, 255, 255};
  TTF_Font *font = find_font(text, picture->weight, picture->size_px);
  if (!font) return;
  SDL_Surface *drawn = TTF_RenderUTF8_Blended(font, picture->text, white);
  if (!drawn) return;
  picture->width_px = drawn->w;
  picture->height_px = drawn->h;
  picture->texture = SDL_CreateTextureFromSurface(text->renderer, drawn);
  SDL_FreeSurface(drawn);
}

/* The one that is kept, or a new one in the place of the least used. */
static const text_picture *find_picture(window_text *text, const char *words,
                                        text_weight weight, int size_px) {
  text_picture *oldest = &text->kept[0];
  for (int i = 0; i < TEXT_KEPT; i++) {
    text_picture *picture = &text->kept[i];
    if (picture->texture && picture->weight == weight &&
        picture->size_px == size_px && strcmp(picture->text, words) == 0) {
      picture->used = ++text->turn;
      return picture;
    }
    if (picture->used < oldest->used) oldest = picture;
  }
  if (oldest->texture) SDL_DestroyTexture(oldest->texture);
  *oldest = (text_picture){
      .weight = weight, .size_px = size_px, .used = ++text->turn};
  snprintf(oldest->text, sizeof oldest->text, "%s", words);
  make_picture(text, oldest);
  return oldest;
}

static int whole_size(float size_px) {
  int size = (int)(size_px + 0.5f);
  return size < LEAST_SIZE_PX ? LEAST_SIZE_PX : size;
}

static int width_of(window_text *text, const char *words, text_weight weight,
                    int size_px) {
  int width = 0;
  TTF_Font *font = find_font(text, weight, size_px);
  if (font) TTF_SizeUTF8(font, words, &width, NULL);
  return width;
}

static int left_edge(SDL_Rect box, text_side side, int width_px) {
  if (side == TEXT_LEFT) return box.x;
  int room = box.w - width_px;
  return box.x + (side == TEXT_MIDDLE ? room / 2 : room);
}

static void put_picture(window_text *text, const text_picture *picture,
                        uint32_t colour, int x, SDL_Rect box) {
  if (!picture->texture) return;
  SDL_Rect to = {x, box.y + (box.h - picture->height_px) / 2, picture->width_px,
                 picture->height_px};
  SDL_SetTextureColorMod(picture->texture, (Uint8)(colour >> 16),
                         (Uint8)(colour >> 8), (Uint8)colour);
  SDL_RenderCopy(text->renderer, picture->texture, NULL, &to);
}

float text_fitting_size(window_text *text, const char *words,
                        text_weight weight, float size_px, int width_px) {
  int size = whole_size(size_px);
  int width = width_of(text, words, weight, size);
  if (width <= width_px || width <= 0) return (float)size;
  float share = (float)width_px / (float)width;
  return (float)whole_size((float)size * share - 0.5f);
}

void text_draw(window_text *text, const char *words, text_look look,
               SDL_Rect box) {
  char line[TEXT_BYTES];
  if (snprintf(line, sizeof line, "%s", words) <= 0) return;
  int size =
      (int)text_fitting_size(text, line, look.weight, look.size_px, box.w);
  const text_picture *picture = find_picture(text, line, look.weight, size);
  put_picture(text, picture, look.colour,
              left_edge(box, look.side, picture->width_px), box);
}

void text_draw_number(window_text *text, const char *number, text_look look,
                      SDL_Rect box) {
  int size = whole_size(look.size_px), widest = 0, width = 0;
  char figure[2] = "0";
  for (; figure[0] <= '9'; figure[0]++) {
    int here = width_of(text, figure, look.weight, size);
    if (here > widest) widest = here;
  }
  for (const char *c = number; *c; c++) {
    figure[0] = *c;
    bool is_figure = *c >= '0' && *c <= '9';
    width += is_figure ? widest : width_of(text, figure, look.weight, size);
  }
  int x = left_edge(box, look.side, width);
  for (const char *c = number; *c; c++) {
    figure[0] = *c;
    const text_picture *picture = find_picture(text, figure, look.weight, size);
    bool is_figure = *c >= '0' && *c <= '9';
    int cell = is_figure ? widest : picture->width_px;
    put_picture(text, picture, look.colour, x + (cell - picture->width_px) / 2,
                box);
    x += cell;
  }
}
