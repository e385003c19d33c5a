/* api_data.c: the part of numeral.h about data sets. Checks arguments and calls
 * the floors below, nothing more. */
#include <string.h>

#include "base/fail.h"
#include "data/augment.h"
#include "data/corrupt.h"
#include "data/dataset.h"
#include "data/readers.h"
#include "data/synth.h"

static numeral_status fail_argument(numeral_error *error, const char *function,
                                    const char *problem) {
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT, "%s: %s", function, problem);
}

static numeral_status check_count(numeral_error *error, const char *function,
                                  size_t count) {
  if (count <= NML_DATASET_MAX) return NUMERAL_OK;
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                  "%s: %zu images are more than the %d that a set can hold",
                  function, count, (int)NML_DATASET_MAX);
}

static numeral_status check_labels(numeral_error *error, const char *function,
                                   const uint8_t *labels, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (labels[i] < NUMERAL_CLASSES) continue;
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "%s: label %zu is %d, not a digit 0 to 9", function, i,
                    labels[i]);
  }
  return NUMERAL_OK;
}

numeral_status numeral_dataset_create(const uint8_t *images,
                                      const uint8_t *labels, size_t count,
                                      numeral_dataset **dataset,
                                      numeral_error *error) {
  nml_error_clear(error);
  if (!dataset) return fail_argument(error, __func__, "dataset is NULL");
  *dataset = NULL;
  if (count && (!images || !labels)) {
    return fail_argument(error, __func__, "images or labels is NULL");
  }
  numeral_status status = check_count(error, __func__, count);
  if (!status) status = check_labels(error, __func__, labels, count);
  if (!status) status = nml_dataset_alloc(count, dataset, error);
  if (status || !count) return status;
  memcpy((*dataset)->images, images, count * NUMERAL_IMAGE_PIXELS);
  memcpy((*dataset)->labels, labels, count);
  return NUMERAL_OK;
}

numeral_status numeral_dataset_parse_idx(
    const void *images, size_t images_size_bytes, const void *labels,
    size_t labels_size_bytes, numeral_dataset **dataset, numeral_error *error) {
  nml_error_clear(error);
  if (!dataset) return fail_argument(error, __func__, "dataset is NULL");
  *dataset = NULL;
  if (!images || !labels) {
    return fail_argument(error, __func__, "images or labels is NULL");
  }
  return nml_idx_parse(images, images_size_bytes, labels, labels_size_bytes,
                       dataset, error);
}

numeral_status numeral_dataset_parse_csv(const char *text, size_t size_bytes,
                                         numeral_dataset **dataset,
                                         numeral_error *error) {
  nml_error_clear(error);
  if (!dataset) return fail_argument(error, __func__, "dataset is NULL");
  *dataset = NULL;
  if (!text) return fail_argument(error, __func__, "text is NULL");
  return nml_csv_parse(text, size_bytes, dataset, error);
}

numeral_status numeral_dataset_synthesise(size_t count, uint64_t seed,
                                          numeral_dataset **dataset,
                                          numeral_error *error) {
  nml_error_clear(error);
  if (!dataset) return fail_argument(error, __func__, "dataset is NULL");
  *dataset = NULL;
  numeral_status status = check_count(error, __func__, count);
  return status ? status : nml_synth_dataset(count, seed, dataset, error);
}

numeral_status numeral_dataset_split(const numeral_dataset *dataset,
                                     double fraction, uint64_t seed,
                                     numeral_dataset **first,
                                     numeral_dataset **second,
                                     numeral_error *error) {
  nml_error_clear(error);
  if (first) *first = NULL;
  if (second) *second = NULL;
  if (!dataset || !first || !second) {
    return fail_argument(error, __func__, "dataset, first or second is NULL");
  }
  if (!(fraction >= 0 && fraction <= 1)) {
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "%s: the fraction is %g, not between 0 and 1", __func__,
                    fraction);
  }
  return nml_dataset_split(dataset, fraction, seed, first, second, error);
}

const char *numeral_corruption_name(numeral_corruption kind) {
  static const char *const names[NUMERAL_CORRUPTIONS] = {
      "noise",  "blur",  "shift",   "scale",
      "rotate", "shade", "stripes", "occlusion"};
  return (unsigned)kind < NUMERAL_CORRUPTIONS ? names[kind] : NULL;
}

numeral_status numeral_dataset_corrupt(const numeral_dataset *dataset,
                                       numeral_corruption kind, int strength,
                                       uint64_t seed,
                                       numeral_dataset **corrupted,
                                       numeral_error *error) {
  nml_error_clear(error);
  if (corrupted) *corrupted = NULL;
  if (!dataset || !corrupted || (unsigned)kind >= NUMERAL_CORRUPTIONS ||
      strength < 1 || strength > 3)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "dataset or corrupted is NULL, or there is no such "
                    "corruption: kinds are 0 to %d, strengths 1 to 3",
                    NUMERAL_CORRUPTIONS - 1);
  return nml_corrupt(dataset, kind, strength, seed, corrupted, error);
}

void numeral_dataset_destroy(numeral_dataset *dataset) {
  nml_dataset_destroy(dataset);
}

size_t numeral_dataset_count(const numeral_dataset *dataset) {
  return dataset ? dataset->count : 0;
}

const uint8_t *numeral_dataset_images(const numeral_dataset *dataset) {
  return dataset ? dataset->images : NULL;
}

const uint8_t *numeral_dataset_labels(const numeral_dataset *dataset) {
  return dataset ? dataset->labels : NULL;
}

uint64_t numeral_dataset_checksum(const numeral_dataset *dataset) {
  return dataset ? nml_dataset_checksum(dataset) : 0;
}

numeral_status numeral_dataset_join(const numeral_dataset *first,
                                    const numeral_dataset *second,
                                    numeral_dataset **joined,
                                    numeral_error *error) {
  nml_error_clear(error);
  if (!joined) return fail_argument(error, __func__, "joined is NULL");
  *joined = NULL;
  if (!first || !second)
    return fail_argument(error, __func__, "first or second is NULL");
  return nml_dataset_join(first, second, joined, error);
}

numeral_augment numeral_augment_preset(numeral_strength strength) {
  return nml_augment_preset(strength);
}

numeral_status numeral_augment_images(const numeral_augment *augment,
                                      uint64_t seed, int epoch, size_t first,
                                      const uint8_t *images, size_t count,
                                      uint8_t *augmented,
                                      numeral_error *error) {
  nml_error_clear(error);
  if (!augment) return fail_argument(error, __func__, "augment is NULL");
  if (count && (!images || !augmented))
    return fail_argument(error, __func__, "images or augmented is NULL");
  if (epoch < 0) return fail_argument(error, __func__, "epoch is below 0");
  numeral_status status = nml_augment_check(augment, error);
  if (status) return status;
  for (size_t i = 0; i < count; i++) {
    const size_t at = i * NUMERAL_IMAGE_PIXELS;
    nml_augment_apply(augment, seed, (uint64_t)epoch, first + i, images + at,
                      augmented + at);
  }
  return NUMERAL_OK;
}
