/* test_options.c: the command line parser: values, ranges, suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/message.h"
#include "app/options.h"

typedef struct choices {
  bool fast;
  const char *out;
  int count, kind;
  double rate;
} choices;

static const command_usage usage = {.name = "try",
                                    .operands = "FILE...",
                                    .summary = "A command of the test.",
                                    .maximum_operands = 2};

static int read_line(choices *chosen, arguments *args, int argc, char **argv) {
  static const char *const kinds[] = {"round", "square", NULL};
  const option_row table[] = {
      {.name = "fast", .letter = 'f', .value = &chosen->fast, .help = "faster"},
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &chosen->out,
       .argument = "FILE",
       .help = "where to"},
      {.name = "count",
       .kind = OPTION_INTEGER,
       .value = &chosen->count,
       .minimum = 1,
       .maximum = 50,
       .help = "how many"},
      {.name = "kind",
       .kind = OPTION_CHOICE,
       .value = &chosen->kind,
       .choices = kinds,
       .help = "which"},
      {.name = "rate",
       .kind = OPTION_NUMBER,
       .value = &chosen->rate,
       .maximum = 1,
       .help = "how fast"},
      {.name = NULL}};
  *chosen = (choices){.count = 7};
  bool go_on = options_read(&usage, table, argc, argv, args);
  if (go_on) assert_int_equal(options_given(args, "count"), chosen->count != 7);
  return go_on ? -1 : args->exit_code;
}

/* The words after "try" as argv; -1 where the command may go on. */
#define READ(chosen, args, ...)                                             \
  read_line((chosen), (args),                                               \
            (int)(sizeof((char *[]){"try", __VA_ARGS__}) / sizeof(char *)), \
            (char *[]){"try", __VA_ARGS__, NULL})

static void reads_values_and_puts_operands_last(void **state) {
  (void)state;
  choices chosen;
  arguments args;
  assert_int_equal(READ(&chosen, &args, "a.png", "--count", "50", "-f",
                        "--rate=0.25", "--kind", "square", "-o", "x", "b.png",
                        "--seed", "18446744073709551615", "--threads", "3"),
                   -1);
  assert_int_equal(chosen.count, 50);
  assert_true(chosen.fast);
  assert_true(chosen.rate == 0.25);
  assert_int_equal(chosen.kind, 1);
  assert_string_equal(chosen.out, "x");
  assert_true(args.seed == UINT64_MAX);
  assert_int_equal(args.threads, 3);
  assert_true(options_given(&args, "seed"));
  assert_false(args.json);
}

static void keeps_defaults(void **state) {
  (void)state;
  choices chosen;
  arguments args;
  assert_int_equal(READ(&chosen, &args, "--json"), -1);
  assert_int_equal(chosen.count, 7);
  assert_int_equal(args.seed, 1);
  assert_true(args.json);
  assert_false(options_given(&args, "out"));
  assert_int_equal(args.operand_count, 0);
}

static void stops_after_two_dashes(void **state) {
  (void)state;
  choices chosen;
  arguments args;
  assert_int_equal(READ(&chosen, &args, "--", "--fast"), -1);
  assert_false(chosen.fast);
  assert_string_equal(args.operands[0], "--fast");
}

static void refuses_wrong_values(void **state) {
  (void)state;
  choices chosen;
  arguments args;
  static char *const wrong[][2] = {
      {"--count", "0"},     {"--count", "51"},
      {"--count", "x"},     {"--count", "5x"},
      {"--count", ""},      {"--count", " 5"},
      {"--count", "1e1"},   {"--count", "99999999999999999999"},
      {"--rate", "nan"},    {"--rate", "inf"},
      {"--rate", "0x1p-1"}, {"--rate", "1.01"},
      {"--rate", "-0.1"},   {"--rate", "0,5"},
      {"--rate", "."},      {"--seed", "-1"},
      {"--seed", "+1"},     {"--seed", "18446744073709551616"},
      {"--kind", "squar"},  {"--out", ""},
      {"--threads", "-2"},  {"--treads", "2"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    assert_int_equal(READ(&chosen, &args, wrong[i][0], wrong[i][1]),
                     EXIT_USAGE);
  }
  assert_int_equal(READ(&chosen, &args, "--fast=yes"), EXIT_USAGE);
  assert_int_equal(READ(&chosen, &args, "--count"), EXIT_USAGE);
  assert_int_equal(READ(&chosen, &args, "-z"), EXIT_USAGE);
  assert_int_equal(READ(&chosen, &args, "a", "b", "c"), EXIT_USAGE);
}

static void suggests_the_nearest_word(void **state) {
  (void)state;
  static const char *const words[] = {"train", "eval", "predict", NULL};
  assert_string_equal(options_nearest("trian", words), "train");
  assert_string_equal(options_nearest("evla", words), "eval");
  assert_string_equal(options_nearest("predictt", words), "predict");
  assert_null(options_nearest("zzzz", words));
  assert_null(options_nearest("", words));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_values_and_puts_operands_last),
      cmocka_unit_test(keeps_defaults),
      cmocka_unit_test(stops_after_two_dashes),
      cmocka_unit_test(refuses_wrong_values),
      cmocka_unit_test(suggests_the_nearest_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
