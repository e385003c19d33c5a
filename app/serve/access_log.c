/* access_log.c: see access_log.h. */
#include "app/serve/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/text_buffer.h"
#include "formats/format_fail.h"

enum { GATHERED_BYTES = 32 * 1024, MOST_BYTES = 1024 * 1024 };

struct access_log {
  pthread_mutex_t lock;
  const char *path; /* NULL: standard error, or nothing */
  int file;         /* under the lock: it may be another one */
  bool is_written, with_requests;
  text_buffer gathered;
  size_t lost; /* lines that could not be kept */
};

static int open_file(const char *path) {
  return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

numeral_status access_log_create(const char *path, bool with_requests,
                                 access_log **log, numeral_error *error) {
  access_log *made = calloc(1, sizeof *made);
  *log = NULL;
  if (made == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for the log");
  made->is_written = path != NULL;
  made->file = STDERR_FILENO;
  made->with_requests = with_requests;
  if (path != NULL && strcmp(path, "-") != 0) {
    made->path = path;
    made->file = open_file(path);
    if (made->file < 0) {
      free(made);
      return format_fail(error, NUMERAL_ERROR_IO,
                         "%.300s: the log cannot be written: %s", path,
                         strerror(errno));
    }
  }
  pthread_mutex_init(&made->lock, NULL);
  *log = made;
  return NUMERAL_OK;
}

/* What a full disk refuses is kept for a while, then lost: the service goes
 * on. */
static void write_gathered(access_log *log) {
  size_t done = 0;
  while (done < log->gathered.length) {
    ssize_t written = write(log->file, log->gathered.text + done,
                            log->gathered.length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += (size_t)written;
  }
  log->gathered.length -= done;
  if (done > 0)
    memmove(log->gathered.text, log->gathered.text + done,
            log->gathered.length);
}

void access_log_destroy(access_log *log) {
  if (log == NULL) return;
  write_gathered(log);
  if (log->path != NULL) close(log->file);
  text_buffer_release(&log->gathered);
  pthread_mutex_destroy(&log->lock);
  free(log);
}

void access_log_flush(access_log *log) {
  pthread_mutex_lock(&log->lock);
  write_gathered(log);
  if (log->lost > 0 && log->gathered.length == 0) {
    text_add(&log->gathered,
             "{\"level\":\"warning\",\"event\":\"lines_lost\",\"count\":%zu}\n",
             log->lost);
    log->lost = 0;
  }
  pthread_mutex_unlock(&log->lock);
}

void access_log_reopen(access_log *log) {
  if (log->path == NULL) return;
  int file = open_file(log->path);
  if (file < 0) return;
  pthread_mutex_lock(&log->lock);
  write_gathered(log);
  close(log->file);
  log->file = file;
  pthread_mutex_unlock(&log->lock);
}

/* "2026-11-24T18:02:11.042Z" */
static void add_time(text_buffer *line) {
  struct timespec now;
  struct tm parts;
  char text[32];
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  text_add(line, "{\"time\":\"%s.%03ldZ\"", text, now.tv_nsec / 1000000);
}

/* ,"key":"text": whatever is not plain ASCII is escaped byte by byte, as a
 * reader of logs wants it; long texts are cut. */
static void add_text(text_buffer *line, const char *key, const char *text) {
  enum { LONGEST = 256 };
  char escaped[6 * LONGEST + 1], *to = escaped;
  for (int i = 0; i < LONGEST && text[i] != '\0'; ++i) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
      *to++ = (char)c;
    } else {
      to += sprintf(to, "\\u%04x", (unsigned)c);
    }
  }
  *to = '\0';
  text_add(line, ",\"%s\":\"%s\"", key, escaped);
}

/* Keeps the line, and at 32 KiB writes all. */
static void gather(access_log *log, const text_buffer *line, bool now) {
  pthread_mutex_lock(&log->lock);
  if (line->refused || log->gathered.length + line->length > MOST_BYTES) {
    ++log->lost;
  } else {
    text_add_bytes(&log->gathered, line->text, line->length);
  }
  if (now || log->gathered.length >= GATHERED_BYTES) write_gathered(log);
  pthread_mutex_unlock(&log->lock);
}

void access_log_request(access_log *log, const access_line *l) {
  if (!log->is_written || !log->with_requests) return;
  text_buffer line = {0};
  add_time(&line);
  add_text(&line, "address", l->address);
  add_text(&line, "method", l->method);
  add_text(&line, "path", l->path);
  add_text(&line, "route", l->route);
  if (l->model != NULL) add_text(&line, "model", l->model);
  text_add(&line,
           ",\"status\":%d,\"received\":%zu,\"sent\":%zu,\"images\":%zu,"
           "\"ms\":%.3f%s}\n",
           l->status, l->received_bytes, l->sent_bytes, l->images,
           1e3 * l->seconds, l->sent ? "" : ",\"gone\":true");
  gather(log, &line, false);
  text_buffer_release(&line);
}

void access_log_event(access_log *log, const char *level, const char *event,
                      const char *format, ...) {
  if (!log->is_written) return;
  char message[512];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  text_buffer line = {0};
  add_time(&line);
  add_text(&line, "level", level);
  add_text(&line, "event", event);
  add_text(&line, "message", message);
  text_add(&line, "}\n");
  gather(log, &line, true);
  text_buffer_release(&line);
}
