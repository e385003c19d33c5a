/* nondigit.c: see nondigit.h. Hands and pens are those of the drawn digits, and
 * what is made from digits keeps their writers' strokes: so that shape alone
 * tells digits from the rest, and not the pen. */
#include "data/nondigit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "data/letters.h"
#include "data/pen_drawing.h"

enum { SIDE = NUMERAL_IMAGE_SIDE, SMALL = NML_FRAME_PX };
static const float TURN = 6.2831853f;

typedef uint8_t nml_small[SMALL][SMALL];

static uint8_t to_byte(float value) {
  return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

/* ---- Strokes ---- */

static void draw_letter(nml_random *random, uint8_t *image) {
  nml_drawing drawing;
  const nml_shape *shape = nml_letter_pick(nml_random_unit(random));
  nml_hand_write_shape(shape, random, &drawing);
  nml_drawing_frame(&drawing, nml_random_range(random, 1, 1.6f), image);
}

static void draw_sign(nml_random *random, uint8_t *image) {
  nml_drawing drawing;
  nml_shape shape;
  nml_letter_invent(random, &shape);
  nml_hand_write_shape(&shape, random, &drawing);
  nml_drawing_frame(&drawing, nml_random_range(random, 1, 1.6f), image);
}

/* A drawn digit with knots elsewhere, and maybe a stroke too many: what shares
 * much with a digit teaches more than what is far from one. */
static void draw_spoilt(nml_random *random, uint8_t *image) {
  nml_drawing drawing;
  int digit = (int)nml_random_below(random, NUMERAL_CLASSES - 1);
  if (digit >= 1) digit++; /* a 1 stays one */
  nml_shape shape = *nml_shape_pick(digit, nml_random_unit(random));
  nml_letter_spoil(random, &shape);
  nml_hand_write_shape(&shape, random, &drawing);
  nml_drawing_frame(&drawing, nml_random_range(random, 1, 1.6f), image);
}

/* ---- From digits ---- */

static size_t pick_digit(const numeral_dataset *digits, nml_random *random) {
  return nml_random_below(random, (uint32_t)digits->count);
}

static const uint8_t *image_of(const numeral_dataset *digits, size_t index) {
  return digits->images + index * NUMERAL_IMAGE_PIXELS;
}

/* A quarter turn either way, a half turn, mirrored across. */
typedef enum turn { TURN_LEFT, TURN_RIGHT, TURN_OVER, TURN_MIRROR } turn;

/* Whether a digit so turned is none: a 2 or 5 upside down is one, a 6 is a 9,
 * a 0 stays one. */
static bool is_digit_when(turn how, int digit) {
  static const char *const still[] = {[TURN_LEFT] = "08",
                                      [TURN_RIGHT] = "08",
                                      [TURN_OVER] = "0125689",
                                      [TURN_MIRROR] = "012568"};
  return strchr(still[how], '0' + digit) != NULL;
}

static void turn_over(const numeral_dataset *digits, nml_random *random,
                      uint8_t *image) {
  turn how = (turn)nml_random_below(random, 4);
  size_t index = pick_digit(digits, random);
  for (int tries = 0; is_digit_when(how, digits->labels[index]); tries++) {
    if (tries == 32) { /* a set of zeroes, maybe */
      draw_sign(random, image);
      return;
    }
    how = (turn)nml_random_below(random, 4);
    index = pick_digit(digits, random);
  }
  const uint8_t *from = image_of(digits, index);
  const int last = SIDE - 1;
  for (int y = 0; y < SIDE; y++) {
    for (int x = 0; x < SIDE; x++) {
      int v = how == TURN_LEFT ? x : how == TURN_RIGHT ? last - x : y;
      int u = how == TURN_LEFT ? last - y : how == TURN_RIGHT ? y : last - x;
      if (how == TURN_OVER) v = last - y;
      image[y * SIDE + x] = from[v * SIDE + u];
    }
  }
}

typedef struct box {
  int left, top, right, bottom;
} box;

static box ink_box(const uint8_t *image) {
  box b = {SIDE, SIDE, 0, 0};
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    if (image[i] < 32) continue;
    int x = i % SIDE, y = i / SIDE;
    if (x < b.left) b.left = x;
    if (x >= b.right) b.right = x + 1;
    if (y < b.top) b.top = y;
    if (y >= b.bottom) b.bottom = y + 1;
  }
  if (b.left >= b.right) b = (box){0, 0, SIDE, SIDE};
  return b;
}

/* Linear between pixels; 0 outside. */
static float value_at(const uint8_t *image, float x, float y) {
  float floor_x = floorf(x), floor_y = floorf(y), sum = 0;
  for (int i = 0; i < 4; i++) {
    int u = (int)floor_x + i % 2, v = (int)floor_y + i / 2;
    if (u < 0 || v < 0 || u >= SIDE || v >= SIDE) continue;
    float wx = i % 2 ? x - floor_x : 1 - x + floor_x;
    float wy = i / 2 ? y - floor_y : 1 - y + floor_y;
    sum += wx * wy * (float)image[v * SIDE + u];
  }
  return sum;
}

/* Lays the ink of `image` over `small`, where its box goes to the given place
 * and size; thin lines are made as dark as they were. */
static void lay(const uint8_t *image, float left, float top, float scale,
                float gain, nml_small small) {
  box b = ink_box(image);
  for (int y = 0; y < SMALL; y++) {
    for (int x = 0; x < SMALL; x++) {
      float u = ((float)x + 0.5f - left) / scale + (float)b.left - 0.5f;
      float v = ((float)y + 0.5f - top) / scale + (float)b.top - 0.5f;
      uint8_t ink = to_byte(gain * value_at(image, u, v));
      if (ink > small[y][x]) small[y][x] = ink;
    }
  }
}

/* Two or three digits side by side, as wide as one may be. */
static void draw_pair(const numeral_dataset *digits, nml_random *random,
                      uint8_t *image) {
  nml_small small = {{0}};
  const uint8_t *parts[3];
  float widths = 0, at = 0;
  int count = nml_random_below(random, 5) ? 2 : 3;
  float gap = nml_random_range(random, -1, 5);
  for (int i = 0; i < count; i++) {
    parts[i] = image_of(digits, pick_digit(digits, random));
    box b = ink_box(parts[i]);
    widths += (float)(b.right - b.left) + (i ? gap : 0);
  }
  float scale = fminf(SMALL / widths, 1);
  for (int i = 0; i < count; i++) {
    box b = ink_box(parts[i]);
    float room = SMALL - scale * (float)(b.bottom - b.top);
    float top = room / 2 + nml_random_range(random, -2, 2);
    lay(parts[i], at, top, scale, 1.3f, small);
    at += scale * ((float)(b.right - b.left) + gap);
  }
  nml_drawing_centre(small, image);
}

/* One digit over another, or under bars that strike it through. */
static void strike_through(const numeral_dataset *digits, nml_random *random,
                           uint8_t *image) {
  nml_small small = {{0}};
  uint8_t other[NUMERAL_IMAGE_PIXELS];
  const uint8_t *over = other;
  const uint8_t *under = image_of(digits, pick_digit(digits, random));
  switch (nml_random_below(random, 3)) {
    case 0:
      over = image_of(digits, pick_digit(digits, random));
      break;
    case 1:
      turn_over(digits, random, other);
      break;
    default:
      draw_sign(random, other);
  }
  for (int i = 0; i < 2; i++) {
    float left = nml_random_range(random, 0, 7);
    float top = nml_random_range(random, 0, 6);
    float scale = nml_random_range(random, 0.6f, 1);
    lay(i ? over : under, left, top, scale, 1.2f, small);
  }
  nml_drawing_centre(small, image);
}

/* ---- Areas ---- */

enum { WAVES = 4, BOXES = 3, PROFILE = 6 };
typedef enum outline { OUTLINE_WAVES, OUTLINE_BOXES, OUTLINE_PROFILE } outline;

/* Something filled with a texture: round and waved, put together from boxes, or
 * cut along two edges that bend from top to bottom, with a gap between two
 * legs, as clothes, tools and houses are. */
typedef struct area {
  outline kind;
  float radius[WAVES], phase[WAVES];
  float boxes[BOXES][4]; /* left, top, right, bottom; -1..1 */
  float left[PROFILE], right[PROFILE];
  float gap_top, gap_width; /* of the legs; no gap where below 1 */
  bool lying;               /* across instead of down */
  float width, height;
  float tone, slope_x, slope_y, stripes, stripe_x, stripe_y, grain;
} area;

/* One width above and another below: a T, a bottle, a lamp. */
static void take_two_widths(nml_random *random, area *a) {
  float wide = nml_random_range(random, 0.7f, 1);
  float narrow = nml_random_range(random, 0.2f, 0.7f);
  int step = 1 + (int)nml_random_below(random, PROFILE - 2);
  bool wide_above = nml_random_below(random, 3) > 0;
  for (int k = 0; k < PROFILE; k++) {
    a->right[k] = (k < step) == wide_above ? wide : narrow;
    a->right[k] *= nml_random_range(random, 0.92f, 1);
    a->left[k] = -a->right[k];
  }
}

static void take_profile(nml_random *random, area *a) {
  bool even = nml_random_below(random, 3) > 0; /* both sides alike */
  float base = nml_random_range(random, 0.25f, 0.9f), at = base;
  for (int k = 0; k < PROFILE; k++) {
    if (nml_random_below(random, 2)) at = nml_random_range(random, 0.2f, 1);
    if (nml_random_below(random, 3) == 0) at = base;
    a->right[k] = at;
    a->left[k] = even ? -at : -nml_random_range(random, 0.2f, 1);
  }
  if (nml_random_below(random, 2)) take_two_widths(random, a);
  a->gap_top = nml_random_range(random, -0.9f, 3);
  a->gap_width = nml_random_range(random, 0.05f, 0.5f);
  a->lying = nml_random_below(random, 3) == 0;
}

static area take_area(nml_random *random) {
  area a; /* no initialiser: C leaves its order open */
  a.kind = (outline)nml_random_below(random, 4);
  if (a.kind > OUTLINE_PROFILE) a.kind = OUTLINE_PROFILE;
  for (int k = 0; k < WAVES; k++) {
    a.radius[k] = nml_random_range(random, k ? 0 : 0.6f, k ? 0.3f : 0.9f);
    a.phase[k] = nml_random_range(random, 0, TURN);
  }
  for (int k = 0; k < BOXES; k++) {
    a.boxes[k][0] = nml_random_range(random, -1, 0.3f);
    a.boxes[k][1] = nml_random_range(random, -1, 0.3f);
    a.boxes[k][2] = a.boxes[k][0] + nml_random_range(random, 0.3f, 1.6f);
    a.boxes[k][3] = a.boxes[k][1] + nml_random_range(random, 0.3f, 1.6f);
  }
  take_profile(random, &a);
  bool wide = nml_random_below(random, 2) != 0;
  float narrow = nml_random_range(random, 0.25f, 1);
  a.width = wide ? 1 : narrow;
  a.height = wide ? narrow : 1;
  a.tone = nml_random_range(random, 0.3f, 1.2f);
  a.slope_x = nml_random_range(random, -0.5f, 0.5f);
  a.slope_y = nml_random_range(random, -0.5f, 0.5f);
  a.stripes = fmaxf(0, nml_random_range(random, -0.6f, 0.6f));
  a.stripe_x = nml_random_range(random, -9, 9);
  a.stripe_y = nml_random_range(random, -9, 9);
  a.grain = fmaxf(0, nml_random_range(random, -0.3f, 0.4f));
  return a;
}

static bool is_in_boxes(const area *a, float x, float y) {
  for (int k = 0; k < BOXES; k++) {
    const float *b = a->boxes[k];
    if (x >= b[0] && y >= b[1] && x <= b[2] && y <= b[3]) return true;
  }
  return false;
}

static bool is_in_waves(const area *a, float x, float y) {
  float angle = atan2f(y, x), reach = a->radius[0];
  for (int k = 1; k < WAVES; k++)
    reach += a->radius[k] * cosf((float)(k + 1) * angle + a->phase[k]);
  return hypotf(x, y) <= reach;
}

static bool is_in_profile(const area *a, float x, float y) {
  float across = a->lying ? y : x, down = a->lying ? x : y;
  float at = fminf(fmaxf((down + 1) / 2, 0), 0.999f) * (PROFILE - 1);
  int k = (int)at;
  float way = at - (float)k;
  float left = a->left[k] + way * (a->left[k + 1] - a->left[k]);
  float right = a->right[k] + way * (a->right[k + 1] - a->right[k]);
  if (fabsf(down) > 1 || across < left || across > right) return false;
  float middle = (left + right) / 2;
  return down < a->gap_top || fabsf(across - middle) > a->gap_width / 2;
}

static bool is_in_area(const area *a, float x, float y) {
  switch (a->kind) {
    case OUTLINE_BOXES:
      return is_in_boxes(a, x, y);
    case OUTLINE_WAVES:
      return is_in_waves(a, x, y);
    default:
      return is_in_profile(a, x, y);
  }
}

static float tone_at(const area *a, float x, float y, nml_random *random) {
  float tone = a->tone + a->slope_x * x + a->slope_y * y;
  tone += a->stripes * sinf(a->stripe_x * x + a->stripe_y * y);
  return tone + a->grain * nml_random_normal(random);
}

/* The mean of four places in a pixel. */
static uint8_t ink_at(const area *a, float u, float v, nml_random *random) {
  int inside = 0;
  float tone = tone_at(a, u, v, random);
  for (int i = 0; i < 4; i++) {
    float x = u + (i % 2 ? 0.25f : -0.25f) / (SMALL / 2);
    float y = v + (i / 2 ? 0.25f : -0.25f) / (SMALL / 2);
    inside += is_in_area(a, x / a->width, y / a->height);
  }
  return to_byte(255 * tone * (float)inside / 4);
}

static void draw_area(nml_random *random, uint8_t *image) {
  nml_small small = {{0}};
  area a = take_area(random);
  for (int y = 0; y < SMALL; y++) {
    for (int x = 0; x < SMALL; x++) {
      float u = ((float)x + 0.5f) / (SMALL / 2) - 1;
      float v = ((float)y + 0.5f) / (SMALL / 2) - 1;
      small[y][x] = ink_at(&a, u, v, random);
    }
  }
  nml_drawing_centre(small, image);
}

/* Grains, clouds, or a negative: over the frame's 20 pixels, or all 28. */
static void draw_noise(const numeral_dataset *digits, nml_random *random,
                       uint8_t *image) {
  const uint8_t *digit = image_of(digits, pick_digit(digits, random));
  int kind = (int)nml_random_below(random, 4);
  int margin = nml_random_below(random, 2) ? (SIDE - SMALL) / 2 : 0;
  float share = nml_random_range(random, 0.05f, 0.95f);
  float px = nml_random_range(random, 0.3f, 1.5f), phase = 0;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    int x = i % SIDE, y = i / SIDE;
    float value = nml_random_unit(random);
    if (x == 0) phase += nml_random_range(random, -0.8f, 0.8f);
    if (kind == 1) value = value < share ? 1 : 0;
    if (kind == 2)
      value = 0.5f + 0.5f * sinf(px * (float)x + phase) + 0.1f * value;
    if (kind == 3) value = 1 - (float)digit[i] / 255;
    bool inside =
        x >= margin && y >= margin && x < SIDE - margin && y < SIDE - margin;
    image[i] = inside ? to_byte(255 * value) : 0;
  }
}

/* ---- The set ---- */

typedef struct making {
  const numeral_dataset *digits;
  uint64_t seed;
} making;

/* Shares in 40. */
static nml_nondigit_kind draw(const making *m, nml_random *random,
                              uint8_t *image) {
  uint32_t share = nml_random_below(random, 40);
  if (share < 10) {
    draw_letter(random, image);
    return NML_NONDIGIT_LETTER;
  }
  if (share < 18) {
    draw_sign(random, image);
    return NML_NONDIGIT_SIGN;
  }
  if (share < 21) {
    turn_over(m->digits, random, image);
    return NML_NONDIGIT_TURNED;
  }
  if (share < 25) {
    if (share % 2) strike_through(m->digits, random, image);
    if (share % 2 == 0) draw_pair(m->digits, random, image);
    return NML_NONDIGIT_MANY;
  }
  if (share < 33) {
    draw_area(random, image);
    return NML_NONDIGIT_AREA;
  }
  if (share < 34) {
    draw_noise(m->digits, random, image);
    return NML_NONDIGIT_AREA;
  }
  draw_spoilt(random, image);
  return NML_NONDIGIT_SIGN;
}

static uint8_t make_image(const void *context, size_t index, uint8_t *image) {
  const making *m = context;
  nml_random random =
      nml_random_init(m->seed, NML_PURPOSE_NONDIGIT, (uint64_t)index, 0);
  return (uint8_t)draw(m, &random, image);
}

numeral_status nml_nondigits(const numeral_dataset *digits, size_t count,
                             uint64_t seed, numeral_dataset **dataset,
                             numeral_error *error) {
  const making m = {digits, seed};
  return nml_dataset_make(count, make_image, &m, dataset, error);
}
