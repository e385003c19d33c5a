/* report_data.h: a run as its report needs it: what its files say, checked,
 * and what measuring its model gives, once for pictures and page. A run folder
 * may come from anywhere: nothing in it is believed. Must not know how
 * anything is shown. */
#ifndef NUMERAL_APP_REPORT_REPORT_DATA_H
#define NUMERAL_APP_REPORT_REPORT_DATA_H
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/data_source.h"
#include "app/train_plan.h"
#include "numeral.h"

enum {
  REPORT_NOTICES = 8,
  REPORT_NOTICE_BYTES = 640,
  REPORT_NAME_BYTES = 256,
  REPORT_MAP_POINTS = 700
};

/* A line of log.jsonl; NaN where it says nothing. */
typedef struct report_epoch {
  double loss, accuracy, val_loss, val_accuracy, learning_rate, seconds,
      images_per_second;
} report_epoch;

/* The test set's features from where they differ most. */
typedef struct report_map {
  size_t count; /* 0: there is no map */
  uint8_t *labels;
  float *points;    /* [count][2] */
  double shares[2]; /* of the variance */
} report_map;

/* What the model says of its test set; count 0 in evaluation: not measured. */
typedef struct report_measure {
  const numeral_dataset *train, *test; /* of the data; test: measured on */
  bool on_training_set;                /* the data has no test images */
  numeral_evaluation evaluation;
  float *probabilities; /* [count][10] */
  size_t *mistakes;     /* indices, the least probable true digit first */
  size_t mistake_count;
  report_map map;
} report_measure;

typedef struct report_run {
  char folder[PATH_MAX];
  char name[REPORT_NAME_BYTES]; /* the folder's own */
  json_t *record;               /* run.json, an object */
  train_plan plan;
  bool has_plan; /* the record's options could be read */
  report_epoch *epochs;
  int epoch_count;
  numeral_model *model; /* NULL where there is none yet */
  report_measure measure;
  char notices[REPORT_NOTICES][REPORT_NOTICE_BYTES]; /* what a reader must know
                                                        beside the figures */
  int notice_count;
} report_run;

/* Reads run.json, log.jsonl and the model. Fails where `folder` holds no run
 * whose record can be read; whatever else is missing or damaged becomes a
 * notice. report_run_release ends *run, also after a failure. */
numeral_status report_run_open(const char *folder, report_run *run,
                               numeral_error *error);
/* Accepts an empty run, and empties it. */
void report_run_release(report_run *run);

void report_run_notice(report_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What the record says, or NULL where that is no text. `group` ("data") may be
 * NULL. */
const char *report_run_text(const report_run *run, const char *group,
                            const char *key);
/* NaN where it is no number. */
double report_run_number(const report_run *run, const char *group,
                         const char *key);

/* The epoch, from 1, whose network was kept; 0: the last one. */
int report_run_best_epoch(const report_run *run);

/* Measures the run's model on `data`, which must stay as long as `run`. What
 * cannot be measured becomes a notice. threads 0: as many as there are. */
void report_run_measure(report_run *run, const data_source *data, int threads);

/* Lines of `text` up to the first that is not that of the next epoch; free()
 * ends *epochs. *bad_line is that line's number, or 0. A last line without an
 * end, as a training that goes on has, is left out and not bad. */
numeral_status report_log_parse(const char *text, size_t size_bytes,
                                report_epoch **epochs, int *count,
                                int *bad_line, numeral_error *error);

#endif
