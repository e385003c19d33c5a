/* cmd_data.c: numeral data: which data sets there are, and what is in them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/data_show.h"
#include "app/data_source.h"
#include "app/fetch/fetch.h"
#include "app/json_text.h"
#include "app/message.h"
#include "app/options.h"
#include "app/text_format.h"
#include "numeral.h"

/* ---- list ---- */

static const command_usage list_usage = {
    .name = "data list",
    .summary = "Lists the data sets that have a name, and where they are.",
    .examples = "  numeral data list\n"};

/* The folder of the set where all its files are on this machine. */
static bool find_set(const fetch_set *set, const char *data_dir,
                     char folder[FETCH_PATH_MAX]) {
  for (int i = 0; i < set->file_count; i++) {
    if (!fetch_locate(set, i, data_dir, folder)) return false;
  }
  *strrchr(folder, '/') = '\0';
  return true;
}

static int list_as_json(bool found, const char *folder) {
  json_t *mnist =
      json_pack("{s:s, s:i, s:i, s:b, s:o}", "name", "mnist", "train", 60000,
                "test", 10000, "found", found, "path",
                found ? json_text_string(folder) : json_null());
  json_t *synth = json_pack("{s:s, s:i, s:i, s:b, s:n}", "name", "synth",
                            "train", 60000, "test", 10000, "found", 1, "path");
  return json_print(json_pack("{s:[o, o]}", "sets", mnist, synth));
}

static int run_list(int argc, char **argv) {
  const char *data_dir = NULL;
  const option_row table[] = {DATA_DIR_ROW(data_dir), {.name = NULL}};
  arguments args;
  char folder[FETCH_PATH_MAX];
  if (!options_read(&list_usage, table, argc, argv, &args)) {
    return args.exit_code;
  }
  bool found = find_set(&fetch_mnist, data_dir, folder);
  if (args.json) return list_as_json(found, folder);
  printf("%s%-7s %-16s  %s%s\n", style_on(stdout, STYLE_BOLD), "Name",
         "Train + test", "Where", style_off(stdout));
  printf("%-7s %-16s  %s\n", "mnist", "60,000 + 10,000",
         found ? folder : "not here yet: numeral data fetch mnist");
  printf("%-7s %-16s  %s\n", "synth", "60,000 + 10,000",
         "drawn by numeral; synth:COUNT for as many as you like");
  return EXIT_DONE;
}

/* ---- fetch ---- */

static const command_usage fetch_usage = {
    .name = "data fetch",
    .operands = "NAME",
    .summary =
        "Makes sure that a named data set is here: finds it or downloads it,\n"
        "and checks it.",
    .examples = "  numeral data fetch mnist\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

static int fetch_files(const fetch_set *set, const char *data_dir, bool json) {
  fetch_options options = {.data_dir = data_dir};
  char path[FETCH_PATH_MAX] = "";
  json_t *paths = json_array();
  for (int i = 0; i < set->file_count; i++) {
    unsigned char *bytes;
    numeral_error error;
    if (fetch_read(set, i, &options, &bytes, path, &error) != NUMERAL_OK) {
      json_decref(paths);
      return message_error("data fetch", "%s", error.message);
    }
    free(bytes);
    json_array_append_new(paths, json_text_string(path));
  }
  if (json) {
    return json_print(
        json_pack("{s:s, s:o}", "name", set->name, "files", paths));
  }
  json_decref(paths);
  *strrchr(path, '/') = '\0';
  printf("%s is in %s, checked\n", set->name, path);
  return EXIT_DONE;
}

static int run_fetch(int argc, char **argv) {
  static const char *const names[] = {"mnist", "synth", NULL};
  const char *data_dir = NULL;
  const option_row table[] = {DATA_DIR_ROW(data_dir), {.name = NULL}};
  arguments args;
  if (!options_read(&fetch_usage, table, argc, argv, &args)) {
    return args.exit_code;
  }
  const char *name = args.operands[0];
  if (strcmp(name, fetch_mnist.name) == 0) {
    return fetch_files(&fetch_mnist, data_dir, args.json);
  }
  if (strcmp(name, "synth") == 0) {
    if (args.json) {
      return json_print(json_pack("{s:s, s:[]}", "name", name, "files"));
    }
    printf("synth is drawn by numeral itself: there is nothing to fetch\n");
    return EXIT_DONE;
  }
  const char *nearest = options_nearest(name, names);
  return options_wrong(&fetch_usage, "\"%s\" is no named data set: %s%s%s",
                       name, nearest ? "did you mean \"" : "there are ",
                       nearest ? nearest : "mnist and synth",
                       nearest ? "\"?" : "");
}

/* ---- info ---- */

static const command_usage info_usage = {
    .name = "data info",
    .operands = "DATA",
    .summary =
        "Counts what is in a data set. DATA is mnist, synth, synth:COUNT, a\n"
        "folder of IDX files, a folder with a folder of images per digit, or "
        "a\nCSV file.",
    .examples = "  numeral data info mnist\n  numeral data info digits.csv\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

static void count_digits(const numeral_dataset *dataset,
                         size_t counts[NUMERAL_CLASSES]) {
  const uint8_t *labels = numeral_dataset_labels(dataset);
  memset(counts, 0, NUMERAL_CLASSES * sizeof *counts);
  for (size_t i = 0; i < numeral_dataset_count(dataset); i++) {
    counts[labels[i]]++;
  }
}

static short_text checksum_text(const numeral_dataset *dataset) {
  short_text text;
  snprintf(text.text, sizeof text.text, "%016" PRIx64,
           numeral_dataset_checksum(dataset));
  return text;
}

static json_t *part_to_json(const numeral_dataset *dataset) {
  if (!dataset) return json_null();
  size_t counts[NUMERAL_CLASSES];
  json_t *digits = json_array();
  count_digits(dataset, counts);
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    json_array_append_new(digits, json_integer((json_int_t)counts[digit]));
  }
  return json_pack("{s:I, s:o, s:s}", "count",
                   (json_int_t)numeral_dataset_count(dataset), "digits", digits,
                   "checksum", checksum_text(dataset).text);
}

typedef struct info_columns {
  const char *titles[2];
  const numeral_dataset *sets[2];
  int count;
} info_columns;

static info_columns columns_of(const data_source *source) {
  info_columns columns = {.count = 0};
  const numeral_dataset *sets[2] = {source->train, source->test};
  for (int i = 0; i < 2; i++) {
    if (!sets[i]) continue;
    columns.titles[columns.count] = i == 0 ? "Train" : "Test";
    columns.sets[columns.count++] = sets[i];
  }
  return columns;
}

static void print_info(const data_source *source) {
  info_columns columns = columns_of(source);
  printf("Data      : %s\nFrom      : %s\n\n", source->name, source->origin);
  printf("%s%-10s", style_on(stdout, STYLE_BOLD), "");
  for (int c = 0; c < columns.count; c++) printf(" %16s", columns.titles[c]);
  printf("%s\n%-10s", style_off(stdout), "Images");
  for (int c = 0; c < columns.count; c++) {
    printf(" %16s", text_count(numeral_dataset_count(columns.sets[c])).text);
  }
  for (int digit = 0; digit < NUMERAL_CLASSES; digit++) {
    printf("\nDigit %-4d", digit);
    for (int c = 0; c < columns.count; c++) {
      size_t counts[NUMERAL_CLASSES];
      count_digits(columns.sets[c], counts);
      printf(" %16s", text_count(counts[digit]).text);
    }
  }
  printf("\n%-10s", "Checksum");
  for (int c = 0; c < columns.count; c++) {
    printf(" %16s", checksum_text(columns.sets[c]).text);
  }
  putchar('\n');
}

static int run_info(int argc, char **argv) {
  data_source_options options = data_source_defaults();
  const option_row table[] = {DATA_DIR_ROW(options.data_dir), {.name = NULL}};
  arguments args;
  data_source source;
  numeral_error error;
  if (!options_read(&info_usage, table, argc, argv, &args)) {
    return args.exit_code;
  }
  options.data = args.operands[0];
  options.seed = args.seed;
  if (data_source_load(&options, &source, &error) != NUMERAL_OK) {
    return message_error("data info", "%s", error.message);
  }
  int exit_code = EXIT_DONE;
  if (args.json) {
    exit_code = json_print(json_pack(
        "{s:o, s:o, s:o, s:o}", "name", json_text_string(source.name), "from",
        json_text_string(source.origin), "train", part_to_json(source.train),
        "test", part_to_json(source.test)));
  } else {
    print_info(&source);
  }
  data_source_release(&source);
  return exit_code;
}

int cmd_data(int argc, char **argv) {
  static const subcommand table[] = {
      {"list", run_list, "the data sets that have a name"},
      {"fetch", run_fetch, "find or download a named data set"},
      {"info", run_info, "what is in a data set"},
      {"show", data_show_run, "draw images of a data set"},
      {NULL, NULL, NULL}};
  return subcommand_run("numeral data", "Data sets.", table, NULL, argc, argv);
}
