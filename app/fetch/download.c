/* download.c: see download.h. A file grows as NAME.gz.part and gets its name
 * only once its bytes are the right ones. */
#include "app/fetch/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/curl/transfer.h"
#include "app/file_replace.h"
#include "app/message.h"
#include "formats/format_fail.h"
#include "formats/module.h"

enum {
  CONNECT_MS = 3000,
  STALL_SECONDS = 8,
  STALL_BYTES_PER_SECOND = 1000,
  GZIP_SLACK_BYTES = 1 << 16,
  URL_MAX = 2048,
  MIRRORS_MAX = 8,
  TRIED_MAX = 1024
};

/* What is going on with one file, from the lock to the last mirror. */
typedef struct download {
  const fetch_set *set;
  const fetch_file *file;
  const fetch_options *options;
  transfer_fn *transfer_run;
  char folder[FETCH_PATH_MAX], path[FETCH_PATH_MAX], part[FETCH_PATH_MAX];
  char tried[TRIED_MAX]; /* "URL (what came of it), ..." */
} download;

/* ---- one transfer ---- */

static void show_progress(const char *name, int *percent, size_t now_bytes,
                          size_t all_bytes) {
  if (message_is_quiet() || !stream_is_terminal(stderr)) return;
  int now_percent = (int)(100 * now_bytes / all_bytes);
  if (now_percent == *percent) return;
  *percent = now_percent;
  fprintf(stderr, "\r  %s  %3d%% of %.1f MB", name, now_percent,
          (double)all_bytes / 1e6);
}

static void clear_progress(const transfer *t) {
  if (t->percent >= 0) fputs("\r\033[K", stderr);
}

/* Opens the part to go on with it. */
static bool open_part(const download *d, transfer *t) {
  t->stream = fopen(d->part, "ab");
  long size = -1;
  if (t->stream && fseek(t->stream, 0, SEEK_END) == 0) size = ftell(t->stream);
  if (size < 0) {
    t->disk_errno = errno;
    return false;
  }
  t->resumed_bytes = t->size_bytes = (size_t)size;
  t->limit_bytes = d->file->size_bytes + GZIP_SLACK_BYTES;
  if (t->size_bytes > t->limit_bytes) t->limit_bytes = t->size_bytes;
  return true;
}

static void close_part(const download *d, transfer *t) {
  if (!t->stream) return;
  bool flushed = fflush(t->stream) == 0 && fsync(fileno(t->stream)) == 0;
  if (!flushed && !t->disk_errno) t->disk_errno = errno ? errno : EIO;
  fclose(t->stream);
  if (t->size_bytes == 0) remove(d->part);
}

/* Adds to the part what is missing. */
static transfer transfer_part(const download *d, const char *url) {
  const fetch_options *o = d->options;
  transfer t = {
      .url = url,
      .connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS,
      .stall_seconds = o->stall_seconds ? o->stall_seconds : STALL_SECONDS,
      .stall_bytes_per_second = STALL_BYTES_PER_SECOND,
      .show = show_progress,
      .name = d->file->name,
      .percent = -1};
  if (open_part(d, &t)) {
    d->transfer_run(&t);
    clear_progress(&t);
  }
  close_part(d, &t);
  return t;
}

/* ---- the mirrors ---- */

/* Adds to `list` [TRIED_MAX], behind a comma; what does not fit is cut off. */
__attribute__((format(printf, 2, 3))) static void list_add(char *list,
                                                           const char *format,
                                                           ...) {
  va_list arguments;
  if (*list) strncat(list, ", ", TRIED_MAX - 1 - strlen(list));
  size_t used = strlen(list);
  va_start(arguments, format);
  vsnprintf(list + used, TRIED_MAX - used, format, arguments);
  va_end(arguments);
}

/* What the mirror sent is whole: is it the file? It gets its name then. */
static numeral_status accept_part(download *d, unsigned char **bytes,
                                  numeral_error *error) {
  numeral_status status = fetch_check(d->part, d->file, bytes, error);
  if (status == NUMERAL_ERROR_FORMAT) remove(d->part);
  if (status) return status;
  if (rename(d->part, d->path) == 0) return NUMERAL_OK;
  free(*bytes);
  *bytes = NULL;
  return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                     d->path, strerror(errno));
}

/* Another mirror's bytes may not go on where ours stop: a part that does not
 * fit is thrown away and fetched again, once. */
static bool part_did_not_fit(const transfer *t, bool other_file) {
  return t->resumed_bytes && (other_file || t->result == TRANSFER_NO_RANGE ||
                              t->http_status == 416);
}

static void note_tried(download *d, const char *url, const transfer *t,
                       bool other_file) {
  if (other_file) {
    list_add(d->tried, "%s (sent another file)", url);
  } else if (t->result == TRANSFER_HTTP_ERROR) {
    list_add(d->tried, "%s (HTTP status %ld)", url, t->http_status);
  } else {
    list_add(d->tried, "%s (%s)", url, t->message);
  }
}

/* *done tells that no other mirror need be tried. */
static numeral_status try_mirror(download *d, const char *base,
                                 unsigned char **bytes, bool *done,
                                 numeral_error *error) {
  char url[URL_MAX];
  size_t length = strlen(base);
  const char *slash = length && base[length - 1] == '/' ? "" : "/";
  snprintf(url, sizeof url, "%s%s%s.gz", base, slash, d->file->name);
  message_note("Downloading %s", url);
  for (int attempt = 0;; attempt++) {
    transfer t = transfer_part(d, url);
    *done = t.disk_errno != 0;
    if (*done) {
      return format_fail(error, NUMERAL_ERROR_IO,
                         "%s cannot be written: %s; make room, or set "
                         "XDG_CACHE_HOME to another folder",
                         d->part, strerror(t.disk_errno));
    }
    if (t.result == TRANSFER_DONE) {
      numeral_status status = accept_part(d, bytes, error);
      *done = status != NUMERAL_ERROR_FORMAT;
      if (*done) return status;
    }
    bool other_file = t.result == TRANSFER_DONE || t.too_long;
    bool again = attempt == 0 && part_did_not_fit(&t, other_file);
    if (other_file || again) remove(d->part);
    if (again) continue;
    note_tried(d, url, &t, other_file);
    return NUMERAL_OK;
  }
}

/* `text` [URL_MAX] is cut into the words of $NUMERAL_MIRRORS. */
static int list_mirrors(const fetch_set *set, char *text,
                        const char *mirrors[MIRRORS_MAX]) {
  const char *given = getenv("NUMERAL_MIRRORS");
  int count = 0;
  if (!given) {
    while (count < MIRRORS_MAX && set->mirrors[count]) {
      mirrors[count] = set->mirrors[count];
      count++;
    }
    return count;
  }
  char *rest = NULL;
  snprintf(text, URL_MAX, "%s", given);
  for (char *word = strtok_r(text, " \t\n", &rest); word && count < MIRRORS_MAX;
       word = strtok_r(NULL, " \t\n", &rest)) {
    mirrors[count++] = word;
  }
  return count;
}

static numeral_status fail_everywhere(const download *d, numeral_error *error) {
  char places[FETCH_PLACES_MAX][FETCH_PATH_MAX], looked[TRIED_MAX] = "";
  int count = fetch_places(d->options->data_dir, places);
  for (int i = 0; i < count; i++) list_add(looked, "%s", places[i]);
  return format_fail(error, NUMERAL_ERROR_IO,
                     "%s is not here and could not be downloaded; --data synth "
                     "needs neither. Looked for %s in %s; tried %s",
                     d->set->name, d->file->name, looked,
                     *d->tried ? d->tried : "no mirror (NUMERAL_MIRRORS)");
}

static numeral_status try_mirrors(download *d, unsigned char **bytes,
                                  numeral_error *error) {
  char text[URL_MAX];
  const char *mirrors[MIRRORS_MAX];
  int count = list_mirrors(d->set, text, mirrors);
  d->transfer_run =
      (transfer_fn *)module_function("curl", "transfer_run", error);
  if (!d->transfer_run) return NUMERAL_ERROR_IO;
  bool done = false;
  numeral_status status = NUMERAL_OK;
  for (int i = 0; i < count && !done; i++) {
    status = try_mirror(d, mirrors[i], bytes, &done, error);
  }
  return done ? status : fail_everywhere(d, error);
}

/* ---- one process at a time ---- */

/* A lock of the whole file belongs to the process and ends with it, however
 * it ends. -1: this file system has no locks, which harms only two downloads
 * at the same time. */
static int lock_folder(const download *d) {
  char path[FETCH_PATH_MAX + 8];
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  snprintf(path, sizeof path, "%s/.lock", d->folder);
  int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0 || fcntl(lock, F_SETLK, &whole) == 0) return lock;
  if (errno == EACCES || errno == EAGAIN) {
    message_note("Waiting: another numeral is downloading %s", d->set->name);
  }
  while (fcntl(lock, F_SETLKW, &whole) != 0 && errno == EINTR) continue;
  return lock;
}

static bool name_paths(download *d) {
  char cache[FETCH_PATH_MAX];
  if (!fetch_cache(cache)) return false;
  int folder =
      snprintf(d->folder, sizeof d->folder, "%s/%s", cache, d->set->name);
  int path =
      snprintf(d->path, sizeof d->path, "%s/%s.gz", d->folder, d->file->name);
  int part = snprintf(d->part, sizeof d->part, "%s.part", d->path);
  return folder < FETCH_PATH_MAX && path < FETCH_PATH_MAX &&
         part < FETCH_PATH_MAX;
}

numeral_status download_file(const fetch_set *set, int index,
                             const fetch_options *options,
                             unsigned char **bytes, char path[FETCH_PATH_MAX],
                             numeral_error *error) {
  download d = {.set = set, .file = &set->files[index], .options = options};
  *bytes = NULL;
  if (!name_paths(&d)) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "%s is not here, and there is no folder to download "
                       "it to: set HOME or XDG_CACHE_HOME, or use --data synth",
                       set->name);
  }
  numeral_status status = folder_make(d.folder, error);
  if (status) return status;
  int lock = lock_folder(&d);
  snprintf(path, FETCH_PATH_MAX, "%s", d.path);
  if (access(d.path, R_OK) == 0) { /* the one we waited for brought it */
    status = fetch_check(d.path, d.file, bytes, error);
  } else {
    status = try_mirrors(&d, bytes, error);
  }
  if (lock >= 0) close(lock);
  return status;
}
