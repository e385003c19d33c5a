/* plane.c: see plane.h. */
#include "image/plane.h"

#include "base/memory.h"
#include "base/numbers.h"

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

enum { TAPS = 6 };

/* Lines that are scaled along themselves, all alike. */
typedef struct lines {
  const float *from;
  float *to;
  int count, from_length, to_length;
  size_t from_step, from_line, to_step, to_line; /* to the next pixel, line */
} lines;

/* Each pixel `at` is the mean over the interval [start, end). */
static void take_means(const lines *all, int at, double start, double end) {
  int first = (int)floor(start), last = (int)ceil(end);
  if (first < 0) first = 0;
  if (last > all->from_length) last = all->from_length;
  for (int line = 0; line < all->count; line++) {
    const float *values = all->from + (size_t)line * all->from_line;
    double sum = 0;
    for (int i = first; i < last; i++) {
      double from = start > i ? start : i, to = end < i + 1 ? end : i + 1;
      if (to > from)
        sum += (to - from) * (double)values[(size_t)i * all->from_step];
    }
    all->to[(size_t)line * all->to_line + (size_t)at * all->to_step] =
        (float)(sum / (end - start));
  }
}

/* Lanczos' kernel of three lobes: of the usual ones it blurs least. */
static double lanczos(double x) {
  static const double PI = 3.14159265358979323846;
  if (fabs(x) < 1e-9) return 1;
  return 3 * sin(PI * x) * sin(PI * x / 3) / (PI * PI * x * x);
}

/* What the pixels from *first on count for a value at `position`. */
static void fill_taps(nml_between between, double position, int *first,
                      double weights[TAPS]) {
  double total = 0;
  *first = (int)floor(position) - TAPS / 2 + 1;
  for (int i = 0; i < TAPS; i++) {
    double away = position - (*first + i);
    weights[i] = between == NML_BETWEEN_LANCZOS ? lanczos(away)
                                                : fmax(1 - fabs(away), 0);
    total += weights[i];
  }
  for (int i = 0; i < TAPS; i++) weights[i] /= total;
}

/* Each pixel `at` is the value at `position`. */
static void take_values(const lines *all, int at, nml_between between,
                        double position) {
  double weights[TAPS];
  int first;
  fill_taps(between, position, &first, weights);
  for (int line = 0; line < all->count; line++) {
    const float *values = all->from + (size_t)line * all->from_line;
    double sum = 0, most = 0;
    for (int i = 0; i < TAPS; i++) {
      int from = first + i;
      if (from < 0 || from >= all->from_length) continue;
      double value = (double)values[(size_t)from * all->from_step];
      sum += weights[i] * value;
      if (weights[i] != 0) most = fmax(most, value);
    }
    all->to[(size_t)line * all->to_line + (size_t)at * all->to_step] =
        (float)fmin(fmax(sum, 0), most);
  }
}

static void scale_lines(const lines *all, double start, double scale,
                        nml_between between) {
  for (int i = 0; i < all->to_length; i++) {
    double at = start + i / scale, next = start + (i + 1) / scale;
    if (scale > 1)
      take_values(all, i, between, (at + next) / 2 - 0.5);
    else
      take_means(all, i, at, next);
  }
}

numeral_status nml_plane_scale(const nml_plane *from, double left, double top,
                               double scale, nml_between between, nml_plane *to,
                               numeral_error *error) {
  nml_plane narrow; /* scaled across, not yet down */
  numeral_status status =
      nml_plane_create(to->width_px, from->height_px, &narrow, error);
  if (status != NUMERAL_OK) return status;
  size_t from_width = (size_t)from->width_px, to_width = (size_t)to->width_px;
  scale_lines(&(lines){.from = from->values,
                       .to = narrow.values,
                       .count = from->height_px,
                       .from_length = from->width_px,
                       .to_length = to->width_px,
                       .from_step = 1,
                       .from_line = from_width,
                       .to_step = 1,
                       .to_line = to_width},
              left, scale, between);
  scale_lines(&(lines){.from = narrow.values,
                       .to = to->values,
                       .count = to->width_px,
                       .from_length = from->height_px,
                       .to_length = to->height_px,
                       .from_step = to_width,
                       .from_line = 1,
                       .to_step = to_width,
                       .to_line = 1},
              top, scale, between);
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

/* The largest value of the disc around (x, y), each weighed by how much of
 * its pixel the disc covers. */
static float disc_maximum(const nml_plane *plane, int x, int y,
                          const disc *around) {
  int reach = around->reach, side = 2 * reach + 1;
  int left = nml_larger(x - reach, 0);
  int right = nml_smaller(x + reach, plane->width_px - 1);
  int bottom = nml_smaller(y + reach, plane->height_px - 1);
  float largest = 0;
  for (int v = nml_larger(y - reach, 0); v <= bottom; v++) {
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
