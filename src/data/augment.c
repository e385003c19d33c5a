/* augment.c: see augment.h. First how much of everything, then the changes in
 * the order of the world: the hand, the pen, what lies on the paper, the light,
 * the lens, the sensor. */
#include "data/augment.h"

#include "base/random.h"
#include "data/clutter.h"
#include "data/retouch.h"
#include "data/warp.h"

#include <math.h>

/* ---- Settings ---------------------------------------------------------- */

typedef struct setting {
  const char *name;
  size_t offset;
  double most;
  double presets[NUMERAL_STRENGTHS]; /* none, light, medium, strong */
} setting;

static const setting settings[NML_AUGMENT_SETTINGS] = {
    {"rotate", offsetof(numeral_augment, rotate_degrees), 180, {0, 7, 12, 15}},
    {"shift", offsetof(numeral_augment, shift_px), 14, {0, 1, 1.5, 2}},
    {"scale", offsetof(numeral_augment, scale), 0.9, {0, 0.08, 0.12, 0.15}},
    {"shear", offsetof(numeral_augment, shear), 2, {0, 0.1, 0.15, 0.25}},
    {"elastic", offsetof(numeral_augment, elastic_px), 8, {0, 0.5, 0.9, 1.2}},
    {"thickness", offsetof(numeral_augment, thickness_px), 1, {0, 0, 0.5, 0.8}},
    {"contrast", offsetof(numeral_augment, contrast), 1, {0, 0, 0.3, 0.5}},
    {"blur", offsetof(numeral_augment, blur_px), 2, {0, 0, 0.5, 0.8}},
    {"noise", offsetof(numeral_augment, noise), 0.5, {0, 0, 0.05, 0.1}},
    {"occlude", offsetof(numeral_augment, occlude), 1, {0, 0, 0.15, 0.25}},
    {"clutter", offsetof(numeral_augment, clutter), 1, {0, 0, 0, 0.3}}};

const char *nml_augment_name(int i) { return settings[i].name; }

double nml_augment_value(const numeral_augment *augment, int i) {
  double value;
  memcpy(&value, (const char *)augment + settings[i].offset, sizeof value);
  return value;
}

bool nml_augment_is_on(const numeral_augment *augment) {
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++)
    if (nml_augment_value(augment, i) != 0) return true;
  return false;
}

numeral_status nml_augment_check(const numeral_augment *augment,
                                 numeral_error *error) {
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++) {
    double value = nml_augment_value(augment, i);
    if (value >= 0 && value <= settings[i].most) continue; /* false for NaN */
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "augmentation's %s must be 0 (off) to %g", settings[i].name,
                    settings[i].most);
  }
  return NUMERAL_OK;
}

numeral_augment nml_augment_preset(numeral_strength strength) {
  numeral_augment augment = {0};
  if ((unsigned)strength >= NUMERAL_STRENGTHS) return augment;
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++)
    memcpy((char *)&augment + settings[i].offset,
           &settings[i].presets[strength], sizeof(double));
  return augment;
}

/* ---- Amounts ----------------------------------------------------------- */

/* What was drawn for one image. */
typedef struct amounts {
  nml_warp warp;
  bool cover;
  float thickness_px, gain, curve, blur_px, noise;
} amounts;

/* -most to most. */
static float either_way(nml_random *random, double most) {
  return (float)most * (2 * nml_random_unit(random) - 1);
}

/* 0 to most for every second image: as many stay clean. */
static float sometimes(nml_random *random, double most) {
  float share = 2 * nml_random_unit(random) - 1;
  return share > 0 ? (float)most * share : 0;
}

/* All of them are drawn whatever the settings are, so that one setting does not
 * change what another one does. */
static amounts draw_amounts(const numeral_augment *a, nml_random *random) {
  amounts d = {0};
  d.warp.turn =
      either_way(random, a->rotate_degrees * (3.14159265358979 / 180));
  d.warp.right_px = either_way(random, a->shift_px);
  d.warp.down_px = either_way(random, a->shift_px);
  float size = 1 + either_way(random, a->scale);
  float shape = 1 + either_way(random, a->scale / 2);
  d.warp.stretch_x = size * shape;
  d.warp.stretch_y = size / shape;
  d.warp.slant = either_way(random, a->shear);
  d.warp.bend_px = (float)a->elastic_px * nml_random_unit(random);
  float grow = either_way(random, a->thickness_px);
  d.thickness_px = grow < 0 ? grow / 2 : grow; /* thin lines must not vanish */
  d.gain = 1 + either_way(random, a->contrast);
  d.curve = either_way(random, a->contrast);
  d.blur_px = sometimes(random, a->blur_px);
  d.noise = sometimes(random, a->noise);
  d.cover = sometimes(random, a->occlude) > 0;
  return d;
}

/* ---- Changes ----------------------------------------------------------- */

/* A place for `length` pixels in the part of the image where digits lie. */
static int place(nml_random *random, int length) {
  enum { MARGIN = 4, ROOM = NUMERAL_IMAGE_SIDE - 2 * MARGIN };
  int free = ROOM - length;
  return free > 0 ? MARGIN + (int)nml_random_below(random, (uint32_t)free + 1)
                  : (NUMERAL_IMAGE_SIDE - length) / 2;
}

/* A patch, or a stripe from edge to edge that is a quarter as wide. */
static void cover(nml_sheet *sheet, nml_random *random, double most) {
  const float longest = (float)most * NUMERAL_IMAGE_SIDE;
  uint32_t shape = nml_random_below(random, 3);
  float across = shape == 0 ? longest : longest / 4;
  int width = 1 + (int)(nml_random_unit(random) * (across - 1) + 0.5f);
  int height = 1 + (int)(nml_random_unit(random) * (across - 1) + 0.5f);
  if (across < 1) width = height = 1;
  if (shape == 1) width = NUMERAL_IMAGE_SIDE;
  if (shape == 2) height = NUMERAL_IMAGE_SIDE;
  int left = place(random, width), top = place(random, height);
  nml_retouch_cover(sheet, left, top, width, height);
}

/* For every fourth image. Its random numbers are its own, so that the other
 * settings do the same with it and without. */
static void lay_clutter(const numeral_augment *augment, uint64_t seed,
                        uint64_t epoch, uint64_t index, nml_sheet *sheet) {
  nml_random random = nml_random_init(seed, NML_PURPOSE_CLUTTER, epoch, index);
  if (nml_random_below(&random, 4) == 0)
    nml_clutter_apply(sheet, &random,
                      (float)augment->clutter * NUMERAL_IMAGE_SIDE);
}

static bool moves(const nml_warp *w) {
  return w->turn != 0 || w->right_px != 0 || w->down_px != 0 ||
         w->stretch_x != 1 || w->stretch_y != 1 || w->slant != 0 ||
         w->bend_px > 0;
}

void nml_augment_apply(const numeral_augment *augment, uint64_t seed,
                       uint64_t epoch, uint64_t index, const uint8_t *image,
                       uint8_t *augmented) {
  const float specks = 20; /* for noise of 1 */
  nml_random random = nml_random_init(seed, NML_PURPOSE_AUGMENT, epoch, index);
  amounts d = draw_amounts(augment, &random);
  nml_sheet sheet;
  nml_sheet_load(&sheet, image);
  if (moves(&d.warp)) nml_warp_apply(&d.warp, &random, &sheet);
  if (d.thickness_px != 0) nml_retouch_thickness(&sheet, d.thickness_px);
  if (d.cover) cover(&sheet, &random, augment->occlude);
  if (augment->clutter > 0) lay_clutter(augment, seed, epoch, index, &sheet);
  if (d.gain != 1 || d.curve != 0)
    nml_retouch_contrast(&sheet, d.gain, d.curve);
  if (d.blur_px > 0) nml_retouch_blur(&sheet, d.blur_px);
  if (d.noise > 0) {
    nml_retouch_noise(&sheet, &random, d.noise);
    int count = (int)(specks * d.noise * nml_random_unit(&random) + 0.5f);
    nml_retouch_specks(&sheet, &random, count);
  }
  nml_sheet_store(&sheet, augmented);
}
