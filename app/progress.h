/* progress.h: how training is watched: on a terminal one line that is redrawn,
 * else a line an epoch, on stderr. Knows the terminal; must not know files. */
#ifndef NUMERAL_APP_PROGRESS_H
#define NUMERAL_APP_PROGRESS_H
#include <stdbool.h>

#include "numeral.h"

typedef struct progress_view {
  bool silent, terminal, line_shown;
  int batch;       /* images a step, to guess the time left */
  double drawn_at; /* seconds on the monotonic clock */
} progress_view;

/* Silent with --quiet. */
progress_view progress_begin(int batch);

/* Shows what a STEP or EPOCH event says; other events show nothing. */
void progress_show(progress_view *view, const numeral_progress *progress);

/* Takes the redrawn line away, so that a message can follow. */
void progress_end(progress_view *view);

#endif
