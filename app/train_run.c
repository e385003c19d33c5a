/* train_run.c: see train_run.h. The log is one file for the whole run, cut
 * and added to in place, so that its lock holds. */
#include "app/train_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file_replace.h"
#include "app/json_file.h"
#include "app/json_text.h"
#include "formats/format_fail.h"

/* ---- The folder ------------------------------------------------------------
 */

static bool name_file(const train_run *run, const char *name, char *path) {
  return snprintf(path, PATH_MAX, "%s/%s", run->folder, name) < PATH_MAX;
}

static numeral_status name_files(train_run *run, const char *folder,
                                 numeral_error *error) {
  *run = (train_run){.log = -1};
  bool fits =
      snprintf(run->folder, sizeof run->folder, "%s", folder) < PATH_MAX &&
      name_file(run, "run.json", run->record_path) &&
      name_file(run, "log.jsonl", run->log_path) &&
      name_file(run, "checkpoint", run->checkpoint_path) &&
      name_file(run, "model.safetensors", run->model_path);
  if (fits) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "the path %.60s... is too long", folder);
}

static bool holds_run(const train_run *run) {
  return access(run->record_path, F_OK) == 0 ||
         access(run->log_path, F_OK) == 0 ||
         access(run->checkpoint_path, F_OK) == 0 ||
         access(run->model_path, F_OK) == 0;
}

/* A spec is too long, and has characters that names of folders should not have.
 */
static const char *folder_name_of_net(const char *net) {
  return net[strspn(net, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0'
             ? net
             : "net";
}

static numeral_status make_chosen_folder(train_run *run, const char *folder,
                                         numeral_error *error) {
  numeral_status status = name_files(run, folder, error);
  if (status != NUMERAL_OK) return status;
  run->made_folder = access(folder, F_OK) != 0;
  status = folder_make(folder, error);
  if (status != NUMERAL_OK) return status;
  if (!holds_run(run)) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "there is a run in %s already: go on with it (numeral "
                     "train --resume %s), "
                     "or choose another --run",
                     folder, folder);
}

/* A lock ends with its process, however that ends. */
static numeral_status open_log(train_run *run, numeral_error *error) {
  run->log = open(run->log_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (run->log < 0) {
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                       run->log_path, strerror(errno));
  }
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(run->log, F_SETLK, &lock) == 0 ||
      (errno != EACCES && errno != EAGAIN)) {
    return NUMERAL_OK;
  }
  return format_fail(
      error, NUMERAL_ERROR_IO,
      "another process is training in %s: wait for it, or end it first",
      run->folder);
}

numeral_status train_run_create(const char *folder, const char *net,
                                json_t *record, train_run *run,
                                numeral_error *error) {
  char named[PATH_MAX];
  numeral_status status;
  if (folder != NULL) {
    status = make_chosen_folder(run, folder, error);
  } else {
    *run = (train_run){.log = -1};
    status =
        folder_make_dated(folder_name_of_net(net), named, sizeof named, error);
    if (status == NUMERAL_OK) status = name_files(run, named, error);
    run->made_folder = status == NUMERAL_OK;
  }
  run->record = record;
  if (status != NUMERAL_OK) return status;
  status = open_log(run, error);
  if (status == NUMERAL_OK) status = train_run_save(run, error);
  if (status != NUMERAL_OK) train_run_discard(run);
  return status;
}

numeral_status train_run_open(const char *folder, train_run *run,
                              numeral_error *error) {
  numeral_status status = name_files(run, folder, error);
  if (status != NUMERAL_OK) return status;
  if (access(run->record_path, F_OK) != 0) {
    return format_fail(
        error, NUMERAL_ERROR_IO,
        "%s: %s; --resume takes the folder of a run, such as those in runs/",
        run->record_path, strerror(errno));
  }
  json_error_t found;
  run->record = json_load_file(run->record_path, 0, &found);
  if (!json_is_object(run->record)) {
    return format_fail(error, NUMERAL_ERROR_FORMAT,
                       "%s is not a run's record: line %d: %.100s",
                       run->record_path, found.line, found.text);
  }
  return train_run_is_finished(run) ? NUMERAL_OK : open_log(run, error);
}

void train_run_release(train_run *run) {
  if (run->log >= 0) close(run->log);
  run->log = -1;
  json_decref(run->record);
  run->record = NULL;
}

void train_run_discard(train_run *run) {
  unlink(run->record_path);
  unlink(run->log_path);
  unlink(run->checkpoint_path);
  if (run->made_folder) rmdir(run->folder);
  train_run_release(run);
}

numeral_status train_run_save(const train_run *run, numeral_error *error) {
  return json_file_write(run->record, run->record_path, error);
}

numeral_status train_run_save_evaluation(const train_run *run,
                                         json_t *evaluation,
                                         numeral_error *error) {
  char path[PATH_MAX];
  numeral_status status = NUMERAL_ERROR_LIMIT;
  if (name_file(run, "eval.json", path)) {
    status = json_file_write(evaluation, path, error);
  } else {
    format_fail(error, status, "%.200s: the path is too long", run->folder);
  }
  json_decref(evaluation);
  return status;
}

bool train_run_is_finished(const train_run *run) {
  return json_is_object(json_object_get(run->record, "result")) &&
         access(run->model_path, F_OK) == 0;
}

/* ---- The log ----------------------------------------------------------------
 */

/* All of the log as one text; free() ends it. NULL where it cannot be read. */
static char *read_log(const train_run *run) {
  struct stat found;
  if (fstat(run->log, &found) != 0) return NULL;
  size_t size_bytes = (size_t)found.st_size, used = 0;
  char *text = malloc(size_bytes + 1);
  while (text != NULL && used < size_bytes) {
    ssize_t got = pread(run->log, text + used, size_bytes - used, (off_t)used);
    if (got <= 0) break;
    used += (size_t)got;
  }
  if (text != NULL) text[used] = '\0';
  return text;
}

/* Is the line that of epoch `epoch`? Adds its time to the run's. */
static bool take_line(train_run *run, const char *line, size_t size_bytes,
                      int epoch) {
  json_t *object = json_loadb(line, size_bytes, 0, NULL);
  bool right = json_integer_value(json_object_get(object, "epoch")) == epoch;
  if (right)
    run->seconds += json_number_value(json_object_get(object, "seconds"));
  json_decref(object);
  return right;
}

numeral_status train_run_log_keep(train_run *run, int epochs,
                                  numeral_error *error) {
  char *text = read_log(run);
  if (text == NULL) {
    return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be read: %s",
                       run->log_path, strerror(errno));
  }
  run->seconds = 0;
  run->epochs = 0;
  const char *line = text;
  while (run->epochs < epochs) {
    const char *end = strchr(line, '\n');
    if (end == NULL ||
        !take_line(run, line, (size_t)(end - line), run->epochs + 1))
      break;
    ++run->epochs;
    line = end + 1;
  }
  off_t kept_bytes = (off_t)(line - text);
  free(text);
  if (ftruncate(run->log, kept_bytes) == 0 &&
      lseek(run->log, kept_bytes, SEEK_SET) >= 0) {
    return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_IO, "%s cannot be written: %s",
                     run->log_path, strerror(errno));
}

static char *log_line(const numeral_progress *progress) {
  json_t *object =
      json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch",
                progress->epoch, "loss", json_rounded(progress->loss, 6),
                "accuracy", json_rounded(progress->accuracy, 6), "val_loss",
                json_rounded(progress->val_loss, 6), "val_accuracy",
                json_rounded(progress->val_accuracy, 6), "learning_rate",
                json_rounded(progress->learning_rate, 12), "seconds",
                json_rounded(progress->seconds, 3), "images_per_second",
                json_rounded(progress->images_per_second, 1));
  char *text = object != NULL ? json_text(object, JSON_COMPACT) : NULL;
  json_decref(object);
  return text;
}

numeral_status train_run_log_add(train_run *run,
                                 const numeral_progress *progress,
                                 numeral_error *error) {
  char *text = log_line(progress);
  if (text == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "out of memory");
  /* in one write, so that at most the last line is ever cut short */
  size_t size_bytes = strlen(text);
  text[size_bytes] = '\n'; /* over the ending zero: it is not needed again */
  ssize_t written = write(run->log, text, size_bytes + 1);
  int reason = errno;
  free(text);
  if (written != (ssize_t)size_bytes + 1 || fsync(run->log) != 0) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "%s cannot be written: %s; make room and go on with: "
                       "numeral train --resume %s",
                       run->log_path,
                       written < 0 ? strerror(reason) : "the disk is full",
                       run->folder);
  }
  run->seconds += progress->seconds;
  ++run->epochs;
  return NUMERAL_OK;
}
