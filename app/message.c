/* message.c: see message.h. */
#include "app/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool quiet_wanted;

void message_set_quiet(bool quiet) { quiet_wanted = quiet; }

bool message_is_quiet(void) { return quiet_wanted; }

bool stream_is_terminal(FILE *file) {
  const char *kind = getenv("TERM");
  return isatty(fileno(file)) && (kind == NULL || strcmp(kind, "dumb") != 0);
}

bool stream_has_colour(FILE *file) {
  const char *refused = getenv("NO_COLOR");
  return (refused == NULL || *refused == '\0') && stream_is_terminal(file);
}

const char *style_on(FILE *file, text_style style) {
  static const char *const codes[] = {"", "\033[1m", "\033[2m", "\033[31m",
                                      "\033[33m"};
  return stream_has_colour(file) ? codes[style] : "";
}

const char *style_off(FILE *file) {
  return stream_has_colour(file) ? "\033[0m" : "";
}

static void say(const char *command, const char *kind, text_style style,
                const char *format, va_list values) {
  fprintf(stderr, "%snumeral:%s ", style_on(stderr, style), style_off(stderr));
  if (command != NULL) fprintf(stderr, "%s: ", command);
  fputs(kind, stderr);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
}

int message_error(const char *command, const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(command, "", STYLE_RED, format, values);
  va_end(values);
  return EXIT_FAILED;
}

void message_warning(const char *command, const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(command, "warning: ", STYLE_YELLOW, format, values);
  va_end(values);
}

void message_note(const char *format, ...) {
  if (quiet_wanted) return;
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
}

int results_finish(int exit_code) {
  /* ferror remembers an earlier failed write; fflush finds the last one */
  bool failed_before = ferror(stdout) != 0;
  errno = 0;
  if (fflush(stdout) == 0 && !failed_before) return exit_code;
  return message_error(
      NULL,
      "the results could not be written to standard output (%s): "
      "look whether the disk is full, then run the command again",
      errno != 0 ? strerror(errno) : "write error");
}
