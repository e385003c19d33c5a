/* api_explain.c: numeral.h's drawing and explaining: arguments are checked,
 * the engine called, nothing more. */
#include "base/memory.h"
#include "data/pen.h"
#include "engine/explain.h"
#include "engine/features.h"
#include "engine/threads.h"

#include <math.h>
#include <string.h>

static const float MOST_PX = 1e6f;
enum { MOST_SIDE_PX = 4096 };

static numeral_status argument(numeral_error *error, const char *sentence) {
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT, "%s", sentence);
}

/* ---- Drawing
 * ----------------------------------------------------------------- */

static bool is_drawable(const numeral_dot *dot, int side_px) {
  return fabsf(dot->x) <= MOST_PX && fabsf(dot->y) <= MOST_PX &&
         dot->radius >= 0 && dot->radius <= (float)side_px;
}

numeral_status numeral_draw_line(const numeral_dot *dots, size_t count,
                                 int side_px, uint8_t *pixels,
                                 numeral_error *error) {
  nml_error_clear(error);
  if (!dots || !pixels) return argument(error, "dots or pixels is NULL");
  if (side_px < 1 || side_px > MOST_SIDE_PX)
    return argument(error, "side_px must be 1 to 4096");
  if (count < 1 || count > INT32_MAX)
    return argument(error, "a line has at least one dot");
  for (size_t i = 0; i < count; i++)
    if (!is_drawable(&dots[i], side_px))
      return argument(error,
                      "a dot is not finite, too far outside, or its radius is "
                      "below 0 or larger than the picture");
  nml_pen_draw(dots, (int)count, side_px, pixels);
  return NUMERAL_OK;
}

/* ---- Explaining
 * -------------------------------------------------------------- */

numeral_status numeral_explainer_create(const numeral_model *model,
                                        numeral_explainer **explainer,
                                        numeral_error *error) {
  nml_error_clear(error);
  if (!explainer) return argument(error, "explainer is NULL");
  *explainer = NULL;
  if (!model) return argument(error, "model is NULL");
  return nml_explainer_create(model, explainer, error);
}

void numeral_explainer_destroy(numeral_explainer *explainer) {
  nml_explainer_destroy(explainer);
}

numeral_status numeral_explainer_run(numeral_explainer *explainer,
                                     const uint8_t image[NUMERAL_IMAGE_PIXELS],
                                     float *probabilities,
                                     numeral_error *error) {
  float unwanted[NUMERAL_CLASSES];
  nml_error_clear(error);
  if (!explainer || !image)
    return argument(error, "explainer or image is NULL");
  nml_explainer_run(explainer, image, probabilities ? probabilities : unwanted);
  return NUMERAL_OK;
}

numeral_maps numeral_explainer_layer(const numeral_explainer *explainer,
                                     size_t index) {
  if (!explainer || !nml_explainer_has_run(explainer) ||
      index >= nml_explainer_layer_count(explainer))
    return (numeral_maps){0};
  return nml_explainer_layer(explainer, (int)index);
}

numeral_status numeral_explainer_heat(numeral_explainer *explainer, int digit,
                                      float heat[NUMERAL_IMAGE_PIXELS],
                                      numeral_error *error) {
  nml_error_clear(error);
  if (!heat) return argument(error, "heat is NULL");
  memset(heat, 0, NUMERAL_IMAGE_PIXELS * sizeof *heat);
  if (!explainer || !nml_explainer_has_run(explainer))
    return argument(error, "explainer is NULL, or has no image yet");
  if (digit < 0 || digit >= NUMERAL_CLASSES)
    return argument(error, "digit must be 0 to 9");
  nml_explainer_heat(explainer, digit, heat);
  return NUMERAL_OK;
}

int numeral_explainer_heat_layer(const numeral_explainer *explainer) {
  return explainer ? nml_explainer_heat_layer(explainer) : -1;
}

/* ---- Features
 * ---------------------------------------------------------------- */

numeral_status numeral_features(const numeral_model *model,
                                const uint8_t *images, size_t count,
                                int threads, float *features,
                                numeral_error *error) {
  nml_error_clear(error);
  if (!model) return argument(error, "model is NULL");
  if (count > 0 && (!images || !features))
    return argument(error, "images or features is NULL");
  if (threads < 0 || threads > NML_MAX_THREADS)
    return argument(error, "threads must be 0 (all) to 1024");
  return nml_features(model, images, count, threads, features, error);
}

static numeral_status check_features(const float *features, size_t count,
                                     size_t width, numeral_error *error) {
  size_t size_bytes;
  if (!features) return argument(error, "features is NULL");
  if (count < 1 || width < 1)
    return argument(error, "count and width must be 1 or more");
  if (!nml_mul_size(count, width, &size_bytes) ||
      !nml_mul_size(size_bytes, sizeof *features, &size_bytes))
    return argument(error, "so many features fit into no memory");
  return NUMERAL_OK;
}

numeral_status numeral_project(const float *features, size_t count,
                               size_t width, float *points, double shares[2],
                               numeral_error *error) {
  nml_error_clear(error);
  if (shares) shares[0] = shares[1] = 0;
  if (!points) return argument(error, "points is NULL");
  numeral_status status = check_features(features, count, width, error);
  if (status != NUMERAL_OK) return status;
  return nml_project(features, count, width, points, shares, error);
}

numeral_status numeral_nearest(const float *features, size_t count,
                               size_t width, const float *query, size_t wanted,
                               size_t *indices, float *distances,
                               numeral_error *error) {
  nml_error_clear(error);
  if (!query || !indices) return argument(error, "query or indices is NULL");
  numeral_status status = check_features(features, count, width, error);
  if (status != NUMERAL_OK) return status;
  if (wanted < 1 || wanted > count)
    return argument(error, "wanted must be 1 to count");
  float *own = distances ? NULL : nml_alloc(wanted, sizeof *own);
  if (!distances && !own)
    return nml_fail_memory(error, "distances", wanted * sizeof *own);
  nml_nearest(features, count, width, query, wanted, indices,
              distances ? distances : own);
  nml_free(own);
  return NUMERAL_OK;
}
