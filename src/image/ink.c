/* ink.c: see ink.h. */
#include "ink.h"

#include "paper.h"
#include "shading.h"

#include "base/memory.h"

#include <stdlib.h>

enum {
  MEDIAN_PERCENT = 50,
  PAPER_PERCENT = 25 /* a window may be covered by ink up to three quarters */
};

static size_t area_of(const nml_picture *picture) {
  return (size_t)picture->width_px * (size_t)picture->height_px;
}

/* On evenly lit paper ink is whatever has another colour, lighter or darker:
 * the largest difference in any channel. */
static void distance_from(const nml_picture *picture, const int *colour,
                          uint8_t *map) {
  const uint8_t *pixel = picture->pixels;
  size_t area = area_of(picture);
  for (size_t i = 0; i < area; i++, pixel += picture->channels) {
    int largest = 0;
    for (int c = 0; c < picture->channels; c++) {
      int distance = abs(pixel[c] - colour[c]);
      if (distance > largest) largest = distance;
    }
    map[i] = (uint8_t)largest;
  }
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

static numeral_status remove_shading(nml_ink *map, uint8_t *level,
                                     numeral_error *error) {
  size_t area = (size_t)map->width_px * (size_t)map->height_px;
  numeral_status status = nml_shading_level(
      map->ink, map->width_px, map->height_px, PAPER_PERCENT, level, error);
  if (status != NUMERAL_OK) return status;
  for (size_t i = 0; i < area; i++) {
    map->ink[i] =
        map->ink[i] > level[i] ? (uint8_t)(map->ink[i] - level[i]) : 0;
  }
  return NUMERAL_OK;
}

static numeral_status fill(const nml_picture *picture, nml_ink *map,
                           uint8_t *level, numeral_error *error) {
  nml_paper paper;
  bool large = picture->width_px >= NML_SHADING_SIDE_PX &&
               picture->height_px >= NML_SHADING_SIDE_PX;
  numeral_status status = nml_paper_find(picture, &paper, error);
  if (status != NUMERAL_OK) return status;
  if (paper.even || !large) {
    distance_from(picture, paper.colour, map->ink);
  } else {
    status = take_best_channel(picture, map->ink, level, error);
    if (status != NUMERAL_OK) return status;
  }
  return large ? remove_shading(map, level, error) : NUMERAL_OK;
}

numeral_status nml_ink_create(const nml_picture *picture, nml_ink *map,
                              numeral_error *error) {
  size_t area = area_of(picture);
  numeral_status status;
  *map = (nml_ink){NULL, picture->width_px, picture->height_px};
  uint8_t *level = nml_alloc(area, 1);
  map->ink = nml_alloc(area, 1);
  if (level && map->ink) {
    status = fill(picture, map, level, error);
  } else {
    status = nml_fail_memory(error, "the ink of a picture", 2 * area);
  }
  nml_free(level);
  if (status != NUMERAL_OK) nml_ink_release(map);
  return status;
}

void nml_ink_release(nml_ink *map) {
  nml_free(map->ink);
  *map = (nml_ink){0};
}
