/* access_log.h: what happened, a JSON object a line; never what was in a
 * picture. Lines are gathered and written together. */
#ifndef NUMERAL_APP_SERVE_ACCESS_LOG_H
#define NUMERAL_APP_SERVE_ACCESS_LOG_H
#include <stdbool.h>
#include <stddef.h>

#include "numeral.h"

typedef struct access_log access_log;

/* path: a file that is added to; "-": standard error; NULL: nothing is
 * written. with_requests false: events alone. */
numeral_status access_log_create(const char *path, bool with_requests,
                                 access_log **log, numeral_error *error);
/* Writes what is left. Accepts NULL. */
void access_log_destroy(access_log *log);

typedef struct access_line {
  const char *address, *method, *path, *route, *model; /* model may be NULL */
  int status;
  size_t received_bytes, sent_bytes, images;
  double seconds; /* from the head's coming to the reply's end */
  bool sent;      /* false: the client went away */
} access_line;

void access_log_request(access_log *log, const access_line *line);

/* level: "info", "warning", "error"; event: a word, "started". Written at
 * once. */
void access_log_event(access_log *log, const char *level, const char *event,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes what has gathered: to be called a few times a second. */
void access_log_flush(access_log *log);

/* Opens the file anew, which somebody may have moved away. */
void access_log_reopen(access_log *log);

#endif
