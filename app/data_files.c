/* data_files.c: see data_files.h. */
#include "app/data_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/message.h"
#include "formats/format_fail.h"
#include "formats/gzip.h"
#include "formats/image_file.h"

enum { PATH_BYTES = 4096 };
static const size_t FILE_LIMIT_BYTES = (size_t)1 << 31;

static bool is_file(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

static bool is_folder(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* The parsers know bytes only: says whose bytes they were. */
static numeral_status name_file(const char *path, numeral_status status,
                                numeral_error *error) {
  if (status == NUMERAL_OK || !error) return status;
  numeral_error said = *error;
  return format_fail(error, status, "%s: %s", path, said.message);
}

/* ---- IDX and CSV ---- */

numeral_status data_read_pair(const char *images_path, const char *labels_path,
                              numeral_dataset **dataset, numeral_error *error) {
  unsigned char *images = NULL, *labels = NULL;
  size_t images_bytes, labels_bytes;
  *dataset = NULL;
  numeral_status status = gzip_file_read(images_path, FILE_LIMIT_BYTES, &images,
                                         &images_bytes, error);
  if (status) goto done;
  status = gzip_file_read(labels_path, FILE_LIMIT_BYTES, &labels, &labels_bytes,
                          error);
  if (status) goto done;
  status = numeral_dataset_parse_idx(images, images_bytes, labels, labels_bytes,
                                     dataset, error);
  if (status) {
    char both[PATH_BYTES * 2 + 8];
    snprintf(both, sizeof both, "%s and %s", images_path, labels_path);
    name_file(both, status, error);
  }

done:
  free(images);
  free(labels);
  return status;
}

numeral_status data_read_csv(const char *path, numeral_dataset **dataset,
                             numeral_error *error) {
  unsigned char *bytes;
  size_t size_bytes;
  *dataset = NULL;
  numeral_status status =
      gzip_file_read(path, FILE_LIMIT_BYTES, &bytes, &size_bytes, error);
  if (status) return status;
  status = numeral_dataset_parse_csv((const char *)bytes, size_bytes, dataset,
                                     error);
  free(bytes);
  return name_file(path, status, error);
}

/* FOLDER/START-KIND, or the same and .gz; false where neither is there. */
static bool find_idx(const char *folder, const char *start, const char *kind,
                     char path[PATH_BYTES]) {
  const char *const endings[] = {"", ".gz"};
  for (int i = 0; i < 2; i++) {
    int length = snprintf(path, PATH_BYTES, "%s/%s-%s-ubyte%s", folder, start,
                          kind, endings[i]);
    if (length < PATH_BYTES && is_file(path)) return true;
  }
  return false;
}

numeral_status data_read_idx_folder(const char *folder, const char *start,
                                    numeral_dataset **dataset,
                                    numeral_error *error) {
  char images[PATH_BYTES], labels[PATH_BYTES];
  bool has_images = find_idx(folder, start, "images-idx3", images);
  bool has_labels = find_idx(folder, start, "labels-idx1", labels);
  *dataset = NULL;
  if (has_images && has_labels) {
    return data_read_pair(images, labels, dataset, error);
  }
  if (!has_images && !has_labels) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_IO,
                     "%s has %s-%s-ubyte but not %s-%s-ubyte beside it: images "
                     "and labels belong together",
                     folder, start, has_images ? "images-idx3" : "labels-idx1",
                     start, has_images ? "labels-idx1" : "images-idx3");
}

/* ---- folders of pictures ---- */

/* Images and labels as they come in. */
typedef struct collection {
  uint8_t *images, *labels;
  size_t count, capacity, blank;
} collection;

static numeral_status make_room(collection *c, numeral_error *error) {
  if (c->count < c->capacity) return NUMERAL_OK;
  size_t larger = c->capacity ? 2 * c->capacity : 256;
  uint8_t *images = realloc(c->images, larger * NUMERAL_IMAGE_PIXELS);
  if (images) c->images = images;
  uint8_t *labels = realloc(c->labels, larger);
  if (labels) c->labels = labels;
  if (images && labels) {
    c->capacity = larger;
    return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_MEMORY,
                     "no memory for %zu pictures: use fewer", larger);
}

static numeral_status add_picture(collection *c, const char *path, int label,
                                  numeral_error *error) {
  image_file picture;
  int has_ink;
  numeral_status status = make_room(c, error);
  if (status) return status;
  status = image_file_read(path, &picture, error);
  if (status) return status;
  status = numeral_normalise(&picture.raster,
                             c->images + c->count * NUMERAL_IMAGE_PIXELS,
                             &has_ink, error);
  image_file_release(&picture);
  if (status) return name_file(path, status, error);
  if (!has_ink) {
    c->blank++;
    return NUMERAL_OK;
  }
  c->labels[c->count++] = (uint8_t)label;
  return NUMERAL_OK;
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name); /* alphasort asks the locale */
}

static numeral_status add_folder(collection *c, const char *folder, int label,
                                 numeral_error *error) {
  struct dirent **entries = NULL;
  numeral_status status = NUMERAL_OK;
  int count = scandir(folder, &entries, is_visible, by_bytes);
  if (count < 0) {
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be read: %s", folder,
                       strerror(errno));
  }
  for (int i = 0; i < count; i++) {
    char path[PATH_BYTES];
    int length =
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (!status && length < PATH_BYTES && is_file(path)) {
      status = add_picture(c, path, label, error);
    }
    free(entries[i]);
  }
  free(entries);
  return status;
}

static bool digit_folder(const char *folder, int digit, char path[PATH_BYTES]) {
  int length = snprintf(path, PATH_BYTES, "%s/%d", folder, digit);
  return length < PATH_BYTES && is_folder(path);
}

bool data_is_image_folder(const char *folder) {
  char path[PATH_BYTES];
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    if (digit_folder(folder, digit, path)) return true;
  }
  return false;
}

numeral_status data_read_image_folder(const char *folder,
                                      numeral_dataset **dataset,
                                      numeral_error *error) {
  collection c = {0};
  char path[PATH_BYTES];
  numeral_status status = NUMERAL_OK;
  *dataset = NULL;
  for (int digit = 0; digit < NUMERAL_CLASSES && !status; digit++) {
    if (digit_folder(folder, digit, path)) {
      status = add_folder(&c, path, digit, error);
    }
  }
  if (!status && c.blank) {
    message_warning(NULL, "%zu pictures in %s have no ink and are left out",
                    c.blank, folder);
  }
  if (!status && c.count == 0) {
    status = format_fail(error, NUMERAL_ERROR_FORMAT,
                         "%s has no pictures in its folders 0 to 9", folder);
  }
  if (!status) {
    status =
        numeral_dataset_create(c.images, c.labels, c.count, dataset, error);
  }
  free(c.images);
  free(c.labels);
  return status;
}
