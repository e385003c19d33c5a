/* data_show.c: see data_show.h. */
#include "app/data_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/augment_options.h"
#include "app/data_source.h"
#include "app/image_show.h"
#include "app/json_text.h"
#include "app/message.h"
#include "app/options.h"
#include "app/sample_sheet.h"
#include "formats/format_fail.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "data show",
    .operands = "DATA",
    .summary =
        "Draws images of a data set, chosen by --seed, over their labels: side "
        "by\nside in the terminal, or with -o on one PNG file. DATA may also "
        "name the\nfirst of them: mnist:test:42, mnist:test:random. One alone "
        "(--count 1) is\non PNG the bare image of 28 x 28, which numeral "
        "predict reads.",
    .examples =
        "  numeral data show mnist\n"
        "  numeral data show mnist:test:random\n"
        "  numeral data show mnist --augment strong\n"
        "  numeral data show mnist -o samples.png --count 100\n"
        "  numeral data show synth -o seven.png --count 1 --digit 7\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

enum {
  SHOW_ON_PNG = 100,
  SHOW_CHANGED = 10,
  SHOW_IN_TERMINAL = 4,
  SPLIT_ANY = 0,
  SPLIT_TRAIN,
  SPLIT_TEST,
  SHEET_ZOOM = 2,
  SHOW_VARIANTS = 9 /* beside each image, where they are changed */
};
static const char *const split_names[] = {"any", "train", "test", NULL};

typedef struct show_request {
  data_source_options data;
  const char *out;
  int count, digit, index, split;
  bool ordered; /* --index: one after the other */
  uint64_t seed;
  bool changed; /* --augment or one of its settings was given */
  numeral_augment augment;
} show_request;

/* What was chosen: images and labels one after the other, and where each is in
 * its set. */
typedef struct samples {
  uint8_t *images, *labels;
  size_t *indices;
  size_t count;
  size_t variants; /* images of each digit in a row: after the first, what
                      training makes of it; 1: it alone */
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
  s->variants = 1;
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

/* Puts behind each image what training makes of it, epoch after epoch. */
static numeral_status samples_change(samples *s, size_t variants,
                                     const show_request *request,
                                     numeral_error *error) {
  const size_t row = variants * NUMERAL_IMAGE_PIXELS;
  numeral_status status = NUMERAL_OK;
  uint8_t *images = malloc(s->count * row);
  if (!images)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for %zu images",
                       s->count * variants);
  for (size_t i = 0; i < s->count; i++) {
    const uint8_t *image = s->images + i * NUMERAL_IMAGE_PIXELS;
    memcpy(images + i * row, image, NUMERAL_IMAGE_PIXELS);
    for (size_t v = 1; v < variants && !status; v++) {
      status = numeral_augment_images(
          &request->augment, request->seed, (int)v - 1, s->indices[i], image, 1,
          images + i * row + v * NUMERAL_IMAGE_PIXELS, error);
    }
  }
  free(s->images);
  s->images = images;
  s->variants = variants;
  return status;
}

static int samples_print_json(const samples *s, const data_source *source,
                              const char *split, const char *out) {
  json_t *images = json_array();
  for (size_t i = 0; i < s->count; i++) {
    json_array_append_new(
        images, json_pack("{s:I, s:i}", "index", (json_int_t)s->indices[i],
                          "label", s->labels[i]));
  }
  return json_print(json_pack(
      "{s:o, s:s, s:o, s:I, s:o}", "name", json_text_string(source->name),
      "split", split, "file", out ? json_text_string(out) : json_null(),
      "variants", (json_int_t)s->variants - 1, "images", images));
}

/* One alone has its label in the heading. */
static void samples_print(const samples *s, const data_source *source,
                          const char *split) {
  terminal t = terminal_of(stdout);
  size_t count = s->count * s->variants;
  shown_image *shown = calloc(count, sizeof *shown);
  const char *bold = style_on(stdout, STYLE_BOLD), *off = style_off(stdout);
  for (size_t i = 0; shown && i < count; i++) {
    size_t row = i / s->variants;
    shown[i].pixels = s->images + i * NUMERAL_IMAGE_PIXELS;
    shown[i].small = s->variants > 1;
    if (s->count == 1 || i % s->variants > 0) continue;
    snprintf(shown[i].label, sizeof shown[i].label,
             s->variants > 1 ? "%d, #%zu" : "%d, image %zu", s->labels[row],
             s->indices[row]);
  }
  if (s->count == 1) {
    printf("%s%s, %s image %zu: %d%s\n", bold, source->name, split,
           s->indices[0], s->labels[0], off);
  } else {
    printf("%s%zu %s images of %s%s\n", bold, s->count, split, source->name,
           off);
  }
  if (shown) image_show(&t, shown, count);
  free(shown);
}

static numeral_status samples_write(const samples *s, const char *path,
                                    numeral_error *error) {
  size_t count = s->count * s->variants;
  if (count == 1) return sample_write(path, s->images, error);
  sheet_cell *cells = calloc(count, sizeof *cells);
  if (!cells) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for a sheet of %zu images", s->count);
  }
  for (size_t i = 0; i < count; i++) {
    cells[i].pixels = s->images + i * NUMERAL_IMAGE_PIXELS;
    if (i % s->variants > 0) continue;
    snprintf(cells[i].caption, sizeof cells[i].caption, "%d",
             s->labels[i / s->variants]);
  }
  int columns = s->variants > 1 ? (int)s->variants : 0;
  numeral_status status =
      sample_sheet_write(path, cells, count, columns, SHEET_ZOOM, error);
  free(cells);
  return status;
}

/* Images in a row, the first as it is: on paper many, in a terminal what fits.
 */
static size_t row_of(const show_request *request) {
  const shown_image small = {.small = true};
  if (request->out) return 1 + SHOW_VARIANTS;
  terminal t = terminal_of(stdout);
  int fit = image_show_row(&t, image_show_columns(&small));
  if (fit > 1 + SHOW_VARIANTS) fit = 1 + SHOW_VARIANTS;
  return fit < 2 ? 2 : (size_t)fit;
}

static int samples_output(samples *s, const data_source *source,
                          const char *split, const show_request *request,
                          bool json) {
  numeral_error error;
  numeral_status status = NUMERAL_OK;
  if (request->changed)
    status = samples_change(s, row_of(request), request, &error);
  if (!status && request->out) status = samples_write(s, request->out, &error);
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
  if (request->out && s->variants > 1) {
    printf("each beside %zu of what training makes of it\n", s->variants - 1);
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

/* mnist:test:42 is the set, the part and --index in one; random is a lot of its
 * own, another one every time. */
static bool read_name(show_request *request, arguments *args) {
  static char set[16]; /* the request points at it */
  data_part part;
  size_t index;
  numeral_error error;
  const char *name = args->operands[0];
  if (options_given(args, "split") || options_given(args, "index")) {
    args->exit_code = options_wrong(
        &usage, "%s says which image: leave --split and --index out", name);
    return false;
  }
  if (!args->seed_given) request->seed = (uint64_t)time(NULL);
  if (data_source_find(name, request->seed, set, &part, &index, &error)) {
    args->exit_code = message_error("data show", "%s", error.message);
    return false;
  }
  request->data.data = set;
  request->split = part == DATA_TRAIN ? SPLIT_TRAIN : SPLIT_TEST;
  request->ordered = strcmp(strrchr(name, ':'), ":random") != 0;
  request->index = (int)index;
  if (!options_given(args, "count")) request->count = 1;
  return true;
}

static bool read_request(int argc, char **argv, show_request *request,
                         arguments *args) {
  int strength = 0;
  numeral_augment given = {0}, none = {0};
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
       .help = "how many images (default 4, with -o 100;\nof a named image 1)"},
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
      AUGMENT_ROWS(strength, given),
      {.name = NULL}};
  if (!options_read(&usage, table, argc, argv, args)) return false;
  request->ordered = options_given(args, "index");
  request->augment = augment_of_options(args, strength, &given, &none);
  request->changed = memcmp(&request->augment, &none, sizeof none) != 0;
  if (!options_given(args, "count")) {
    request->count = request->out ? SHOW_ON_PNG : SHOW_IN_TERMINAL;
    if (request->out && request->changed) request->count = SHOW_CHANGED;
  }
  if (request->changed &&
      request->count > SAMPLE_SHEET_MAX / (1 + SHOW_VARIANTS)) {
    args->exit_code =
        options_wrong(&usage, "--count: with --augment at most %d",
                      SAMPLE_SHEET_MAX / (1 + SHOW_VARIANTS));
    return false;
  }
  request->data.data = args->operands[0];
  request->seed = args->seed;
  if (data_source_is_image(args->operands[0]) && !read_name(request, args))
    return false;
  request->data.parts = request->split == SPLIT_TRAIN ? DATA_TRAIN : DATA_TEST;
  return true;
}

int data_show_run(int argc, char **argv) {
  show_request request = {.data = data_source_defaults(), .digit = -1};
  arguments args;
  data_source source;
  numeral_error error;
  if (!read_request(argc, argv, &request, &args)) return args.exit_code;
  if (data_source_load(&request.data, &source, &error) != NUMERAL_OK) {
    return message_error("data show", "%s", error.message);
  }
  int exit_code = show_source(&source, &request, args.json);
  data_source_release(&source);
  return exit_code;
}
