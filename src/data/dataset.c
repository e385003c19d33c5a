/* dataset.c: see dataset.h. Must not know files or networks. */
#include "data/dataset.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/team.h"

numeral_status nml_dataset_alloc(size_t count, numeral_dataset **dataset,
                                 numeral_error *error) {
  assert(count <= NML_DATASET_MAX);
  *dataset = NULL;
  numeral_dataset *made = nml_alloc(1, sizeof *made);
  if (!made) goto fail;
  made->count = count;
  made->images = nml_alloc(count, NUMERAL_IMAGE_PIXELS);
  made->labels = nml_alloc(count, 1);
  if (!made->images || !made->labels) goto fail;
  *dataset = made;
  return NUMERAL_OK;

fail:
  nml_dataset_destroy(made);
  return nml_fail_memory(error, "a data set",
                         count * (NUMERAL_IMAGE_PIXELS + 1));
}

enum { PART_IMAGES = 256 }; /* made by one thread in a row */

typedef struct making {
  numeral_dataset *dataset;
  nml_make_image_fn make;
  const void *context;
} making;

static void make_part(void *context, int member, int part) {
  const making *m = context;
  size_t from = (size_t)part * PART_IMAGES, to = from + PART_IMAGES;
  (void)member;
  if (to > m->dataset->count) to = m->dataset->count;
  for (size_t i = from; i < to; i++)
    m->dataset->labels[i] =
        m->make(m->context, i, m->dataset->images + i * NUMERAL_IMAGE_PIXELS);
}

numeral_status nml_dataset_make(size_t count, nml_make_image_fn make,
                                const void *context, numeral_dataset **dataset,
                                numeral_error *error) {
  nml_team *team;
  numeral_status status = nml_dataset_alloc(count, dataset, error);
  if (status != NUMERAL_OK) return status;
  status = nml_team_create(nml_processor_count(), &team, error);
  if (status != NUMERAL_OK) {
    nml_dataset_destroy(*dataset);
    *dataset = NULL;
    return status;
  }
  making m = {*dataset, make, context};
  nml_team_each(team, (int)((count + PART_IMAGES - 1) / PART_IMAGES), make_part,
                &m);
  nml_team_destroy(team);
  return NUMERAL_OK;
}

void nml_dataset_destroy(numeral_dataset *dataset) {
  if (!dataset) return;
  nml_free(dataset->images);
  nml_free(dataset->labels);
  nml_free(dataset);
}

uint64_t nml_dataset_checksum(const numeral_dataset *dataset) {
  uint8_t count[8]; /* little-endian, so that every machine agrees */
  for (int i = 0; i < 8; i++) {
    count[i] = (uint8_t)((uint64_t)dataset->count >> (8 * i));
  }
  uint64_t hash = nml_hash(nml_hash_start, count, sizeof count);
  hash = nml_hash(hash, dataset->labels, dataset->count);
  return nml_hash(hash, dataset->images, dataset->count * NUMERAL_IMAGE_PIXELS);
}

/* ---- split ---- */

/* Marks `fraction` of the images of one class; `members` is working memory of
 * [count]. Returns how many. */
static size_t mark_class(const numeral_dataset *dataset, uint8_t label,
                         double fraction, uint64_t seed, uint32_t *members,
                         uint8_t *marks) {
  size_t found = 0;
  for (size_t i = 0; i < dataset->count; i++) {
    if (dataset->labels[i] == label) members[found++] = (uint32_t)i;
  }
  nml_random random = nml_random_init(seed, NML_PURPOSE_SPLIT, label, 0);
  nml_random_shuffle(&random, members, found);
  size_t taken = (size_t)llround(fraction * (double)found);
  for (size_t i = 0; i < taken; i++) marks[members[i]] = 1;
  return taken;
}

static void copy_marked(const numeral_dataset *from, const uint8_t *marks,
                        uint8_t mark, numeral_dataset *to) {
  size_t at = 0;
  for (size_t i = 0; i < from->count; i++) {
    if (marks[i] != mark) continue;
    to->labels[at] = from->labels[i];
    memcpy(to->images + at * NUMERAL_IMAGE_PIXELS,
           from->images + i * NUMERAL_IMAGE_PIXELS, NUMERAL_IMAGE_PIXELS);
    at++;
  }
}

numeral_status nml_dataset_split(const numeral_dataset *dataset,
                                 double fraction, uint64_t seed,
                                 numeral_dataset **first,
                                 numeral_dataset **second,
                                 numeral_error *error) {
  assert(fraction >= 0 && fraction <= 1);
  *first = *second = NULL;
  numeral_status status = NUMERAL_OK;
  numeral_dataset *rest = NULL, *taken = NULL;
  size_t taken_count = 0;
  uint8_t *marks = nml_alloc(dataset->count, 1);
  uint32_t *members = nml_alloc(dataset->count, sizeof *members);
  if (!marks || !members) {
    status = nml_fail_memory(error, "splitting a data set",
                             dataset->count * (1 + sizeof *members));
    goto done;
  }
  for (uint8_t label = 0; label < NUMERAL_CLASSES; label++) {
    taken_count += mark_class(dataset, label, fraction, seed, members, marks);
  }
  status = nml_dataset_alloc(dataset->count - taken_count, &rest, error);
  if (status) goto done;
  status = nml_dataset_alloc(taken_count, &taken, error);
  if (status) goto done;
  copy_marked(dataset, marks, 0, rest);
  copy_marked(dataset, marks, 1, taken);
  *first = rest;
  *second = taken;
  rest = taken = NULL;

done:
  nml_free(marks);
  nml_free(members);
  nml_dataset_destroy(rest);
  nml_dataset_destroy(taken);
  return status;
}

numeral_status nml_dataset_join(const numeral_dataset *first,
                                const numeral_dataset *second,
                                numeral_dataset **joined,
                                numeral_error *error) {
  const size_t count = first->count, bytes = count * NUMERAL_IMAGE_PIXELS;
  *joined = NULL;
  if (count + second->count > NML_DATASET_MAX)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "%zu images and %zu more are more than the %d that a set "
                    "can hold",
                    count, second->count, (int)NML_DATASET_MAX);
  numeral_status status =
      nml_dataset_alloc(count + second->count, joined, error);
  if (status) return status;
  numeral_dataset *made = *joined;
  if (count) memcpy(made->images, first->images, bytes);
  if (count) memcpy(made->labels, first->labels, count);
  if (!second->count) return NUMERAL_OK;
  memcpy(made->images + bytes, second->images,
         second->count * NUMERAL_IMAGE_PIXELS);
  memcpy(made->labels + count, second->labels, second->count);
  return NUMERAL_OK;
}
