/* fetch.h: files of named data sets: found on this machine, or downloaded and
 * kept, and always checked. Must not know what is in them. */
#ifndef NUMERAL_APP_FETCH_FETCH_H
#define NUMERAL_APP_FETCH_FETCH_H

#include <stdbool.h>

#include "numeral.h"

enum { FETCH_PATH_MAX = 4096, FETCH_PLACES_MAX = 4 };

typedef struct fetch_file {
  const char *name;   /* "train-images-idx3-ubyte"; downloads end in ".gz" */
  size_t size_bytes;  /* unpacked */
  const char *sha256; /* of the unpacked bytes, 64 hexadecimal digits */
} fetch_file;

typedef struct fetch_set {
  const char *name;
  const fetch_file *files;
  int file_count;
  const char *const *mirrors; /* base URLs, ended by NULL; in their place those
                                 of $NUMERAL_MIRRORS, separated by blanks */
} fetch_set;

/* The four files of MNIST, in this order. */
enum {
  MNIST_TRAIN_IMAGES,
  MNIST_TRAIN_LABELS,
  MNIST_TEST_IMAGES,
  MNIST_TEST_LABELS,
  MNIST_FILES
};
extern const fetch_set fetch_mnist;

typedef struct fetch_options {
  const char *data_dir; /* the first place to look in, or NULL */
  bool local_only;      /* nothing is downloaded */
  long connect_ms;      /* 0: 3 seconds */
  long stall_seconds;   /* a slower mirror is given up on; 0: 8 seconds */
} fetch_options;

/* The folders that are looked in, in order, each also with /NAME of the set
 * behind it. Returns how many. */
int fetch_places(const char *data_dir,
                 char places[FETCH_PLACES_MAX][FETCH_PATH_MAX]);

/* Where a file of the set lies on this machine, packed or not; false where it
 * does not. The file is not opened. */
bool fetch_locate(const fetch_set *set, int index, const char *data_dir,
                  char path[FETCH_PATH_MAX]);

/* A file's bytes, unpacked, of the size and checksum that are wanted: from
 * where fetch_locate finds it, else downloaded into the cache. free() ends
 * *bytes; `path` receives where the file lies. */
numeral_status fetch_read(const fetch_set *set, int index,
                          const fetch_options *options, unsigned char **bytes,
                          char path[FETCH_PATH_MAX], numeral_error *error);

#endif
