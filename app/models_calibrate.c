/* models_calibrate.c: see models_calibrate.h. The split is the one that numeral
 * train makes with the same --seed and --val-split, so that what validates here
 * was not trained on there. */
#include "app/models_calibrate.h"

#include <stdio.h>

#include "app/data_source.h"
#include "app/json_text.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/progress.h"
#include "app/text_format.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "models calibrate",
    .operands = "MODEL",
    .summary =
        "Makes a trained model say how sure it is, and refuse what is no "
        "digit:\n"
        "measures a temperature for its probabilities, and trains a guard "
        "that\n"
        "goes with it. The answers themselves do not change. Give the data, "
        "the\n"
        "seed and the split that it was trained with.",
    .examples =
        "  numeral models calibrate cnn.safetensors -o sure.safetensors\n"
        "  numeral models calibrate cnn.safetensors --no-guard "
        "-o cnn.safetensors\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

typedef struct calibration {
  data_source_options data;
  const char *out;
  double val_split, refused;
  int epochs;
  bool no_guard;
  numeral_model *model, *calibrated;
  data_source source;
  numeral_dataset *train, *validation;
  numeral_evaluation before, after;
  progress_view view;
} calibration;

static int show(const numeral_progress *progress, void *user) {
  calibration *c = user;
  progress_show(&c->view, progress);
  return 0;
}

static numeral_status load(calibration *c, const char *path,
                           const arguments *args, numeral_error *error) {
  numeral_status status = model_choose(path, &c->model, error);
  if (status == NUMERAL_OK)
    status = data_source_load(&c->data, &c->source, error);
  if (status != NUMERAL_OK) return status;
  return numeral_dataset_split(c->source.train, c->val_split, args->seed,
                               &c->train, &c->validation, error);
}

static numeral_status calibrate(calibration *c, const arguments *args,
                                numeral_error *error) {
  numeral_calibrate_options options;
  numeral_calibrate_options_init(&options);
  options.guard_epochs = c->no_guard ? 0 : c->epochs;
  options.refused = c->refused;
  options.seed = args->seed;
  options.threads = args->threads;
  options.progress = show;
  options.user = c;
  c->view = progress_begin(64);
  numeral_status status = numeral_model_calibrate(
      c->model, c->train, c->validation, &options, &c->calibrated, error);
  progress_end(&c->view);
  if (status == NUMERAL_OK)
    status = numeral_model_write(c->calibrated, c->out, error);
  return status;
}

static numeral_status measure(calibration *c, const arguments *args,
                              numeral_error *error) {
  numeral_status status =
      numeral_evaluate(c->model, c->validation, args->threads,
                       NUMERAL_PRECISION_AUTO, &c->before, NULL, error);
  if (status != NUMERAL_OK) return status;
  return numeral_evaluate(c->calibrated, c->validation, args->threads,
                          NUMERAL_PRECISION_AUTO, &c->after, NULL, error);
}

static int print(const calibration *c, bool json) {
  const numeral_evaluation *a = &c->before, *b = &c->after;
  float temperature = numeral_model_get_info(c->calibrated).temperature;
  if (json)
    return json_print(json_pack(
        "{s:o, s:o, s:I, s:[o, o], s:[o, o], s:I}", "model",
        json_text_string(c->out), "temperature",
        json_rounded((double)temperature, 6), "count", (json_int_t)b->count,
        "loss", json_rounded(a->loss, 6), json_rounded(b->loss, 6),
        "calibration_error", json_rounded(a->calibration_error, 6),
        json_rounded(b->calibration_error, 6), "refused",
        (json_int_t)b->refused));
  printf("Temperature: %.4f\n", (double)temperature);
  printf("Validation : %s images; loss %.4f, was %.4f\n",
         text_count(b->count).text, b->loss, a->loss);
  printf("Calibration: %s from confidence to accuracy, was %s\n",
         text_percent(b->calibration_error).text,
         text_percent(a->calibration_error).text);
  if (!c->no_guard)
    printf("Refused    : %s of them\n", text_count(b->refused).text);
  printf("Model      : %s\n", c->out);
  return EXIT_DONE;
}

static int run(calibration *c, const char *path, const arguments *args) {
  numeral_error error;
  numeral_status status = load(c, path, args, &error);
  if (status == NUMERAL_OK) status = calibrate(c, args, &error);
  if (status == NUMERAL_OK) status = measure(c, args, &error);
  int exit_code = status == NUMERAL_OK
                      ? print(c, args->json)
                      : message_error("models calibrate", "%s", error.message);
  numeral_dataset_destroy(c->train);
  numeral_dataset_destroy(c->validation);
  numeral_model_destroy(c->model);
  numeral_model_destroy(c->calibrated);
  data_source_release(&c->source);
  return exit_code;
}

int models_calibrate(int argc, char **argv) {
  numeral_calibrate_options defaults;
  numeral_calibrate_options_init(&defaults);
  calibration c = {.data = data_source_defaults(),
                   .val_split = 0.1,
                   .refused = defaults.refused,
                   .epochs = defaults.guard_epochs};
  c.data.parts = DATA_TRAIN;
  const option_row table[] = {
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &c.out,
       .argument = "FILE",
       .help = "where the calibrated model goes"},
      {.name = "data",
       .letter = 'd',
       .kind = OPTION_TEXT,
       .value = &c.data.data,
       .argument = "DATA",
       .help = "mnist, synth, a folder or a CSV file\n(default mnist)"},
      DATA_DIR_ROW(c.data.data_dir),
      {.name = "val-split",
       .kind = OPTION_NUMBER,
       .value = &c.val_split,
       .argument = "X",
       .help = "share of the training set to measure on\n(default 0.1)",
       .minimum = 0.001,
       .maximum = 0.9},
      {.name = "no-guard",
       .value = &c.no_guard,
       .help = "measure the temperature only; nothing is refused"},
      {.name = "refused",
       .kind = OPTION_NUMBER,
       .value = &c.refused,
       .argument = "X",
       .help = "share of the validation digits that may be\nrefused (default "
               "0.004)",
       .minimum = 0.0001,
       .maximum = 0.4},
      {.name = "epochs",
       .letter = 'e',
       .kind = OPTION_INTEGER,
       .value = &c.epochs,
       .argument = "N",
       .help = "of training the guard (default 8)",
       .minimum = 1,
       .maximum = 1000},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  if (c.out == NULL)
    return options_wrong(&usage, "-o FILE: where should the model go?");
  c.data.seed = args.seed;
  return run(&c, args.operands[0], &args);
}
