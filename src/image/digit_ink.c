/* digit_ink.c: see digit_ink.h. */
#include "image/digit_ink.h"

#include "image/digit_parts.h"
#include "image/histogram.h"
#include "image/rulings.h"

#include "base/memory.h"
#include "base/numbers.h"

#include <math.h>
#include <string.h>

enum {
  WRITING_MASS_PERCENT = 60, /* of what stands out, in its heaviest part */
  WRITING_AREA_PERCENT = 50, /* of the map, at most */
  FAINT_FLOOR = 6,           /* of the edge of a stroke */
  LEAST_SIDE_PX = 4,         /* of the picture */
  RULED_SIDE_PX = 32,        /* and of one whose rulings can be told */
  CRUMB_PERCENT = 10         /* of its longer side: less is no digit on it */
};
/* How far ink lies out, in the paper's noise: white, smooth, of one tone or
 * rare grains, noise parted by Otsu's threshold lies 2.6 to 3.8 out. */
static const double INK_OUT = 3.9, NOISE_OUT = 3.3;
/* And in its grain: the same noise lies at most 2 out there, what is wider than
 * a pixel further. */
static const double GRAIN_OUT = 6;
static const float STROKE_SHARE = 0.35f; /* of full contrast: surely ink */
static const float RULING_SHARE = 0.25f; /* and a line printed on the paper */
/* Of full contrast: from where on pixels belong together, widest first. */
static const float EDGE_SHARES[] = {0.10f, 0.25f, 0.50f};
enum { EDGE_SHARE_COUNT = sizeof EDGE_SHARES / sizeof EDGE_SHARES[0] };

typedef struct ink_contrast {
  float noise; /* standard deviation of the paper in the map */
  float full;  /* level of the darkest strokes */
  int stroke;  /* surely ink from here on */
} ink_contrast;

/* The parts at one threshold, and which of them are the digit. */
typedef struct selection {
  nml_components parts;
  nml_choice choice;
} selection;

static size_t area_of(const nml_ink *map) {
  return (size_t)map->width_px * (size_t)map->height_px;
}

/* What Otsu's threshold parts. */
typedef struct two_sides {
  int threshold;
  double below_rms, above_mean;
} two_sides;

static two_sides part_levels(const uint64_t *histogram) {
  two_sides sides = {.threshold = nml_histogram_otsu(histogram)};
  double squares = 0, below = 0, sum = 0, above = 0;
  for (int v = 0; v < NML_LEVELS; v++) {
    double count = (double)histogram[v];
    bool is_below = v <= sides.threshold;
    squares += is_below ? (double)v * v * count : 0;
    below += is_below ? count : 0;
    sum += is_below ? 0 : v * count;
    above += is_below ? 0 : count;
  }
  sides.below_rms = below > 0 ? sqrt(squares / below) : 0;
  sides.above_mean = above > 0 ? sum / above : 0;
  return sides;
}

/* Whether what lies above the threshold is writing: little, and most of it one
 * part that is not small. Noise is in many parts, stripes too. */
static numeral_status is_writing(const nml_ink *map, int threshold,
                                 bool *writing, numeral_error *error) {
  nml_components parts;
  uint64_t mass = 0, area = 0;
  *writing = false;
  numeral_status status = nml_components_create(
      map->ink, map->width_px, map->height_px, threshold + 1, &parts, error);
  if (status != NUMERAL_OK) return status;
  for (int i = 0; i < parts.count; i++) {
    mass += parts.items[i].mass;
    area += parts.items[i].area_px;
  }
  int heaviest = nml_digit_parts_heaviest(&parts);
  if (heaviest >= 0) {
    const nml_component *part = &parts.items[heaviest];
    int height = nml_box_height(&part->box);
    *writing = part->mass * 100 >= mass * WRITING_MASS_PERCENT &&
               height * 2 >= map->height_px &&
               area * 100 <= area_of(map) * WRITING_AREA_PERCENT;
  }
  nml_components_release(&parts);
  return NUMERAL_OK;
}

/* Two estimates that ink can only raise, so the smaller counts: from the
 * median (far too large where ink covers half of the map), and from what lies
 * below Otsu's threshold (which cuts pure noise in two: hence the factor). In
 * a tiny picture little may be left of the paper, and in an enlarged one
 * strokes fade so slowly that both are too large: the grain counts.
 * Where what is above lies further out than it does in any noise, or as far, or
 * far out of the paper's grain, and is one piece of writing, the threshold
 * parts ink from paper, however coarse the paper's pattern and however little
 * of it is left around a digit that was cut out tightly: then strokes, looked
 * for at 5 times the noise, begin at the threshold. */
static numeral_status paper_noise(const nml_ink *map, float *noise,
                                  numeral_error *error) {
  uint64_t histogram[NML_LEVELS];
  nml_histogram_fill(map->ink, area_of(map), histogram);
  double from_median = 1.4826 * nml_histogram_level(histogram, 0, 0.5);
  two_sides sides = part_levels(histogram);
  bool parted = sides.above_mean >= INK_OUT * sides.below_rms;
  numeral_status status = NUMERAL_OK;
  *noise = (float)fmin(from_median, 2 * sides.below_rms);
  if (map->tiny) *noise = fminf(*noise, map->grain);
  if (!parted && (sides.above_mean >= NOISE_OUT * sides.below_rms ||
                  sides.above_mean >= GRAIN_OUT * map->grain))
    status = is_writing(map, sides.threshold, &parted, error);
  if (parted) *noise = fminf(*noise, (float)sides.threshold / 5);
  return status;
}

/* The grey level of the middle of a part's strokes. */
static int part_level(const nml_ink *map, const nml_components *parts,
                      int index) {
  uint64_t histogram[NML_LEVELS] = {0};
  for (size_t i = 0; i < area_of(map); i++) {
    if (parts->labels[i] == index) histogram[map->ink[i]]++;
  }
  return nml_histogram_level(histogram, 1, 0.9);
}

/* A first look with a high threshold finds the darkest strokes; what belongs
 * to the digit is then judged by how dark these are. What is around the digit
 * may be darker. */
static numeral_status find_contrast(const nml_ink *map, ink_contrast *contrast,
                                    bool *found, numeral_error *error) {
  nml_components parts;
  nml_choice choice;
  *found = false;
  numeral_status status = paper_noise(map, &contrast->noise, error);
  if (status != NUMERAL_OK) return status;
  int first = nml_larger(map->least_contrast, (int)(5 * contrast->noise));
  if (first > 255) return NUMERAL_OK;
  status = nml_components_create(map->ink, map->width_px, map->height_px, first,
                                 &parts, error);
  if (status != NUMERAL_OK) return status;
  status = nml_digit_parts_choose(&parts, map->width_px, map->height_px, first,
                                  &choice, error);
  int darkest =
      choice.body >= 0 ? choice.body : nml_digit_parts_heaviest(&parts);
  if (status == NUMERAL_OK && darkest >= 0) {
    contrast->full = (float)part_level(map, &parts, darkest);
    contrast->stroke = nml_larger(first, (int)(STROKE_SHARE * contrast->full));
    *found = true;
  }
  nml_free(choice.kept);
  nml_components_release(&parts);
  return status;
}

static void selection_release(selection *chosen) {
  nml_components_release(&chosen->parts);
  nml_free(chosen->choice.kept);
  *chosen = (selection){0};
}

static numeral_status select_at(const nml_ink *map,
                                const ink_contrast *contrast, float share,
                                selection *chosen, numeral_error *error) {
  int low = nml_larger(FAINT_FLOOR, (int)(3 * contrast->noise));
  low = nml_larger(low, (int)(share * contrast->full));
  *chosen = (selection){0};
  numeral_status status = nml_components_create(
      map->ink, map->width_px, map->height_px, low, &chosen->parts, error);
  if (status != NUMERAL_OK) return status;
  status = nml_digit_parts_choose(&chosen->parts, map->width_px, map->height_px,
                                  nml_larger(contrast->stroke, low),
                                  &chosen->choice, error);
  if (status != NUMERAL_OK) selection_release(chosen);
  return status;
}

static bool is_small(const nml_ink *map) {
  return map->width_px < NUMERAL_IMAGE_SIDE &&
         map->height_px < NUMERAL_IMAGE_SIDE;
}

/* Faint ink belongs to the digit, except where it leads to an edge of the
 * picture that the strong ink does not reach: then it is a ruled line or a
 * crease, and a higher threshold must part it from the digit. In a picture
 * smaller than MNIST's it is the digit's own rim: lines would not show. */
static numeral_status select_digit(const nml_ink *map,
                                   const ink_contrast *contrast,
                                   selection *chosen, numeral_error *error) {
  selection strong;
  numeral_status status =
      select_at(map, contrast, EDGE_SHARES[0], chosen, error);
  if (status != NUMERAL_OK || !chosen->choice.edges || is_small(map))
    return status;
  status = select_at(map, contrast, EDGE_SHARES[EDGE_SHARE_COUNT - 1], &strong,
                     error);
  for (int i = 1;
       status == NUMERAL_OK && strong.choice.body >= 0 &&
       (chosen->choice.edges & ~strong.choice.edges) && i < EDGE_SHARE_COUNT;
       i++) {
    selection_release(chosen);
    status = select_at(map, contrast, EDGE_SHARES[i], chosen, error);
  }
  selection_release(&strong);
  if (status != NUMERAL_OK) selection_release(chosen);
  return status;
}

/* Whether the pixel or one that touches it is kept: the faint rim of a stroke
 * is what makes its edge smooth. */
static bool near_kept(const nml_components *parts, const bool *kept, int x,
                      int y, int width_px, int height_px) {
  for (int v = nml_larger(y - 1, 0); v <= y + 1 && v < height_px; v++) {
    for (int u = nml_larger(x - 1, 0); u <= x + 1 && u < width_px; u++) {
      int32_t label = parts->labels[(size_t)v * (size_t)width_px + (size_t)u];
      if (label >= 0 && kept[label]) return true;
    }
  }
  return false;
}

static void grow(nml_box *box, int x, int y) {
  if (x < box->left) box->left = x;
  if (y < box->top) box->top = y;
  if (x >= box->right) box->right = x + 1;
  if (y >= box->bottom) box->bottom = y + 1;
}

/* Paper to 0 and strokes to 255, in place, with the box of what is left. */
static void stretch(nml_ink *map, const nml_components *parts, const bool *kept,
                    float paper, float full, nml_box *box) {
  float gain = 255 / (full - paper);
  uint8_t *ink = map->ink;
  *box = (nml_box){map->width_px, map->height_px, 0, 0};
  for (int y = 0; y < map->height_px; y++) {
    for (int x = 0; x < map->width_px; x++, ink++) {
      float value = ((float)*ink - paper) * gain;
      *ink = 0;
      if (value < 0.5f ||
          !near_kept(parts, kept, x, y, map->width_px, map->height_px)) {
        continue;
      }
      *ink = value < 255 ? (uint8_t)(value + 0.5f) : 255;
      if (*ink >= FAINT_FLOOR) grow(box, x, y);
    }
  }
}

/* The ink itself, what is kept in green, what is left out in red. Without
 * memory for it, it is not shown. */
static void show_parts(const nml_ink *map, const selection *chosen,
                       const nml_stages *stages) {
  uint8_t *colours = stages ? nml_alloc(area_of(map), 3) : NULL;
  if (!colours) return;
  for (size_t i = 0; i < area_of(map); i++) {
    int32_t label = chosen->parts.labels[i];
    uint8_t *rgb = colours + 3 * i, ink = map->ink[i];
    uint8_t bright = (uint8_t)(ink / 2 + 127);
    rgb[0] = rgb[1] = rgb[2] = ink / 2;
    if (label >= 0) rgb[chosen->choice.kept[label] ? 1 : 0] = bright;
  }
  nml_stages_show(stages, "parts", colours, map->width_px, map->height_px, 3);
  nml_free(colours);
}

/* Contrast and parts, where anything stands out: else `chosen` has no body. */
static numeral_status find_digit(const nml_ink *map, ink_contrast *contrast,
                                 selection *chosen, numeral_error *error) {
  bool found;
  *chosen = (selection){.choice.body = -1};
  *contrast = (ink_contrast){0};
  numeral_status status = find_contrast(map, contrast, &found, error);
  if (status != NUMERAL_OK || !found) return status;
  return select_digit(map, contrast, chosen, error);
}

/* Whether a digit was chosen that touches no edge and is no crumb. */
static bool stands_free(const nml_ink *map, const selection *chosen) {
  if (chosen->choice.body < 0 || chosen->choice.edges) return false;
  const nml_box *box = &chosen->parts.items[chosen->choice.body].box;
  int side = nml_box_longer(box);
  return side * 100 >= nml_ink_longer(map) * CRUMB_PERCENT;
}

/* The same after lines printed on the paper are taken out of the map, if then a
 * digit stands free on it; else the map and the choice stay. */
static numeral_status find_on_rulings(nml_ink *map, const nml_stages *stages,
                                      ink_contrast *contrast, selection *chosen,
                                      numeral_error *error) {
  int threshold = nml_larger(FAINT_FLOOR, (int)(3 * contrast->noise)), lines;
  threshold = nml_larger(threshold, (int)(RULING_SHARE * contrast->full));
  ink_contrast other_contrast = {0};
  selection other = {.choice.body = -1};
  nml_ink without = *map;
  without.ink = nml_alloc(area_of(map), 1);
  if (!without.ink)
    return nml_fail_memory(error, "a ruled picture", area_of(map));
  memcpy(without.ink, map->ink, area_of(map));
  numeral_status status =
      nml_rulings_remove(&without, threshold, &lines, error);
  if (status == NUMERAL_OK && lines > 0)
    status = find_digit(&without, &other_contrast, &other, error);
  if (status == NUMERAL_OK && stands_free(map, &other)) {
    nml_stages_show(stages, "unruled", without.ink, map->width_px,
                    map->height_px, 1);
    uint8_t *ruled = map->ink;
    map->ink = without.ink;
    without.ink = ruled;
    selection_release(chosen);
    *chosen = other;
    *contrast = other_contrast;
    other = (selection){0};
  }
  selection_release(&other);
  nml_free(without.ink);
  return status;
}

numeral_status nml_digit_ink_select(nml_ink *map, const nml_stages *stages,
                                    nml_box *box, int *digits,
                                    numeral_error *error) {
  ink_contrast contrast;
  selection chosen;
  *box = (nml_box){0};
  *digits = 0;
  if (map->width_px < LEAST_SIDE_PX || map->height_px < LEAST_SIDE_PX) {
    return NUMERAL_OK;
  }
  numeral_status status = find_digit(map, &contrast, &chosen, error);
  if (status == NUMERAL_OK && contrast.full > 0 &&
      map->width_px >= RULED_SIDE_PX && map->height_px >= RULED_SIDE_PX)
    status = find_on_rulings(map, stages, &contrast, &chosen, error);
  if (status == NUMERAL_OK && chosen.parts.labels)
    show_parts(map, &chosen, stages);
  if (status == NUMERAL_OK && chosen.choice.body >= 0) {
    float paper = contrast.noise < 1 ? 0 : 2 * contrast.noise;
    int full = part_level(map, &chosen.parts, chosen.choice.body);
    stretch(map, &chosen.parts, chosen.choice.kept, paper, (float)full, box);
    *digits = chosen.choice.digits;
  }
  selection_release(&chosen);
  return status;
}
