/* main.c: finds the subcommand. Must not know what any of them does.
 * setlocale is never called: numbers keep "." as decimal point everywhere. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/message.h"
#include "app/options.h"
#include "numeral.h"

static const subcommand commands[] = {
    {"train", cmd_train, "train a network"},
    {"eval", cmd_eval, "measure a model"},
    {"predict", cmd_predict, "one digit per image"},
    {"explain", cmd_explain, "why: what the network saw and did"},
    {"report", cmd_report, "pictures and a page of a run"},
    {"compare", cmd_compare, "networks trained alike, side by side"},
    {"draw", cmd_draw, "draw digits in a window, read as you draw"},
    {"serve", cmd_serve, "a web page and an HTTP interface"},
    {"data", cmd_data, "fetch, list and show data sets"},
    {"models", cmd_models, "list and show networks and models"},
    {"bench", cmd_bench, "how fast it is on this machine"},
    {NULL, NULL, NULL}};

static const char summary[] =
    "Handwritten digits: trains networks, measures them, reads pictures.";

static const char ending[] =
    "\"numeral --version\" shows the version and the instruction set in use.\n";

static int print_version(void) {
  printf("numeral %s (%s)\n", numeral_version(), numeral_instruction_set());
  return EXIT_DONE;
}

int main(int argc, char **argv) {
  /* "numeral ... | head" ends quietly, whatever our parent set */
  signal(SIGPIPE, SIG_DFL);
  if (argc > 1 && strcmp(argv[1], "--version") == 0) {
    return results_finish(print_version());
  }
  return results_finish(
      subcommand_run("numeral", summary, commands, ending, argc, argv));
}
