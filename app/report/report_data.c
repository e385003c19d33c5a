/* report_data.c: see report_data.h; report_measure.c measures. */
#include "app/report/report_data.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/json_text.h"
#include "formats/file_bytes.h"
#include "formats/format_fail.h"

enum { RECORD_LIMIT_BYTES = 1 << 20, LOG_LIMIT_BYTES = 1 << 26 };

void report_run_notice(report_run *run, const char *format, ...) {
  if (run->notice_count == REPORT_NOTICES) return;
  va_list values;
  va_start(values, format);
  vsnprintf(run->notices[run->notice_count++], REPORT_NOTICE_BYTES, format,
            values);
  va_end(values);
}

/* ---- The record
 * ---------------------------------------------------------------- */

static const json_t *find(const report_run *run, const char *group,
                          const char *key) {
  const json_t *from =
      group != NULL ? json_object_get(run->record, group) : run->record;
  return json_object_get(from, key);
}

const char *report_run_text(const report_run *run, const char *group,
                            const char *key) {
  return json_string_value(find(run, group, key));
}

double report_run_number(const report_run *run, const char *group,
                         const char *key) {
  const json_t *value = find(run, group, key);
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static bool path_in(const report_run *run, const char *name, char *path) {
  return snprintf(path, PATH_MAX, "%s/%s", run->folder, name) < PATH_MAX;
}

static numeral_status read_record(report_run *run, numeral_error *error) {
  char path[PATH_MAX];
  byte_buffer file = {.bytes = NULL};
  json_error_t found = {.line = 0};
  if (!path_in(run, "run.json", path)) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "the path %.60s... is too long", run->folder);
  }
  numeral_status status =
      file_bytes_read(path, RECORD_LIMIT_BYTES, &file, error);
  if (status == NUMERAL_OK) {
    run->record =
        json_loadb((const char *)file.bytes, file.size_bytes, 0, &found);
    if (!json_is_object(run->record)) {
      status = format_fail(error, NUMERAL_ERROR_FORMAT,
                           "%s is not a run's record: line %d: %.100s", path,
                           found.line, found.text);
    }
  }
  free(file.bytes);
  return status;
}

static void read_plan(report_run *run) {
  numeral_error error;
  numeral_status status = train_plan_from_json(
      json_object_get(run->record, "options"), &run->plan, &error);
  run->has_plan = status == NUMERAL_OK;
  if (status != NUMERAL_OK)
    report_run_notice(run, "run.json: %s: the recipe is not shown",
                      error.message);
}

/* ---- The log
 * ------------------------------------------------------------------- */

/* A number from `least` to `most`, or NaN. */
static double number_within(const json_t *object, const char *key, double least,
                            double most) {
  const json_t *value = json_object_get(object, key);
  double number = json_number_value(value);
  bool good = json_is_number(value) && number >= least && number <= most;
  return good ? number : (double)NAN;
}

static bool parse_line(const char *line, size_t size_bytes, int epoch,
                       report_epoch *to) {
  const double most = 1e12;
  json_t *object = json_loadb(line, size_bytes, 0, NULL);
  const json_t *number = json_object_get(object, "epoch");
  bool right = json_is_integer(number) && json_integer_value(number) == epoch;
  *to = (report_epoch){
      .loss = number_within(object, "loss", 0, most),
      .accuracy = number_within(object, "accuracy", 0, 1),
      .val_loss = number_within(object, "val_loss", 0, most),
      .val_accuracy = number_within(object, "val_accuracy", 0, 1),
      .learning_rate = number_within(object, "learning_rate", 0, most),
      .seconds = number_within(object, "seconds", 0, most),
      .images_per_second = number_within(object, "images_per_second", 0, most)};
  json_decref(object);
  return right;
}

numeral_status report_log_parse(const char *text, size_t size_bytes,
                                report_epoch **epochs, int *count,
                                int *bad_line, numeral_error *error) {
  const char *at = text, *end = text + size_bytes, *newline;
  int capacity = 0;
  *epochs = NULL;
  *count = *bad_line = 0;
  for (; at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL;
       at = newline + 1) {
    if (*count == TRAIN_MAX_EPOCHS) break;
    if (*count == capacity) {
      capacity = capacity ? 2 * capacity : 64;
      report_epoch *more = realloc(*epochs, (size_t)capacity * sizeof **epochs);
      if (more == NULL)
        return format_fail(error, NUMERAL_ERROR_MEMORY,
                           "no memory for the log of %d epochs", capacity);
      *epochs = more;
    }
    if (!parse_line(at, (size_t)(newline - at), *count + 1, *epochs + *count)) {
      *bad_line = *count + 1;
      break;
    }
    ++*count;
  }
  return NUMERAL_OK;
}

static numeral_status read_log(report_run *run, numeral_error *error) {
  char path[PATH_MAX];
  byte_buffer file = {.bytes = NULL};
  int bad_line = 0;
  if (!path_in(run, "log.jsonl", path)) return NUMERAL_OK;
  numeral_status status = file_bytes_read(path, LOG_LIMIT_BYTES, &file, error);
  if (status == NUMERAL_OK) {
    status =
        report_log_parse((const char *)file.bytes, file.size_bytes,
                         &run->epochs, &run->epoch_count, &bad_line, error);
  } else if (status != NUMERAL_ERROR_MEMORY) {
    report_run_notice(run, "%s: there are no curves", error->message);
    status = NUMERAL_OK;
  }
  if (bad_line > 0) {
    report_run_notice(run,
                      "log.jsonl: line %d is not that of epoch %d: the curves "
                      "end before it",
                      bad_line, bad_line);
  }
  free(file.bytes);
  return status;
}

int report_run_best_epoch(const report_run *run) {
  int best = 0;
  if (!run->has_plan || run->plan.recipe.patience <= 0) return 0;
  for (int i = 0; i < run->epoch_count; ++i) {
    if (isnan(run->epochs[i].val_loss)) continue;
    if (best == 0 || run->epochs[i].val_loss < run->epochs[best - 1].val_loss)
      best = i + 1;
  }
  return best;
}

/* ---- The folder
 * ---------------------------------------------------------------- */

static void read_model(report_run *run) {
  char path[PATH_MAX];
  struct stat found;
  numeral_error error;
  bool done = json_is_object(json_object_get(run->record, "result"));
  if (!path_in(run, "model.safetensors", path)) return;
  if (stat(path, &found) != 0) {
    int epochs = run->has_plan ? run->plan.recipe.epochs : 0;
    if (done) {
      report_run_notice(run, "%s: %s: only the curves are shown", path,
                        strerror(errno));
    } else if (epochs > 0) {
      report_run_notice(run,
                        "The training is not finished: %d of %d epochs are "
                        "done. Go on with: numeral train --resume %.300s",
                        run->epoch_count, epochs, run->folder);
    } else {
      report_run_notice(run, "The training is not finished: %d epochs are done",
                        run->epoch_count);
    }
    return;
  }
  if (numeral_model_load(path, &run->model, &error) != NUMERAL_OK)
    report_run_notice(run, "%s: only the curves are shown", error.message);
}

/* The last part of the folder's path, without the slashes behind it. */
static void name_run(report_run *run) {
  char here[PATH_MAX];
  size_t length = strlen(run->folder);
  while (length > 1 && run->folder[length - 1] == '/')
    run->folder[--length] = '\0';
  bool is_here = strcmp(run->folder, ".") == 0;
  const char *path = is_here && getcwd(here, sizeof here) ? here : run->folder;
  const char *slash = strrchr(path, '/');
  snprintf(run->name, sizeof run->name, "%.255s",
           slash != NULL && slash[1] != '\0' ? slash + 1 : path);
}

numeral_status report_run_open(const char *folder, report_run *run,
                               numeral_error *error) {
  struct stat found;
  *run = (report_run){.record = NULL};
  if (snprintf(run->folder, sizeof run->folder, "%s", folder) >= PATH_MAX) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "the path %.60s... is too long", folder);
  }
  if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode)) {
    return format_fail(
        error, NUMERAL_ERROR_IO,
        "%.300s is not a folder: give that of a run, such as those in runs/",
        folder);
  }
  name_run(run);
  numeral_status status = read_record(run, error);
  if (status != NUMERAL_OK) return status;
  read_plan(run);
  status = read_log(run, error);
  if (status == NUMERAL_OK) read_model(run);
  return status;
}

void report_run_release(report_run *run) {
  json_decref(run->record);
  free(run->epochs);
  numeral_model_destroy(run->model);
  free(run->measure.probabilities);
  free(run->measure.mistakes);
  free(run->measure.map.labels);
  free(run->measure.map.points);
  *run = (report_run){.record = NULL};
}
