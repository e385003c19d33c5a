/* look.h: the one palette, font and set of sizes of everything that numeral
 * shows: report, galleries, charts, window, and the web page.
 * docs/look.md says why. Knows colours; must not know who draws with them.
 * A header alone, so that modules (formats/module.h) share it. */
#ifndef NUMERAL_APP_LOOK_H
#define NUMERAL_APP_LOOK_H
#include <stdint.h>

/* The first that a system has; Debian's fonts-inter, fonts-dejavu-core. */
#define LOOK_FONT "Inter"
#define LOOK_FONT_FALLBACK "DejaVu Sans"

typedef enum look_theme { LOOK_LIGHT = 0, LOOK_DARK, LOOK_THEMES } look_theme;

/* What a colour is for. */
typedef enum look_role {
  LOOK_PAGE = 0, /* behind everything */
  LOOK_PAPER,    /* cards, charts, the canvas to draw on */
  LOOK_TEXT,     /* words, axes, the ink of digits */
  LOOK_FAINT,    /* words that matter less; 4.5:1 on paper all the same */
  LOOK_LINE,     /* borders, grids, the empty part of bars */
  LOOK_FIRST,    /* first series, bars, what is right, what to press */
  LOOK_SECOND,   /* second series, the runner-up */
  LOOK_WRONG,    /* mistakes; never the only sign of one */
  LOOK_ROLES
} look_role;

/* As variables in CSS: --page, --paper, ... */
static inline const char *look_role_name(look_role role) {
  static const char *const names[LOOK_ROLES] = {
      "page", "paper", "text", "faint", "line", "first", "second", "wrong"};
  return names[role];
}

/* 0xRRGGBB. First and second differ in lightness too, so that they are told
 * apart without colour; so do the series, which are also dashed or marked. */
static inline uint32_t look_colour(look_theme theme, look_role role) {
  static const uint32_t colours[LOOK_THEMES][LOOK_ROLES] = {
      {0xf4f4f1, 0xffffff, 0x1a1c20, 0x5b6068, 0xd8d9dd, 0x00528f, 0xdf8a15,
       0xb3261e},
      {0x121418, 0x1c1f25, 0xe9eaed, 0xa2a8b1, 0x3b4049, 0x5aa5e6, 0xffd08a,
       0xff9d8f}};
  return colours[theme][role];
}

/* Runs side by side: dark to light on light paper, and the other way round. */
enum { LOOK_SERIES = 8 };
static inline uint32_t look_series(look_theme theme, int index) {
  static const uint32_t colours[LOOK_THEMES][LOOK_SERIES] = {
      {0x00528f, 0xdf8a15, 0x6b1f5c, 0x2f9e86, 0xb3261e, 0x7fa8d9, 0x8a6d00,
       0x5b6068},
      {0x5aa5e6, 0xffd08a, 0xd08bc4, 0x8fe3cf, 0xff9d8f, 0x3d74b8, 0xd9c05a,
       0xa2a8b1}};
  return colours[theme][index % LOOK_SERIES];
}

static inline uint32_t look_mix(uint32_t from, uint32_t to, double share) {
  uint32_t mixed = 0;
  for (int shift = 0; shift <= 16; shift += 8) {
    double a = (double)(from >> shift & 255), b = (double)(to >> shift & 255);
    mixed |= (uint32_t)(a + (b - a) * share + 0.5) << shift;
  }
  return mixed;
}

/* Heat 0..1, for Grad-CAM and counts: from paper to the strongest
 * colour, ever darker on light paper and ever lighter on dark. */
static inline uint32_t look_heat(look_theme theme, double share) {
  static const uint32_t stops[LOOK_THEMES][3] = {
      {0xffffff, 0xf0a33c, 0x7a1c05}, {0x1c1f25, 0xb4571c, 0xffedc4}};
  double at = share <= 0 ? 0 : share >= 1 ? 2 : share * 2;
  const uint32_t *stop = stops[theme] + (at > 1);
  return look_mix(stop[0], stop[1], at > 1 ? at - 1 : at);
}

/* A pixel of a digit, ink 0..255; and with heat 0..1 laid over it: ink stays
 * visible under the strongest heat, and heat beside the ink. */
static inline uint32_t look_ink(look_theme theme, int ink) {
  return look_mix(look_colour(theme, LOOK_PAPER), look_colour(theme, LOOK_TEXT),
                  ink / 255.0);
}
enum { LOOK_WARMEST_PERCENT = 75 }; /* of look_heat's range */
static inline uint32_t look_warm_ink(look_theme theme, int ink, double heat) {
  return look_mix(look_heat(theme, heat * LOOK_WARMEST_PERCENT / 100),
                  look_colour(theme, LOOK_TEXT), 0.6 * ink / 255);
}

/* Sizes, in pixels of a screen of 96 dots an inch. */
enum {
  LOOK_SMALL_PX = 13, /* captions */
  LOOK_BODY_PX = 16,
  LOOK_TITLE_PX = 20,
  LOOK_ANSWER_PX = 96, /* the digit that was read */
  LOOK_GAP_PX = 8,     /* distances are multiples of it */
  LOOK_ROUND_PX = 8    /* corners */
};

#endif
