/* cmd_train.c: numeral train. The order of things: everything that can go
 * wrong is looked at before the first epoch; nothing that was there before is
 * touched before the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/file_replace.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/measured.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/progress.h"
#include "app/report/report.h"
#include "app/stop_signal.h"
#include "app/text_format.h"
#include "app/train_data.h"
#include "app/train_plan.h"
#include "app/train_run.h"
#include "app/train_start.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "train",
    .summary =
        "Trains a network. The run folder receives run.json, log.jsonl,\n"
        "checkpoint, model.safetensors, and report.html with its pictures.\n"
        "Ctrl-C finishes the batch and saves; --resume goes on, bit for bit.\n"
        "Options that are not given come from the network's own recipe.",
    .examples =
        "  numeral train\n"
        "  numeral train --net cnn --epochs 10 -o cnn.safetensors\n"
        "  numeral train --net \"conv 16 5x5 relu, flatten, dense 10\"\n"
        "  numeral train --net mlp --data synth:5000 --val-split 0.1\n"
        "  numeral train --resume runs/cnn-20260131-120000\n"};

/* parameters, two of the optimiser, the best ones, and a file half replaced */
enum { COPIES_ON_DISK = 6 };

/* One call of the command. */
typedef struct training {
  train_request request;
  arguments args;
  train_plan plan;
  train_run run;
  train_data data;
  numeral_model *model, *init; /* init: NULL where the numbers are drawn */
  numeral_model *teachers[NUMERAL_MODELS_MAX]; /* as many as the plan names */
  progress_view view;
  numeral_progress last;
  int first_step;      /* of this epoch, in this process; 0: none yet */
  double step_seconds; /* into the epoch, at its last step */
  int threads;
  numeral_error error;
} training;

static int fail(const training *t) {
  return message_error("train", "%s", t->error.message);
}

/* ---- Stopping
 * ---------------------------------------------------------------- */

static int say_stopped(const training *t) {
  message_error(
      "train",
      "stopped in epoch %d of %d, step %d of %d; nothing is lost. Go on with:\n"
      "  numeral train --resume %s",
      t->last.epoch, t->last.epochs, t->last.step, t->last.steps,
      t->run.folder);
  return EXIT_SIGNAL + stop_signal_came();
}

/* ---- Before training
 * ----------------------------------------------------------- */

/* Appends `word`, quoted where a shell would take it apart. */
static void append_word(char *text, size_t size_bytes, const char *word) {
  static const char *const plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
      "=:,+@%";
  size_t used = strlen(text);
  const char *quote =
      *word == '\0' || word[strspn(word, plain)] != '\0' ? "'" : "";
  snprintf(text + used, size_bytes - used, " %s%s%s", quote, word, quote);
}

/* What run.json says from the beginning. */
static json_t *describe_run(const training *t, const char *command) {
  char cpu[256], now[32];
  machine_cpu_name(cpu, sizeof cpu);
  machine_time(now, sizeof now);
  return json_pack("{s:o, s:s, s:s, s:s, s:s, s:i, s:o}", "command",
                   json_text_string(command), "version", numeral_version(),
                   "started", now, "cpu", cpu, "instruction_set",
                   numeral_instruction_set(), "threads", t->threads, "options",
                   train_plan_to_json(&t->plan));
}

/* Is there a place for -o FILE, before hours are spent? */
static numeral_status check_out(const training *t, double needed_bytes,
                                numeral_error *error) {
  char folder[PATH_MAX];
  struct stat found;
  if (t->plan.out[0] == '\0') return NUMERAL_OK;
  if (stat(t->plan.out, &found) == 0 && S_ISDIR(found.st_mode)) {
    snprintf(error->message, sizeof error->message,
             "--out: %.300s is a folder: name a file in it", t->plan.out);
    return NUMERAL_ERROR_ARGUMENT;
  }
  folder_of(t->plan.out, folder, sizeof folder);
  return folder_check(folder, needed_bytes, error);
}

static numeral_status load_teachers(training *t) {
  numeral_status status = NUMERAL_OK;
  for (int i = 0; status == NUMERAL_OK && i < t->plan.teacher_count; ++i)
    status = model_choose(t->plan.teachers[i], &t->teachers[i], &t->error);
  return status;
}

static int begin_new(training *t, const char *command) {
  double parameter_bytes = 0;
  if (t->request.init != NULL &&
      model_choose(t->request.init, &t->init, &t->error) != NUMERAL_OK)
    return fail(t);
  if (t->init != NULL && !options_given(&t->args, "net"))
    t->request.net = train_start_net(t->init);
  numeral_status status =
      train_plan_make(&t->request, &t->args, &t->plan, &t->error);
  if (status == NUMERAL_OK)
    status = train_start_check(&t->plan, t->init, &parameter_bytes, &t->error);
  if (status == NUMERAL_ERROR_SPEC || status == NUMERAL_ERROR_LIMIT) {
    return options_wrong(&usage, "--net: %s", t->error.message);
  }
  if (status == NUMERAL_ERROR_ARGUMENT)
    return options_wrong(&usage, "%s", t->error.message);
  if (status == NUMERAL_OK) status = load_teachers(t);
  if (status != NUMERAL_OK) return fail(t);
  if (t->plan.guard && t->plan.recipe.val_split == 0) {
    return options_wrong(
        &usage, "--guard: needs a validation set; give --val-split 0.1 too");
  }
  if (t->plan.recipe.patience > 0 && t->plan.recipe.val_split == 0) {
    return options_wrong(
        &usage, "--patience: needs a validation set; give --val-split 0.1 too");
  }
  if (check_out(t, parameter_bytes, &t->error) != NUMERAL_OK) return fail(t);
  status = train_run_create(t->request.run, t->plan.net,
                            describe_run(t, command), &t->run, &t->error);
  if (status != NUMERAL_OK) return fail(t);
  status =
      folder_check(t->run.folder, parameter_bytes * COPIES_ON_DISK, &t->error);
  if (status == NUMERAL_OK) return EXIT_DONE;
  train_run_discard(&t->run);
  return fail(t);
}

static numeral_status apply_resume_options(training *t) {
  train_plan typed;
  numeral_status status =
      train_plan_make(&t->request, &t->args, &typed, &t->error);
  if (t->request.out != NULL) memcpy(t->plan.out, typed.out, sizeof typed.out);
  if (t->request.data_dir != NULL)
    memcpy(t->plan.data_dir, typed.data_dir, sizeof typed.data_dir);
  return status;
}

static void warn_if_bits_may_differ(const training *t) {
  const char *set =
      json_string_value(json_object_get(t->run.record, "instruction_set"));
  const char *version =
      json_string_value(json_object_get(t->run.record, "version"));
  if (set == NULL || strcmp(set, numeral_instruction_set()) != 0) {
    message_warning(
        "train",
        "the run was begun with the instruction set %s, here it is %s: the "
        "result may differ in its last bits",
        set ? set : "(unknown)", numeral_instruction_set());
  }
  if (version == NULL || strcmp(version, numeral_version()) != 0) {
    message_warning(
        "train",
        "the run was begun with version %s, this is %s: the result may differ",
        version ? version : "(unknown)", numeral_version());
  }
}

static int begin_resumed(training *t) {
  const char *folder = t->request.resume;
  if (t->request.run != NULL) {
    return options_wrong(
        &usage, "--run: --resume %s says already where the run is", folder);
  }
  if (train_run_open(folder, &t->run, &t->error) != NUMERAL_OK) return fail(t);
  const json_t *options = json_object_get(t->run.record, "options");
  if (train_plan_from_json(options, &t->plan, &t->error) != NUMERAL_OK) {
    return message_error("train", "%s: %s; begin a new run instead",
                         t->run.record_path, t->error.message);
  }
  const char *other = train_plan_contradiction(&t->request, &t->args, &t->plan);
  if (other != NULL) {
    return options_wrong(
        &usage,
        "--%s: the run in %s was begun with another value; leave the "
        "option out, or begin a new run",
        other, folder);
  }
  if (apply_resume_options(t) != NUMERAL_OK) return fail(t);
  if (!t->args.threads_given) {
    t->threads =
        (int)json_integer_value(json_object_get(t->run.record, "threads"));
  }
  if (train_run_is_finished(&t->run)) return EXIT_DONE;
  warn_if_bits_may_differ(t);
  double parameter_bytes = 0;
  numeral_status status = NUMERAL_OK;
  if (t->plan.init[0] != '\0')
    status = model_choose(t->plan.init, &t->init, &t->error);
  if (status == NUMERAL_OK)
    status = train_start_check(&t->plan, t->init, &parameter_bytes, &t->error);
  if (status == NUMERAL_OK) status = load_teachers(t);
  if (status != NUMERAL_OK) return fail(t);
  bool ready = check_out(t, parameter_bytes, &t->error) == NUMERAL_OK &&
               folder_check(folder, parameter_bytes * COPIES_ON_DISK,
                            &t->error) == NUMERAL_OK;
  return ready ? EXIT_DONE : fail(t);
}

/* ---- Data
 * ------------------------------------------------------------------------ */

static size_t count_of(const numeral_dataset *dataset) {
  return dataset != NULL ? numeral_dataset_count(dataset) : 0;
}

/* Puts the data into run.json, or compares with what is there. */
static int record_data(training *t) {
  char checksum[24];
  snprintf(checksum, sizeof checksum, "%016" PRIx64, t->data.source.checksum);
  const json_t *before = json_object_get(t->run.record, "data");
  const char *expected = json_string_value(json_object_get(before, "checksum"));
  if (expected != NULL && strcmp(expected, checksum) != 0) {
    return message_error(
        "train",
        "the data %s has changed since the run in %s was begun (checksum "
        "%s, was %s): bring the old data back, or begin a new run",
        t->data.source.name, t->run.folder, checksum, expected);
  }
  json_object_set_new(
      t->run.record, "data",
      json_pack("{s:o, s:s, s:I, s:I, s:I}", "name",
                json_text_string(t->data.source.name), "checksum", checksum,
                "train", (json_int_t)count_of(t->data.train), "validation",
                (json_int_t)count_of(t->data.validation), "test",
                (json_int_t)count_of(t->data.source.test)));
  return train_run_save(&t->run, &t->error) == NUMERAL_OK ? EXIT_DONE : fail(t);
}

static int load_data(training *t) {
  const char *data_dir = t->plan.data_dir[0] != '\0' ? t->plan.data_dir : NULL;
  numeral_status status =
      train_data_load(t->plan.data, data_dir, t->plan.recipe.val_split,
                      t->plan.seed, &t->data, &t->error);
  return status == NUMERAL_OK ? record_data(t) : fail(t);
}

/* ---- Training
 * --------------------------------------------------------------------- */

/* The speed of an epoch is that of its training in this process, without
 * the validation behind it. */
static void note_speed(training *t, numeral_progress *progress) {
  if (progress->event == NUMERAL_EVENT_STEP) {
    if (t->first_step == 0) t->first_step = progress->step;
    t->step_seconds = progress->seconds;
  } else if (progress->event == NUMERAL_EVENT_EPOCH && t->step_seconds > 0) {
    double images = (double)numeral_dataset_count(t->data.train) -
                    (t->first_step - 1.0) * t->plan.recipe.batch;
    progress->images_per_second = images / t->step_seconds;
    t->first_step = 0;
  }
}

static int on_progress(const numeral_progress *progress, void *user) {
  training *t = user;
  numeral_status status = NUMERAL_OK;
  if (progress->event == NUMERAL_EVENT_CHECKPOINT) return 0;
  t->last = *progress;
  note_speed(t, &t->last);
  if (progress->event == NUMERAL_EVENT_START) {
    status = train_run_log_keep(&t->run, progress->epoch, &t->error);
  } else if (progress->event == NUMERAL_EVENT_EPOCH) {
    status = train_run_log_add(&t->run, &t->last, &t->error);
  }
  progress_show(&t->view, &t->last);
  return status != NUMERAL_OK || stop_signal_came() != 0;
}

static int run_training(training *t) {
  numeral_error trouble = {NUMERAL_OK, ""};
  char name[DATA_PATH_MAX];
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.net = t->plan.net;
  options.recipe = t->plan.recipe;
  options.seed = t->plan.seed;
  options.threads = t->threads;
  options.progress = on_progress;
  options.user = t;
  options.checkpoint_path = t->run.checkpoint_path;
  options.checkpoint_seconds = t->request.checkpoint_seconds;
  options.resume = access(t->run.checkpoint_path, F_OK) == 0;
  options.data_name = train_data_name(&t->data, name, sizeof name);
  options.init = t->init;
  const numeral_model *teachers[NUMERAL_MODELS_MAX];
  for (int i = 0; i < t->plan.teacher_count; ++i) teachers[i] = t->teachers[i];
  options.teachers = teachers;
  options.teacher_count = (size_t)t->plan.teacher_count;
  t->error = trouble;
  t->view = progress_begin(t->plan.recipe.batch);
  stop_signal_catch(true);
  numeral_status status = numeral_train(
      &options, t->data.train, t->data.validation, &t->model, &trouble);
  stop_signal_catch(false);
  progress_end(&t->view);
  if (t->error.message[0] != '\0')
    return fail(t); /* of on_progress: came first */
  if (status == NUMERAL_STOPPED) return say_stopped(t);
  if (status == NUMERAL_OK) return EXIT_DONE;
  bool damaged = options.resume && status == NUMERAL_ERROR_FORMAT;
  return message_error(
      "train", "%s%s", trouble.message,
      damaged ? "; remove that file to begin the run anew" : "");
}

static int on_guard_progress(const numeral_progress *progress, void *user) {
  training *t = user;
  progress_show(&t->view, progress);
  return stop_signal_came() != 0;
}

/* How sure it is, on what validated it. A run that stops here goes on here. */
static int calibrate(training *t) {
  numeral_calibrate_options options;
  numeral_model *calibrated = NULL;
  if (count_of(t->data.validation) == 0) return EXIT_DONE;
  numeral_calibrate_options_init(&options);
  if (!t->plan.guard) options.guard_epochs = 0;
  options.seed = t->plan.seed;
  options.threads = t->threads;
  options.progress = on_guard_progress;
  options.user = t;
  if (t->plan.guard) message_note("training the guard");
  stop_signal_catch(true);
  numeral_status status =
      numeral_model_calibrate(t->model, t->data.train, t->data.validation,
                              &options, &calibrated, &t->error);
  stop_signal_catch(false);
  progress_end(&t->view);
  if (status == NUMERAL_STOPPED) return say_stopped(t);
  if (status != NUMERAL_OK) return fail(t);
  numeral_model_destroy(t->model);
  t->model = calibrated;
  return EXIT_DONE;
}

/* ---- After training
 * ------------------------------------------------------------------ */

static json_t *test_to_json(const numeral_evaluation *test) {
  return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "count",
                   (json_int_t)test->count, "correct",
                   (json_int_t)test->correct, "accuracy",
                   json_rounded(test->accuracy, 6), "accuracy_low",
                   json_rounded(test->accuracy_low, 6), "accuracy_high",
                   json_rounded(test->accuracy_high, 6), "loss",
                   json_rounded(test->loss, 6));
}

static json_t *metadata_number(const numeral_model *model, const char *key) {
  const char *text = numeral_model_metadata(model, key);
  return text != NULL ? json_finite(strtod(text, NULL)) : json_null();
}

static numeral_status add_test(training *t, json_t *result) {
  if (count_of(t->data.source.test) == 0) {
    json_object_set_new(result, "test", json_null());
    return NUMERAL_OK;
  }
  measured m = {.model_name = t->run.model_path,
                .data_name = t->data.source.name,
                .models = 1,
                .parameters = numeral_model_get_info(t->model).parameter_count,
                .threads = t->threads,
                .precision = NUMERAL_PRECISION_FP32,
                .info = numeral_model_get_info(t->model)};
  numeral_status status =
      numeral_evaluate(t->model, t->data.source.test, t->threads,
                       NUMERAL_PRECISION_FP32, &m.evaluation, NULL, &t->error);
  if (status != NUMERAL_OK) return status;
  json_object_set_new(result, "test", test_to_json(&m.evaluation));
  return train_run_save_evaluation(&t->run, measured_to_json(&m), &t->error);
}

/* Measures, and writes the end into run.json: from here on the run is finished.
 */
static int record_result(training *t) {
  char now[32];
  machine_time(now, sizeof now);
  numeral_model_info info = numeral_model_get_info(t->model);
  json_t *result = json_pack(
      "{s:s, s:s, s:I, s:i, s:o, s:o, s:o}", "finished", now, "spec", info.spec,
      "parameters", (json_int_t)info.parameter_count, "epochs", t->run.epochs,
      "val_loss", metadata_number(t->model, "val_loss"), "val_accuracy",
      metadata_number(t->model, "val_accuracy"), "seconds",
      json_rounded(t->run.seconds, 3));
  if (add_test(t, result) != NUMERAL_OK) {
    json_decref(result);
    return fail(t);
  }
  json_object_set_new(t->run.record, "result", result);
  return train_run_save(&t->run, &t->error) == NUMERAL_OK ? EXIT_DONE : fail(t);
}

static int write_models(training *t) {
  numeral_status status =
      numeral_model_write(t->model, t->run.model_path, &t->error);
  if (status == NUMERAL_OK && t->plan.out[0] != '\0') {
    status = numeral_model_write(t->model, t->plan.out, &t->error);
  }
  if (status == NUMERAL_OK) return EXIT_DONE;
  return message_error("train",
                       "%s; the training itself is kept. Go on with:\n"
                       "  numeral train --resume %s",
                       t->error.message, t->run.folder);
}

/* A finished run, resumed with -o: only the file is wanted. */
static int write_out_again(training *t) {
  if (t->request.out == NULL) return EXIT_DONE;
  if (check_out(t, 0, &t->error) != NUMERAL_OK ||
      numeral_model_load(t->run.model_path, &t->model, &t->error) !=
          NUMERAL_OK) {
    return fail(t);
  }
  return write_models(t);
}

/* A report that fails takes nothing from the training. */
static void write_report(const training *t) {
  report_run *run = calloc(1, sizeof *run);
  report_files files;
  numeral_error error = {NUMERAL_ERROR_MEMORY, "out of memory"};
  numeral_status status = run != NULL
                              ? report_run_open(t->run.folder, run, &error)
                              : NUMERAL_ERROR_MEMORY;
  if (status == NUMERAL_OK) {
    report_run_measure(run, &t->data.source, t->threads);
    status = report_write_run(run, t->run.folder, &files, &error);
  }
  if (status != NUMERAL_OK) {
    message_warning("train", "there is no report: %s", error.message);
  } else {
    for (int i = 0; i < run->notice_count; ++i)
      message_warning("train", "report: %s", run->notices[i]);
    if (files.missing[0] != '\0')
      message_warning("train", "report: %s", files.missing);
    message_note("Report: %s", files.page);
  }
  if (run != NULL) report_run_release(run);
  free(run);
}

static int print_summary_json(const training *t) {
  json_t *summary = json_pack(
      "{s:o, s:o, s:o, s:s}", "run", json_text_string(t->run.folder), "model",
      json_text_string(t->run.model_path), "out",
      t->plan.out[0] != '\0' ? json_text_string(t->plan.out) : json_null(),
      "net", t->plan.net);
  json_object_update(summary, json_object_get(t->run.record, "result"));
  return json_print(summary);
}

static double number_of(const json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static int print_summary(const training *t) {
  if (t->args.json) return print_summary_json(t);
  const json_t *result = json_object_get(t->run.record, "result");
  const json_t *test = json_object_get(result, "test");
  printf("Network    : %s (%s parameters)\n", t->plan.net,
         text_count((uint64_t)number_of(result, "parameters")).text);
  if (json_is_number(json_object_get(result, "val_accuracy"))) {
    printf("Validation : %s\n",
           text_percent(number_of(result, "val_accuracy")).text);
  }
  if (json_is_object(test)) {
    printf("Test       : %s of %s images (95%% interval %s to %s)\n",
           text_percent(number_of(test, "accuracy")).text,
           text_count((uint64_t)number_of(test, "count")).text,
           text_percent(number_of(test, "accuracy_low")).text,
           text_percent(number_of(test, "accuracy_high")).text);
  }
  printf("Time       : %s for %.0f epoch%s\n",
         text_duration(number_of(result, "seconds")).text,
         number_of(result, "epochs"),
         number_of(result, "epochs") == 1 ? "" : "s");
  printf("Model      : %s\n", t->run.model_path);
  if (t->plan.out[0] != '\0') {
    printf("             %s\n",
           t->request.out != NULL ? t->request.out : t->plan.out);
  }
  return EXIT_DONE;
}

/* ---- The command
 * ----------------------------------------------------------------------- */

static int train_to_the_end(training *t) {
  message_note("run folder %s", t->run.folder);
  int exit_code = run_training(t);
  if (exit_code == EXIT_DONE) exit_code = calibrate(t);
  if (exit_code == EXIT_DONE) exit_code = write_models(t);
  if (exit_code == EXIT_DONE) exit_code = record_result(t);
  if (exit_code == EXIT_DONE && !t->request.no_report) write_report(t);
  return exit_code;
}

static int begin_and_train(training *t, const char *command) {
  bool is_new = t->request.resume == NULL;
  int exit_code = is_new ? begin_new(t, command) : begin_resumed(t);
  if (exit_code != EXIT_DONE) return exit_code;
  if (train_run_is_finished(&t->run)) {
    message_note("the run in %s is finished: there is nothing to go on with",
                 t->run.folder);
    return write_out_again(t);
  }
  exit_code = load_data(t);
  if (exit_code == EXIT_DONE) return train_to_the_end(t);
  if (is_new)
    train_run_discard(&t->run); /* so that the same command can be repeated */
  return exit_code;
}

int cmd_train(int argc, char **argv) {
  training t = {.run = {.log = -1}};
  option_row table[OPTIONS_MAX];
  char command[4 * TRAIN_NET_BYTES] = "numeral";
  for (int i = 0; i < argc; ++i) append_word(command, sizeof command, argv[i]);
  train_request_options(&t.request, table);
  if (!options_read(&usage, table, argc, argv, &t.args))
    return t.args.exit_code;
  t.threads = machine_threads(t.args.threads);
  int exit_code = begin_and_train(&t, command);
  if (exit_code == EXIT_DONE) exit_code = print_summary(&t);
  numeral_model_destroy(t.model);
  numeral_model_destroy(t.init);
  for (int i = 0; i < t.plan.teacher_count; ++i)
    numeral_model_destroy(t.teachers[i]);
  train_data_release(&t.data);
  train_run_release(&t.run);
  return exit_code;
}
