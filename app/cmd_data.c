/* cmd_data.c: numeral data: which data sets there are, and what is in them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/fetch/fetch.h"
#include "app/image_show.h"
#include "app/json_text.h"
#include "app/message.h"
#include "app/options.h"
#include "app/sample_sheet.h"
#include "app/text_format.h"
#include "numeral.h"

#define DATA_DIR_ROW(variable)                                       \
  {                                                                  \
    .name = "data-dir", .kind = OPTION_TEXT, .value = &(variable),   \
    .argument = "DIR", .help = "look for named data sets here first" \
  }

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

/* ---- show ---- */

static const command_usage show_usage = {
    .name = "data show",
    .operands = "DATA",
    .summary =
        "Draws images of a data set, chosen by --seed: in the terminal, or "
        "with -o\non one PNG file with their labels. One alone (--count 1) is "
        "the bare image\nof 28 x 28, which numeral predict reads.",
    .examples =
        "  numeral data show mnist\n"
        "  numeral data show mnist -o samples.png --count 100\n"
        "  numeral data show synth -o seven.png --count 1 --digit 7\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

enum { SHOW_ON_PNG = 100, SHOW_IN_TERMINAL = 3, SPLIT_ANY = 0, SPLIT_TRAIN };
static const char *const split_names[] = {"any", "train", "test", NULL};

typedef struct show_request {
  data_source_options data;
  const char *out;
  int count, digit, index, split;
  bool ordered; /* --index: one after the other */
  uint64_t seed;
} show_request;

/* What was chosen: images and labels one after the other, and where each is in
 * its set. */
typedef struct samples {
  uint8_t *images, *labels;
  size_t *indices;
  size_t count;
} samples;

static void samples_release(samples *s) {
  free(s->images);
  free(s->labels);
  free(s->indices);
  *s = (samples){0};
}

/* Lists the images that may be shown; returns how many. */
static size_t list_candidates(const numeral_dataset *dataset,
                              const show_request *request, size_t *indices) {
  const uint8_t *labels = numeral_dataset_labels(dataset);
  size_t found = 0, first = request->ordered ? (size_t)request->index : 0;
  for (size_t i = first; i < numeral_dataset_count(dataset); i++) {
    if (request->digit < 0 || labels[i] == request->digit) indices[found++] = i;
  }
  return found;
}

/* Fisher and Yates, as far as needed. */
static void draw_lots(size_t *indices, size_t count, size_t wanted,
                      uint64_t seed) {
  for (size_t i = 0; i < wanted; i++) {
    size_t other = i + data_source_pick(seed, i, count - i);
    size_t kept = indices[i];
    indices[i] = indices[other];
    indices[other] = kept;
  }
}

static bool samples_choose(const numeral_dataset *dataset,
                           const show_request *request, samples *s) {
  size_t all = numeral_dataset_count(dataset);
  size_t wanted = (size_t)request->count;
  *s = (samples){0};
  s->indices = malloc((all + 1) * sizeof *s->indices);
  s->images = malloc(wanted * NUMERAL_IMAGE_PIXELS);
  s->labels = malloc(wanted);
  if (!s->indices || !s->images || !s->labels) {
    samples_release(s);
    return false;
  }
  size_t found = list_candidates(dataset, request, s->indices);
  s->count = found < wanted ? found : wanted;
  if (!request->ordered) {
    draw_lots(s->indices, found, s->count, request->seed);
  }
  for (size_t i = 0; i < s->count; i++) {
    size_t index = s->indices[i];
    s->labels[i] = numeral_dataset_labels(dataset)[index];
    memcpy(s->images + i * NUMERAL_IMAGE_PIXELS,
           numeral_dataset_images(dataset) + index * NUMERAL_IMAGE_PIXELS,
           NUMERAL_IMAGE_PIXELS);
  }
  return true;
}

static int samples_print_json(const samples *s, const data_source *source,
                              const char *split, const char *out) {
  json_t *images = json_array();
  for (size_t i = 0; i < s->count; i++) {
    json_array_append_new(
        images, json_pack("{s:I, s:i}", "index", (json_int_t)s->indices[i],
                          "label", s->labels[i]));
  }
  return json_print(json_pack("{s:o, s:s, s:o, s:o}", "name",
                              json_text_string(source->name), "split", split,
                              "file", out ? json_text_string(out) : json_null(),
                              "images", images));
}

static void samples_print(const samples *s, const data_source *source,
                          const char *split) {
  for (size_t i = 0; i < s->count; i++) {
    printf("%s%s, %s image %zu: %d%s\n", style_on(stdout, STYLE_BOLD),
           source->name, split, s->indices[i], s->labels[i], style_off(stdout));
    image_show(s->images + i * NUMERAL_IMAGE_PIXELS, stdout);
  }
}

static int samples_output(const samples *s, const data_source *source,
                          const char *split, const show_request *request,
                          bool json) {
  numeral_error error;
  numeral_status status = NUMERAL_OK;
  if (request->out && request->count == 1) {
    status = sample_write(request->out, s->images, &error);
  } else if (request->out) {
    status = sample_sheet_write(request->out, s->images, s->labels, s->count,
                                &error);
  }
  if (status) return message_error("data show", "%s", error.message);
  if (json) return samples_print_json(s, source, split, request->out);
  if (!request->out) {
    samples_print(s, source, split);
  } else if (s->count == 1) {
    printf("%s: %s, %s image %zu, a %d\n", request->out, source->name, split,
           s->indices[0], s->labels[0]);
  } else {
    printf("%s: %zu %s images of %s\n", request->out, s->count, split,
           source->name);
  }
  return EXIT_DONE;
}

static int show_source(const data_source *source, const show_request *request,
                       bool json) {
  bool from_train = request->split == SPLIT_TRAIN || !source->test;
  const numeral_dataset *dataset = from_train ? source->train : source->test;
  const char *split = split_names[from_train ? 1 : 2];
  samples chosen;
  if (!dataset) {
    return message_error("data show", "%s has no train part: use --split test",
                         source->name);
  }
  if (!samples_choose(dataset, request, &chosen)) {
    return message_error("data show", "no memory for %d images: show fewer",
                         request->count);
  }
  int exit_code;
  if (chosen.count == 0) {
    exit_code = message_error("data show",
                              "%s has no such image among its %zu: choose "
                              "another --index or --digit",
                              source->name, numeral_dataset_count(dataset));
  } else {
    exit_code = samples_output(&chosen, source, split, request, json);
  }
  samples_release(&chosen);
  return exit_code;
}

static bool read_show_request(int argc, char **argv, show_request *request,
                              arguments *args) {
  const option_row table[] = {
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &request->out,
       .argument = "FILE",
       .help = "write a PNG file instead"},
      {.name = "count",
       .letter = 'n',
       .kind = OPTION_INTEGER,
       .value = &request->count,
       .argument = "N",
       .minimum = 1,
       .maximum = SAMPLE_SHEET_MAX,
       .help = "how many images (default 3, with -o 100)"},
      {.name = "split",
       .kind = OPTION_CHOICE,
       .value = &request->split,
       .argument = "PART",
       .choices = split_names,
       .help = "part to show; any prefers test: "},
      {.name = "index",
       .kind = OPTION_INTEGER,
       .value = &request->index,
       .argument = "I",
       .minimum = 0,
       .maximum = 1 << 24,
       .help = "image I of the set and those after it,\ninstead of any"},
      {.name = "digit",
       .kind = OPTION_INTEGER,
       .value = &request->digit,
       .argument = "D",
       .minimum = 0,
       .maximum = 9,
       .help = "images of this digit only"},
      DATA_DIR_ROW(request->data.data_dir),
      {.name = NULL}};
  if (!options_read(&show_usage, table, argc, argv, args)) return false;
  request->ordered = options_given(args, "index");
  if (!options_given(args, "count")) {
    request->count = request->out ? SHOW_ON_PNG : SHOW_IN_TERMINAL;
  }
  request->data.data = args->operands[0];
  request->data.parts = request->split == SPLIT_TRAIN ? DATA_TRAIN : DATA_TEST;
  request->seed = args->seed;
  return true;
}

static int run_show(int argc, char **argv) {
  show_request request = {.data = data_source_defaults(), .digit = -1};
  arguments args;
  data_source source;
  numeral_error error;
  if (!read_show_request(argc, argv, &request, &args)) return args.exit_code;
  if (data_source_load(&request.data, &source, &error) != NUMERAL_OK) {
    return message_error("data show", "%s", error.message);
  }
  int exit_code = show_source(&source, &request, args.json);
  data_source_release(&source);
  return exit_code;
}

int cmd_data(int argc, char **argv) {
  static const subcommand table[] = {
      {"list", run_list, "the data sets that have a name"},
      {"fetch", run_fetch, "find or download a named data set"},
      {"info", run_info, "what is in a data set"},
      {"show", run_show, "draw images of a data set"},
      {NULL, NULL, NULL}};
  return subcommand_run("numeral data", "Data sets.", table, NULL, argc, argv);
}
