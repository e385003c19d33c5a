/* data_source.h: from the value of --data to sets of images in memory: a named
 * set, a folder, a CSV file or a pair of IDX files. Must not know networks. */
#ifndef NUMERAL_APP_DATA_SOURCE_H
#define NUMERAL_APP_DATA_SOURCE_H

#include <stdbool.h>

#include "numeral.h"

enum { DATA_PATH_MAX = 4096 };

/* Which halves of a source to load. */
typedef enum data_part {
  DATA_TRAIN = 1 << 0,
  DATA_TEST = 1 << 1,
  DATA_BOTH = DATA_TRAIN | DATA_TEST
} data_part;

typedef struct data_source_options {
  const char *data;     /* --data: "mnist", "synth", "synth:COUNT", a folder
                           of IDX files (named as MNIST's, .gz or not), a folder
                           with sub-folders 0 to 9 of images (or with train and
                           test folders of those), or a CSV file */
  const char *data_dir; /* --data-dir, or NULL */
  const char *images_path, *labels_path; /* --images, --labels: an IDX pair,
                           .gz or not, in place of `data`; or both NULL */
  bool normalise;  /* every image goes through numeral_normalise */
  uint64_t seed;   /* of synth */
  int parts;       /* of data_part */
  bool local_only; /* mnist is not downloaded */
  bool joins;      /* `data` may be several sets joined by +: "mnist+synth:9" */
} data_source_options;

/* "mnist", no folder, seed 1, both parts. */
data_source_options data_source_defaults(void);

typedef struct data_source {
  numeral_dataset *train; /* also what is one set only: CSV, --images, a
                             folder of images; NULL where not asked for or
                             not there */
  numeral_dataset *test;  /* NULL where not asked for, or the source has none */
  numeral_dataset *added; /* the training images of the sets behind a +, or
                             NULL: to train on, never to measure on */
  char name[DATA_PATH_MAX];   /* "mnist", "synth:60000", or the path */
  char origin[DATA_PATH_MAX]; /* the folder or file it came from; "drawn" */
  uint64_t checksum;          /* of train, or of test where there is no train;
                                 changed by that of added */
} data_source;

/* Fills *source, which data_source_release ends. At least one of train and
 * test is there on NUMERAL_OK: a source that is one set gives it as train
 * whatever `parts` says. mnist may be downloaded (fetch/fetch.h). */
numeral_status data_source_load(const data_source_options *options,
                                data_source *source, numeral_error *error);

/* Copies the first of the sets that are joined by + into `set`, which has room
 * for all of `text`, and returns the rest, or NULL where that was the last.
 * What is there as a file or folder is one set. */
const char *data_source_next(const char *text, char *set, size_t size_bytes);

/* The same --data with its paths from the root, for later, into `to`; false
 * where it does not fit. */
bool data_source_make_absolute(const char *text, char *to, size_t size_bytes);

/* The set to measure on: test, or train where the source is one set only. */
const numeral_dataset *data_source_test_set(const data_source *source);

/* Accepts an empty source, and empties it. */
void data_source_release(data_source *source);

/* A number below `count` (> 0) that depends on the seed and the turn alone. */
size_t data_source_pick(uint64_t seed, uint64_t turn, size_t count);

/* One image of a named set. */
typedef struct data_image {
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  int label;
  size_t index;
  char name[64]; /* "mnist:test:42", also where "random" was asked for */
} data_image;

/* What an option table says of --data-dir; `variable` is a const char *. */
#define DATA_DIR_ROW(variable)                                       \
  {                                                                  \
    .name = "data-dir", .kind = OPTION_TEXT, .value = &(variable),   \
    .argument = "DIR", .help = "look for named data sets here first" \
  }

/* Is `text` of the form "mnist:test:..." or "synth:train:..."? */
bool data_source_is_image(const char *text);

/* text: NAME:train or NAME:test, then ":" and an index from 0 or "random",
 * which options->seed chooses (pass the time for another one every run). The
 * images of synth are those of seed 1. options->data is not read. */
numeral_status data_source_image(const char *text,
                                 const data_source_options *options,
                                 data_image *image, numeral_error *error);

/* The parts of such a name: `set` [16] receives "mnist" or "synth". Nothing is
 * loaded. */
numeral_status data_source_find(const char *text, uint64_t seed, char *set,
                                data_part *part, size_t *index,
                                numeral_error *error);

#endif
