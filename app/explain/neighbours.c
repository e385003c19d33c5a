/* neighbours.c: see neighbours.h. */
#include "app/explain/neighbours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format_fail.h"

/* Features of so many images are in memory at once: those of 60,000 can be
 * gigabytes. */
enum { PORTION = 2048 };

typedef struct search {
  const numeral_model *model;
  const numeral_dataset *dataset;
  const uint8_t *image;
  size_t width; /* features an image */
  size_t wanted;
  int threads;
  float *query, *features; /* [width], [PORTION][width] */
  neighbours *found;
} search;

/* ---- The nearest so far
 * ------------------------------------------------------- */

static void insert(neighbours *found, size_t wanted, size_t index,
                   float distance) {
  size_t at = found->count;
  while (at > 0 && found->nearest[at - 1].distance > distance) --at;
  if (at >= wanted) return;
  size_t kept = found->count < wanted ? found->count : wanted - 1;
  memmove(&found->nearest[at + 1], &found->nearest[at],
          (kept - at) * sizeof *found->nearest);
  found->nearest[at] = (neighbour){.index = index, .distance = distance};
  found->count = kept + 1;
}

static numeral_status search_portion(search *s, size_t first, size_t count,
                                     numeral_error *error) {
  const uint8_t *images = numeral_dataset_images(s->dataset);
  size_t indices[NEIGHBOURS_MAX + 1];
  float distances[NEIGHBOURS_MAX + 1];
  size_t wanted = s->wanted < count ? s->wanted : count;
  numeral_status status =
      numeral_features(s->model, images + first * NUMERAL_IMAGE_PIXELS, count,
                       s->threads, s->features, error);
  if (status == NUMERAL_OK) {
    status = numeral_nearest(s->features, count, s->width, s->query, wanted,
                             indices, distances, error);
  }
  for (size_t i = 0; status == NUMERAL_OK && i < wanted; ++i)
    insert(s->found, s->wanted, first + indices[i], distances[i]);
  return status;
}

static numeral_status search_all(search *s, numeral_error *error) {
  size_t all = numeral_dataset_count(s->dataset);
  s->query = malloc(s->width * sizeof(float));
  s->features = malloc(PORTION * s->width * sizeof(float));
  numeral_status status =
      s->query != NULL && s->features != NULL
          ? numeral_features(s->model, s->image, 1, 1, s->query, error)
          : format_fail(error, NUMERAL_ERROR_MEMORY,
                        "no memory for the features of %d images", PORTION);
  for (size_t i = 0; status == NUMERAL_OK && i < all; i += PORTION)
    status = search_portion(s, i, all - i < PORTION ? all - i : PORTION, error);
  free(s->query);
  free(s->features);
  return status;
}

/* ---- What they are
 * ------------------------------------------------------------ */

static void name_set(const data_source *source, char set[DATA_PATH_MAX]) {
  if (strcmp(source->name, "mnist") == 0) {
    snprintf(set, DATA_PATH_MAX, "mnist:train");
  } else if (strcmp(source->origin, "drawn") == 0) {
    snprintf(set, DATA_PATH_MAX, "synth:train");
  } else {
    snprintf(set, DATA_PATH_MAX, "%s", source->name);
  }
}

static bool is_itself(const neighbours *found, const neighbour *n,
                      const char *name) {
  char other[DATA_PATH_MAX + 32];
  snprintf(other, sizeof other, "%s:%zu", found->set, n->index);
  return strcmp(other, name) == 0;
}

/* One more than wanted was looked for. */
static void leave_out_itself(neighbours *found, const char *name,
                             size_t wanted) {
  size_t kept = 0;
  for (size_t i = 0; i < found->count && kept < wanted; ++i) {
    if (!is_itself(found, &found->nearest[i], name))
      found->nearest[kept++] = found->nearest[i];
  }
  found->count = kept;
}

static void copy_images(neighbours *found, const numeral_dataset *dataset) {
  for (size_t i = 0; i < found->count; ++i) {
    neighbour *n = &found->nearest[i];
    n->label = numeral_dataset_labels(dataset)[n->index];
    memcpy(n->pixels,
           numeral_dataset_images(dataset) + n->index * NUMERAL_IMAGE_PIXELS,
           NUMERAL_IMAGE_PIXELS);
  }
}

numeral_status neighbours_find(const numeral_model *model,
                               const uint8_t image[NUMERAL_IMAGE_PIXELS],
                               const char *name,
                               const data_source_options *data, size_t wanted,
                               int threads, neighbours *found,
                               numeral_error *error) {
  data_source_options options = *data;
  data_source source;
  found->count = 0;
  found->set[0] = '\0';
  options.parts = DATA_TRAIN;
  numeral_status status = data_source_load(&options, &source, error);
  if (status != NUMERAL_OK) return status;
  search s = {.model = model,
              .dataset = source.train ? source.train : source.test,
              .image = image,
              .width = numeral_model_get_info(model).feature_count,
              .wanted = wanted + 1,
              .threads = threads,
              .found = found};
  status = search_all(&s, error);
  if (status == NUMERAL_OK) {
    name_set(&source, found->set);
    leave_out_itself(found, name, wanted);
    copy_images(found, s.dataset);
  }
  data_source_release(&source);
  return status;
}
