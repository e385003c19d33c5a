/* report.h: writes the report of one run, or of several, into a folder: every
 * picture as a PNG file, and report.html. Must not know the command line. */
#ifndef NUMERAL_APP_REPORT_REPORT_H
#define NUMERAL_APP_REPORT_REPORT_H
#include <limits.h>

#include "app/report/charts.h"
#include "app/report/report_data.h"
#include "app/report/report_pictures.h"

typedef struct report_files {
  char page[PATH_MAX];
  char pictures[PICTURE_KINDS][PATH_MAX];
  int picture_count;
  char missing[512]; /* why charts are missing, or "" */
} report_files;

/* The report of a run that was opened and measured, into `folder`, which is
 * there. Each file is written whole or not at all; SIGINT, SIGTERM and SIGHUP
 * wait until all are. */
numeral_status report_write_run(const report_run *run, const char *folder,
                                report_files *files, numeral_error *error);
/* The same of several. */
numeral_status report_write_runs(const chart_runs *runs, const char *folder,
                                 report_files *files, numeral_error *error);

#endif
