/* fetch.c: see fetch.h. Where files are looked for, and whether they are the
 * right ones; download.c brings those that are missing. */
#include "app/fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/crypto/sha256.h"
#include "app/fetch/download.h"
#include "formats/format_fail.h"
#include "formats/gzip.h"
#include "formats/module.h"

/* ---- places ---- */

static bool is_file(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

static bool add_place(char place[FETCH_PATH_MAX], const char *folder,
                      const char *below) {
  if (!folder || !*folder) return false;
  int length = snprintf(place, FETCH_PATH_MAX, "%s%s", folder, below);
  return length < FETCH_PATH_MAX;
}

bool fetch_cache(char folder[FETCH_PATH_MAX]) {
  const char *cache = getenv("XDG_CACHE_HOME");
  /* the standard of these variables wants paths from the root */
  if (cache && *cache == '/') return add_place(folder, cache, "/numeral");
  return add_place(folder, getenv("HOME"), "/.cache/numeral");
}

int fetch_places(const char *data_dir,
                 char places[FETCH_PLACES_MAX][FETCH_PATH_MAX]) {
  int count = 0;
  count += add_place(places[count], data_dir, "");
  count += add_place(places[count], getenv("NUMERAL_DATA_DIR"), "");
  count += add_place(places[count], "data", "");
  count += fetch_cache(places[count]);
  return count;
}

static bool locate_in(const char *place, const fetch_set *set,
                      const fetch_file *file, char path[FETCH_PATH_MAX]) {
  for (int i = 0; i < 4; i++) {
    const char *slash = i < 2 ? "/" : "", *below = i < 2 ? set->name : "";
    const char *ending = i % 2 ? ".gz" : "";
    int length = snprintf(path, FETCH_PATH_MAX, "%s%s%s/%s%s", place, slash,
                          below, file->name, ending);
    if (length < FETCH_PATH_MAX && is_file(path)) return true;
  }
  *path = '\0';
  return false;
}

bool fetch_locate(const fetch_set *set, int index, const char *data_dir,
                  char path[FETCH_PATH_MAX]) {
  char places[FETCH_PLACES_MAX][FETCH_PATH_MAX];
  int count = fetch_places(data_dir, places);
  for (int i = 0; i < count; i++) {
    if (locate_in(places[i], set, &set->files[index], path)) return true;
  }
  *path = '\0';
  return false;
}

/* ---- is it the right file? ---- */

/* A packed file may be a little larger than what is in it. */
enum { GZIP_SLACK_BYTES = 1 << 16 };

static numeral_status fail_other_file(const char *path, const fetch_file *file,
                                      numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "%s is not the published file (%zu bytes unpacked, "
                     "SHA-256 %.12s...): remove it, or give its folder to "
                     "--data to use it as it is",
                     path, file->size_bytes, file->sha256);
}

static numeral_status check_bytes(const char *path, const fetch_file *file,
                                  const unsigned char *bytes, size_t size_bytes,
                                  numeral_error *error) {
  char sha256[SHA256_TEXT];
  sha256_fn *write =
      (sha256_fn *)module_function("crypto", "sha256_write", error);
  if (!write) return NUMERAL_ERROR_IO;
  if (size_bytes == file->size_bytes && write(bytes, size_bytes, sha256) &&
      strcmp(sha256, file->sha256) == 0) {
    return NUMERAL_OK;
  }
  return fail_other_file(path, file, error);
}

numeral_status fetch_check(const char *path, const fetch_file *file,
                           unsigned char **bytes, numeral_error *error) {
  size_t size_bytes;
  numeral_status status = gzip_file_read(
      path, file->size_bytes + GZIP_SLACK_BYTES, bytes, &size_bytes, error);
  if (status == NUMERAL_OK) {
    status = check_bytes(path, file, *bytes, size_bytes, error);
  } else if (status == NUMERAL_ERROR_LIMIT) {
    status = fail_other_file(path, file, error);
  }
  if (status == NUMERAL_OK) return status;
  free(*bytes);
  *bytes = NULL;
  return status;
}

/* ---- */

static bool is_in_cache(const char *path) {
  char cache[FETCH_PATH_MAX];
  return fetch_cache(cache) && strncmp(path, cache, strlen(cache)) == 0;
}

numeral_status fetch_read(const fetch_set *set, int index,
                          const fetch_options *options, unsigned char **bytes,
                          char path[FETCH_PATH_MAX], numeral_error *error) {
  *bytes = NULL;
  if (fetch_locate(set, index, options->data_dir, path)) {
    numeral_status status = fetch_check(path, &set->files[index], bytes, error);
    /* only what we put there ourselves may we replace */
    if (status != NUMERAL_ERROR_FORMAT || !is_in_cache(path) ||
        options->local_only) {
      return status;
    }
    remove(path);
  }
  if (options->local_only) {
    return format_fail(
        error, NUMERAL_ERROR_IO,
        "%s is not on this machine: fetch it with \"numeral data "
        "fetch %s\"",
        set->files[index].name, set->name);
  }
  return download_file(set, index, options, bytes, path, error);
}
