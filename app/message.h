/* message.h: how the program talks: results on stdout, all else on stderr.
 * Knows the terminal; must not know any subcommand. */
#ifndef NUMERAL_APP_MESSAGE_H
#define NUMERAL_APP_MESSAGE_H
#include <stdbool.h>
#include <stdio.h>

/* What the program ends with. */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,  /* a message said what, where and what to do next */
  EXIT_USAGE = 2,   /* the command line was wrong */
  EXIT_NOTHING = 3, /* it worked, but no digit was recognised */
  EXIT_SIGNAL = 128 /* plus the signal that stopped it */
};

/* --quiet: message_note says nothing any more. */
void message_set_quiet(bool quiet);
bool message_is_quiet(void);

/* "numeral: COMMAND: ...": something failed. `command` may be NULL. Returns
 * EXIT_FAILED, so that a command can `return message_error(...)`. */
int message_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "numeral: COMMAND: warning: ...": odd, but the work goes on. */
void message_warning(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line on stderr about what is being done; left out with --quiet. */
void message_note(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Style for stream `file`: escape codes on a terminal without NO_COLOR, else
 * "". */
typedef enum text_style {
  STYLE_NONE = 0,
  STYLE_BOLD,
  STYLE_DIM,
  STYLE_RED,
  STYLE_YELLOW
} text_style;
const char *style_on(FILE *file, text_style style);
const char *style_off(FILE *file);

/* Is `file` a terminal that understands escape codes? */
bool stream_is_terminal(FILE *file);

/* ... and is it to be in colour (NO_COLOR is not set)? */
bool stream_has_colour(FILE *file);

/* Flushes stdout. Gives exit_code, or EXIT_FAILED with a message where
 * something printed could not be written (a full disk, say). */
int results_finish(int exit_code);

#endif
