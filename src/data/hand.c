/* hand.c: a hand is how a shape of the table is bent, how far its knots are
 * missed, and how the pen is pressed. The figures are wide on purpose: odd
 * digits cost a network little, hands it never saw cost it much. */
#include "data/hand.h"

#include <math.h>
#include <stdbool.h>

static const float TURN = 6.2831853f;

/* How one digit is written. Lengths in heights of the digit. */
typedef struct nml_hand {
  float slant, rotation, width; /* the letter's frame */
  float bow_x, bow_y;           /* straight lines bent */
  float waist;                  /* where the middle falls, up or down */
  float taper;                  /* top narrower than bottom, or wider */
  float roundness;              /* of round knots: 0 straight, 1 round */
  float jitter;                 /* times the knots' stray */
  float overshoot;              /* sd at a stroke's ends */
  float radius;                 /* of the pen */
  float pressure, waves, phase; /* how the radius varies along a stroke */
  float tremor;                 /* sd of the radius, and of the line in radii */
} nml_hand;

static float spread(nml_random *random, float sd) {
  float x = nml_random_normal(random);
  return sd * fmaxf(-2.5f, fminf(2.5f, x));
}

static nml_hand take_hand(nml_random *random) {
  nml_hand hand; /* no initialiser: C leaves its order open */
  hand.slant = 0.15f + spread(random, 0.25f);
  hand.rotation = spread(random, 0.10f);
  hand.width = expf(0.08f + spread(random, 0.28f));
  hand.bow_x = spread(random, 0.06f);
  hand.bow_y = spread(random, 0.05f);
  hand.waist = spread(random, 0.18f);
  hand.taper = spread(random, 0.2f);
  hand.roundness = nml_random_range(random, 0.75f, 1.25f);
  hand.jitter = nml_random_range(random, 0.3f, 1.5f);
  hand.overshoot = nml_random_range(random, 0, 0.06f);
  hand.radius = 0.06f * expf(spread(random, 0.42f));
  hand.radius *= fminf(hand.width, 1); /* narrow loops are not filled */
  hand.pressure = nml_random_range(random, 0, 0.35f);
  hand.waves = nml_random_range(random, 0.5f, 2.5f);
  hand.phase = nml_random_range(random, 0, TURN);
  hand.tremor = nml_random_range(random, 0, 0.15f);
  return hand;
}

/* From a place in the table to where this hand puts it, about (0, 0). */
static numeral_dot bend(const nml_hand *hand, float x, float y) {
  float v = y + hand->waist * 2 * y * (1 - y);
  float u = (x - 0.5f) * hand->width * (1 + hand->taper * (v - 0.5f) * 2);
  v += hand->bow_y * (1 - 4 * u * u);
  u += hand->bow_x * 4 * v * (1 - v);
  v -= 0.5f;
  u -= hand->slant * v;
  float c = cosf(hand->rotation), s = sinf(hand->rotation);
  return (numeral_dot){.x = c * u - s * v, .y = s * u + c * v};
}

/* Moves the end dot `end` along the line from its neighbour. */
static void overshoot(numeral_dot *end, const numeral_dot *next, float by) {
  float dx = end->x - next->x, dy = end->y - next->y;
  float length = fmaxf(sqrtf(dx * dx + dy * dy), 0.05f);
  end->x += dx / length * by;
  end->y += dy / length * by;
}

static void place_knots(const nml_knot *stroke, int count, float stray,
                        const nml_hand *hand, nml_random *random,
                        numeral_dot *knots) {
  for (int i = 0; i < count; i++) {
    float x = stroke[i].x + spread(random, stray);
    float y = stroke[i].y + spread(random, stray);
    knots[i] = bend(hand, x / 100, y / 100);
  }
  overshoot(&knots[0], &knots[1], spread(random, hand->overshoot));
  overshoot(&knots[count - 1], &knots[count - 2],
            spread(random, hand->overshoot));
}

/* ---- curves ---- */

/* The pen's time from knot to knot: the root of the way, as in centripetal
 * Catmull-Rom splines (Yuksel et al. 2011), which make no cusps. */
static float span_time(const numeral_dot *a, const numeral_dot *b) {
  return fmaxf(sqrtf(hypotf(b->x - a->x, b->y - a->y)), 1e-3f);
}

static numeral_dot straight_velocity(const numeral_dot *a,
                                     const numeral_dot *b) {
  float time = span_time(a, b);
  return (numeral_dot){.x = (b->x - a->x) / time, .y = (b->y - a->y) / time};
}

/* At b, coming from a and going to c. */
static numeral_dot round_velocity(const numeral_dot *a, const numeral_dot *b,
                                  const numeral_dot *c, float roundness) {
  float ab = span_time(a, b), bc = span_time(b, c);
  float wa = roundness * bc / (ab * (ab + bc));
  float wc = roundness * ab / (bc * (ab + bc));
  return (numeral_dot){.x = (b->x - a->x) * wa + (c->x - b->x) * wc,
                       .y = (b->y - a->y) * wa + (c->y - b->y) * wc};
}

typedef struct nml_path {
  const nml_knot *stroke;
  numeral_dot knots[NML_STROKE_KNOTS]; /* where the hand put the stroke's */
  int count;
  float roundness;
} nml_path;

/* At knot `at`, for the span that starts at knot `span`. */
static numeral_dot velocity(const nml_path *path, int at, int span) {
  const numeral_dot *knot = &path->knots[at];
  bool is_end = at == 0 || at == path->count - 1;
  if (is_end || path->stroke[at].bend == NML_BEND_ANGLE) {
    return straight_velocity(&path->knots[span], &path->knots[span + 1]);
  }
  return round_velocity(knot - 1, knot, knot + 1, path->roundness);
}

/* Cubic Hermite between knots `span` and `span` + 1, 0 <= t <= 1. */
static numeral_dot on_path(const nml_path *path, int span, float t) {
  const numeral_dot *p = &path->knots[span], *q = p + 1;
  numeral_dot pv = velocity(path, span, span),
              qv = velocity(path, span + 1, span);
  float s = 1 - t, time = span_time(p, q);
  float hp = s * s * (1 + 2 * t), hq = t * t * (3 - 2 * t);
  float hpv = time * t * s * s, hqv = -time * t * t * s;
  return (numeral_dot){.x = hp * p->x + hpv * pv.x + hq * q->x + hqv * qv.x,
                       .y = hp * p->y + hpv * pv.y + hq * q->y + hqv * qv.y};
}

/* ---- writing ---- */

/* Gives the dot, `along` (0..1) its stroke, the hand's pressure and tremor. */
static void press(const nml_hand *hand, float along, nml_random *random,
                  numeral_dot *dot) {
  float wave = sinf(TURN * along * hand->waves + hand->phase);
  dot->radius = hand->radius * (1 + hand->pressure * wave) *
                (1 + spread(random, hand->tremor));
  dot->x += spread(random, hand->tremor * hand->radius);
  dot->y += spread(random, hand->tremor * hand->radius);
}

static int write_stroke(const nml_hand *hand, const nml_knot *stroke,
                        float stray, nml_random *random, numeral_dot *dots) {
  nml_path path = {.stroke = stroke,
                   .count = nml_stroke_length(stroke),
                   .roundness = hand->roundness};
  if (path.count == 0) return 0;
  place_knots(stroke, path.count, stray, hand, random, path.knots);
  int last = (path.count - 1) * NML_SPAN_DOTS;
  for (int i = 0; i <= last; i++) {
    int span = i == last ? path.count - 2 : i / NML_SPAN_DOTS;
    float t = (float)(i - span * NML_SPAN_DOTS) / NML_SPAN_DOTS;
    dots[i] = on_path(&path, span, t);
    press(hand, (float)i / (float)last, random, &dots[i]);
  }
  return last + 1;
}

void nml_hand_write(int digit, nml_random *random, nml_drawing *drawing) {
  nml_hand_write_shape(nml_shape_pick(digit, nml_random_unit(random)), random,
                       drawing);
}

void nml_hand_write_shape(const nml_shape *shape, nml_random *random,
                          nml_drawing *drawing) {
  nml_hand hand = take_hand(random);
  float stray = hand.jitter * shape->stray;
  for (int i = 0; i < NML_SHAPE_STROKES; i++) {
    drawing->counts[i] =
        write_stroke(&hand, shape->strokes[i], stray, random, drawing->dots[i]);
  }
}
