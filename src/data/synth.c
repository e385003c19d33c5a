/* synth.c: a hand writes a digit; here it is put into the picture, drawn, and
 * for a data set framed as MNIST's digits are. */
#include "data/synth.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "base/team.h"
#include "data/drawing.h"

enum { PART_IMAGES = 256 }; /* made by one thread in a row */

/* ---- drawing ---- */

void nml_synth_draw(int digit, uint64_t seed, uint64_t index, int side,
                    uint8_t *pixels) {
  assert(digit >= 0 && digit < NUMERAL_CLASSES && side >= 28 && side <= 512);
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH, index, 0);
  nml_drawing drawing;
  nml_hand_write(digit, &random, &drawing);
  nml_extent box = nml_drawing_extent(&drawing);
  float width = box.right - box.left, height = box.bottom - box.top;
  float size = (float)side * nml_random_range(&random, 0.6f, 0.88f);
  float scale = size / fmaxf(width, height);
  float margin = 0.05f * (float)side, room = (float)side - 2 * margin;
  float x = (room - width * scale) * nml_random_unit(&random);
  float y = (room - height * scale) * nml_random_unit(&random);
  nml_drawing_place(&drawing, &box, scale, margin + x, margin + y);
  nml_drawing_draw(&drawing, side, pixels);
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

static void make_image(int digit, uint64_t seed, uint64_t index,
                       uint8_t *image) {
  nml_random random = nml_random_init(seed, NML_PURPOSE_SYNTH, index, 0);
  nml_drawing drawing;
  nml_hand_write(digit, &random, &drawing);
  nml_drawing_frame(&drawing, nml_random_range(&random, 1, 1.6f), image);
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
