/* cmd_predict.c: numeral predict: one digit per image. One picture after the
 * other: a picture that cannot be read must not stop those after it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/image_list.h"
#include "app/image_show.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/prediction_text.h"
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
        "mnist:test:42, mnist:test:random. Exit code 3: there was no digit.",
    .examples =
        "  numeral predict digit.png\n"
        "  numeral predict scans/ --json\n"
        "  numeral predict mnist:test:random --show\n"
        "  find . -name \"*.png\" | numeral predict -\n",
    .minimum_operands = 1,
    .maximum_operands = -1};

typedef struct prediction_run {
  numeral_session *session;
  data_source_options data; /* for mnist:test:42 */
  bool json, show, single;
  int failed, recognised;
} prediction_run;

/* What was shown to the network, and what it said. */
typedef struct read_image {
  uint8_t pixels[NUMERAL_IMAGE_PIXELS];
  numeral_prediction prediction;
  char name[64]; /* of an image of a data set; else "" */
} read_image;

/* ---- Printing
 * ------------------------------------------------------------------ */

static void print_line(const char *path, const numeral_prediction *p) {
  if (p->digit >= 0) {
    printf("%s\t%d\t%.4f\n", path, p->digit, (double)p->confidence);
  } else {
    printf("%s\tnone\t%.4f\n", path, (double)p->confidence);
  }
}

static void print_prediction(const prediction_run *run, const char *path,
                             const read_image *image) {
  /* with --json standard output is JSON and nothing else */
  if (run->show) image_show(image->pixels, run->json ? stderr : stdout);
  if (run->json) {
    prediction_print_json(path, &image->prediction);
  } else if (run->single) {
    prediction_print(&image->prediction);
  } else {
    print_line(path, &image->prediction);
  }
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
  memcpy(image->name, found.name, sizeof image->name);
  return prediction_make(run->session, image->pixels, &image->prediction,
                         error);
}

static numeral_status read_file(prediction_run *run, const char *path,
                                read_image *image, numeral_error *error) {
  image_file file;
  numeral_status status = image_file_read(path, &file, error);
  if (status != NUMERAL_OK) return status;
  int has_ink;
  if (run->show)
    status = numeral_normalise(&file.raster, image->pixels, &has_ink, error);
  if (status == NUMERAL_OK) {
    status = numeral_session_read_raster(run->session, &file.raster,
                                         &image->prediction, error);
  }
  image_file_release(&file);
  return status;
}

static void predict_one(const char *path, void *user) {
  prediction_run *run = user;
  numeral_error error;
  read_image image = {.name = ""};
  numeral_status status = data_source_is_image(path)
                              ? read_data_image(run, path, &image, &error)
                              : read_file(run, path, &image, &error);
  if (status != NUMERAL_OK) {
    message_error("predict", "%s", error.message);
    ++run->failed;
    return;
  }
  if (image.prediction.digit >= 0) ++run->recognised;
  print_prediction(run, image.name[0] != '\0' ? image.name : path, &image);
}

/* ---- The command
 * --------------------------------------------------------------------- */

static int predict_all(prediction_run *run, const arguments *args) {
  run->single =
      args->operand_count == 1 && !image_list_is_many(args->operands[0]);
  for (int i = 0; i < args->operand_count; ++i) {
    if (!image_list_visit(args->operands[i], predict_one, run)) ++run->failed;
  }
  if (run->failed > 0) return EXIT_FAILED;
  return run->recognised > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static int predict_with(const char *model_path, numeral_precision precision,
                        prediction_run *run, const arguments *args) {
  numeral_error error;
  numeral_model *model = NULL;
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.max_batch = 1;
  options.precision = precision;
  numeral_status status = model_choose(model_path, &model, &error);
  if (status == NUMERAL_OK) {
    status = numeral_session_create(model, &options, &run->session, &error);
  }
  int exit_code = status == NUMERAL_OK
                      ? predict_all(run, args)
                      : message_error("predict", "%s", error.message);
  numeral_session_destroy(run->session);
  numeral_model_destroy(model);
  return exit_code;
}

int cmd_predict(int argc, char **argv) {
  prediction_run run = {.data = data_source_defaults()};
  const char *model_path = NULL;
  int precision = NUMERAL_PRECISION_AUTO;
  const option_row table[] = {
      {.name = "model",
       .letter = 'm',
       .kind = OPTION_TEXT,
       .value = &model_path,
       .argument = "FILE",
       .help = "a model file (default: the built-in model)"},
      PRECISION_ROW(precision),
      {.name = "show",
       .value = &run.show,
       .help = "draw what the network sees, 28 x 28, in the\nterminal"},
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
  return predict_with(model_path, (numeral_precision)precision, &run, &args);
}
