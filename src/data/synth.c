/* synth.c: a hand writes a digit; here it is put into the picture, drawn, and
 * for a data set framed as MNIST's digits are. */
#include "data/synth.h"

#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "data/pen_drawing.h"

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

/* context: the seed. */
static uint8_t make_labelled(const void *context, size_t index,
                             uint8_t *image) {
  const uint64_t seed = *(const uint64_t *)context;
  uint8_t label = label_of(seed, index);
  make_image(label, seed, index, image);
  return label;
}

numeral_status nml_synth_dataset(size_t count, uint64_t seed,
                                 numeral_dataset **dataset,
                                 numeral_error *error) {
  return nml_dataset_make(count, make_labelled, &seed, dataset, error);
}
