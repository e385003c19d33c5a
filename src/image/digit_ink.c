/* digit_ink.c: see digit_ink.h. */
#include "digit_ink.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum {
  CONTRAST_FLOOR = 20, /* a fainter stroke cannot be told from paper */
  FAINT_FLOOR = 6,     /* and a fainter edge of a stroke */
  LEAST_SIDE_PX = 4,   /* of the picture, and of the longest part */
  LEAST_AREA_PX = 4,
  LEAST_SHARE_PERCENT = 5,  /* of all ink: less, and it is one speck of many */
  FRAME_EDGE_PERCENT = 75,  /* of an edge of the picture, covered by a frame */
  FRAME_OTHER_PERCENT = 20, /* side of a digit in a frame, of the picture's */
  PART_PERCENT = 10,        /* of the main part's mass: kept wherever it is */
  NEAR_PART_PERCENT = 1,    /* kept where it is near */
  NEAR_PERCENT = 25         /* of the main part's longer side */
};
static const float STROKE_SHARE = 0.35f; /* of full contrast: surely ink */
static const float EDGE_SHARE = 0.10f;   /* still the edge of a stroke */

typedef struct thresholds {
  float noise; /* standard deviation of the paper in the map */
  int low;     /* a part consists of pixels from here on */
  int high;    /* and has at least one from here on */
} thresholds;

static size_t area_of(const nml_ink *map) {
  return (size_t)map->width_px * (size_t)map->height_px;
}

static int larger_int(int a, int b) { return a > b ? a : b; }

static int longer_side(const nml_box *box) {
  return larger_int(box->right - box->left, box->bottom - box->top);
}

/* The level below which `share` of the counted pixels lie. */
static int level_at(const uint64_t *histogram, int first, double share) {
  uint64_t count = 0, below = 0;
  for (int v = first; v < 256; v++) count += histogram[v];
  int level = first;
  while (level < 255 &&
         (double)(below += histogram[level]) < share * (double)count) {
    level++;
  }
  return level;
}

/* Otsu 1979: the threshold with the largest variance between its two sides. */
static int otsu_threshold(const uint64_t *histogram) {
  double count = 0, sum = 0, below = 0, below_sum = 0, best = -1;
  int threshold = 0;
  for (int v = 0; v < 256; v++) {
    count += (double)histogram[v];
    sum += v * (double)histogram[v];
  }
  for (int v = 0; v < 255; v++) {
    below += (double)histogram[v];
    below_sum += v * (double)histogram[v];
    double above = count - below;
    if (below == 0 || above == 0) continue;
    double gap = below_sum / below - (sum - below_sum) / above;
    double variance = below * above * gap * gap;
    if (variance > best) {
      best = variance;
      threshold = v;
    }
  }
  return threshold;
}

/* Two estimates that ink can only raise, so the smaller counts: from the
 * median (far too large where ink covers half of the map), and from what lies
 * below Otsu's threshold (which cuts pure noise in two: hence the factor). */
static float paper_noise(const nml_ink *map) {
  uint64_t histogram[256] = {0};
  for (size_t i = 0; i < area_of(map); i++) histogram[map->ink[i]]++;
  double from_median = 1.4826 * level_at(histogram, 0, 0.5);
  int threshold = otsu_threshold(histogram);
  double squares = 0, count = 0;
  for (int v = 0; v <= threshold; v++) {
    squares += (double)v * v * (double)histogram[v];
    count += (double)histogram[v];
  }
  double from_below = count > 0 ? 2 * sqrt(squares / count) : 0;
  return (float)(from_median < from_below ? from_median : from_below);
}

/* The index of the part with most ink among those that reach `high` and are
 * not marked to be left out; -1: there is none. */
static int main_part(const nml_components *parts, int high,
                     const bool *left_out) {
  int best = -1;
  for (int i = 0; i < parts->count; i++) {
    const nml_component *part = &parts->items[i];
    if (part->peak < high || (left_out && left_out[i])) continue;
    if (best < 0 || part->mass > parts->items[best].mass) best = i;
  }
  return best;
}

/* The grey level of the middle of a part's strokes. */
static int part_level(const nml_ink *map, const nml_components *parts,
                      int index) {
  uint64_t histogram[256] = {0};
  for (size_t i = 0; i < area_of(map); i++) {
    if (parts->labels[i] == index) histogram[map->ink[i]]++;
  }
  return level_at(histogram, 1, 0.9);
}

/* A first look with a high threshold finds the darkest strokes; what belongs
 * to the digit is then judged by how dark these are. */
static numeral_status choose_thresholds(const nml_ink *map, thresholds *chosen,
                                        bool *found, numeral_error *error) {
  nml_components parts;
  chosen->noise = paper_noise(map);
  int first = larger_int(CONTRAST_FLOOR, (int)(5 * chosen->noise));
  *found = false;
  if (first > 255) return NUMERAL_OK;
  numeral_status status = nml_components_create(
      map->ink, map->width_px, map->height_px, first, &parts, error);
  if (status != NUMERAL_OK) return status;
  int darkest = main_part(&parts, first, NULL);
  if (darkest >= 0) {
    float level = (float)part_level(map, &parts, darkest);
    chosen->high = larger_int(first, (int)(STROKE_SHARE * level));
    chosen->low = larger_int(FAINT_FLOOR, (int)(3 * chosen->noise));
    chosen->low = larger_int(chosen->low, (int)(EDGE_SHARE * level));
    *found = true;
  }
  nml_components_release(&parts);
  return NUMERAL_OK;
}

static bool covers_an_edge(const nml_component *part, const nml_ink *map) {
  for (int side = 0; side < 4; side++) {
    int length = side % 2 == 0 ? map->height_px : map->width_px;
    if ((int64_t)part->edge_px[side] * 100 >=
        (int64_t)length * FRAME_EDGE_PERCENT) {
      return true;
    }
  }
  return false;
}

/* A desk around the paper or a scanner's shadow covers a whole edge of the
 * picture. So does a 7 that was cut out tightly: such parts are only left out
 * where another could be the digit. */
static void leave_out_frames(const nml_ink *map, const nml_components *parts,
                             int high, bool *left_out) {
  int shorter = map->width_px < map->height_px ? map->width_px : map->height_px;
  bool other = false;
  for (int i = 0; i < parts->count; i++) {
    const nml_component *part = &parts->items[i];
    left_out[i] = covers_an_edge(part, map);
    other = other ||
            (!left_out[i] && part->peak >= high &&
             longer_side(&part->box) * 100 >= shorter * FRAME_OTHER_PERCENT);
  }
  if (!other) memset(left_out, 0, (size_t)parts->count * sizeof *left_out);
}

static int gap_between(int a_first, int a_end, int b_first, int b_end) {
  int gap = larger_int(a_first, b_first) - (a_end < b_end ? a_end : b_end);
  return larger_int(gap, 0);
}

/* A 5's flag or a 4's second stroke belongs to the digit, dust does not. */
static bool belongs(const nml_component *part, const nml_component *body) {
  uint64_t percent = part->mass * 100 / body->mass;
  if (percent >= PART_PERCENT) return true;
  int across = gap_between(part->box.left, part->box.right, body->box.left,
                           body->box.right);
  int down = gap_between(part->box.top, part->box.bottom, body->box.top,
                         body->box.bottom);
  return percent >= NEAR_PART_PERCENT &&
         larger_int(across, down) * 100 <=
             longer_side(&body->box) * NEAR_PERCENT;
}

/* Noise over the whole picture leaves many parts alike, a digit one or few. */
static bool is_ink(const nml_components *parts, int body) {
  const nml_component *part = &parts->items[body];
  uint64_t all = 0;
  for (int i = 0; i < parts->count; i++) all += parts->items[i].mass;
  return longer_side(&part->box) >= LEAST_SIDE_PX &&
         part->area_px >= LEAST_AREA_PX &&
         part->mass * 100 >= all * LEAST_SHARE_PERCENT;
}

/* *body: the main part, -1 where there is no ink. kept[i]: part of the digit.
 */
static void select_parts(const nml_ink *map, const nml_components *parts,
                         int high, bool *kept, int *body) {
  leave_out_frames(map, parts, high, kept);
  *body = main_part(parts, high, kept);
  if (*body < 0 || !is_ink(parts, *body)) {
    *body = -1;
    return;
  }
  for (int i = 0; i < parts->count; i++) {
    bool frame = kept[i];
    kept[i] = !frame && parts->items[i].peak >= high &&
              belongs(&parts->items[i], &parts->items[*body]);
  }
}

/* Whether the pixel or one that touches it is kept: the faint rim of a stroke
 * is what makes its edge smooth. */
static bool near_kept(const nml_components *parts, const bool *kept, int x,
                      int y, int width_px, int height_px) {
  for (int v = larger_int(y - 1, 0); v <= y + 1 && v < height_px; v++) {
    for (int u = larger_int(x - 1, 0); u <= x + 1 && u < width_px; u++) {
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

static numeral_status select_with(nml_ink *map, const thresholds *chosen,
                                  nml_box *box, bool *found,
                                  numeral_error *error) {
  nml_components parts;
  int body;
  numeral_status status = nml_components_create(
      map->ink, map->width_px, map->height_px, chosen->low, &parts, error);
  if (status != NUMERAL_OK) return status;
  bool *kept = nml_alloc((size_t)parts.count, sizeof *kept);
  if (!kept) {
    nml_components_release(&parts);
    return nml_fail_memory(error, "the parts of a digit", (size_t)parts.count);
  }
  select_parts(map, &parts, chosen->high, kept, &body);
  *found = body >= 0;
  if (*found) {
    float paper = chosen->noise < 1 ? 0 : 2 * chosen->noise;
    stretch(map, &parts, kept, paper, (float)part_level(map, &parts, body),
            box);
  }
  nml_free(kept);
  nml_components_release(&parts);
  return NUMERAL_OK;
}

numeral_status nml_digit_ink_select(nml_ink *map, nml_box *box, bool *found,
                                    numeral_error *error) {
  thresholds chosen = {0};
  *box = (nml_box){0};
  *found = false;
  if (map->width_px < LEAST_SIDE_PX || map->height_px < LEAST_SIDE_PX) {
    return NUMERAL_OK;
  }
  numeral_status status = choose_thresholds(map, &chosen, found, error);
  if (status != NUMERAL_OK || !*found) return status;
  return select_with(map, &chosen, box, found, error);
}
