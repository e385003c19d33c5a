/* data_source.c: see data_source.h. */
#include "app/data_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/data_files.h"
#include "app/fetch/fetch.h"
#include "app/file_replace.h"
#include "formats/format_fail.h"

enum {
  SYNTH_COUNT = 60000,
  SYNTH_COUNT_MAX = 1 << 24,
  SYNTH_TEST_SHARE = 6, /* a test image for so many others, as in MNIST */
  SYNTH_TEST_MAX = 10000
};
/* far from the seeds that people choose: test images are never trained on */
static const uint64_t SYNTH_TEST_SEED = 0x7465737400000000u;

data_source_options data_source_defaults(void) {
  return (data_source_options){.data = "mnist", .seed = 1, .parts = DATA_BOTH};
}

/* ---- named sets ---- */

static numeral_status read_mnist_part(const data_source_options *options,
                                      int images, int labels,
                                      numeral_dataset **dataset, char *origin,
                                      numeral_error *error) {
  fetch_options fetching = {.data_dir = options->data_dir,
                            .local_only = options->local_only};
  unsigned char *image_bytes = NULL, *label_bytes = NULL;
  char path[FETCH_PATH_MAX];
  *dataset = NULL;
  numeral_status status =
      fetch_read(&fetch_mnist, labels, &fetching, &label_bytes, path, error);
  if (status) goto done;
  status =
      fetch_read(&fetch_mnist, images, &fetching, &image_bytes, path, error);
  if (status) goto done;
  snprintf(origin, DATA_PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path),
           path);
  status = numeral_dataset_parse_idx(
      image_bytes, fetch_mnist.files[images].size_bytes, label_bytes,
      fetch_mnist.files[labels].size_bytes, dataset, error);

done:
  free(image_bytes);
  free(label_bytes);
  return status;
}

static numeral_status load_mnist(const data_source_options *options,
                                 data_source *source, numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  if (options->parts & DATA_TRAIN) {
    status = read_mnist_part(options, MNIST_TRAIN_IMAGES, MNIST_TRAIN_LABELS,
                             &source->train, source->origin, error);
  }
  if (!status && options->parts & DATA_TEST) {
    status = read_mnist_part(options, MNIST_TEST_IMAGES, MNIST_TEST_LABELS,
                             &source->test, source->origin, error);
  }
  return status;
}

static bool is_synth(const char *data) {
  return strcmp(data, "synth") == 0 || strncmp(data, "synth:", 6) == 0;
}

/* A whole number 0..limit that is all of `text`. */
static bool read_index(const char *text, size_t limit, size_t *index) {
  char *end;
  if (*text < '0' || *text > '9') return false;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  *index = (size_t)value;
  return *end == '\0' && errno == 0 && value <= limit;
}

static numeral_status draw_synth(data_part part, size_t count, uint64_t seed,
                                 numeral_dataset **dataset,
                                 numeral_error *error) {
  if (part == DATA_TEST) seed ^= SYNTH_TEST_SEED;
  return numeral_dataset_synthesise(count, seed, dataset, error);
}

static numeral_status load_synth(const data_source_options *options,
                                 data_source *source, numeral_error *error) {
  size_t count = SYNTH_COUNT;
  if (options->data[5] == ':' &&
      (!read_index(options->data + 6, SYNTH_COUNT_MAX, &count) || !count)) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "\"%s\": after synth: comes a number of images from 1 "
                       "to %d",
                       options->data, SYNTH_COUNT_MAX);
  }
  size_t test_count = (count + SYNTH_TEST_SHARE - 1) / SYNTH_TEST_SHARE;
  if (test_count > SYNTH_TEST_MAX) test_count = SYNTH_TEST_MAX;
  snprintf(source->name, sizeof source->name, "synth:%zu", count);
  snprintf(source->origin, sizeof source->origin, "drawn");
  numeral_status status = NUMERAL_OK;
  if (options->parts & DATA_TRAIN) {
    status =
        draw_synth(DATA_TRAIN, count, options->seed, &source->train, error);
  }
  if (!status && options->parts & DATA_TEST) {
    status =
        draw_synth(DATA_TEST, test_count, options->seed, &source->test, error);
  }
  return status;
}

/* ---- files and folders ---- */

static numeral_status load_pair(const data_source_options *options,
                                data_source *source, numeral_error *error) {
  if (!options->images_path || !options->labels_path) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "--images and --labels belong together: %s is missing",
                       options->images_path ? "--labels" : "--images");
  }
  snprintf(source->name, sizeof source->name, "%s", options->images_path);
  snprintf(source->origin, sizeof source->origin, "%s", options->images_path);
  return data_read_pair(options->images_path, options->labels_path,
                        &source->train, error);
}

static numeral_status load_idx_folder(const data_source_options *options,
                                      data_source *source,
                                      numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  numeral_dataset *train = NULL, *test = NULL;
  /* a part that was not asked for is read where it is the only one */
  if (options->parts & DATA_TRAIN) {
    status = data_read_idx_folder(options->data, "train", &train, error);
  }
  if (!status && (options->parts & DATA_TEST || !train)) {
    status = data_read_idx_folder(options->data, "t10k", &test, error);
  }
  if (!status && !train && !test) {
    status = data_read_idx_folder(options->data, "train", &train, error);
  }
  source->train = train;
  source->test = test;
  return status;
}

static numeral_status load_image_folders(const data_source_options *options,
                                         data_source *source,
                                         numeral_error *error) {
  char train[DATA_PATH_MAX], test[DATA_PATH_MAX];
  snprintf(train, sizeof train, "%s/train", options->data);
  snprintf(test, sizeof test, "%s/test", options->data);
  if (data_is_image_folder(options->data)) {
    return data_read_image_folder(options->data, &source->train, error);
  }
  bool has_train = data_is_image_folder(train);
  bool has_test = data_is_image_folder(test);
  numeral_status status = NUMERAL_OK;
  if (has_train && (options->parts & DATA_TRAIN || !has_test)) {
    status = data_read_image_folder(train, &source->train, error);
  }
  if (!status && has_test && (options->parts & DATA_TEST || !has_train)) {
    status = data_read_image_folder(test, &source->test, error);
  }
  return status;
}

static numeral_status load_folder(const data_source_options *options,
                                  data_source *source, numeral_error *error) {
  numeral_status status = load_idx_folder(options, source, error);
  if (!status && !source->train && !source->test) {
    status = load_image_folders(options, source, error);
  }
  if (status || source->train || source->test) return status;
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "%s has no data: neither IDX files named as MNIST's, such "
                     "as train-images-idx3-ubyte, nor folders 0 to 9 of images",
                     options->data);
}

static numeral_status load_path(const data_source_options *options,
                                data_source *source, numeral_error *error) {
  struct stat found;
  if (stat(options->data, &found) != 0) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "no data set \"%s\": it is neither mnist nor synth, and "
                       "as a file or folder: %s%s",
                       options->data, strerror(errno),
                       strchr(options->data, '+') == NULL
                           ? ""
                           : " (only training joins sets by +)");
  }
  snprintf(source->name, sizeof source->name, "%s", options->data);
  snprintf(source->origin, sizeof source->origin, "%s", options->data);
  if (S_ISDIR(found.st_mode)) return load_folder(options, source, error);
  return data_read_csv(options->data, &source->train, error);
}

/* ---- all of them ---- */

/* Replaces *dataset by the same images sent through the normaliser. */
static numeral_status normalise_all(numeral_dataset **dataset,
                                    numeral_error *error) {
  if (!*dataset) return NUMERAL_OK;
  size_t count = numeral_dataset_count(*dataset);
  const uint8_t *images = numeral_dataset_images(*dataset);
  numeral_dataset *normalised = NULL;
  numeral_status status = NUMERAL_OK;
  uint8_t *made = malloc(count ? count * NUMERAL_IMAGE_PIXELS : 1);
  if (!made) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory to normalise %zu images", count);
  }
  for (size_t i = 0; i < count && !status; i++) {
    const size_t at = i * NUMERAL_IMAGE_PIXELS;
    numeral_raster raster = {images + at, NUMERAL_IMAGE_SIDE,
                             NUMERAL_IMAGE_SIDE, 1, NUMERAL_IMAGE_SIDE};
    int has_ink;
    status = numeral_normalise(&raster, made + at, &has_ink, error);
  }
  if (!status) {
    status = numeral_dataset_create(made, numeral_dataset_labels(*dataset),
                                    count, &normalised, error);
  }
  free(made);
  if (status) return status;
  numeral_dataset_destroy(*dataset);
  *dataset = normalised;
  return NUMERAL_OK;
}

static numeral_status load_any(const data_source_options *options,
                               data_source *source, numeral_error *error) {
  if (options->images_path || options->labels_path) {
    return load_pair(options, source, error);
  }
  if (strcmp(options->data, fetch_mnist.name) == 0) {
    snprintf(source->name, sizeof source->name, "%s", options->data);
    return load_mnist(options, source, error);
  }
  return is_synth(options->data) ? load_synth(options, source, error)
                                 : load_path(options, source, error);
}

const char *data_source_next(const char *text, char *set, size_t size_bytes) {
  const char *plus = access(text, F_OK) == 0 ? NULL : strchr(text, '+');
  size_t length = plus ? (size_t)(plus - text) : strlen(text);
  snprintf(set, size_bytes, "%.*s", (int)length, text);
  return plus ? plus + 1 : NULL;
}

/* What is there and no name of a set, is a path. */
static bool make_set_absolute(const char *text, char *to, size_t size_bytes) {
  bool is_name = strcmp(text, "mnist") == 0 || strncmp(text, "synth", 5) == 0;
  if (!is_name && access(text, F_OK) == 0)
    return path_make_absolute(text, to, size_bytes);
  return (size_t)snprintf(to, size_bytes, "%s", text) < size_bytes;
}

bool data_source_make_absolute(const char *text, char *to, size_t size_bytes) {
  char set[DATA_PATH_MAX];
  size_t used = 0;
  if (strlen(text) >= sizeof set) return false;
  for (const char *next; text != NULL; text = next) {
    next = data_source_next(text, set, sizeof set);
    if (!make_set_absolute(set, to + used, size_bytes - used)) return false;
    used += strlen(to + used);
    if (next == NULL) continue;
    if (used + 2 > size_bytes) return false;
    strcpy(to + used++, "+");
  }
  return true;
}

/* Puts the images of `more`, which is taken, behind those of *all. */
static numeral_status add_set(numeral_dataset **all, numeral_dataset *more,
                              numeral_error *error) {
  numeral_dataset *joined = more;
  numeral_status status = NUMERAL_OK;
  if (*all) {
    status = numeral_dataset_join(*all, more, &joined, error);
    numeral_dataset_destroy(more);
    if (status) return status;
    numeral_dataset_destroy(*all);
  }
  *all = joined;
  return NUMERAL_OK;
}

/* The training images of one set behind a +. */
static numeral_status load_added(const data_source_options *options,
                                 data_source *source, numeral_error *error) {
  data_source other = {0};
  numeral_status status = load_any(options, &other, error);
  if (!status && !other.train) {
    status = format_fail(error, NUMERAL_ERROR_ARGUMENT,
                         "%s has no training images to add", options->data);
  }
  if (!status) {
    size_t used = strlen(source->name);
    snprintf(source->name + used, sizeof source->name - used, "+%s",
             other.name);
    status = add_set(&source->added, other.train, error);
    other.train = NULL;
  }
  data_source_release(&other);
  return status;
}

/* The first set, and the training images of those that are joined to it. */
static numeral_status load_joined(const data_source_options *options,
                                  data_source *source, numeral_error *error) {
  char set[DATA_PATH_MAX];
  data_source_options one = *options;
  if (!one.joins || one.images_path) return load_any(&one, source, error);
  if (strlen(one.data) >= sizeof set) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "the name of the data is too long");
  }
  const char *next = data_source_next(one.data, set, sizeof set);
  one.data = set;
  numeral_status status = load_any(&one, source, error);
  one.parts = DATA_TRAIN;
  while (!status && next) {
    next = data_source_next(next, set, sizeof set);
    status = load_added(&one, source, error);
  }
  return status;
}

numeral_status data_source_load(const data_source_options *options,
                                data_source *source, numeral_error *error) {
  data_source_options o = *options;
  if (!o.data) o.data = fetch_mnist.name;
  *source = (data_source){0};
  numeral_status status = load_joined(&o, source, error);
  if (!status && o.normalise) status = normalise_all(&source->train, error);
  if (!status && o.normalise) status = normalise_all(&source->added, error);
  if (!status && o.normalise) status = normalise_all(&source->test, error);
  if (status) {
    data_source_release(source);
    return status;
  }
  source->checksum =
      numeral_dataset_checksum(source->train ? source->train : source->test);
  if (source->added) {
    source->checksum =
        source->checksum * 3 + numeral_dataset_checksum(source->added);
  }
  return NUMERAL_OK;
}

const numeral_dataset *data_source_test_set(const data_source *source) {
  return source->test ? source->test : source->train;
}

void data_source_release(data_source *source) {
  if (!source) return;
  numeral_dataset_destroy(source->train);
  numeral_dataset_destroy(source->test);
  numeral_dataset_destroy(source->added);
  *source = (data_source){0};
}

/* ---- one image: NAME:train:INDEX ---- */

typedef struct image_reference {
  const char *set;
  data_part part;
  size_t count;      /* images in that part */
  const char *index; /* "42" or "random" */
} image_reference;

static bool read_reference(const char *text, image_reference *reference) {
  static const struct {
    const char *start, *set;
    data_part part;
    size_t count;
  } known[] = {{"mnist:train:", "mnist", DATA_TRAIN, 60000},
               {"mnist:test:", "mnist", DATA_TEST, 10000},
               {"synth:train:", "synth", DATA_TRAIN, SYNTH_COUNT},
               {"synth:test:", "synth", DATA_TEST, SYNTH_TEST_MAX}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    size_t length = strlen(known[i].start);
    if (strncmp(text, known[i].start, length) != 0) continue;
    *reference = (image_reference){known[i].set, known[i].part, known[i].count,
                                   text + length};
    return true;
  }
  return false;
}

bool data_source_is_image(const char *text) {
  image_reference reference = {0};
  return read_reference(text, &reference);
}

/* splitmix64 (Steele, Lea and Flood 2014). */
size_t data_source_pick(uint64_t seed, uint64_t turn, size_t count) {
  uint64_t z = seed * 0xd1342543de82ef95u + (turn + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (size_t)((z ^ (z >> 31)) % count);
}

static numeral_status choose_index(const char *text,
                                   const image_reference *reference,
                                   uint64_t seed, size_t *index,
                                   numeral_error *error) {
  if (strcmp(reference->index, "random") == 0) {
    *index = data_source_pick(seed, 0, reference->count);
    return NUMERAL_OK;
  }
  if (read_index(reference->index, reference->count - 1, index)) {
    return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "%s: the last part is an index from 0 to %zu, or random",
                     text, reference->count - 1);
}

/* The part as far as `index`. What is drawn is drawn no further, and from seed
 * 1: synth:test:42 is the same image every day. */
static numeral_status load_as_far(const image_reference *reference,
                                  size_t index,
                                  const data_source_options *options,
                                  numeral_dataset **dataset,
                                  numeral_error *error) {
  if (is_synth(reference->set)) {
    return draw_synth(reference->part, index + 1, 1, dataset, error);
  }
  char origin[DATA_PATH_MAX];
  bool train = reference->part == DATA_TRAIN;
  return read_mnist_part(
      options, train ? MNIST_TRAIN_IMAGES : MNIST_TEST_IMAGES,
      train ? MNIST_TRAIN_LABELS : MNIST_TEST_LABELS, dataset, origin, error);
}

static numeral_status find_image(const char *text, uint64_t seed,
                                 image_reference *reference, size_t *index,
                                 numeral_error *error) {
  if (!read_reference(text, reference)) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "%s does not name an image: write mnist:test:42 or "
                       "mnist:test:random",
                       text);
  }
  return choose_index(text, reference, seed, index, error);
}

numeral_status data_source_find(const char *text, uint64_t seed, char *set,
                                data_part *part, size_t *index,
                                numeral_error *error) {
  image_reference reference = {0};
  numeral_status status = find_image(text, seed, &reference, index, error);
  if (status) return status;
  strcpy(set, reference.set);
  *part = reference.part;
  return NUMERAL_OK;
}

numeral_status data_source_image(const char *text,
                                 const data_source_options *options,
                                 data_image *image, numeral_error *error) {
  image_reference reference = {0};
  numeral_dataset *dataset = NULL;
  size_t index = 0;
  *image = (data_image){.label = -1};
  numeral_status status =
      find_image(text, options->seed, &reference, &index, error);
  if (!status)
    status = load_as_far(&reference, index, options, &dataset, error);
  if (status) return status;
  memcpy(image->pixels,
         numeral_dataset_images(dataset) + index * NUMERAL_IMAGE_PIXELS,
         NUMERAL_IMAGE_PIXELS);
  image->label = numeral_dataset_labels(dataset)[index];
  image->index = index;
  snprintf(image->name, sizeof image->name, "%s:%s:%zu", reference.set,
           reference.part == DATA_TRAIN ? "train" : "test", index);
  numeral_dataset_destroy(dataset);
  return NUMERAL_OK;
}
