/* options.h: how every subcommand describes, reads and explains its options.
 * Knows getopt_long and the common options; must not know any subcommand.
 *
 * A command makes a table of option rows that point at its own variables,
 * with their defaults already in them, and calls options_read:
 *
 *   int count = 100;
 *   const char *out = NULL;
 *   const option_row table[] = {
 *       {.name = "count", .kind = OPTION_INTEGER, .value = &count, .argument =
 * "N", .minimum = 1, .maximum = 10000, .help = "how many samples (default
 * 100)"},
 *       {.name = "out", .letter = 'o', .kind = OPTION_TEXT, .value = &out,
 *        .argument = "FILE", .help = "write the picture here"},
 *       {.name = NULL}};
 *   arguments args;
 *   if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
 */
#ifndef NUMERAL_APP_OPTIONS_H
#define NUMERAL_APP_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind {
  OPTION_FLAG = 0, /* bool *value becomes true */
  OPTION_TEXT,     /* const char **value; an empty text is refused */
  OPTION_LIST,     /* option_list *value; one text more each time it is given,
                      up to `maximum`; an empty text is refused */
  OPTION_INTEGER,  /* int *value, minimum..maximum */
  OPTION_NUMBER,   /* double *value, minimum..maximum, "." as decimal point */
  OPTION_SEED,     /* uint64_t *value, any whole number from 0 */
  OPTION_CHOICE    /* int *value becomes the index of the word in `choices` */
} option_kind;

enum { OPTION_LIST_MAX = 16 };

typedef struct option_list {
  const char *texts[OPTION_LIST_MAX];
  int count;
} option_list;

typedef struct option_row {
  const char *name; /* long name without dashes; NULL ends a table */
  char letter;      /* short name, or 0 */
  option_kind kind;
  void *value;
  const char *argument;       /* what --help calls the value: "FILE" */
  const char *help;           /* one short phrase; may hold newlines; a CHOICE's
                               words follow it */
  double minimum, maximum;    /* both included; LIST: at most so many */
  const char *const *choices; /* ended by NULL */
} option_row;

/* What --help says around the table of options. */
typedef struct command_usage {
  const char *name; /* "train", or "data show" where a command has several */
  const char
      *operands; /* after "numeral train [OPTION]...": "IMAGE...", or NULL */
  const char *summary;  /* one or two sentences */
  const char *examples; /* lines, each ended by a newline, or NULL */
  int minimum_operands, maximum_operands; /* maximum -1: any number */
} command_usage;

enum { OPTIONS_MAX = 64 };

/* What options_read found. The common options are read for every command. */
typedef struct arguments {
  char **operands; /* points into argv; [operand_count], then NULL */
  int operand_count;
  bool json, quiet; /* quiet is already passed on to message.h */
  int threads;      /* 0: as many as the machine has */
  uint64_t seed;    /* default 1 */
  int exit_code;    /* to return where options_read said false */
  const option_row *table;
  bool given[OPTIONS_MAX]; /* use options_given */
  bool threads_given, seed_given;
} arguments;

/* Reads argv[1...] (argv[0] is the command's own name) and puts the operands
 * last. Returns false where the command must end now with args->exit_code:
 * after --help (printed on stdout), or after wrong usage (said on stderr). */
bool options_read(const command_usage *usage, const option_row *table, int argc,
                  char **argv, arguments *args);

/* Was --name on the command line? `name` must be in the table or be "seed" or
 * "threads". */
bool options_given(const arguments *args, const char *name);

/* Says on stderr what is wrong and how to get help; returns EXIT_USAGE, so
 * that a command can `return options_wrong(&usage, "...")`. */
int options_wrong(const command_usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The word of `words` (ended by NULL) most like `text`, or NULL where none is
 * near enough to be meant. */
const char *options_nearest(const char *text, const char *const *words);

/* Runs one of several commands by name: main's, or "numeral data show". */
typedef struct subcommand {
  const char *name; /* NULL ends a table */
  int (*run)(int argc,
             char **argv); /* argv[0] is `name`; gives the exit code */
  const char *summary;
} subcommand;

/* Calls the row named argv[1] with argv + 1. Handles --help and a missing or
 * unknown name itself (the nearest name is suggested). `program` is what stands
 * before the name, "numeral" or "numeral data". `ending` (or NULL) is printed
 * after the table of --help. */
int subcommand_run(const char *program, const char *summary,
                   const subcommand *table, const char *ending, int argc,
                   char **argv);

#endif
