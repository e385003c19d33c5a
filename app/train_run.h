/* train_run.h: a run folder on disk:
 *
 *   run.json           what was asked and, at the end, what came of it
 *   log.jsonl          one object an epoch
 *   checkpoint         the library's, to go on from
 *   model.safetensors  the trained network
 *   eval.json          what it was measured to be on the test images
 *
 * Knows files; must not know how training is done or shown. */
#ifndef NUMERAL_APP_TRAIN_RUN_H
#define NUMERAL_APP_TRAIN_RUN_H
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "numeral.h"

typedef struct train_run {
  char folder[PATH_MAX];
  char record_path[PATH_MAX], log_path[PATH_MAX], checkpoint_path[PATH_MAX],
      model_path[PATH_MAX];
  json_t *record; /* what run.json holds; train_run_save writes it */
  int log;        /* log.jsonl, locked against a second process; -1 */
  bool made_folder;
  double seconds; /* training time of the epochs in the log */
  int epochs;     /* in the log */
} train_run;

/* A new run in `folder`, or where that is NULL in runs/NET-DATE-TIME. Refuses a
 * folder that holds a run. run.json is `record`, whose reference is taken. */
numeral_status train_run_create(const char *folder, const char *net,
                                json_t *record, train_run *run,
                                numeral_error *error);

/* The run that was begun in `folder`, locked. */
numeral_status train_run_open(const char *folder, train_run *run,
                              numeral_error *error);

/* Closes; the files stay. Accepts an empty or half-made run. */
void train_run_release(train_run *run);

/* Takes away what train_run_create made, where nothing was trained. */
void train_run_discard(train_run *run);

/* Writes run.json anew from run->record, whole or not at all. */
numeral_status train_run_save(const train_run *run, numeral_error *error);

/* Writes eval.json, giving up the reference. */
numeral_status train_run_save_evaluation(const train_run *run,
                                         json_t *evaluation,
                                         numeral_error *error);

/* Was the run trained to its end? */
bool train_run_is_finished(const train_run *run);

/* Keeps the first `epochs` lines of the log, which a checkpoint holds, and
 * drops the rest, also a line cut short. */
numeral_status train_run_log_keep(train_run *run, int epochs,
                                  numeral_error *error);

/* Adds a line for the epoch that ended, and flushes it to disk. */
numeral_status train_run_log_add(train_run *run,
                                 const numeral_progress *progress,
                                 numeral_error *error);

#endif
