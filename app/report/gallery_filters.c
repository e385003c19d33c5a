/* gallery_filters.c: the first layer's weights as pictures, in the colours of
 * ink and paper: where a picture is as dark as ink, ink speaks for the filter's
 * answer; where it is paper, against; the middle grey says nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/report/galleries.h"

enum { GREYS = 14 }; /* from paper to ink; even, so that zero is the middle */

/* Weights as squares: [count] of height x width each. */
typedef struct weights {
  size_t tensor;
  size_t count;
  int height, width;
} weights;

/* The first tensor of weights, where each of its rows is one picture. */
static bool find_weights(const numeral_model *model, weights *w) {
  size_t tensors = model ? numeral_model_get_info(model).tensor_count : 0;
  for (size_t i = 0; i < tensors; ++i) {
    numeral_tensor_info info = numeral_model_tensor(model, i);
    if (info.rank < 2) continue;
    *w = (weights){i, (size_t)info.dims[0], 0, 0};
    if (info.rank == 4 && info.dims[1] == 1) {
      w->height = info.dims[2];
      w->width = info.dims[3];
      return w->height > 1 || w->width > 1;
    }
    int side = (int)lrint(sqrt((double)info.dims[1]));
    w->height = w->width = side;
    return info.rank == 2 && side > 1 && side * side == info.dims[1];
  }
  return false;
}

bool gallery_has_filters(const report_run *run, size_t *count) {
  weights w = {0};
  bool has = find_weights(run->model, &w);
  *count = has ? w.count : 0;
  return has;
}

/* Each on its own scale: the strongest weight is ink, or paper. */
static void draw_filter(board *b, float x, float y, float side,
                        const weights *w, const float *values) {
  int pixels = w->height * w->width;
  float most = 0;
  uint32_t *colours = malloc((size_t)pixels * sizeof *colours);
  if (colours == NULL) {
    b->refused = true;
    return;
  }
  for (int i = 0; i < pixels; ++i) most = fmaxf(most, fabsf(values[i]));
  for (int i = 0; i < pixels; ++i) {
    double share = most > 0 ? 0.5 + 0.5 * (double)(values[i] / most) : 0.5;
    share = floor(share * GREYS + 0.5) / GREYS;
    colours[i] = look_mix(board_colour(b, LOOK_PAPER),
                          board_colour(b, LOOK_TEXT), share);
  }
  board_map(b, x, y, side, side * (float)w->height / (float)w->width, colours,
            w->width, w->height, false);
  board_item *frame = board_box(b, x - 0.5f, y - 0.5f, side + 1,
                                side * (float)w->height / (float)w->width + 1,
                                board_colour(b, LOOK_LINE));
  if (frame != NULL) frame->line = 1;
  free(colours);
}

board gallery_filters(const report_run *run, look_theme theme, int width) {
  weights w = {0};
  board b = board_begin(width, 1, GALLERY_SCALE, theme);
  if (!find_weights(run->model, &w)) return b;
  size_t size = numeral_model_tensor(run->model, w.tensor).count;
  size_t pixels = (size_t)w.height * (size_t)w.width;
  float *values = malloc(size * sizeof *values);
  int shown = w.count < GALLERY_FILTERS ? (int)w.count : GALLERY_FILTERS;
  const float gap = LOOK_GAP_PX, least = pixels > 100 ? 54 : 32;
  int columns = (int)((float)(width + LOOK_GAP_PX) / (least + gap));
  if (columns > 8) columns = 8;
  float pitch = floorf((float)(width + LOOK_GAP_PX) / (float)columns);
  float side = floorf(pitch - gap) - 1;
  if (values == NULL || numeral_model_tensor_values(run->model, w.tensor,
                                                    values, NULL) != NUMERAL_OK)
    b.refused = true;
  for (int i = 0; i < shown && !b.refused; ++i) {
    draw_filter(&b, (float)(i % columns) * pitch + 1,
                (float)(i / columns) * pitch + 1, side, &w,
                values + (size_t)i * pixels);
  }
  b.height = (int)((float)((shown + columns - 1) / columns) * pitch - gap) + 2;
  free(values);
  return b;
}
