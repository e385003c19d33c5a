/* gallery_digits.c: images of the data, and what the network says of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/report/galleries.h"
#include "app/text_format.h"

enum {
  GAP_PX = LOOK_GAP_PX,
  HEADING_PX = 28,
  TOP_ANSWERS = 3,
  ANSWER_ROW_PX = 20,
  ANSWER_PX = 150, /* the least width of an image with its answers */
  SOME = 15        /* test images of each kind */
};

void gallery_digit(board *b, float x, float y, float side,
                   const uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  uint8_t few[NUMERAL_IMAGE_PIXELS];
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; ++i)
    few[i] = (uint8_t)((image[i] + 8) / 17 * 17);
  board_digit(b, x, y, side, few);
}

static const uint8_t *image_at(const numeral_dataset *dataset, size_t index) {
  return numeral_dataset_images(dataset) + index * NUMERAL_IMAGE_PIXELS;
}

static const float *said_of(const report_run *run, size_t index) {
  return run->measure.probabilities + index * NUMERAL_CLASSES;
}

/* The digits from the most to the least probable. */
static void rank_digits(const float *said, int ranked[NUMERAL_CLASSES]) {
  ranked[0] = 0;
  for (int i = 1; i < NUMERAL_CLASSES; ++i) {
    int at = i;
    for (; at > 0 && said[ranked[at - 1]] < said[i]; --at)
      ranked[at] = ranked[at - 1];
    ranked[at] = i;
  }
}

/* 0.9999 is not 100.0%. */
static short_text confidence_text(double share) {
  short_text text;
  double shown = floor(1000 * share + 0.5) / 10;
  if (shown >= 100 && share < 1) shown = 99.9;
  snprintf(text.text, sizeof text.text, "%.1f%%", shown);
  return text;
}

/* ---- Predictions
 * --------------------------------------------------------------- */

static void draw_answers(board *b, const float *said, int truth, float x,
                         float y, float width) {
  int ranked[NUMERAL_CLASSES];
  rank_digits(said, ranked);
  for (int i = 0; i < TOP_ANSWERS; ++i, y += ANSWER_ROW_PX) {
    int digit = ranked[i];
    float share = said[digit], bar = width - 12;
    look_role role = digit == truth ? LOOK_FIRST
                     : i == 0       ? LOOK_WRONG
                                    : LOOK_SECOND;
    (i == 0 ? board_bold : board_text)(b, x, y + 10, 12, BOARD_LEFT, LOOK_TEXT,
                                       "%d", digit);
    board_text(b, x + width, y + 10, 12, BOARD_RIGHT,
               i == 0 ? LOOK_TEXT : LOOK_FAINT, "%s",
               confidence_text((double)share).text);
    board_box(b, x + 12, y + 13, bar, 3, board_colour(b, LOOK_LINE));
    if (share >= 0.01f)
      board_box(b, x + 12, y + 13, bar * share, 3, board_colour(b, role));
  }
}

static void draw_prediction(board *b, const report_run *run, size_t index,
                            float x, float y, float width) {
  const float side = 56;
  int truth = numeral_dataset_labels(run->measure.test)[index];
  gallery_digit(b, x + 1, y + 1, side, image_at(run->measure.test, index));
  board_text(b, x, y + side + 16, 12, BOARD_LEFT, LOOK_FAINT,
             "true digit %d, #%zu", truth, index);
  draw_answers(b, said_of(run, index), truth, x + side + 10, y - 1,
               width - side - 10);
}

/* The test images whose right answer has the least probability. */
static size_t least_sure(const report_run *run, size_t *indices) {
  const report_measure *m = &run->measure;
  const uint8_t *labels = numeral_dataset_labels(m->test);
  float shares[SOME];
  size_t found = 0;
  for (size_t i = 0; i < m->evaluation.count; ++i) {
    int ranked[NUMERAL_CLASSES];
    float share = said_of(run, i)[labels[i]];
    if (found == SOME && share >= shares[SOME - 1]) continue;
    rank_digits(said_of(run, i), ranked);
    if (ranked[0] != labels[i]) continue;
    size_t at = found < SOME ? found++ : SOME - 1;
    for (; at > 0 && shares[at - 1] > share; --at) {
      shares[at] = shares[at - 1];
      indices[at] = indices[at - 1];
    }
    shares[at] = share;
    indices[at] = i;
  }
  return found;
}

static int answer_columns(int width) {
  return (width + 2 * GAP_PX) / (ANSWER_PX + 2 * GAP_PX);
}

static float draw_group(board *b, const report_run *run, const char *heading,
                        const size_t *indices, size_t count, float y) {
  const float row = 84;
  int columns = answer_columns(b->width);
  float pitch = floorf((float)(b->width + 2 * GAP_PX) / (float)columns);
  board_bold(b, 0, y + 14, LOOK_SMALL_PX, BOARD_LEFT, LOOK_TEXT, "%s", heading);
  y += HEADING_PX;
  for (size_t i = 0; i < count; ++i) {
    draw_prediction(b, run, indices[i], (float)((int)i % columns) * pitch,
                    y + (float)((int)i / columns) * row, pitch - 2 * GAP_PX);
  }
  return y + row * (float)(((int)count + columns - 1) / columns);
}

/* Rows are full: 15 in three columns, 12 in two. */
board gallery_predictions(const report_run *run, look_theme theme, int width) {
  size_t random[SOME], unsure[SOME];
  size_t count = run->measure.evaluation.count;
  size_t some = answer_columns(width) == 2 ? 12 : SOME;
  if (some > count) some = count;
  board b = board_begin(width, 1, GALLERY_SCALE, theme);
  for (size_t i = 0; i < some; ++i)
    random[i] = data_source_pick(run->plan.seed, i, count);
  float y = draw_group(&b, run, "Taken at random", random, some, 0);
  size_t found = least_sure(run, unsure);
  if (found > some) found = some;
  if (found > 0)
    y = draw_group(&b, run, "Right, and least sure of it", unsure, found,
                   y + GAP_PX);
  b.height = (int)y - GAP_PX;
  return b;
}

/* ---- Mistakes
 * ------------------------------------------------------------------ */

board gallery_misclassified(const report_run *run, look_theme theme,
                            int width) {
  const float least = 62, row = 108;
  const report_measure *m = &run->measure;
  int count = m->mistake_count < GALLERY_MISTAKES ? (int)m->mistake_count
                                                  : GALLERY_MISTAKES;
  int columns = (int)((float)(width + GAP_PX) / (least + GAP_PX));
  float cell = (float)(width + GAP_PX) / (float)columns, side = 56;
  int rows = (count + columns - 1) / columns;
  board b = board_begin(width, rows * (int)row, GALLERY_SCALE, theme);
  for (int i = 0; i < count; ++i) {
    size_t index = m->mistakes[i];
    int ranked[NUMERAL_CLASSES];
    float x = floorf((float)(i % columns) * cell) + 1;
    float y = (float)(i / columns) * row + 1;
    rank_digits(said_of(run, index), ranked);
    gallery_digit(&b, x, y, side, image_at(m->test, index));
    board_bold(&b, x, y + side + 16, 14, BOARD_LEFT, LOOK_TEXT, "%d",
               numeral_dataset_labels(m->test)[index]);
    board_text(&b, x + 14, y + side + 16, 14, BOARD_LEFT, LOOK_FAINT, "→");
    board_bold(&b, x + 34, y + side + 16, 14, BOARD_LEFT, LOOK_WRONG, "%d",
               ranked[0]);
    board_text(&b, x, y + side + 31, 12, BOARD_LEFT, LOOK_FAINT, "%s",
               confidence_text((double)said_of(run, index)[ranked[0]]).text);
    board_text(&b, x, y + side + 45, 12, BOARD_LEFT, LOOK_FAINT, "#%zu", index);
  }
  return b;
}

/* ---- Samples
 * ------------------------------------------------------------------- */

/* Every so many-th image of a digit, counted first. */
static void draw_digit_row(board *b, const numeral_dataset *train, int digit,
                           float x, float y, float side, float pitch) {
  enum { COLUMNS = 10 };
  const uint8_t *labels = numeral_dataset_labels(train);
  size_t count = 0, seen = 0;
  for (size_t i = 0; i < numeral_dataset_count(train); ++i)
    count += labels[i] == digit;
  for (size_t i = 0, shown = 0; i < numeral_dataset_count(train); ++i) {
    if (labels[i] != digit) continue;
    bool wanted = count <= COLUMNS || seen == shown * count / COLUMNS;
    ++seen;
    if (!wanted || shown == COLUMNS) continue;
    gallery_digit(b, x + (float)shown * pitch, y, side, image_at(train, i));
    ++shown;
  }
}

/* Sides are halves of 28: whole dots of a pixel on paper and on phones. */
typedef struct sample_grid {
  float pitch, side, left;
} sample_grid;

static sample_grid grid_of(int width) {
  float pitch = floorf((float)(width + 4) / 10.0f);
  float side = pitch >= 46 ? 42 : 28;
  return (sample_grid){pitch, side, floorf((pitch - side) / 2)};
}

board gallery_samples(const report_run *run, look_theme theme, int width) {
  const sample_grid g = grid_of(width);
  board b =
      board_begin(width, (int)g.pitch * NUMERAL_CLASSES, GALLERY_SCALE, theme);
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit)
    draw_digit_row(&b, run->measure.train, digit, g.left,
                   (float)digit * g.pitch + 1, g.side, g.pitch);
  return b;
}

/* The first image of a digit in the first epochs of a run. */
static void draw_changed_row(board *b, const report_run *run, int digit,
                             float y, const sample_grid *g) {
  const numeral_dataset *train = run->measure.train;
  const uint8_t *labels = numeral_dataset_labels(train);
  size_t count = numeral_dataset_count(train), index = 0;
  while (index < count && labels[index] != digit) ++index;
  if (index == count) return;
  gallery_digit(b, g->left, y, g->side, image_at(train, index));
  for (int epoch = 0; epoch < 9; ++epoch) {
    uint8_t changed[NUMERAL_IMAGE_PIXELS];
    if (numeral_augment_images(&run->plan.recipe.augment, run->plan.seed, epoch,
                               index, image_at(train, index), 1, changed,
                               NULL) != NUMERAL_OK)
      return;
    gallery_digit(b, g->left + (float)(epoch + 1) * g->pitch, y, g->side,
                  changed);
  }
}

board gallery_augmented(const report_run *run, look_theme theme, int width) {
  const sample_grid g = grid_of(width);
  board b =
      board_begin(width, (int)g.pitch * NUMERAL_CLASSES, GALLERY_SCALE, theme);
  for (int digit = 0; digit < NUMERAL_CLASSES; ++digit)
    draw_changed_row(&b, run, digit, (float)digit * g.pitch + 1, &g);
  return b;
}
