/* features.c: see features.h. */
#include "engine/features.h"

#include "base/memory.h"
#include "base/random.h"
#include "engine/prepare.h"

#include <math.h>
#include <string.h>

enum { FEATURE_BATCH = 256, AXES = 2, MOST_TURNS = 1000 };

numeral_status nml_features(const numeral_model *model, const uint8_t *images,
                            size_t count, int threads, float *features,
                            numeral_error *error) {
  nml_predictor *predictor;
  float probabilities[FEATURE_BATCH * NUMERAL_CLASSES];
  size_t width = nml_predictor_feature_count(model->net);
  numeral_status status = nml_prepare(
      model, NUMERAL_PRECISION_FP32, FEATURE_BATCH, threads, &predictor, error);
  for (size_t at = 0; status == NUMERAL_OK && at < count; at += FEATURE_BATCH) {
    size_t left = count - at;
    nml_predictor_features(predictor, images + at * NUMERAL_IMAGE_PIXELS,
                           left < FEATURE_BATCH ? (int)left : FEATURE_BATCH,
                           features + at * width, probabilities);
  }
  nml_predictor_destroy(predictor);
  return status;
}

/* ---- Principal components: the axes along which the covariance is largest,
 * by orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2.4) */

typedef struct cloud {
  const float *features; /* [count][width] */
  size_t count, width;
  double *mean;       /* [width] */
  double *row;        /* [width]: one row, less the mean */
  double *covariance; /* [width][width], not divided by count */
  double *axes[AXES], *turned[AXES];
} cloud;

static void cloud_release(cloud *c) {
  nml_free(c->mean);
  nml_free(c->row);
  nml_free(c->covariance);
  for (int i = 0; i < AXES; i++) {
    nml_free(c->axes[i]);
    nml_free(c->turned[i]);
  }
}

static bool cloud_take(cloud *c) {
  size_t square = 0;
  bool fits = nml_mul_size(c->width, c->width, &square);
  c->mean = nml_alloc(c->width, sizeof(double));
  c->row = nml_alloc(c->width, sizeof(double));
  c->covariance = fits ? nml_alloc(square, sizeof(double)) : NULL;
  bool all = c->mean && c->row && c->covariance;
  for (int i = 0; i < AXES; i++) {
    c->axes[i] = nml_alloc(c->width, sizeof(double));
    c->turned[i] = nml_alloc(c->width, sizeof(double));
    all = all && c->axes[i] && c->turned[i];
  }
  return all;
}

static void centre_row(const cloud *c, size_t index) {
  const float *from = c->features + index * c->width;
  for (size_t j = 0; j < c->width; j++)
    c->row[j] = (double)from[j] - c->mean[j];
}

static void take_mean(const cloud *c) {
  for (size_t i = 0; i < c->count; i++)
    for (size_t j = 0; j < c->width; j++)
      c->mean[j] += (double)c->features[i * c->width + j];
  for (size_t j = 0; j < c->width; j++) c->mean[j] /= (double)c->count;
}

static void take_covariance(const cloud *c) {
  for (size_t i = 0; i < c->count; i++) {
    centre_row(c, i);
    for (size_t j = 0; j < c->width; j++) {
      double value = c->row[j], *to = c->covariance + j * c->width;
      if (value == 0) continue;
      for (size_t k = 0; k < c->width; k++) to[k] += value * c->row[k];
    }
  }
}

static double dot(const double *a, const double *b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* Makes an axis 1 long; one that has next to nothing of `before` left, since
 * nothing varies along it, becomes 0. */
static void set_length(double *axis, size_t width, double before) {
  double length = sqrt(dot(axis, axis, width));
  double scale = length > 1e-12 * before ? 1 / length : 0;
  for (size_t j = 0; j < width; j++) axis[j] *= scale;
}

/* Takes out of axis 1 what lies along axis 0, and makes both 1 long. */
static void orthonormalise(double *axes[AXES], size_t width) {
  double before = sqrt(dot(axes[1], axes[1], width));
  set_length(axes[0], width, 0);
  double along = dot(axes[0], axes[1], width);
  for (size_t j = 0; j < width; j++) axes[1][j] -= along * axes[0][j];
  set_length(axes[1], width, before);
}

/* One turn; returns the variance found along each axis before it. */
static void turn(cloud *c, double variance[AXES]) {
  for (int i = 0; i < AXES; i++) {
    for (size_t j = 0; j < c->width; j++)
      c->turned[i][j] = dot(c->covariance + j * c->width, c->axes[i], c->width);
    variance[i] = dot(c->turned[i], c->axes[i], c->width);
  }
  orthonormalise(c->turned, c->width);
  for (int i = 0; i < AXES; i++)
    memcpy(c->axes[i], c->turned[i], c->width * sizeof(double));
}

/* An axis has no sign of its own: its largest number is made positive. */
static void fix_sign(double *axis, size_t width) {
  size_t largest = 0;
  for (size_t j = 1; j < width; j++)
    if (fabs(axis[j]) > fabs(axis[largest])) largest = j;
  double sign = axis[largest] < 0 ? -1 : 1;
  for (size_t j = 0; j < width; j++) axis[j] *= sign;
}

static void find_axes(cloud *c, double variance[AXES]) {
  nml_random random = nml_random_init(1, NML_PURPOSE_PROJECT, 0, 0);
  for (int i = 0; i < AXES; i++)
    for (size_t j = 0; j < c->width; j++)
      c->axes[i][j] = (double)nml_random_normal(&random);
  orthonormalise(c->axes, c->width);
  double before[AXES] = {-1, -1};
  for (int i = 0; i < MOST_TURNS; i++) {
    turn(c, variance);
    double moved =
        fabs(variance[0] - before[0]) + fabs(variance[1] - before[1]);
    if (moved <= 1e-12 * variance[0]) break;
    memcpy(before, variance, sizeof before);
  }
  for (int i = 0; i < AXES; i++) fix_sign(c->axes[i], c->width);
}

static double total_variance(const cloud *c) {
  double sum = 0;
  for (size_t j = 0; j < c->width; j++) sum += c->covariance[j * c->width + j];
  return sum;
}

numeral_status nml_project(const float *features, size_t count, size_t width,
                           float *points, double shares[2],
                           numeral_error *error) {
  cloud c = {.features = features, .count = count, .width = width};
  double variance[AXES] = {0, 0};
  numeral_status status = NUMERAL_OK;
  if (cloud_take(&c)) {
    take_mean(&c);
    take_covariance(&c);
    find_axes(&c, variance);
    for (size_t i = 0; i < count; i++) {
      centre_row(&c, i);
      for (int a = 0; a < AXES; a++)
        *points++ = (float)dot(c.row, c.axes[a], width);
    }
    double all = total_variance(&c);
    for (int a = 0; shares && a < AXES; a++)
      shares[a] = all > 0 ? variance[a] / all : 0;
  } else {
    status = nml_fail_memory(error, "a map of features", width * width);
  }
  cloud_release(&c);
  return status;
}

/* ---- Neighbours
 * --------------------------------------------------------------- */

static float distance(const float *a, const float *b, size_t width) {
  double sum = 0;
  for (size_t j = 0; j < width; j++) {
    double apart = (double)a[j] - (double)b[j];
    sum += apart * apart;
  }
  return (float)sqrt(sum);
}

void nml_nearest(const float *features, size_t count, size_t width,
                 const float *query, size_t wanted, size_t *indices,
                 float *distances) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    float d = distance(features + i * width, query, width);
    if (found == wanted && !(d < distances[found - 1])) continue;
    size_t at = found < wanted ? found++ : found - 1;
    for (; at > 0 && distances[at - 1] > d; at--) {
      distances[at] = distances[at - 1];
      indices[at] = indices[at - 1];
    }
    distances[at] = d;
    indices[at] = i;
  }
}
