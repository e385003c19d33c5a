/* ink.c: see ink.h. */
#include "image/ink.h"

#include "image/components.h"
#include "image/histogram.h"
#include "image/light.h"
#include "image/opening.h"
#include "image/shading.h"
#include "image/sharpness.h"

#include "base/memory.h"
#include "base/numbers.h"

#include <stdlib.h>

enum {
  EVEN_CONTRAST = 20,   /* a stroke's, on evenly lit paper */
  SHADED_CONTRAST = 32, /* and where shades leave traces when removed */
  MEDIAN_PERCENT = 50,
  PAPER_PERCENT = 25, /* a window may be covered by ink up to three quarters */
  STROKE_PARTS = 4,   /* no stroke is wider than this part of the longer side */
  SHADE_LEAST = 8,    /* paper may differ from its colour by so much */
  SHADE_PERCENT = 1,  /* of the picture: less is not shade but a blot */
  PAPER_LEAST = 4,    /* levels off the paper's colour that are it for sure */
  SHADE_LEVEL_PERCENT = 85, /* of ink's level: darker is ink */
  TILES = 3,                /* each way, that are looked into for paper */
  LARGE_SIDE_PX = 64,       /* smaller pictures have soft strokes for shades */
  TILE_PAPER_PERCENT = 1    /* of a tile, at least */
};

/* Of the picture: what is darker is ink, however little there is. */
static const double LIGHTER_SHARE = 0.97;
/* Deviations that a sixth of the paper's grain lies further out than. */
static const float FAR_GRAINS = 1.35f;

static size_t area_of(const nml_picture *picture) {
  return (size_t)picture->width_px * (size_t)picture->height_px;
}

static size_t pixels_of(const nml_ink *map) {
  return (size_t)map->width_px * (size_t)map->height_px;
}

static void copy_channel(const nml_picture *picture, int channel, bool invert,
                         uint8_t *map) {
  const uint8_t *value = picture->pixels + channel;
  size_t area = area_of(picture);
  for (size_t i = 0; i < area; i++, value += picture->channels) {
    map[i] = invert ? (uint8_t)(255 - *value) : *value;
  }
}

/* Third moment about the local median: ink is rarer than paper and stands out
 * further, so its sign tells dark ink from light. */
static double skewness(const uint8_t *map, const uint8_t *level, size_t area) {
  double sum = 0;
  for (size_t i = 0; i < area; i++) {
    double rest = (double)map[i] - level[i];
    sum += rest * rest * rest;
  }
  return sum;
}

/* On unevenly lit paper the same distance means ink here and shade there, so
 * one channel is taken in which ink is on one side of the paper everywhere. */
static numeral_status take_best_channel(const nml_picture *picture,
                                        uint8_t *map, uint8_t *level,
                                        numeral_error *error) {
  double best = 0;
  int best_channel = 0;
  for (int c = 0; c < picture->channels; c++) {
    copy_channel(picture, c, false, map);
    numeral_status status =
        nml_shading_level(map, picture->width_px, picture->height_px,
                          MEDIAN_PERCENT, level, error);
    if (status != NUMERAL_OK) return status;
    double skew = skewness(map, level, area_of(picture));
    if (skew * skew > best * best) {
      best = skew;
      best_channel = c;
    }
  }
  copy_channel(picture, best_channel, best < 0, map);
  return NUMERAL_OK;
}

static void subtract(nml_ink *map, const uint8_t *level) {
  for (size_t i = 0; i < pixels_of(map); i++) {
    map->ink[i] =
        map->ink[i] > level[i] ? (uint8_t)(map->ink[i] - level[i]) : 0;
  }
}

static int widest_stroke(const nml_ink *map) {
  return nml_ink_longer(map) / STROKE_PARTS;
}

/* The tile in that column and row of TILES. */
static nml_box tile_at(const nml_ink *map, int column, int row) {
  return (nml_box){column * map->width_px / TILES, row * map->height_px / TILES,
                   (column + 1) * map->width_px / TILES,
                   (row + 1) * map->height_px / TILES};
}

/* Whether some pixel in the tile is off the paper, lighter than ink and like
 * all around it. In a small picture of a digit cut out tightly what is lighter
 * than ink is the rim of a stroke, and steep. */
static bool has_flat_shade(const nml_ink *map, const nml_box *tile, int paper,
                           int shade) {
  int width = map->width_px;
  int slope = nml_larger((int)(3 * map->grain), SHADE_LEAST);
  for (int y = nml_larger(tile->top, 1);
       y < nml_smaller(tile->bottom, map->height_px - 1); y++) {
    const uint8_t *row = map->ink + (size_t)y * (size_t)width;
    for (int x = nml_larger(tile->left, 1);
         x < nml_smaller(tile->right, width - 1); x++) {
      const uint8_t *at = row + x;
      if (*at > paper && *at < shade && abs(at[1] - at[-1]) <= slope &&
          abs(at[width] - at[-width]) <= slope &&
          abs(at[width + 1] - at[-width - 1]) <= slope &&
          abs(at[width - 1] - at[-width + 1]) <= slope)
        return true;
    }
  }
  return false;
}

/* Whether the tile is in shade: there is no paper in it, and it lies in a
 * corner, where no digit has that much ink, or most of it is lighter than ink.
 */
static bool is_shaded(const nml_ink *map, const nml_box *tile, bool is_corner,
                      int paper, int shade) {
  uint64_t histogram[NML_LEVELS] = {0}, light = 0, area = 0;
  for (int y = tile->top; y < tile->bottom; y++) {
    const uint8_t *ink = map->ink + (size_t)y * (size_t)map->width_px;
    for (int x = tile->left; x < tile->right; x++) {
      light += ink[x] <= paper;
      histogram[ink[x]]++;
      area++;
    }
  }
  if (light * 100 >= area * TILE_PAPER_PERCENT) return false;
  if (nml_ink_longer(map) < LARGE_SIDE_PX &&
      !has_flat_shade(map, tile, paper, shade))
    return false;
  return is_corner || nml_histogram_level(histogram, 0, 0.5) < shade;
}

/* Whether no part of the picture is in shade: then what is wide is a fat stroke
 * of a digit cut out tightly. */
static bool is_evenly_lit(const nml_ink *map, float noise) {
  int paper = nml_larger((int)noise, PAPER_LEAST);
  uint64_t histogram[NML_LEVELS];
  nml_histogram_fill(map->ink, pixels_of(map), histogram);
  int ink_level = nml_histogram_level(histogram, 0, LIGHTER_SHARE);
  int shade = (ink_level * SHADE_LEVEL_PERCENT + 99) / 100;
  for (int row = 0; row < TILES; row++) {
    for (int column = 0; column < TILES; column++) {
      nml_box tile = tile_at(map, column, row);
      bool is_corner = column % 2 == 0 && row % 2 == 0;
      if (is_shaded(map, &tile, is_corner, paper, shade)) return false;
    }
  }
  return true;
}

/* Whether something differs from the paper that is too wide for a stroke:
 * shade, a light's glare, or the table under the paper. */
static numeral_status find_shades(const nml_ink *map, float noise,
                                  uint8_t *level, bool *shaded,
                                  numeral_error *error) {
  size_t area = pixels_of(map), count = 0;
  int limit = nml_larger((int)(3 * noise), SHADE_LEAST);
  *shaded = false;
  if (is_evenly_lit(map, noise)) return NUMERAL_OK;
  numeral_status status =
      nml_opening(map->ink, map->width_px, map->height_px, widest_stroke(map),
                  NML_OUTSIDE_ZERO, level, error);
  if (status != NUMERAL_OK) return status;
  for (size_t i = 0; i < area; i++) count += level[i] > limit;
  *shaded = count * 100 > area * SHADE_PERCENT;
  return NUMERAL_OK;
}

/* Whether half of the picture is further from the paper's colour than its grain
 * leads: a slope of light may be all there is to it. Strokes mostly stand out
 * from it nevertheless; where they do not, it passed for noise. */
static bool is_sloped(const nml_ink *map) {
  size_t area = pixels_of(map), far = 0;
  for (size_t i = 0; i < area; i++)
    far += map->ink[i] > FAR_GRAINS * map->grain;
  return 2 * far > area;
}

/* The opening takes away whatever is wider than strokes, also shadows with an
 * edge as sharp as theirs; what noise and slopes leave of the paper lies below
 * the local percentile. */
static numeral_status remove_shades(const nml_picture *picture, nml_ink *map,
                                    uint8_t *level, numeral_error *error) {
  map->least_contrast = SHADED_CONTRAST;
  map->sloped = false;
  numeral_status status = take_best_channel(picture, map->ink, level, error);
  if (status != NUMERAL_OK) return status;
  status = nml_opening(map->ink, map->width_px, map->height_px,
                       widest_stroke(map), NML_OUTSIDE_CONTINUED, level, error);
  if (status != NUMERAL_OK) return status;
  subtract(map, level);
  status = nml_shading_level(map->ink, map->width_px, map->height_px,
                             PAPER_PERCENT, level, error);
  if (status == NUMERAL_OK) subtract(map, level);
  return status;
}

/* The map of a picture whose light was evened; `even` is false where there are
 * shades left. */
static numeral_status fill_evened(const nml_picture *picture, nml_ink *map,
                                  uint8_t *level, bool *even,
                                  numeral_error *error) {
  nml_paper paper;
  bool shaded;
  numeral_status status = nml_paper_find(picture, &paper, error);
  if (status != NUMERAL_OK) return status;
  nml_paper_distance(picture, &paper, map->ink);
  status = find_shades(map, paper.noise, level, &shaded, error);
  *even = status == NUMERAL_OK && !shaded &&
          nml_sharpness_measure(map, level).has_edges;
  if (!*even) return status;
  map->sloped = false;
  map->grain = paper.noise;
  return NUMERAL_OK;
}

/* The map where the light has nothing but a slope: else `even` is false. */
static numeral_status remove_slope(const nml_picture *picture, nml_ink *map,
                                   uint8_t *level, bool *even,
                                   numeral_error *error) {
  nml_picture flat;
  numeral_status status = nml_light_even(picture, &flat, error);
  *even = false;
  if (flat.pixels) status = fill_evened(&flat, map, level, even, error);
  nml_picture_release(&flat);
  return status;
}

/* On evenly lit paper ink is whatever has another colour, lighter or darker. */
static numeral_status fill(const nml_picture *picture, const nml_paper *paper,
                           nml_ink *map, uint8_t *level, numeral_error *error) {
  bool shaded = false, even = false;
  map->least_contrast = EVEN_CONTRAST;
  map->grain = paper->noise;
  nml_paper_distance(picture, paper, map->ink);
  nml_sharpness sharpness = nml_sharpness_measure(map, level);
  map->tiny =
      sharpness.is_enlarged || nml_ink_longer(map) < NML_SHADING_SIDE_PX;
  if (map->tiny || picture->width_px < NML_SHADING_SIDE_PX ||
      picture->height_px < NML_SHADING_SIDE_PX) {
    return NUMERAL_OK;
  }
  map->sloped = is_sloped(map);
  numeral_status status = find_shades(map, paper->noise, level, &shaded, error);
  if (status != NUMERAL_OK) return status;
  if (!shaded && sharpness.has_edges) return NUMERAL_OK;
  if (shaded) status = remove_slope(picture, map, level, &even, error);
  if (status != NUMERAL_OK || even) return status;
  return remove_shades(picture, map, level, error);
}

/* A map of the picture, and a `level` as large: false without memory. */
static bool allocate(const nml_picture *picture, nml_ink *map,
                     uint8_t **level) {
  *map =
      (nml_ink){.width_px = picture->width_px, .height_px = picture->height_px};
  *level = nml_alloc(area_of(picture), 1);
  map->ink = nml_alloc(area_of(picture), 1);
  return *level && map->ink;
}

numeral_status nml_ink_create(const nml_picture *picture,
                              const nml_paper *paper, nml_ink *map,
                              numeral_error *error) {
  uint8_t *level;
  numeral_status status =
      allocate(picture, map, &level)
          ? fill(picture, paper, map, level, error)
          : nml_fail_memory(error, "the ink of a picture", area_of(picture));
  nml_free(level);
  if (status != NUMERAL_OK) nml_ink_release(map);
  return status;
}

numeral_status nml_ink_create_evened(const nml_picture *picture, nml_ink *map,
                                     numeral_error *error) {
  uint8_t *level;
  numeral_status status =
      allocate(picture, map, &level)
          ? remove_shades(picture, map, level, error)
          : nml_fail_memory(error, "the shades of a picture", area_of(picture));
  nml_free(level);
  if (status != NUMERAL_OK) nml_ink_release(map);
  return status;
}

void nml_ink_release(nml_ink *map) {
  nml_free(map->ink);
  *map = (nml_ink){0};
}
