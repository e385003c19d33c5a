/* cmd_eval.c: numeral eval: how often a model is right on a labelled set. */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/eval_extra.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/text_format.h"
#include "formats/format_fail.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "eval",
    .operands = "[MODEL]",
    .summary =
        "Measures a model file, or without MODEL the built-in one, on the "
        "test\n"
        "images of a data set: accuracy with its 95% interval, loss, "
        "precision,\n"
        "recall and F1 of each digit, and which digit was taken for which.",
    .examples =
        "  numeral eval\n"
        "  numeral eval cnn.safetensors --data mnist\n"
        "  numeral eval --images images.gz --labels labels.gz\n"
        "  numeral eval cnn.safetensors --data scans/ --normalise\n",
    .maximum_operands = 1};

typedef struct measured {
  const char *model_name, *data_name;
  int threads, precision; /* a place in precision_words */
  numeral_model_info info;
  numeral_evaluation evaluation;
  doubtful_labels doubtful;
  bool corrupt; /* also measure spoilt images */
  corruption_table spoilt;
} measured;

static double images_per_second(const numeral_evaluation *e) {
  return e->seconds > 0 ? (double)e->count / e->seconds : 0;
}

/* ---- As text
 * ------------------------------------------------------------------ */

static void print_head(const measured *m) {
  const numeral_evaluation *e = &m->evaluation;
  printf("Model      : %s (%s parameters)\n", m->model_name,
         text_count(m->info.parameter_count).text);
  printf("Data       : %s, %s images\n", m->data_name,
         text_count(e->count).text);
  printf("Accuracy   : %s (%s right; 95%% interval %s to %s)\n",
         text_percent(e->accuracy).text, text_count(e->correct).text,
         text_percent(e->accuracy_low).text,
         text_percent(e->accuracy_high).text);
  if (m->doubtful.count > 0) {
    size_t count = e->count - m->doubtful.count;
    size_t correct = e->correct - m->doubtful.correct;
    printf("Undoubted  : %s, without %zu labels that are doubtful\n",
           text_percent((double)correct / (double)count).text,
           m->doubtful.count);
  }
  printf("Loss       : %.4f\n", e->loss);
  printf("Calibration: %s from confidence to accuracy, on average\n",
         text_percent(e->calibration_error).text);
  printf("Surest 99%% : %s right\n", text_percent(e->accuracy_at_99).text);
  if (m->info.has_guard)
    printf("Refused    : %s; of the rest %s right\n",
           text_count(e->refused).text, text_percent(e->accuracy_of_rest).text);
  printf("Speed      : %s images/s on %d thread%s, %s\n",
         text_count((uint64_t)images_per_second(e)).text, m->threads,
         m->threads == 1 ? "" : "s", precision_words[m->precision]);
}

static size_t images_of_class(const numeral_evaluation *e, int digit) {
  size_t count = 0;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) count += e->confusion[digit][i];
  return count;
}

static void print_classes(const numeral_evaluation *e) {
  printf("\n%sDigit  Precision   Recall       F1   Images%s\n",
         style_on(stdout, STYLE_BOLD), style_off(stdout));
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    printf("%5d  %9s  %7s  %7s  %7s\n", i, text_percent(e->precision[i]).text,
           text_percent(e->recall[i]).text, text_percent(e->f1[i]).text,
           text_count(images_of_class(e, i)).text);
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

static json_t *classes_to_json(const numeral_evaluation *e) {
  json_t *classes = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_array_append_new(
        classes, json_pack("{s:i, s:I, s:o, s:o, s:o}", "digit", i, "count",
                           (json_int_t)images_of_class(e, i), "precision",
                           json_rounded(e->precision[i], 6), "recall",
                           json_rounded(e->recall[i], 6), "f1",
                           json_rounded(e->f1[i], 6)));
  }
  return classes;
}

static json_t *confusion_to_json(const numeral_evaluation *e) {
  json_t *rows = json_array();
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    json_t *row = json_array();
    for (int j = 0; j < NUMERAL_CLASSES; ++j) {
      json_array_append_new(row, json_integer((json_int_t)e->confusion[i][j]));
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *reliability_to_json(const numeral_evaluation *e) {
  json_t *bins = json_array();
  for (int i = 0; i < NUMERAL_RELIABILITY_BINS; ++i) {
    const numeral_reliability *bin = &e->reliability[i];
    json_array_append_new(
        bins, json_pack("{s:I, s:o, s:o}", "count", (json_int_t)bin->count,
                        "confidence", json_rounded(bin->confidence, 6),
                        "accuracy", json_rounded(bin->accuracy, 6)));
  }
  return bins;
}

static int print_json(const measured *m) {
  const numeral_evaluation *e = &m->evaluation;
  json_t *object = json_pack(
      "{s:o, s:s, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:s, "
      "s:o, s:o, s:o, s:o}",
      "model", json_text_string(m->model_name), "spec", m->info.spec,
      "parameters", (json_int_t)m->info.parameter_count, "data",
      json_text_string(m->data_name), "count", (json_int_t)e->count, "correct",
      (json_int_t)e->correct, "accuracy", json_rounded(e->accuracy, 6),
      "accuracy_low", json_rounded(e->accuracy_low, 6), "accuracy_high",
      json_rounded(e->accuracy_high, 6), "loss", json_rounded(e->loss, 6),
      "seconds", json_rounded(e->seconds, 6), "images_per_second",
      json_rounded(images_per_second(e), 1), "threads", m->threads, "precision",
      precision_words[m->precision], "classes", classes_to_json(e), "confusion",
      confusion_to_json(e), "calibration_error",
      json_rounded(e->calibration_error, 6), "reliability",
      reliability_to_json(e));
  json_object_set_new(object, "accuracy_at_99",
                      json_rounded(e->accuracy_at_99, 6));
  if (m->info.has_guard) {
    json_object_set_new(object, "refused",
                        json_integer((json_int_t)e->refused));
    json_object_set_new(object, "accuracy_of_rest",
                        json_rounded(e->accuracy_of_rest, 6));
  }
  if (m->doubtful.count > 0) {
    json_object_set_new(
        object, "doubtful",
        json_pack("{s:I, s:I}", "count", (json_int_t)m->doubtful.count,
                  "correct", (json_int_t)m->doubtful.correct));
  }
  if (m->corrupt)
    json_object_set_new(object, "corrupted", eval_corrupt_to_json(&m->spoilt));
  return json_print(object);
}

/* ---- The command
 * ------------------------------------------------------------------ */

static int print_measured(const measured *m, bool json) {
  if (json) return print_json(m);
  print_head(m);
  print_classes(&m->evaluation);
  print_confusion(&m->evaluation);
  if (m->corrupt) eval_corrupt_print(&m->spoilt);
  return EXIT_DONE;
}

/* The set as it is, its doubtful labels, and where asked for, spoilt. */
static numeral_status measure_set(const numeral_model *model,
                                  const numeral_dataset *set,
                                  numeral_precision precision,
                                  const arguments *args, measured *m,
                                  numeral_error *error) {
  size_t count = numeral_dataset_count(set);
  float *p = malloc((count + 1) * NUMERAL_CLASSES * sizeof *p);
  if (p == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for %zu images",
                       count);
  numeral_status status = numeral_evaluate(model, set, args->threads, precision,
                                           &m->evaluation, p, error);
  if (status == NUMERAL_OK) m->doubtful = eval_doubtful(set, p);
  free(p);
  if (status != NUMERAL_OK || !m->corrupt) return status;
  return eval_corrupt(model, set, args->threads, precision, args->seed,
                      &m->spoilt, error);
}

static int measure(const char *path, const data_source_options *options,
                   numeral_precision precision, bool corrupt,
                   const arguments *args) {
  numeral_error error;
  numeral_model *model = NULL;
  data_source source = {.train = NULL};
  numeral_status status = model_choose(path, &model, &error);
  if (status == NUMERAL_OK) status = data_source_load(options, &source, &error);
  measured m = {.model_name = model_choice_name(path),
                .corrupt = corrupt,
                .data_name = source.name,
                .threads = machine_threads(args->threads),
                .precision = precision == NUMERAL_PRECISION_AUTO
                                 ? NUMERAL_PRECISION_FP32
                                 : (int)precision};
  if (status == NUMERAL_OK) {
    m.info = numeral_model_get_info(model);
    status = measure_set(model, data_source_test_set(&source), precision, args,
                         &m, &error);
  }
  int exit_code = status == NUMERAL_OK
                      ? print_measured(&m, args->json)
                      : message_error("eval", "%s", error.message);
  data_source_release(&source);
  numeral_model_destroy(model);
  return exit_code;
}

int cmd_eval(int argc, char **argv) {
  data_source_options options = data_source_defaults();
  int precision = NUMERAL_PRECISION_AUTO;
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
  options.seed = args.seed;
  return measure(args.operands[0], &options, (numeral_precision)precision,
                 corrupt, &args);
}
