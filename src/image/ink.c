/* ink.c: see ink.h. */
#include "image/ink.h"

#include "image/histogram.h"
#include "image/opening.h"
#include "image/shading.h"

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
  TILE_PAPER_PERCENT = 1,   /* of a tile, at least */
  EDGE_PARTS = 48 /* of the longer side: two of them hold a stroke's edge */
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

static int longer_side(const nml_ink *map) {
  return nml_larger(map->width_px, map->height_px);
}

static int widest_stroke(const nml_ink *map) {
  return longer_side(map) / STROKE_PARTS;
}

/* Whether the tile in that column and row of TILES is in shade: there is no
 * paper in it, and it lies in a corner, where no digit has that much ink, or
 * most of it is lighter than ink. */
static bool is_shaded(const nml_ink *map, int column, int row, int limit,
                      int ink_level) {
  int left = column * map->width_px / TILES;
  int right = (column + 1) * map->width_px / TILES;
  int top = row * map->height_px / TILES;
  int bottom = (row + 1) * map->height_px / TILES;
  uint64_t histogram[NML_LEVELS] = {0};
  size_t paper = 0, area = (size_t)(right - left) * (size_t)(bottom - top);
  for (int y = top; y < bottom; y++) {
    const uint8_t *ink = map->ink + (size_t)y * (size_t)map->width_px;
    for (int x = left; x < right; x++) {
      paper += ink[x] <= limit;
      histogram[ink[x]]++;
    }
  }
  if (paper * 100 >= area * TILE_PAPER_PERCENT) return false;
  if (column % 2 == 0 && row % 2 == 0) return true;
  return nml_histogram_level(histogram, 0, 0.5) * 100 <
         ink_level * SHADE_LEVEL_PERCENT;
}

/* Whether no part of the picture is in shade: then what is wide is a fat stroke
 * of a digit cut out tightly. */
static bool is_evenly_lit(const nml_ink *map, float noise) {
  int limit = nml_larger((int)noise, PAPER_LEAST);
  uint64_t histogram[NML_LEVELS];
  nml_histogram_fill(map->ink, pixels_of(map), histogram);
  int ink_level = nml_histogram_level(histogram, 0, LIGHTER_SHARE);
  for (int tile = 0; tile < TILES * TILES; tile++)
    if (is_shaded(map, tile % TILES, tile / TILES, limit, ink_level))
      return false;
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

/* The map's means over squares of block x block pixels, in `mean`; rests at the
 * right and below are left out. */
static void average_blocks(const nml_ink *map, int block, uint8_t *mean) {
  for (int y = 0; y + block <= map->height_px; y += block) {
    for (int x = 0; x + block <= map->width_px; x += block) {
      int sum = 0;
      for (int v = y; v < y + block; v++)
        for (int u = x; u < x + block; u++)
          sum += map->ink[(size_t)v * (size_t)map->width_px + (size_t)u];
      *mean++ = (uint8_t)(sum / (block * block));
    }
  }
}

/* Whether what stands out from the paper does so with an edge somewhere. A
 * stroke has one, however thin or blurred; the light's slope across a narrow
 * picture has none. `scratch` is as large as the map. */
static bool has_edges(const nml_ink *map, uint8_t *scratch) {
  int block = nml_larger(longer_side(map) / EDGE_PARTS, 1);
  int most = 0, steepest = 0;
  int columns = map->width_px / block, rows = map->height_px / block;
  average_blocks(map, block, scratch);
  for (int y = 0; y < rows; y++) {
    for (int x = 0; x < columns; x++) {
      const uint8_t *here = scratch + y * columns + x;
      int right = x + 2 < columns ? abs(here[2] - here[0]) : 0;
      int below = y + 2 < rows ? abs(here[2 * columns] - here[0]) : 0;
      most = nml_larger(most, here[0]);
      steepest = nml_larger(steepest, nml_larger(right, below));
    }
  }
  return 2 * steepest >= most;
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

/* On evenly lit paper ink is whatever has another colour, lighter or darker. */
static numeral_status fill(const nml_picture *picture, const nml_paper *paper,
                           nml_ink *map, uint8_t *level, numeral_error *error) {
  bool shaded = false;
  map->least_contrast = EVEN_CONTRAST;
  map->grain = paper->noise;
  nml_paper_distance(picture, paper, map->ink);
  if (picture->width_px < NML_SHADING_SIDE_PX ||
      picture->height_px < NML_SHADING_SIDE_PX) {
    return NUMERAL_OK;
  }
  map->sloped = is_sloped(map);
  numeral_status status = find_shades(map, paper->noise, level, &shaded, error);
  if (status != NUMERAL_OK) return status;
  if (!shaded && has_edges(map, level)) return NUMERAL_OK;
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
