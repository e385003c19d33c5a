/* gnuplot.h: gnuplot as a child process that reads a script of ours and writes
 * pictures; never through a shell, and with no file that has a name, so that
 * nothing stays behind however the program ends. Must not know what is drawn.
 *
 *   gnuplot_job job;
 *   status = gnuplot_open(&job, error);      is it there?
 *   fprintf(job.script, "plot ...\n");       for each picture ...
 *   gnuplot_next_picture(&job);              ... and this behind it
 *   status = gnuplot_start(&job, error);     it draws while we do other things
 *   status = gnuplot_finish(&job, pictures, error);
 *   gnuplot_release(&job);                   whatever happened */
#ifndef NUMERAL_APP_REPORT_GNUPLOT_H
#define NUMERAL_APP_REPORT_GNUPLOT_H
#include <stdio.h>
#include <sys/types.h>

#include "numeral.h"

/* What is in PATH and can be run, a bare name or a path; the place goes into
 * `path` [size_bytes]. NULL where there is none. */
const char *gnuplot_find(const char *program, char *path, size_t size_bytes);

typedef struct gnuplot_picture {
  const char *bytes; /* in the job's output; a zero follows */
  size_t size_bytes;
} gnuplot_picture;

typedef struct gnuplot_job {
  FILE *script; /* what gnuplot will read */
  int pictures; /* that the script draws */
  double seconds_limit;
  char program[4096];
  FILE *output; /* what it wrote */
  pid_t child;  /* 0: none */
  int messages; /* what it says, until it ends; -1 */
  char *drawn;  /* the output, read */
} gnuplot_job;

/* IO, with the package's name, where gnuplot is not in PATH. */
numeral_status gnuplot_open(gnuplot_job *job, numeral_error *error);

/* Ends a picture of the script: to be called behind each. */
void gnuplot_next_picture(gnuplot_job *job);

numeral_status gnuplot_start(gnuplot_job *job, numeral_error *error);

/* Waits, at most seconds_limit, and fills pictures [job->pictures], whose bytes
 * the job owns. All of them or a failure, which tells gnuplot's own words. */
numeral_status gnuplot_finish(gnuplot_job *job, gnuplot_picture *pictures,
                              numeral_error *error);

/* Ends a child that still runs. Accepts an empty job, and empties it. */
void gnuplot_release(gnuplot_job *job);

#endif
