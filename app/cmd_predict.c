/* cmd_predict.c: numeral predict: one digit per image. One picture after the
 * other: a picture that cannot be read must not stop those after it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/image_list.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/predict_show.h"
#include "app/prediction_text.h"
#include "app/sample_sheet.h"
#include "app/stage_files.h"
#include "formats/image_file.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "predict",
    .operands = "IMAGE...",
    .summary =
        "Reads the digit in each picture: PNG, JPEG, TIFF, WebP, BMP, GIF or\n"
        "PNM of any size, dark on light or light on dark. IMAGE may be a file, "
        "a\n"
        "folder, - for paths on standard input, or an image of a data set:\n"
        "mnist:test:42, mnist:test:random. Exit code 3: there was no digit.\n"
        "What a model with a guard takes for no digit is \"none (unsure)\".",
    .examples =
        "  numeral predict digit.png\n"
        "  numeral predict scans/ --json\n"
        "  numeral predict mnist:test:random --show\n"
        "  numeral predict scans/ -o scans.png\n"
        "  find . -name \"*.png\" | numeral predict -\n",
    .minimum_operands = 1,
    .maximum_operands = -1};

typedef struct prediction_run {
  numeral_session *session;
  data_source_options data; /* for mnist:test:42 */
  bool json, show, single;
  const char *debug;      /* folder for the normaliser's steps, or NULL */
  const char *out;        /* a sheet of all pictures, or NULL */
  size_t row;             /* pictures side by side in the terminal */
  read_list shown, drawn; /* waiting for their row, and for the sheet */
  int failed, recognised;
} prediction_run;

/* ---- Printing
 * ------------------------------------------------------------------ */

static void print_line(const char *path, const numeral_prediction *p) {
  if (p->digit >= 0) {
    printf("%s\t%d\t%.4f\n", path, p->digit, (double)p->confidence);
  } else {
    printf("%s\tnone\t%.4f\n", path, (double)p->confidence);
  }
}

static void print_prediction(const prediction_run *run,
                             const read_image *image) {
  if (run->json) {
    prediction_print_json(image->name, &image->prediction);
  } else if (run->single) {
    prediction_print(&image->prediction);
  } else {
    print_line(image->name, &image->prediction);
  }
}

/* The pictures of a row, then what is said of each. */
static void print_row(prediction_run *run) {
  /* with --json standard output is JSON and nothing else */
  if (run->show)
    read_list_show(&run->shown, run->json ? stderr : stdout, !run->single);
  for (size_t i = 0; i < run->shown.count; ++i)
    print_prediction(run, &run->shown.images[i]);
  read_list_clear(&run->shown);
}

/* Takes the image, where there is memory for it. */
static bool keep(prediction_run *run, read_image *image) {
  if (run->out != NULL && run->drawn.count < SAMPLE_SHEET_MAX) {
    read_image copy = *image;
    copy.name = NULL;
    if (!read_list_add(&run->drawn, &copy)) return false;
  }
  if (!read_list_add(&run->shown, image)) return false;
  if (run->shown.count >= run->row) print_row(run);
  return true;
}

/* ---- Reading
 * ---------------------------------------------------------------------- */

/* An image of a data set is as the network wants it already. */
static numeral_status read_data_image(prediction_run *run, const char *text,
                                      read_image *image, numeral_error *error) {
  data_image found;
  numeral_status status = data_source_image(text, &run->data, &found, error);
  if (status != NUMERAL_OK) return status;
  memcpy(image->pixels, found.pixels, sizeof found.pixels);
  image->name = strdup(found.name);
  return numeral_session_judge(run->session, image->pixels, NULL, 1,
                               &image->prediction, error);
}

static numeral_status read_file(prediction_run *run, const char *path,
                                read_image *image, numeral_error *error) {
  image_file file;
  numeral_status status = image_file_read(path, &file, error);
  if (status != NUMERAL_OK) return status;
  int has_ink;
  image->name = strdup(path);
  if (run->show || run->out != NULL)
    status = numeral_normalise(&file.raster, image->pixels, &has_ink, error);
  if (status == NUMERAL_OK) {
    status = numeral_session_read_raster(run->session, &file.raster,
                                         &image->prediction, error);
  }
  if (status == NUMERAL_OK && run->debug != NULL)
    status = stage_files_write(run->debug, path, &file.raster, error);
  image_file_release(&file);
  return status;
}

static void note_several(const char *path, const numeral_prediction *p) {
  if (p->reason != NUMERAL_REASON_SEVERAL || path == NULL) return;
  message_note(
      "%s: there are %d digits side by side, and predict reads one a picture: "
      "cut them apart, or take it for one with --accept-all",
      path, p->digits);
}

static void predict_one(const char *path, void *user) {
  prediction_run *run = user;
  numeral_error error;
  read_image image = {.name = NULL};
  numeral_status status = data_source_is_image(path)
                              ? read_data_image(run, path, &image, &error)
                              : read_file(run, path, &image, &error);
  if (status != NUMERAL_OK) {
    message_error("predict", "%s", error.message);
    ++run->failed;
  } else {
    if (image.prediction.digit >= 0) ++run->recognised;
    note_several(image.name, &image.prediction);
    if (image.name == NULL || !keep(run, &image)) {
      message_error("predict", "no memory for %s", path);
      ++run->failed;
    }
  }
  free(image.name);
}

/* ---- The command
 * --------------------------------------------------------------------- */

static void write_sheet(prediction_run *run) {
  numeral_error error;
  size_t count = run->drawn.count;
  if (run->out == NULL || count == 0) return;
  if (read_list_write(&run->drawn, run->out, &error) != NUMERAL_OK) {
    message_error("predict", "%s", error.message);
    ++run->failed;
  } else {
    message_note("%s: %zu image%s%s", run->out, count, count == 1 ? "" : "s",
                 count == SAMPLE_SHEET_MAX ? ", the most that go on it" : "");
  }
}

static int predict_all(prediction_run *run, const arguments *args) {
  run->single =
      args->operand_count == 1 && !image_list_is_many(args->operands[0]);
  run->row = run->show ? read_list_row(run->json ? stderr : stdout) : 1;
  for (int i = 0; i < args->operand_count; ++i) {
    if (!image_list_visit(args->operands[i], predict_one, run)) ++run->failed;
  }
  print_row(run);
  write_sheet(run);
  if (run->failed > 0) return EXIT_FAILED;
  return run->recognised > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static int predict_with(const option_list *models,
                        const numeral_session_options *options,
                        prediction_run *run, const arguments *args) {
  numeral_error error;
  model_set set;
  numeral_status status = model_set_choose(models, &set, &error);
  if (status == NUMERAL_OK)
    status = model_set_session(&set, options, &run->session, &error);
  int exit_code = status == NUMERAL_OK
                      ? predict_all(run, args)
                      : message_error("predict", "%s", error.message);
  read_list_release(&run->shown);
  read_list_release(&run->drawn);
  numeral_session_destroy(run->session);
  model_set_release(&set);
  return exit_code;
}

int cmd_predict(int argc, char **argv) {
  prediction_run run = {.data = data_source_defaults()};
  option_list models = {.count = 0};
  numeral_session_options options;
  int precision = NUMERAL_PRECISION_AUTO, shifts = 0;
  bool accept_all = false;
  const option_row table[] = {
      MODEL_LIST_ROW(models,
                     "a model file (default: the built-in model); given\nmore "
                     "than once, their mean is the answer"),
      SHIFTS_ROW(shifts),
      PRECISION_ROW(precision),
      {.name = "show",
       .value = &run.show,
       .help = "draw what the network sees, 28 x 28, in the\nterminal"},
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &run.out,
       .argument = "FILE",
       .help = "... and on a PNG file, each picture over its\ndigit and "
               "confidence"},
      {.name = "accept-all",
       .value = &accept_all,
       .help = "call whatever has ink a digit: refuse nothing"},
      {.name = "debug",
       .kind = OPTION_TEXT,
       .value = &run.debug,
       .argument = "DIR",
       .help = "save each step from picture to 28 x 28 as PNG"},
      {.name = "data-dir",
       .kind = OPTION_TEXT,
       .value = &run.data.data_dir,
       .argument = "DIR",
       .help = "where named data sets are"},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  run.json = args.json;
  /* "random" is another one every time, unless a seed was asked for */
  run.data.seed = args.seed_given ? args.seed : (uint64_t)time(NULL);
  numeral_session_options_init(&options);
  options.max_batch = 1;
  options.precision = (numeral_precision)precision;
  options.shifts = shifts_of_choice(shifts);
  options.accept_all = accept_all;
  return predict_with(&models, &options, &run, &args);
}
