/* report_measure.c: what a run's model says of its test set, once for pictures
 * and page; see report_data.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/prediction_text.h"
#include "app/report/report_data.h"
#include "formats/format_fail.h"

static numeral_status no_memory(numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory to measure it");
}

/* ---- Mistakes
 * ------------------------------------------------------------------ */

typedef struct mistake {
  float truth;  /* probability of the true digit */
  float answer; /* of the one that was said */
  size_t index;
} mistake;

static int worse_first(const void *a, const void *b) {
  const mistake *x = a, *y = b;
  if (x->truth != y->truth) return x->truth < y->truth ? -1 : 1;
  if (x->answer != y->answer) return x->answer > y->answer ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static numeral_status rank_mistakes(report_measure *m, numeral_error *error) {
  const uint8_t *labels = numeral_dataset_labels(m->test);
  size_t most = m->evaluation.count - m->evaluation.correct, count = 0;
  mistake *found = malloc((most + 1) * sizeof *found);
  m->mistakes = malloc((most + 1) * sizeof *m->mistakes);
  if (found == NULL || m->mistakes == NULL) {
    free(found);
    return no_memory(error);
  }
  for (size_t i = 0; i < m->evaluation.count && count < most; ++i) {
    const float *said = m->probabilities + i * NUMERAL_CLASSES;
    int answer = prediction_likeliest(said, -1);
    if (answer == labels[i]) continue;
    found[count++] = (mistake){said[labels[i]], said[answer], i};
  }
  qsort(found, count, sizeof *found, worse_first);
  for (size_t i = 0; i < count; ++i) m->mistakes[i] = found[i].index;
  m->mistake_count = count;
  free(found);
  return NUMERAL_OK;
}

/* ---- The map
 * ------------------------------------------------------------------- */

/* Some of the test images, evenly taken: they and their labels. */
static void take_evenly(const numeral_dataset *from, size_t wanted,
                        uint8_t *images, uint8_t *labels) {
  size_t count = numeral_dataset_count(from);
  for (size_t i = 0; i < wanted; ++i) {
    size_t at = i * count / wanted;
    memcpy(images + i * NUMERAL_IMAGE_PIXELS,
           numeral_dataset_images(from) + at * NUMERAL_IMAGE_PIXELS,
           NUMERAL_IMAGE_PIXELS);
    labels[i] = numeral_dataset_labels(from)[at];
  }
}

static numeral_status draw_map(report_run *run, int threads,
                               numeral_error *error) {
  report_map *map = &run->measure.map;
  size_t count = run->measure.evaluation.count;
  size_t width = numeral_model_get_info(run->model).feature_count;
  if (count > REPORT_MAP_POINTS) count = REPORT_MAP_POINTS;
  uint8_t *images = malloc(count * NUMERAL_IMAGE_PIXELS);
  float *features = malloc(count * width * sizeof *features);
  map->labels = malloc(count);
  map->points = malloc(count * 2 * sizeof *map->points);
  numeral_status status = images && features && map->labels && map->points
                              ? NUMERAL_OK
                              : no_memory(error);
  if (status == NUMERAL_OK) {
    take_evenly(run->measure.test, count, images, map->labels);
    status =
        numeral_features(run->model, images, count, threads, features, error);
  }
  if (status == NUMERAL_OK)
    status = numeral_project(features, count, width, map->points, map->shares,
                             error);
  if (status == NUMERAL_OK) map->count = count;
  free(images);
  free(features);
  return status;
}

/* ---- The whole
 * ----------------------------------------------------------------- */

/* Is the data what it was in training? */
static void compare_data(report_run *run, const data_source *data) {
  char now[24];
  const char *before = report_run_text(run, "data", "checksum");
  snprintf(now, sizeof now, "%016" PRIx64, data->checksum);
  if (before == NULL || strcmp(before, now) == 0) return;
  report_run_notice(run,
                    "The data %.200s has changed since the training (checksum "
                    "%s, was %.20s): what is measured here is measured on the "
                    "data as it is now",
                    data->name, now, before);
}

static numeral_status measure_test(report_run *run, int threads,
                                   numeral_error *error) {
  report_measure *m = &run->measure;
  size_t count = numeral_dataset_count(m->test);
  m->probabilities =
      malloc((count + 1) * NUMERAL_CLASSES * sizeof *m->probabilities);
  if (m->probabilities == NULL) return no_memory(error);
  numeral_status status =
      numeral_evaluate(run->model, m->test, threads, NUMERAL_PRECISION_AUTO,
                       &m->evaluation, m->probabilities, error);
  if (status == NUMERAL_OK) status = rank_mistakes(m, error);
  if (status != NUMERAL_OK) m->evaluation.count = 0;
  return status;
}

void report_run_measure(report_run *run, const data_source *data, int threads) {
  report_measure *m = &run->measure;
  numeral_error error;
  compare_data(run, data);
  m->train = data->train;
  m->test = data_source_test_set(data);
  m->on_training_set = data->test == NULL;
  if (run->model == NULL) return;
  if (measure_test(run, threads, &error) != NUMERAL_OK) {
    report_run_notice(run, "The model cannot be measured: %s", error.message);
  } else if (draw_map(run, threads, &error) != NUMERAL_OK) {
    report_run_notice(run, "There is no map: %s", error.message);
  }
}
