/* synth.c: a hand writes a digit; here it is put into the picture, drawn, and
 * for a data set framed as MNIST's digits are. */
#include "data/synth.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/team.h"
#include "data/hand.h"
#include "data/pen.h"

enum {
  PART_IMAGES = 256, /* made by one thread in a row */
  DIGIT_PX = 20,     /* longer side of MNIST's digits, in 28 */
  FINE = 3,          /* pixels drawn for one of MNIST's, each way */
  FINE_SIDE = DIGIT_PX * FINE
};

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
      numeral_dot *dot = &drawing->dots[i][j];
      *dot =
          (numeral_dot){left + scale * (dot->x - box->left),
                        top + scale * (dot->y - box->top), scale * dot->radius};
    }
  }
}

static void draw_strokes(const nml_drawing *drawing, int side,
                         uint8_t *pixels) {
  memset(pixels, 0, (size_t)side * (size_t)side);
  for (int i = 0; i < NML_SHAPE_STROKES && drawing->counts[i]; i++) {
    nml_pen_draw(drawing->dots[i], drawing->counts[i], side, pixels);
  }
}

void nml_synth_draw(int digit, uint64_t seed, uint64_t index, int side,
                    uint8_t *pixels) {
  assert(digit >= 0 && digit < NUMERAL_CLASSES && side >= 28 && side <= 512);
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH, index, 0);
  nml_drawing drawing;
  nml_hand_write(digit, &random, &drawing);
  nml_extent box = drawing_extent(&drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float size = (float)side * nml_random_range(&random, 0.6f, 0.88f);
  float scale = size / fmaxf(width, height);
  float margin = 0.05f * (float)side, room = (float)side - 2 * margin;
  float x = (room - width * scale) * nml_random_unit(&random);
  float y = (room - height * scale) * nml_random_unit(&random);
  place_drawing(&drawing, &box, scale, margin + x, margin + y);
  draw_strokes(&drawing, side, pixels);
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

/* Means of FINE x FINE pixels, as a scan shows them; a gain above 1 makes hard
 * edges of soft ones. */
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
  nml_hand_write(digit, &random, &drawing);
  nml_extent box = drawing_extent(&drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float scale = FINE_SIDE / fmaxf(width, height);
  place_drawing(&drawing, &box, scale, (FINE_SIDE - width * scale) / 2,
                (FINE_SIDE - height * scale) / 2);
  draw_strokes(&drawing, FINE_SIDE, fine);
  scan(fine, nml_random_range(&random, 1, 1.6f), small);
  centre(small, image);
}

typedef struct making {
  numeral_dataset *dataset;
  uint64_t seed;
} making;

static void make_part(void *context, int part) {
  const making *m = context;
  size_t from = (size_t)part * PART_IMAGES, to = from + PART_IMAGES;
  if (to > m->dataset->count) to = m->dataset->count;
  for (size_t i = from; i < to; i++) {
    int label = label_of(m->seed, i);
    m->dataset->labels[i] = (uint8_t)label;
    make_image(label, m->seed, i,
               m->dataset->images + i * NUMERAL_IMAGE_PIXELS);
  }
}

numeral_status nml_synth_dataset(size_t count, uint64_t seed,
                                 numeral_dataset **dataset,
                                 numeral_error *error) {
  nml_team *team;
  numeral_status status = nml_dataset_alloc(count, dataset, error);
  if (status != NUMERAL_OK) return status;
  status = nml_team_create(nml_processor_count(), &team, error);
  if (status != NUMERAL_OK) {
    nml_dataset_destroy(*dataset);
    *dataset = NULL;
    return status;
  }
  making m = {*dataset, seed};
  nml_team_each(team, (int)((count + PART_IMAGES - 1) / PART_IMAGES), make_part,
                &m);
  nml_team_destroy(team);
  return NUMERAL_OK;
}
