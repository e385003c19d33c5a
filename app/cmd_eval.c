/* cmd_eval.c: numeral eval: how often a model is right on a labelled set. */
#include <stdio.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/measured.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/text_format.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "eval",
    .operands = "[MODEL]...",
    .summary =
        "Measures a model file, or without MODEL the built-in one, on the "
        "test\n"
        "images of a data set: accuracy with its 95% interval, loss, "
        "precision,\n"
        "recall and F1 of each digit, and which digit was taken for which.\n"
        "Of several models the mean of their probabilities is measured.",
    .examples =
        "  numeral eval\n"
        "  numeral eval cnn.safetensors --data mnist\n"
        "  numeral eval a.safetensors b.safetensors --shifts 4\n"
        "  numeral eval --images images.gz --labels labels.gz\n"
        "  numeral eval cnn.safetensors --data scans/ --normalise\n",
    .maximum_operands = OPTION_LIST_MAX};

/* ---- As text
 * ------------------------------------------------------------------ */

static void print_head(const measured *m) {
  const numeral_evaluation *e = &m->evaluation;
  printf("Model      : %s (%s parameters)\n", m->model_name,
         text_count(m->parameters).text);
  if (m->shifts > 0)
    printf("Shifts     : the mean of each image and %d moved by a pixel\n",
           m->shifts);
  printf("Data       : %s, %s images\n", m->data_name,
         text_count(e->count).text);
  printf("Accuracy   : %s (%s right; 95%% interval %s to %s)\n",
         text_percent(e->accuracy).text, text_count(e->correct).text,
         text_percent(e->accuracy_low).text,
         text_percent(e->accuracy_high).text);
  printf("Loss       : %.4f\n", e->loss);
  printf("Calibration: %s from confidence to accuracy, on average\n",
         text_percent(e->calibration_error).text);
  printf("Surest 99%% : %s right\n", text_percent(e->accuracy_at_99).text);
  if (m->info.has_guard)
    printf("Refused    : %s; of the rest %s right\n",
           text_count(e->refused).text, text_percent(e->accuracy_of_rest).text);
  printf("Speed      : %s images/s on %d thread%s, %s\n",
         text_count((uint64_t)measured_speed(e)).text, m->threads,
         m->threads == 1 ? "" : "s", precision_words[m->precision]);
}

static void print_classes(const numeral_evaluation *e) {
  printf("\n%sDigit  Precision   Recall       F1   Images%s\n",
         style_on(stdout, STYLE_BOLD), style_off(stdout));
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    printf("%5d  %9s  %7s  %7s  %7s\n", i, text_percent(e->precision[i]).text,
           text_percent(e->recall[i]).text, text_percent(e->f1[i]).text,
           text_count(measured_images(e, i)).text);
  }
}

static void print_cell(size_t count, bool right) {
  if (count == 0) {
    printf("%s%7s%s", style_on(stdout, STYLE_DIM), ".", style_off(stdout));
  } else {
    printf("%s%7zu%s", style_on(stdout, right ? STYLE_BOLD : STYLE_YELLOW),
           count, style_off(stdout));
  }
}

static void print_confusion(const numeral_evaluation *e) {
  printf("\n%sTrue digit down, answer across%s\n     ",
         style_on(stdout, STYLE_BOLD), style_off(stdout));
  for (int i = 0; i < NUMERAL_CLASSES; ++i) printf("%7d", i);
  putchar('\n');
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    printf("%5d", i);
    for (int j = 0; j < NUMERAL_CLASSES; ++j)
      print_cell(e->confusion[i][j], i == j);
    putchar('\n');
  }
}

/* ---- The command
 * ------------------------------------------------------------------ */

static int print_measured(const measured *m, bool json) {
  if (json) return json_print(measured_to_json(m));
  print_head(m);
  print_classes(&m->evaluation);
  print_confusion(&m->evaluation);
  return EXIT_DONE;
}

/* Several models, or one image seen several times. */
static numeral_status measure_mean(const model_set *set,
                                   const numeral_dataset *test,
                                   numeral_precision precision, int threads,
                                   measured *m, numeral_error *error) {
  numeral_session *session;
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.threads = threads;
  options.max_batch = 256;
  options.precision = precision;
  options.shifts = m->shifts;
  numeral_status status = model_set_session(set, &options, &session, error);
  if (status == NUMERAL_OK)
    status =
        numeral_evaluate_session(session, test, &m->evaluation, NULL, error);
  numeral_session_destroy(session);
  return status;
}

static void count_models(const model_set *set, measured *m) {
  m->models = set->count;
  m->info = numeral_model_get_info(set->models[0]);
  for (size_t i = 0; i < set->count; ++i)
    m->parameters += numeral_model_get_info(set->models[i]).parameter_count;
}

static int measure(const option_list *models, int shifts,
                   const data_source_options *options,
                   numeral_precision precision, const arguments *args) {
  numeral_error error;
  model_set set;
  data_source source = {.train = NULL};
  numeral_status status = model_set_choose(models, &set, &error);
  if (status == NUMERAL_OK) status = data_source_load(options, &source, &error);
  measured m = {.model_name = set.name,
                .data_name = source.name,
                .shifts = shifts,
                .threads = machine_threads(args->threads),
                .precision = precision == NUMERAL_PRECISION_AUTO
                                 ? NUMERAL_PRECISION_FP32
                                 : (int)precision};
  if (status == NUMERAL_OK) {
    const numeral_dataset *test = data_source_test_set(&source);
    count_models(&set, &m);
    status =
        set.count > 1 || shifts > 0
            ? measure_mean(&set, test, precision, args->threads, &m, &error)
            : numeral_evaluate(set.models[0], test, args->threads, precision,
                               &m.evaluation, NULL, &error);
  }
  int exit_code = status == NUMERAL_OK
                      ? print_measured(&m, args->json)
                      : message_error("eval", "%s", error.message);
  data_source_release(&source);
  model_set_release(&set);
  return exit_code;
}

/* Models are operands or --model, as for predict. */
static bool list_models(const arguments *args, option_list *models) {
  if (args->operand_count + models->count > OPTION_LIST_MAX) return false;
  for (int i = 0; i < args->operand_count; ++i)
    models->texts[models->count++] = args->operands[i];
  return true;
}

int cmd_eval(int argc, char **argv) {
  data_source_options options = data_source_defaults();
  option_list models = {.count = 0};
  int precision = NUMERAL_PRECISION_AUTO, shifts = 0;
  options.parts = DATA_TEST;
  const option_row table[] = {
      {.name = "data",
       .letter = 'd',
       .kind = OPTION_TEXT,
       .value = &options.data,
       .argument = "DATA",
       .help = "mnist, synth, a folder or a CSV file\n(default mnist)"},
      {.name = "data-dir",
       .kind = OPTION_TEXT,
       .value = &options.data_dir,
       .argument = "DIR",
       .help = "where named data sets are"},
      {.name = "images",
       .kind = OPTION_TEXT,
       .value = &options.images_path,
       .argument = "FILE",
       .help = "IDX file of images, may be .gz; with --labels"},
      {.name = "labels",
       .kind = OPTION_TEXT,
       .value = &options.labels_path,
       .argument = "FILE",
       .help = "IDX file of their labels"},
      MODEL_LIST_ROW(models, "the same as MODEL"),
      SHIFTS_ROW(shifts),
      PRECISION_ROW(precision),
      {.name = "normalise",
       .value = &options.normalise,
       .help =
           "find and centre each digit first, as predict\ndoes with pictures"},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  if ((options.images_path == NULL) != (options.labels_path == NULL)) {
    return options_wrong(&usage, "--images and --labels go together");
  }
  if (options.images_path != NULL && options_given(&args, "data")) {
    return options_wrong(&usage, "--data and --images: give one of them");
  }
  if (!list_models(&args, &models)) {
    return options_wrong(&usage, "at most %d models answer together",
                         OPTION_LIST_MAX);
  }
  options.seed = args.seed;
  return measure(&models, shifts_of_choice(shifts), &options,
                 (numeral_precision)precision, &args);
}
