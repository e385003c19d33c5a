/* file_replace.c: see file_replace.h. */
#include "app/file_replace.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "formats/format_fail.h"

static bool write_all(int file, const char *bytes, size_t size_bytes) {
  while (size_bytes > 0) {
    ssize_t written = write(file, bytes, size_bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size_bytes -= (size_t)written;
  }
  return true;
}

/* After this the new name survives a power cut too. Not every file system
 * can do it, so a refusal is no failure. */
static void sync_folder_of(const char *path) {
  char folder[PATH_MAX];
  folder_of(path, folder, sizeof folder);
  int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  fsync(opened);
  close(opened);
}

numeral_status file_replace(const char *path, const char *text,
                            numeral_error *error) {
  return file_replace_bytes(path, text, strlen(text), error);
}

numeral_status file_replace_bytes(const char *path, const void *bytes,
                                  size_t size_bytes, numeral_error *error) {
  char temporary[PATH_MAX];
  int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
  if (length >= (int)sizeof temporary) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "the path %.60s... is too long", path);
  }
  int file = mkstemp(temporary);
  if (file < 0) {
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                       path, strerror(errno));
  }
  bool done = fchmod(file, 0644) == 0 && write_all(file, bytes, size_bytes) &&
              fsync(file) == 0;
  int reason = errno;
  if (close(file) != 0 && done) {
    done = false;
    reason = errno;
  }
  if (done && rename(temporary, path) != 0) {
    done = false;
    reason = errno;
  }
  if (!done) {
    unlink(temporary);
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                       path, strerror(reason));
  }
  sync_folder_of(path);
  return NUMERAL_OK;
}

static bool is_folder(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

numeral_status folder_make(const char *path, numeral_error *error) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof part) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "the path %.60s... is too long", path);
  }
  for (size_t i = 1; i <= length; ++i) {
    if (path[i] != '/' && path[i] != '\0') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (mkdir(part, 0777) == 0 || is_folder(part)) continue;
    int reason = errno == EEXIST ? ENOTDIR : errno;
    return format_fail(error, NUMERAL_ERROR_IO,
                       "the folder %s cannot be made: %s", part,
                       strerror(reason));
  }
  return NUMERAL_OK;
}

numeral_status folder_make_dated(const char *name, char *folder,
                                 size_t size_bytes, numeral_error *error) {
  enum { MOST_OF_A_SECOND = 1000 };
  time_t now = time(NULL);
  struct tm parts;
  char when[32] = "";
  numeral_status status = folder_make("runs", error);
  if (status != NUMERAL_OK) return status;
  if (localtime_r(&now, &parts) != NULL)
    strftime(when, sizeof when, "%Y%m%d-%H%M%S", &parts);
  int length = snprintf(folder, size_bytes, "runs/%.64s-%s", name, when);
  for (int i = 2; i < MOST_OF_A_SECOND; ++i) {
    if (mkdir(folder, 0777) == 0) return NUMERAL_OK;
    if (errno != EEXIST) break;
    snprintf(folder + length, size_bytes - (size_t)length, "-%d", i);
  }
  return format_fail(error, NUMERAL_ERROR_IO,
                     "the folder %s cannot be made: %s", folder,
                     strerror(errno));
}

void folder_of(const char *path, char *folder, size_t size_bytes) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    snprintf(folder, size_bytes, ".");
  } else {
    snprintf(folder, size_bytes, "%.*s",
             slash == path ? 1 : (int)(slash - path), path);
  }
}

numeral_status folder_check(const char *folder, double needed_bytes,
                            numeral_error *error) {
  if (!is_folder(folder)) {
    return format_fail(
        error, NUMERAL_ERROR_IO,
        "%s is not a folder: make it first, or choose another place", folder);
  }
  if (access(folder, W_OK | X_OK) != 0) {
    return format_fail(
        error, NUMERAL_ERROR_IO,
        "no file can be made in the folder %s (%s): choose another place",
        folder, strerror(errno));
  }
  struct statvfs space;
  if (statvfs(folder, &space) != 0 || space.f_blocks == 0)
    return NUMERAL_OK; /* not known */
  double free_bytes = (double)space.f_bavail * (double)space.f_frsize;
  if (free_bytes >= needed_bytes) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_IO,
                     "the disk of %s has %.1f MB free, and about %.1f MB are "
                     "needed: make room, "
                     "or choose another place",
                     folder, free_bytes / 1e6, needed_bytes / 1e6);
}

bool path_make_absolute(const char *path, char *absolute, size_t size_bytes) {
  char here[PATH_MAX];
  int length;
  if (*path == '/') {
    length = snprintf(absolute, size_bytes, "%s", path);
  } else {
    if (getcwd(here, sizeof here) == NULL) return false;
    length = snprintf(absolute, size_bytes, "%s/%s", here, path);
  }
  return length >= 0 && (size_t)length < size_bytes;
}
