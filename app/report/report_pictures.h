/* report_pictures.h: all pictures of a report in every form that page and
 * folder need: wide and narrow, light and dark, and a PNG file. Must not know
 * what the page says of them. */
#ifndef NUMERAL_APP_REPORT_REPORT_PICTURES_H
#define NUMERAL_APP_REPORT_REPORT_PICTURES_H
#include "app/html.h"
#include "app/report/charts.h"
#include "app/report/gnuplot.h"
#include "app/report/report_data.h"

typedef enum picture_kind {
  PICTURE_TRAINING = 0,
  PICTURE_CONFUSION,
  PICTURE_CLASSES,
  PICTURE_RELIABILITY,
  PICTURE_PREDICTIONS,
  PICTURE_MISCLASSIFIED,
  PICTURE_MAP,
  PICTURE_FILTERS,
  PICTURE_SAMPLES,
  PICTURE_AUGMENTED,
  PICTURE_OVERLAY, /* of several runs, as the next; all others are of one */
  PICTURE_INTERVALS,
  PICTURE_KINDS
} picture_kind;

/* The page's pictures, the best match first; html_picture's media. */
enum { PICTURE_VARIANTS = 4 };

typedef struct report_picture {
  bool present;
  int width, height; /* of the last variant, on the page */
  html_picture variants[PICTURE_VARIANTS];
  html_picture file; /* PNG, light and wide */
} report_picture;

typedef struct report_pictures {
  report_picture of[PICTURE_KINDS];
  void *owned[PICTURE_KINDS * PICTURE_VARIANTS * 2];
  int owned_count;
  gnuplot_job job;   /* holds the charts */
  char missing[512]; /* why charts are missing, or "" */
} report_pictures;

/* "training.png" */
const char *report_picture_file(picture_kind kind);

/* Draws what the run has data for. Charts that cannot be drawn are left out and
 * pictures->missing says why; other failures are failures. */
numeral_status report_pictures_draw(const report_run *run,
                                    report_pictures *pictures,
                                    numeral_error *error);

/* The pictures of several runs. */
void report_pictures_draw_runs(const chart_runs *runs,
                               report_pictures *pictures);

/* Accepts empty pictures, and empties them. */
void report_pictures_release(report_pictures *pictures);

#endif
