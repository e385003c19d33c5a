/* file.c: see file.h. POSIX calls rather than stdio, because only they can
 * refuse to follow an old name, flush to disk, and say why something failed. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *advice(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return ": free some space there or choose another folder";
    case EACCES:
    case EPERM:
      return ": change its permissions or choose another place";
    case EROFS:
      return ": choose a place that can be written to";
    case ENOENT:
      return ": check the spelling, and that the folder exists";
    case ENOTDIR:
      return ": check the path, one of its folders is a file";
    case EISDIR:
      return ": give the name of a file in it";
    case ENAMETOOLONG:
      return ": choose a shorter name";
    case EFBIG:
      return ": raise the limit on file sizes (ulimit -f)";
    case EIO:
      return ": the disk may be failing";
    default:
      return "";
  }
}

static numeral_status fail_errno(numeral_error *error, const char *action,
                                 const char *path, int code) {
  char reason[128];
  if (strerror_r(code, reason, sizeof reason) != 0)
    snprintf(reason, sizeof reason, "error %d", code);
  return nml_fail(error, NUMERAL_ERROR_IO, "cannot %s \"%.250s\": %s%s", action,
                  path, reason, advice(code));
}

/* ---- Reading ----------------------------------------------------------- */

/* A buffer of any length: what a pipe or a growing file gives is not known
 * beforehand. One byte of `capacity` is kept for the closing 0. */
typedef struct buffer {
  unsigned char *bytes;
  size_t size_bytes, capacity;
} buffer;

static bool buffer_grow(buffer *b, size_t capacity) {
  unsigned char *bytes = nml_alloc(capacity, 1);
  if (!bytes) return false;
  if (b->bytes) memcpy(bytes, b->bytes, b->size_bytes);
  nml_free(b->bytes);
  b->bytes = bytes;
  b->capacity = capacity;
  return true;
}

static numeral_status fail_limit(numeral_error *error, const char *path,
                                 size_t limit_bytes) {
  return nml_fail(
      error, NUMERAL_ERROR_LIMIT,
      "\"%.250s\" is larger than %zu bytes, the most that is read of "
      "such a file: check that it is the right one",
      path, limit_bytes);
}

static numeral_status read_all(int fd, const char *path, size_t limit_bytes,
                               buffer *b, numeral_error *error) {
  for (;;) {
    if (b->size_bytes > limit_bytes)
      return fail_limit(error, path, limit_bytes);
    if (b->size_bytes + 1 >= b->capacity && !buffer_grow(b, 2 * b->capacity))
      return nml_fail_memory(error, "reading a file", 2 * b->capacity);
    ssize_t got =
        read(fd, b->bytes + b->size_bytes, b->capacity - 1 - b->size_bytes);
    if (got == 0) return NUMERAL_OK;
    if (got < 0 && errno != EINTR)
      return fail_errno(error, "read", path, errno);
    if (got > 0) b->size_bytes += (size_t)got;
  }
}

static numeral_status read_open_file(int fd, const char *path,
                                     size_t limit_bytes, buffer *b,
                                     numeral_error *error) {
  struct stat info;
  if (fstat(fd, &info) != 0) return fail_errno(error, "read", path, errno);
  if (S_ISDIR(info.st_mode)) return fail_errno(error, "read", path, EISDIR);
  /* room for the last read to find the end without growing */
  size_t capacity = 65536;
  if (S_ISREG(info.st_mode) && info.st_size >= 0) {
    if ((uintmax_t)info.st_size > limit_bytes)
      return fail_limit(error, path, limit_bytes);
    capacity = (size_t)info.st_size + 2;
  }
  if (!buffer_grow(b, capacity))
    return nml_fail_memory(error, "reading a file", capacity);
  return read_all(fd, path, limit_bytes, b, error);
}

numeral_status nml_file_read(const char *path, size_t limit_bytes,
                             unsigned char **bytes, size_t *size_bytes,
                             numeral_error *error) {
  buffer b = {0};
  *bytes = NULL;
  *size_bytes = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno(error, "open", path, errno);
  numeral_status status = read_open_file(fd, path, limit_bytes, &b, error);
  close(fd);
  if (status != NUMERAL_OK) {
    nml_free(b.bytes);
    return status;
  }
  b.bytes[b.size_bytes] = 0;
  *bytes = b.bytes;
  *size_bytes = b.size_bytes;
  return NUMERAL_OK;
}

/* ---- Writing ----------------------------------------------------------- */

/* Returns 0 or an errno. */
static int write_chunks(int fd, const nml_chunk *chunks, size_t chunk_count) {
  for (size_t i = 0; i < chunk_count; i++) {
    const unsigned char *next = chunks[i].bytes;
    size_t left = chunks[i].size_bytes;
    while (left > 0) {
      ssize_t wrote = write(fd, next, left < INT_MAX ? left : INT_MAX);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return errno;
      next += wrote;
      left -= (size_t)wrote;
    }
  }
  return 0;
}

static int sync_retry(int fd) {
  int result;
  do result = fsync(fd);
  while (result != 0 && errno == EINTR);
  /* some file systems and devices have nothing to flush */
  if (result != 0 && (errno == EINVAL || errno == ENOTSUP)) return 0;
  return result == 0 ? 0 : errno;
}

/* Writes, flushes and closes; returns 0 or the first errno. */
static int fill_and_close(int fd, const nml_chunk *chunks, size_t chunk_count) {
  int code = write_chunks(fd, chunks, chunk_count);
  if (code == 0) code = sync_retry(fd);
  if (close(fd) != 0 && code == 0 && errno != EINTR) code = errno;
  return code;
}

/* A pipe or a device such as /dev/null cannot be replaced, only written to. */
static numeral_status write_in_place(const char *path, const nml_chunk *chunks,
                                     size_t chunk_count, numeral_error *error) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno(error, "open", path, errno);
  int code = fill_and_close(fd, chunks, chunk_count);
  return code == 0 ? NUMERAL_OK : fail_errno(error, "write", path, code);
}

/* Folder of `path` with its slash; "" for the current one. */
static bool folder_of(const char *path, char folder[PATH_MAX]) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) + 1 : 0;
  if (length >= PATH_MAX) return false;
  memcpy(folder, path, length);
  folder[length] = '\0';
  return true;
}

/* Opens a new file in `folder`; its name does not grow with the target's, so
 * that it is never too long where the target's is not. Returns -1 and errno. */
static int open_temporary(const char *folder, char *temporary,
                          size_t size_bytes) {
  static atomic_uint counter;
  for (int attempt = 0; attempt < 1000; attempt++) {
    int length =
        snprintf(temporary, size_bytes, "%s.numeral-%ld-%u.tmp", folder,
                 (long)getpid(), atomic_fetch_add(&counter, 1));
    if (length < 0 || (size_t)length >= size_bytes) {
      errno = ENAMETOOLONG;
      return -1;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

/* `old` describes the file to be replaced, or is NULL. */
static numeral_status replace(const char *path, const struct stat *old,
                              const nml_chunk *chunks, size_t chunk_count,
                              numeral_error *error) {
  char folder[PATH_MAX], temporary[PATH_MAX + 64];
  if (!folder_of(path, folder))
    return fail_errno(error, "write", path, ENAMETOOLONG);
  int fd = open_temporary(folder, temporary, sizeof temporary);
  if (fd < 0) return fail_errno(error, "write", path, errno);
  /* best effort: a file system without permissions is no reason to fail */
  if (old && fchmod(fd, old->st_mode & 0777) != 0) errno = 0;
  int code = fill_and_close(fd, chunks, chunk_count);
  if (code == 0 && rename(temporary, path) != 0) code = errno;
  if (code != 0) {
    unlink(temporary);
    return fail_errno(error, "write", path, code);
  }
  int folder_fd = open(folder[0] ? folder : ".", O_RDONLY | O_CLOEXEC);
  if (folder_fd < 0) return NUMERAL_OK; /* may be written but not read */
  code = sync_retry(folder_fd);
  close(folder_fd);
  return code == 0 ? NUMERAL_OK : fail_errno(error, "flush", path, code);
}

numeral_status nml_file_write(const char *path, const nml_chunk *chunks,
                              size_t chunk_count, numeral_error *error) {
  struct stat info;
  char target[PATH_MAX];
  if (stat(path, &info) != 0) {
    bool dangling = errno == ENOENT && lstat(path, &info) == 0;
    if (dangling)
      return nml_fail(
          error, NUMERAL_ERROR_IO,
          "cannot write \"%.250s\": it is a symbolic link to a file "
          "that does not exist: remove the link first",
          path);
    if (errno != ENOENT) return fail_errno(error, "write", path, errno);
    return replace(path, NULL, chunks, chunk_count, error);
  }
  if (S_ISDIR(info.st_mode)) return fail_errno(error, "write", path, EISDIR);
  if (!S_ISREG(info.st_mode))
    return write_in_place(path, chunks, chunk_count, error);
  /* rename would replace a write-protected file, and the link itself */
  if (access(path, W_OK) != 0 || !realpath(path, target))
    return fail_errno(error, "write", path, errno);
  return replace(target, &info, chunks, chunk_count, error);
}
