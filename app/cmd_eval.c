/* cmd_eval.c: numeral eval: how often a model is right on a labelled set. */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/eval_extra.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/measured.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/text_format.h"
#include "formats/format_fail.h"
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

typedef struct eval_run {
  measured m;
  doubtful_labels doubtful;
  bool corrupt; /* also measure spoilt images */
  corruption_table spoilt;
} eval_run;

/* ---- As text
 * ------------------------------------------------------------------ */

static void print_head(const eval_run *run) {
  const measured *m = &run->m;
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
  if (run->doubtful.count > 0) {
    size_t count = e->count - run->doubtful.count;
    size_t correct = e->correct - run->doubtful.correct;
    printf("Undoubted  : %s, without %zu labels that are doubtful\n",
           text_percent((double)correct / (double)count).text,
           run->doubtful.count);
  }
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

/* ---- As JSON
 * -------------------------------------------------------------------- */

static int print_json(const eval_run *run) {
  json_t *object = measured_to_json(&run->m);
  if (run->doubtful.count > 0) {
    json_object_set_new(
        object, "doubtful",
        json_pack("{s:I, s:I}", "count", (json_int_t)run->doubtful.count,
                  "correct", (json_int_t)run->doubtful.correct));
  }
  if (run->corrupt)
    json_object_set_new(object, "corrupted",
                        eval_corrupt_to_json(&run->spoilt));
  return json_print(object);
}

/* ---- The command
 * ------------------------------------------------------------------ */

static int print_run(const eval_run *run, bool json) {
  if (json) return print_json(run);
  print_head(run);
  print_classes(&run->m.evaluation);
  print_confusion(&run->m.evaluation);
  if (run->corrupt) eval_corrupt_print(&run->spoilt);
  return EXIT_DONE;
}

/* The set as it is, its doubtful labels, and where asked for, spoilt. */
static numeral_status measure_set(numeral_session *session,
                                  const numeral_dataset *set, uint64_t seed,
                                  eval_run *run, numeral_error *error) {
  size_t count = numeral_dataset_count(set);
  float *p = malloc((count + 1) * NUMERAL_CLASSES * sizeof *p);
  if (p == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for %zu images",
                       count);
  numeral_status status =
      numeral_evaluate_session(session, set, &run->m.evaluation, p, error);
  if (status == NUMERAL_OK) run->doubtful = eval_doubtful(set, p);
  free(p);
  if (status != NUMERAL_OK || !run->corrupt) return status;
  return eval_corrupt(session, set, seed, &run->spoilt, error);
}

static void count_models(const model_set *set, measured *m) {
  m->models = set->count;
  m->info = numeral_model_get_info(set->models[0]);
  for (size_t i = 0; i < set->count; ++i)
    m->parameters += numeral_model_get_info(set->models[i]).parameter_count;
}

/* One session for one model or several, an image seen once or several times. */
static numeral_status measure_all(const model_set *set,
                                  const data_source *source, uint64_t seed,
                                  eval_run *run, numeral_error *error) {
  numeral_session *session;
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.threads = run->m.threads;
  options.max_batch = 256;
  options.precision = (numeral_precision)run->m.precision;
  options.shifts = run->m.shifts;
  numeral_status status = model_set_session(set, &options, &session, error);
  if (status == NUMERAL_OK)
    status =
        measure_set(session, data_source_test_set(source), seed, run, error);
  numeral_session_destroy(session);
  return status;
}

static int measure(const option_list *models, int shifts, bool corrupt,
                   const data_source_options *options,
                   numeral_precision precision, const arguments *args) {
  numeral_error error;
  model_set set;
  data_source source = {.train = NULL};
  numeral_status status = model_set_choose(models, &set, &error);
  if (status == NUMERAL_OK) status = data_source_load(options, &source, &error);
  eval_run run = {.corrupt = corrupt};
  run.m = (measured){.model_name = set.name,
                     .data_name = source.name,
                     .shifts = shifts,
                     .threads = machine_threads(args->threads),
                     .precision = precision == NUMERAL_PRECISION_AUTO
                                      ? NUMERAL_PRECISION_FP32
                                      : (int)precision};
  if (status == NUMERAL_OK) {
    count_models(&set, &run.m);
    status = measure_all(&set, &source, args->seed, &run, &error);
  }
  int exit_code = status == NUMERAL_OK
                      ? print_run(&run, args->json)
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
  bool corrupt = false;
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
      {.name = "corrupt",
       .value = &corrupt,
       .help = "also spoil the images in eight ways, at three\nstrengths, and "
               "measure on those"},
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
  return measure(&models, shifts_of_choice(shifts), corrupt, &options,
                 (numeral_precision)precision, &args);
}
