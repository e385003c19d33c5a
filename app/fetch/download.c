/* download.c: see download.h. A file grows as NAME.gz.part and gets its name
 * only once its bytes are the right ones. */
#include "app/fetch/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/file_replace.h"
#include "app/message.h"
#include "formats/format_fail.h"

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
  char folder[FETCH_PATH_MAX], path[FETCH_PATH_MAX], part[FETCH_PATH_MAX];
  char tried[TRIED_MAX]; /* "URL (what came of it), ..." */
} download;

/* One transfer into `stream`. */
typedef struct transfer {
  FILE *stream;
  const char *name;
  size_t size_bytes, limit_bytes; /* with what an earlier one left */
  curl_off_t resumed_bytes;
  int percent; /* shown last; -1: none */
} transfer;

/* ---- one transfer ---- */

static size_t take_bytes(char *bytes, size_t one, size_t count, void *user) {
  transfer *t = user;
  (void)one; /* is 1 */
  if (count > t->limit_bytes - t->size_bytes) return 0;
  size_t written = fwrite(bytes, 1, count, t->stream);
  t->size_bytes += written;
  return written;
}

static int show_progress(void *user, curl_off_t all, curl_off_t now,
                         curl_off_t up_all, curl_off_t up_now) {
  transfer *t = user;
  (void)up_all, (void)up_now;
  if (all <= 0 || message_is_quiet() || !stream_is_terminal(stderr)) return 0;
  all += t->resumed_bytes;
  now += t->resumed_bytes;
  int percent = (int)(100 * now / all);
  if (percent == t->percent) return 0;
  t->percent = percent;
  fprintf(stderr, "\r  %s  %3d%% of %.1f MB", t->name, percent,
          (double)all / 1e6);
  return 0;
}

static void clear_progress(const transfer *t) {
  if (t->percent >= 0) fputs("\r\033[K", stderr);
}

static void set_options(CURL *curl, const char *url, transfer *t,
                        const fetch_options *options) {
  bool secure = strncmp(url, "https:", 6) == 0;
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                   secure ? "https" : "https,http");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "numeral");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   options->connect_ms ? options->connect_ms : CONNECT_MS);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_SECOND);
  curl_easy_setopt(
      curl, CURLOPT_LOW_SPEED_TIME,
      options->stall_seconds ? options->stall_seconds : STALL_SECONDS);
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, t->resumed_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
}

/* Adds to the part what is missing. *http_status is 0 where there was no
 * answer. Where the disk refuses, errno is set and the code a write error. */
static CURLcode transfer_part(const download *d, const char *url,
                              size_t *resumed_bytes, long *http_status) {
  transfer t = {.name = d->file->name,
                .limit_bytes = d->file->size_bytes + GZIP_SLACK_BYTES,
                .percent = -1};
  CURL *curl = curl_easy_init();
  CURLcode code = CURLE_WRITE_ERROR;
  *http_status = 0;
  *resumed_bytes = 0;
  t.stream = fopen(d->part, "ab");
  if (!t.stream || !curl || fseek(t.stream, 0, SEEK_END) != 0) goto done;
  t.resumed_bytes = ftell(t.stream);
  t.size_bytes = *resumed_bytes = (size_t)t.resumed_bytes;
  if (t.size_bytes > t.limit_bytes) t.limit_bytes = t.size_bytes;
  set_options(curl, url, &t, d->options);
  errno = 0;
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, http_status);
  clear_progress(&t);
  if (code == CURLE_WRITE_ERROR && t.limit_bytes - t.size_bytes < 65536) {
    code = CURLE_FILESIZE_EXCEEDED;
  }

done:
  curl_easy_cleanup(curl);
  if (t.stream && (fflush(t.stream) != 0 || fsync(fileno(t.stream)) != 0)) {
    code = CURLE_WRITE_ERROR;
  }
  if (t.stream) fclose(t.stream);
  if (t.size_bytes == 0) remove(d->part);
  return code;
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

static numeral_status fail_disk(const download *d, numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_IO,
                     "%s cannot be written: %s; make room, or set "
                     "XDG_CACHE_HOME to another folder",
                     d->part, strerror(errno ? errno : EIO));
}

/* *done tells that no other mirror need be tried. An earlier part that does
 * not fit this mirror's file is thrown away, once. */
static numeral_status try_mirror(download *d, const char *base,
                                 unsigned char **bytes, bool *done,
                                 numeral_error *error) {
  char url[URL_MAX];
  size_t length = strlen(base);
  const char *slash = length && base[length - 1] == '/' ? "" : "/";
  snprintf(url, sizeof url, "%s%s%s.gz", base, slash, d->file->name);
  message_note("Downloading %s", url);
  for (;;) {
    size_t resumed_bytes;
    long http_status;
    CURLcode code = transfer_part(d, url, &resumed_bytes, &http_status);
    *done = code == CURLE_WRITE_ERROR;
    if (*done) return fail_disk(d, error);
    if (code == CURLE_OK) {
      numeral_status status = accept_part(d, bytes, error);
      *done = status != NUMERAL_ERROR_FORMAT;
      if (*done) return status;
    }
    bool other_file = code == CURLE_OK || code == CURLE_FILESIZE_EXCEEDED;
    if (other_file) remove(d->part);
    if (resumed_bytes &&
        (other_file || code == CURLE_RANGE_ERROR || http_status == 416)) {
      remove(d->part);
      continue;
    }
    if (other_file) {
      list_add(d->tried, "%s (sent another file)", url);
    } else if (code == CURLE_HTTP_RETURNED_ERROR) {
      list_add(d->tried, "%s (HTTP status %ld)", url, http_status);
    } else {
      list_add(d->tried, "%s (%s)", url, curl_easy_strerror(code));
    }
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
  curl_global_init(CURL_GLOBAL_DEFAULT);
  bool done = false;
  numeral_status status = NUMERAL_OK;
  for (int i = 0; i < count && !done; i++) {
    status = try_mirror(d, mirrors[i], bytes, &done, error);
  }
  curl_global_cleanup();
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
