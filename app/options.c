/* options.c: see options.h. */
#include "app/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/message.h"

enum {

  FIRST_VALUE = 1000, /* getopt_long gives this + the row, out of the way of
                         letters */
  WORD_MAX = 64,
  HELP_COLUMN = 26,
  HELP_WIDTH = 79,
  MAX_THREADS = 1024
};

/* The table of a command with the common rows behind its own. */
typedef struct full_table {
  const command_usage *usage;
  option_row rows[OPTIONS_MAX];
  bool *given[OPTIONS_MAX];
  int count;
  bool help;
} full_table;

static void add_row(full_table *full, option_row row, bool *given) {
  assert(full->count < OPTIONS_MAX);
  full->rows[full->count] = row;
  full->given[full->count++] = given;
}

static void make_full_table(const command_usage *usage, const option_row *table,
                            arguments *args, full_table *full) {
  *full = (full_table){.usage = usage};
  for (int i = 0; table[i].name != NULL; ++i)
    add_row(full, table[i], &args->given[i]);
  add_row(
      full,
      (option_row){.name = "threads",
                   .kind = OPTION_INTEGER,
                   .value = &args->threads,
                   .argument = "N",
                   .maximum = MAX_THREADS,
                   .help = "threads to work with (default 0: all there are)"},
      &args->threads_given);
  add_row(full,
          (option_row){.name = "seed",
                       .kind = OPTION_SEED,
                       .value = &args->seed,
                       .argument = "N",
                       .help = "start of all random numbers (default 1)"},
          &args->seed_given);
  add_row(full,
          (option_row){
              .name = "json", .value = &args->json, .help = "results as JSON"},
          NULL);
  add_row(full,
          (option_row){.name = "quiet",
                       .letter = 'q',
                       .value = &args->quiet,
                       .help = "results and errors only, nothing on the way"},
          NULL);
  add_row(full,
          (option_row){.name = "help",
                       .letter = 'h',
                       .value = &full->help,
                       .help = "show this text"},
          NULL);
}

/* ---- --help -------------------------------------------------------------- */

/* The words of a choice after the last line of its help, broken at the edge. */
static void print_choices(const option_row *row) {
  const char *line = strrchr(row->help, '\n');
  size_t column = HELP_COLUMN + strlen(line ? line + 1 : row->help);
  for (int i = 0; row->choices[i] != NULL; ++i) {
    size_t length = strlen(row->choices[i]) + 1; /* with its comma */
    if (i > 0) printf(",");
    if (i > 0 && column + length >= HELP_WIDTH) {
      printf("\n%*s", HELP_COLUMN, "");
      column = HELP_COLUMN;
    } else if (i > 0) {
      printf(" ");
    }
    printf("%s", row->choices[i]);
    column += length + 1;
  }
}

static void print_row(const option_row *row) {
  char left[2 * WORD_MAX];
  int width = snprintf(left, sizeof left, row->letter ? "  -%c, " : "      ",
                       row->letter);
  width +=
      snprintf(left + width, sizeof left - (size_t)width, "--%s%s%s", row->name,
               row->argument ? " " : "", row->argument ? row->argument : "");
  printf("%s", left);
  if (width + 2 > HELP_COLUMN) {
    putchar('\n');
    width = 0;
  }
  printf("%*s", HELP_COLUMN - width, "");
  for (const char *c = row->help; *c != '\0'; ++c) {
    putchar(*c);
    if (*c == '\n') printf("%*s", HELP_COLUMN, "");
  }
  if (row->kind == OPTION_CHOICE) print_choices(row);
  putchar('\n');
}

static void print_help(const full_table *full) {
  const command_usage *usage = full->usage;
  printf("Usage: numeral %s [OPTION]...%s%s\n%s\n\nOptions:\n", usage->name,
         usage->operands ? " " : "", usage->operands ? usage->operands : "",
         usage->summary);
  for (int i = 0; i < full->count; ++i) print_row(&full->rows[i]);
  if (usage->examples != NULL) printf("\nExamples:\n%s", usage->examples);
}

/* ---- Values -------------------------------------------------------------- */

static bool parse_integer(const option_row *row, const char *text) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (*text == '\0' || isspace((unsigned char)*text) || *end != '\0' ||
      errno != 0)
    return false;
  if ((double)value < row->minimum || (double)value > row->maximum)
    return false;
  *(int *)row->value = (int)value;
  return true;
}

static bool parse_seed(const option_row *row, const char *text) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0)
    return false;
  *(uint64_t *)row->value = value;
  return true;
}

static bool parse_number(const option_row *row, const char *text) {
  /* strtod alone would take "inf", "nan" and hexadecimal */
  if (*text == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
    return false;
  char *end;
  double value = strtod(text, &end);
  if (*end != '\0' || !isfinite(value)) return false;
  if (value < row->minimum || value > row->maximum) return false;
  *(double *)row->value = value;
  return true;
}

static bool parse_list(const option_row *row, const char *text) {
  option_list *list = row->value;
  if (*text == '\0' || list->count >= (int)row->maximum) return false;
  list->texts[list->count++] = text;
  return true;
}

static bool parse_choice(const option_row *row, const char *text) {
  for (int i = 0; row->choices[i] != NULL; ++i) {
    if (strcmp(row->choices[i], text) != 0) continue;
    *(int *)row->value = i;
    return true;
  }
  return false;
}

static bool parse_value(const option_row *row, const char *text) {
  switch (row->kind) {
    case OPTION_FLAG:
      *(bool *)row->value = true;
      return true;
    case OPTION_TEXT:
      *(const char **)row->value = text;
      return *text != '\0';
    case OPTION_LIST:
      return parse_list(row, text);
    case OPTION_INTEGER:
      return parse_integer(row, text);
    case OPTION_NUMBER:
      return parse_number(row, text);
    case OPTION_SEED:
      return parse_seed(row, text);
    case OPTION_CHOICE:
      return parse_choice(row, text);
  }
  return false;
}

static void describe_expected(const option_row *row, char *text,
                              size_t size_bytes) {
  size_t used = 0;
  switch (row->kind) {
    case OPTION_INTEGER:
      snprintf(text, size_bytes, "a whole number from %.0f to %.0f",
               row->minimum, row->maximum);
      break;
    case OPTION_NUMBER:
      snprintf(text, size_bytes, "a number from %g to %g", row->minimum,
               row->maximum);
      break;
    case OPTION_LIST:
      snprintf(text, size_bytes, "%s, at most %.0f of them", row->argument,
               row->maximum);
      break;
    case OPTION_SEED:
      snprintf(text, size_bytes,
               "a whole number from 0 to 18446744073709551615");
      break;
    case OPTION_CHOICE:
      used = (size_t)snprintf(text, size_bytes, "one of");
      for (int i = 0; row->choices[i] != NULL && used < size_bytes; ++i) {
        used += (size_t)snprintf(text + used, size_bytes - used, "%s %s",
                                 i > 0 ? "," : "", row->choices[i]);
      }
      break;
    default:
      snprintf(text, size_bytes, "%s",
               row->argument ? row->argument : "a value");
  }
}

/* ---- Wrong usage --------------------------------------------------------- */

int options_wrong(const command_usage *usage, const char *format, ...) {
  char text[1024];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  message_error(usage->name, "%s", text);
  fprintf(stderr, "\"numeral %s --help\" shows how to use it\n", usage->name);
  return EXIT_USAGE;
}

/* Edits (insert, delete, replace) that turn one word into the other. */
static int edit_distance(const char *a, const char *b) {
  int row[WORD_MAX + 1];
  size_t length = strlen(b);
  if (length > WORD_MAX || strlen(a) > WORD_MAX) return WORD_MAX;
  for (size_t j = 0; j <= length; ++j) row[j] = (int)j;
  for (size_t i = 0; a[i] != '\0'; ++i) {
    int corner = row[0];
    row[0] = (int)i + 1;
    for (size_t j = 0; j < length; ++j) {
      int best = corner + (a[i] != b[j]);
      corner = row[j + 1];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (corner + 1 < best) best = corner + 1;
      row[j + 1] = best;
    }
  }
  return row[length];
}

const char *options_nearest(const char *text, const char *const *words) {
  const char *nearest = NULL;
  int least = 1 + (int)strlen(text) / 2;
  if (least > 4) least = 4;
  for (int i = 0; words[i] != NULL; ++i) {
    int distance = edit_distance(text, words[i]);
    if (distance >= least) continue;
    least = distance;
    nearest = words[i];
  }
  return nearest;
}

static int unknown_option(const full_table *full, const char *text) {
  const char *words[OPTIONS_MAX + 1] = {NULL};
  for (int i = 0; i < full->count; ++i) words[i] = full->rows[i].name;
  char name[WORD_MAX];
  snprintf(name, sizeof name, "%s", text + strspn(text, "-"));
  name[strcspn(name, "=")] = '\0';
  const char *nearest = options_nearest(name, words);
  if (nearest != NULL) {
    return options_wrong(full->usage,
                         "%s: there is no such option; did you mean --%s?",
                         text, nearest);
  }
  return options_wrong(full->usage, "%s: there is no such option", text);
}

/* ---- Reading the command line ---------------------------------------------
 */

static int find_letter(const full_table *full, int letter) {
  for (int i = 0; i < full->count; ++i) {
    if (full->rows[i].letter == letter && letter != 0) return i;
  }
  return -1;
}

/* What getopt's '?' and ':' stand for; `word` is the argument it stopped at. */
static int explain_refusal(const full_table *full, int found,
                           const char *word) {
  int row =
      optopt >= FIRST_VALUE ? optopt - FIRST_VALUE : find_letter(full, optopt);
  if (row < 0 && optopt != 0) {
    return options_wrong(full->usage, "-%c: there is no such option", optopt);
  }
  if (row < 0) return unknown_option(full, word);
  const option_row *wanted = &full->rows[row];
  if (found == ':') {
    char expected[256];
    describe_expected(wanted, expected, sizeof expected);
    return options_wrong(full->usage, "--%s: expected %s after it",
                         wanted->name, expected);
  }
  return options_wrong(full->usage, "--%s: takes no value", wanted->name);
}

static int take_option(const full_table *full, int row, const char *text) {
  const option_row *wanted = &full->rows[row];
  if (parse_value(wanted, text)) {
    if (full->given[row] != NULL) *full->given[row] = true;
    return EXIT_DONE;
  }
  char expected[256];
  describe_expected(wanted, expected, sizeof expected);
  return options_wrong(full->usage, "--%s: expected %s, found \"%s\"",
                       wanted->name, expected, text);
}

/* getopt's two descriptions of the table. */
static void describe_to_getopt(const full_table *full, struct option *names,
                               char *letters) {
  *letters++ = ':'; /* say ':' rather than '?' for a missing value */
  for (int i = 0; i < full->count; ++i) {
    bool has_value = full->rows[i].kind != OPTION_FLAG;
    names[i] =
        (struct option){full->rows[i].name, has_value, NULL, FIRST_VALUE + i};
    if (full->rows[i].letter == 0) continue;
    *letters++ = full->rows[i].letter;
    if (has_value) *letters++ = ':';
  }
  names[full->count] = (struct option){NULL, 0, NULL, 0};
  *letters = '\0';
}

/* EXIT_DONE, or the exit code after wrong usage. */
static int read_all(full_table *full, int argc, char **argv) {
  struct option names[OPTIONS_MAX + 1];
  char letters[2 * OPTIONS_MAX + 2];
  describe_to_getopt(full, names, letters);
  opterr = 0;
  optind = 0; /* glibc: forget an earlier command line */
  int found;
  while ((found = getopt_long(argc, argv, letters, names, NULL)) != -1) {
    if (found == '?' || found == ':')
      return explain_refusal(full, found, argv[optind - 1]);
    int row =
        found >= FIRST_VALUE ? found - FIRST_VALUE : find_letter(full, found);
    int exit_code = take_option(full, row, optarg);
    if (exit_code != EXIT_DONE) return exit_code;
    if (full->help) break;
  }
  return EXIT_DONE;
}

static int check_operands(const command_usage *usage, const arguments *args) {
  if (args->operand_count < usage->minimum_operands) {
    return options_wrong(usage, "expected %s", usage->operands);
  }
  if (usage->maximum_operands >= 0 &&
      args->operand_count > usage->maximum_operands) {
    return options_wrong(usage, "\"%s\" is one argument too many",
                         args->operands[usage->maximum_operands]);
  }
  return EXIT_DONE;
}

bool options_read(const command_usage *usage, const option_row *table, int argc,
                  char **argv, arguments *args) {
  full_table full;
  *args = (arguments){.seed = 1, .table = table};
  make_full_table(usage, table, args, &full);
  args->exit_code = read_all(&full, argc, argv);
  if (args->exit_code != EXIT_DONE) return false;
  if (full.help) {
    print_help(&full);
    return false;
  }
  args->operands = argv + optind;
  args->operand_count = argc - optind;
  args->exit_code = check_operands(usage, args);
  message_set_quiet(args->quiet);
  return args->exit_code == EXIT_DONE;
}

bool options_given(const arguments *args, const char *name) {
  if (strcmp(name, "seed") == 0) return args->seed_given;
  if (strcmp(name, "threads") == 0) return args->threads_given;
  for (int i = 0; args->table[i].name != NULL; ++i) {
    if (strcmp(args->table[i].name, name) == 0) return args->given[i];
  }
  assert(!"the name is in the table");
  return false;
}

/* ---- Subcommands -----------------------------------------------------------
 */

static void print_subcommands(const char *program, const char *summary,
                              const subcommand *table, const char *ending) {
  printf("Usage: %s COMMAND [OPTION]...\n%s\n\nCommands:\n", program, summary);
  for (int i = 0; table[i].name != NULL; ++i) {
    printf("  %-10s %s\n", table[i].name, table[i].summary);
  }
  printf("\n\"%s COMMAND --help\" shows a command's options.\n%s", program,
         ending ? ending : "");
}

static int unknown_subcommand(const char *program, const subcommand *table,
                              const char *name) {
  const char *words[OPTIONS_MAX + 1] = {NULL};
  for (int i = 0; i < OPTIONS_MAX && table[i].name != NULL; ++i)
    words[i] = table[i].name;
  const char *nearest = options_nearest(name, words);
  if (nearest != NULL) {
    message_error(NULL, "\"%s %s\" does not exist; did you mean \"%s %s\"?",
                  program, name, program, nearest);
  } else {
    message_error(NULL,
                  "\"%s %s\" does not exist; \"%s --help\" lists what does",
                  program, name, program);
  }
  return EXIT_USAGE;
}

int subcommand_run(const char *program, const char *summary,
                   const subcommand *table, const char *ending, int argc,
                   char **argv) {
  const char *name = argc > 1 ? argv[1] : NULL;
  if (name == NULL) {
    message_error(NULL,
                  "expected a command after \"%s\"; \"%s --help\" lists them",
                  program, program);
    return EXIT_USAGE;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
      strcmp(name, "help") == 0) {
    print_subcommands(program, summary, table, ending);
    return EXIT_DONE;
  }
  for (int i = 0; table[i].name != NULL; ++i) {
    if (strcmp(table[i].name, name) == 0)
      return table[i].run(argc - 1, argv + 1);
  }
  return unknown_subcommand(program, table, name);
}
