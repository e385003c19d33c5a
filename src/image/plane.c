/* plane.c: see plane.h. */
#include "image/plane.h"

#include "base/memory.h"

#include <math.h>

numeral_status nml_plane_create(int width_px, int height_px, nml_plane *plane,
                                numeral_error *error) {
  size_t area = (size_t)width_px * (size_t)height_px;
  *plane = (nml_plane){nml_alloc(area, sizeof(float)), width_px, height_px};
  if (plane->values) return NUMERAL_OK;
  *plane = (nml_plane){0};
  return nml_fail_memory(error, "a scaled picture", area * sizeof(float));
}

void nml_plane_release(nml_plane *plane) {
  nml_free(plane->values);
  *plane = (nml_plane){0};
}

/* Mean of values[0], values[step], ... over the interval [start, end). */
static double mean_over(const float *values, int count, size_t step,
                        double start, double end) {
  double sum = 0;
  int first = (int)floor(start), last = (int)ceil(end);
  for (int i = first < 0 ? 0 : first; i < last && i < count; i++) {
    double from = start > i ? start : i, to = end < i + 1 ? end : i + 1;
    if (to > from) sum += (to - from) * (double)values[(size_t)i * step];
  }
  return sum / (end - start);
}

static double linear_at(const float *values, int count, size_t step,
                        double position) {
  int lower = (int)floor(position);
  double way = position - lower;
  double a =
      lower >= 0 && lower < count ? (double)values[(size_t)lower * step] : 0;
  double b = lower + 1 >= 0 && lower + 1 < count
                 ? (double)values[((size_t)lower + 1) * step]
                 : 0;
  return a + way * (b - a);
}

static void scale_line(const float *from, int from_count, size_t from_step,
                       double start, double scale, float *to, int to_count,
                       size_t to_step) {
  for (int i = 0; i < to_count; i++) {
    double at = start + i / scale, next = start + (i + 1) / scale;
    double value = scale > 1 ? linear_at(from, from_count, from_step,
                                         (at + next) / 2 - 0.5)
                             : mean_over(from, from_count, from_step, at, next);
    to[(size_t)i * to_step] = (float)value;
  }
}

numeral_status nml_plane_scale(const nml_plane *from, double left, double top,
                               double scale, nml_plane *to,
                               numeral_error *error) {
  nml_plane narrow; /* scaled across, not yet down */
  numeral_status status =
      nml_plane_create(to->width_px, from->height_px, &narrow, error);
  if (status != NUMERAL_OK) return status;
  size_t from_width = (size_t)from->width_px, to_width = (size_t)to->width_px;
  for (int y = 0; y < from->height_px; y++) {
    scale_line(from->values + (size_t)y * from_width, from->width_px, 1, left,
               scale, narrow.values + (size_t)y * to_width, to->width_px, 1);
  }
  for (int x = 0; x < to->width_px; x++) {
    scale_line(narrow.values + x, from->height_px, to_width, top, scale,
               to->values + x, to->height_px, to_width);
  }
  nml_plane_release(&narrow);
  return NUMERAL_OK;
}

/* How much of each pixel a disc covers: [2 * reach + 1][2 * reach + 1]. */
typedef struct disc {
  float *weights;
  int reach;
} disc;

static numeral_status make_disc(double radius, disc *made,
                                numeral_error *error) {
  int reach = (int)ceil(radius), side = 2 * reach + 1;
  size_t count = (size_t)side * (size_t)side;
  *made = (disc){nml_alloc(count, sizeof *made->weights), reach};
  if (!made->weights)
    return nml_fail_memory(error, "a disc", count * sizeof *made->weights);
  for (int i = 0; i < side * side; i++) {
    double weight = radius + 1 - hypot(i % side - reach, i / side - reach);
    made->weights[i] = weight > 1 ? 1 : weight > 0 ? (float)weight : 0;
  }
  return NUMERAL_OK;
}

static int larger_int(int a, int b) { return a > b ? a : b; }
static int smaller_int(int a, int b) { return a < b ? a : b; }

/* The largest value of the disc around (x, y), each weighed by how much of
 * its pixel the disc covers. */
static float disc_maximum(const nml_plane *plane, int x, int y,
                          const disc *around) {
  int reach = around->reach, side = 2 * reach + 1;
  int left = larger_int(x - reach, 0);
  int right = smaller_int(x + reach, plane->width_px - 1);
  int bottom = smaller_int(y + reach, plane->height_px - 1);
  float largest = 0;
  for (int v = larger_int(y - reach, 0); v <= bottom; v++) {
    const float *row = plane->values + (size_t)v * (size_t)plane->width_px;
    const float *weights = around->weights + (v - y + reach) * side;
    for (int u = left; u <= right; u++) {
      float value = weights[u - x + reach] * row[u];
      if (value > largest) largest = value;
    }
  }
  return largest;
}

numeral_status nml_plane_thicken(nml_plane *plane, double radius_px,
                                 numeral_error *error) {
  nml_plane thick = {0};
  disc around;
  numeral_status status = make_disc(radius_px, &around, error);
  if (status == NUMERAL_OK) {
    status = nml_plane_create(plane->width_px, plane->height_px, &thick, error);
  }
  if (status != NUMERAL_OK) goto done;
  for (int y = 0; y < plane->height_px; y++) {
    for (int x = 0; x < plane->width_px; x++) {
      thick.values[(size_t)y * (size_t)plane->width_px + (size_t)x] =
          disc_maximum(plane, x, y, &around);
    }
  }
  nml_plane_release(plane);
  *plane = thick;
done:
  nml_free(around.weights);
  return status;
}

static void invert(nml_plane *plane, float top) {
  size_t area = (size_t)plane->width_px * (size_t)plane->height_px;
  for (size_t i = 0; i < area; i++) plane->values[i] = top - plane->values[i];
}

/* Thinning ink is thickening paper. */
numeral_status nml_plane_thin(nml_plane *plane, double radius_px,
                              numeral_error *error) {
  size_t area = (size_t)plane->width_px * (size_t)plane->height_px;
  float top = 0;
  for (size_t i = 0; i < area; i++) {
    if (plane->values[i] > top) top = plane->values[i];
  }
  invert(plane, top);
  numeral_status status = nml_plane_thicken(plane, radius_px, error);
  invert(plane, top);
  return status;
}
