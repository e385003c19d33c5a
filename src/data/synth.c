/* synth.c: a digit is a shape from the table, written by a hand (how the
 * shape is bent) with a pen. Hand and pen are drawn anew for each image. */
#include "data/synth.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "data/pen.h"
#include "data/strokes.h"

enum {
  DIGIT_PX = 20, /* longer side of MNIST's digits, in 28 */
  FINE = 3,      /* pixels drawn for one of MNIST's, each way */
  FINE_SIDE = DIGIT_PX * FINE,
  SPAN_DOTS = 8, /* dots from one knot to the next */
  STROKE_DOTS = (NML_STROKE_KNOTS - 1) * SPAN_DOTS + 1
};

/* How one digit is written. Lengths in heights of the digit. */
typedef struct nml_hand {
  float slant, rotation, width; /* the letter's frame */
  float bow_x, bow_y;           /* straight lines bent */
  float waist;                  /* where the middle falls, up or down */
  float taper;                  /* top narrower than bottom, or wider */
  float roundness;              /* of smooth knots: 0 straight, 1 round */
  float jitter;                 /* times the knots' stray */
  float overshoot;              /* sd at a stroke's ends */
  float radius;                 /* of the pen */
  float pressure, waves, phase; /* how the radius varies along a stroke */
  float gain;                   /* of the scan: above 1, its edges are hard */
} nml_hand;

typedef struct nml_drawing {
  nml_dot dots[NML_SHAPE_STROKES][STROKE_DOTS];
  int counts[NML_SHAPE_STROKES];
  float gain;
} nml_drawing;

/* ---- hand ---- */

static float spread(nml_random *random, float sd) {
  float x = nml_random_normal(random);
  return sd * fmaxf(-2.5f, fminf(2.5f, x));
}

static nml_hand take_hand(nml_random *random) {
  return (nml_hand){
      .slant = 0.15f + spread(random, 0.25f),
      .rotation = spread(random, 0.10f),
      .width = expf(0.08f + spread(random, 0.28f)),
      .bow_x = spread(random, 0.06f),
      .bow_y = spread(random, 0.05f),
      .waist = spread(random, 0.18f),
      .taper = spread(random, 0.2f),
      .roundness = nml_random_range(random, 0.75f, 1.25f),
      .jitter = nml_random_range(random, 0.3f, 1.5f),
      .overshoot = nml_random_range(random, 0, 0.06f),
      .radius = 0.062f * expf(spread(random, 0.38f)),
      .pressure = nml_random_range(random, 0, 0.3f),
      .waves = nml_random_range(random, 0.5f, 2.5f),
      .phase = nml_random_range(random, 0, 6.2832f),
      .gain = nml_random_range(random, 1, 1.6f),
  };
}

/* From a place in the table to where this hand puts it, about (0, 0). */
static nml_dot bend(const nml_hand *hand, float x, float y) {
  float v = y + hand->waist * 2 * y * (1 - y);
  float u = (x - 0.5f) * hand->width * (1 + hand->taper * (v - 0.5f) * 2);
  v += hand->bow_y * (1 - 4 * u * u);
  u += hand->bow_x * 4 * v * (1 - v);
  v -= 0.5f;
  u -= hand->slant * v;
  float c = cosf(hand->rotation), s = sinf(hand->rotation);
  return (nml_dot){.x = c * u - s * v, .y = s * u + c * v};
}

/* ---- strokes ---- */

/* Moves the end dot `end` along the line from its neighbour. */
static void overshoot(nml_dot *end, const nml_dot *next, float by) {
  float dx = end->x - next->x, dy = end->y - next->y;
  float length = fmaxf(sqrtf(dx * dx + dy * dy), 0.05f);
  end->x += dx / length * by;
  end->y += dy / length * by;
}

static void place_knots(const nml_knot *stroke, int count, float stray,
                        const nml_hand *hand, nml_random *random,
                        nml_dot *knots) {
  for (int i = 0; i < count; i++) {
    float x = stroke[i].x + spread(random, stray);
    float y = stroke[i].y + spread(random, stray);
    knots[i] = bend(hand, x / 100, y / 100);
  }
  overshoot(&knots[0], &knots[1], spread(random, hand->overshoot));
  overshoot(&knots[count - 1], &knots[count - 2],
            spread(random, hand->overshoot));
}

static float span_length(const nml_dot *a, const nml_dot *b) {
  return fmaxf(sqrtf(hypotf(b->x - a->x, b->y - a->y)), 1e-3f);
}

/* The velocity at a smooth knot between its neighbours (Catmull-Rom, with the
 * centripetal spans of Yuksel 2011, which make no cusps). */
static nml_dot velocity(const nml_dot *a, const nml_dot *b, const nml_dot *c) {
  float ab = span_length(a, b), bc = span_length(b, c);
  float wa = bc / (ab * (ab + bc)), wc = ab / (bc * (ab + bc));
  return (nml_dot){.x = (b->x - a->x) * wa + (c->x - b->x) * wc,
                   .y = (b->y - a->y) * wa + (c->y - b->y) * wc};
}

/* As velocity, for any knot: at ends and corners the pen goes straight for
 * the knot on the side `toward` (-1 before, 1 after). */
static nml_dot knot_velocity(const nml_knot *stroke, const nml_dot *knots,
                             int count, int at, int toward, float roundness) {
  bool is_end = at == 0 || at == count - 1;
  nml_dot v;
  if (is_end || stroke[at].bend == NML_BEND_ANGLE) {
    const nml_dot *a = &knots[toward < 0 ? at - 1 : at], *b = a + 1;
    float span = span_length(a, b);
    return (nml_dot){.x = (b->x - a->x) / span, .y = (b->y - a->y) / span};
  }
  v = velocity(&knots[at - 1], &knots[at], &knots[at + 1]);
  return (nml_dot){.x = v.x * roundness, .y = v.y * roundness};
}

static nml_dot hermite(const nml_dot *p, const nml_dot *pv, const nml_dot *q,
                       const nml_dot *qv, float span, float t) {
  float s = 1 - t, hp = s * s * (1 + 2 * t), hq = t * t * (3 - 2 * t);
  float hpv = span * t * s * s, hqv = -span * t * t * s;
  return (nml_dot){.x = hp * p->x + hpv * pv->x + hq * q->x + hqv * qv->x,
                   .y = hp * p->y + hpv * pv->y + hq * q->y + hqv * qv->y};
}

static int trace_stroke(const nml_knot *stroke, int count, float stray,
                        const nml_hand *hand, nml_random *random,
                        nml_dot *dots) {
  nml_dot knots[NML_STROKE_KNOTS];
  place_knots(stroke, count, stray, hand, random, knots);
  int total = (count - 1) * SPAN_DOTS + 1;
  for (int i = 0; i < total; i++) {
    int k = i / SPAN_DOTS < count - 1 ? i / SPAN_DOTS : count - 2;
    float t = (float)(i - k * SPAN_DOTS) / SPAN_DOTS;
    nml_dot pv = knot_velocity(stroke, knots, count, k, 1, hand->roundness);
    nml_dot qv =
        knot_velocity(stroke, knots, count, k + 1, -1, hand->roundness);
    dots[i] = hermite(&knots[k], &pv, &knots[k + 1], &qv,
                      span_length(&knots[k], &knots[k + 1]), t);
    float along = (float)i / (float)total * hand->waves;
    float press = 1 + hand->pressure * sinf(6.2832f * along + hand->phase);
    dots[i].radius = hand->radius * press;
  }
  return total;
}

static void trace_digit(int digit, nml_random *random, nml_drawing *drawing) {
  const nml_shape *shape = nml_shape_pick(digit, nml_random_unit(random));
  nml_hand hand = take_hand(random);
  drawing->gain = hand.gain;
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    int knots = nml_stroke_length(shape->strokes[i]);
    drawing->counts[i] =
        knots == 0
            ? 0
            : trace_stroke(shape->strokes[i], knots, hand.jitter * shape->stray,
                           &hand, random, drawing->dots[i]);
  }
}

/* ---- drawing ---- */

static nml_extent drawing_extent(const nml_drawing *drawing) {
  nml_extent all = nml_pen_extent(drawing->dots[0], drawing->counts[0]);
  for (int i = 1; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    nml_extent box = nml_pen_extent(drawing->dots[i], drawing->counts[i]);
    all.left = fminf(all.left, box.left);
    all.top = fminf(all.top, box.top);
    all.right = fmaxf(all.right, box.right);
    all.bottom = fmaxf(all.bottom, box.bottom);
  }
  return all;
}

/* Moves the corner of `box`, the drawing's extent, to (left, top). */
static void place_drawing(nml_drawing *drawing, const nml_extent *box,
                          float scale, float left, float top) {
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    for (int j = 0; j < drawing->counts[i]; j++) {
      nml_dot *dot = &drawing->dots[i][j];
      *dot = (nml_dot){left + scale * (dot->x - box->left),
                       top + scale * (dot->y - box->top), scale * dot->radius};
    }
  }
}

static void draw(const nml_drawing *drawing, int side, uint8_t *pixels) {
  memset(pixels, 0, (size_t)side * (size_t)side);
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    nml_pen_draw(drawing->dots[i], drawing->counts[i], side, pixels);
  }
}

void nml_synth_draw(int digit, uint64_t seed, uint64_t index, int side,
                    uint8_t *pixels) {
  assert(digit >= 0 && digit < NUMERAL_CLASSES && side >= 28 && side <= 512);
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH, index, 0);
  nml_drawing drawing;
  trace_digit(digit, &random, &drawing);
  nml_extent box = drawing_extent(&drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float size = (float)side * nml_random_range(&random, 0.6f, 0.88f);
  float scale = size / fmaxf(width, height);
  float margin = 0.05f * (float)side, room = (float)side - 2 * margin;
  float x = (room - width * scale) * nml_random_unit(&random);
  float y = (room - height * scale) * nml_random_unit(&random);
  place_drawing(&drawing, &box, scale, margin + x, margin + y);
  draw(&drawing, side, pixels);
}

/* ---- data set ---- */

/* Each block of ten images has each digit once, in an order of its own. */
static uint8_t label_of(uint64_t seed, size_t index) {
  uint32_t order[NUMERAL_CLASSES];
  for (uint32_t i = 0; i < NUMERAL_CLASSES; i++) order[i] = i;
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH,
                                      (uint64_t)(index / NUMERAL_CLASSES), 1);
  nml_random_shuffle(&random, order, NUMERAL_CLASSES);
  return (uint8_t)order[index % NUMERAL_CLASSES];
}

/* Means of FINE x FINE pixels, as the scan shows them. */
static void scan(const uint8_t *fine, float gain,
                 uint8_t small[DIGIT_PX][DIGIT_PX]) {
  for (int y = 0; y < DIGIT_PX; y++) {
    for (int x = 0; x < DIGIT_PX; x++) {
      int sum = 0;
      for (int i = 0; i < FINE * FINE; i++) {
        int row = y * FINE + i / FINE, column = x * FINE + i % FINE;
        sum += fine[row * FINE_SIDE + column];
      }
      float ink = gain * (float)sum / (FINE * FINE);
      small[y][x] = (uint8_t)fminf(ink + 0.5f, 255);
    }
  }
}

/* MNIST moves a digit by whole pixels, so that its centre of mass lies in the
 * pixel 14, and never cuts it off. */
static int centred(int moment, int mass) {
  int at = NUMERAL_IMAGE_SIDE / 2 - moment / mass;
  int room = NUMERAL_IMAGE_SIDE - DIGIT_PX;
  return at < 0 ? 0 : at > room ? room : at;
}

static void centre(uint8_t small[DIGIT_PX][DIGIT_PX], uint8_t *image) {
  int mass = 1, across = 0, down = 0;
  for (int y = 0; y < DIGIT_PX; y++) {
    for (int x = 0; x < DIGIT_PX; x++) {
      mass += small[y][x];
      across += small[y][x] * (2 * x + 1); /* half pixels */
      down += small[y][x] * (2 * y + 1);
    }
  }
  int left = centred(across, 2 * mass), top = centred(down, 2 * mass);
  for (int y = 0; y < DIGIT_PX; y++) {
    memcpy(image + (top + y) * NUMERAL_IMAGE_SIDE + left, small[y], DIGIT_PX);
  }
}

/* MNIST's frame as nml_normalise makes it, without its search for the ink and
 * its mending of strokes: here fat and thin ones are wanted. */
static void make_image(int digit, uint64_t seed, uint64_t index,
                       uint8_t *image) {
  uint8_t fine[FINE_SIDE * FINE_SIDE], small[DIGIT_PX][DIGIT_PX];
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH, index, 0);
  nml_drawing drawing;
  trace_digit(digit, &random, &drawing);
  nml_extent box = drawing_extent(&drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float scale = FINE_SIDE / fmaxf(width, height);
  place_drawing(&drawing, &box, scale, (FINE_SIDE - width * scale) / 2,
                (FINE_SIDE - height * scale) / 2);
  draw(&drawing, FINE_SIDE, fine);
  scan(fine, drawing.gain, small);
  centre(small, image);
}

numeral_status nml_synth_dataset(size_t count, uint64_t seed,
                                 numeral_dataset **dataset,
                                 numeral_error *error) {
  numeral_status status = nml_dataset_alloc(count, dataset, error);
  if (status) return status;
  uint8_t *images = (*dataset)->images, *labels = (*dataset)->labels;
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < count; i++) {
    labels[i] = label_of(seed, i);
    make_image(labels[i], seed, i, images + i * NUMERAL_IMAGE_PIXELS);
  }
  return NUMERAL_OK;
}
