/* report_pictures.c: see report_pictures.h. gnuplot draws the charts in one
 * child for all, while the galleries are drawn here. */
#include "app/report/report_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "app/report/galleries.h"

/* The inside of a card on a wide page, and on a phone of 390 pixels. Two
 * columns of cards fit beside each other where a card's inside is WIDE_PX. */
enum { WIDE_PX = 502, NARROW_PX = 324, FORMS = PICTURE_VARIANTS + 1 };

/* Where a card is narrower than WIDE_PX. */
#define NARROW_MEDIA "(max-width: 567px)"
#define DARK_MEDIA "(prefers-color-scheme: dark)"

typedef struct variant {
  const char *media;
  int width;
  look_theme theme;
} variant;

static const variant variants[PICTURE_VARIANTS] = {
    {NARROW_MEDIA " and " DARK_MEDIA, NARROW_PX, LOOK_DARK},
    {NARROW_MEDIA, NARROW_PX, LOOK_LIGHT},
    {DARK_MEDIA, WIDE_PX, LOOK_DARK},
    {NULL, WIDE_PX, LOOK_LIGHT}};

typedef board gallery_fn(const report_run *run, look_theme theme, int width);
typedef void chart_fn(const chart *c, const report_run *run);
typedef int chart_height_fn(const report_run *run, int width);

typedef struct picture_maker {
  const char *file;
  gallery_fn *gallery; /* or ... */
  chart_fn *chart;
  chart_height_fn *height;
} picture_maker;

static const picture_maker makers[PICTURE_KINDS] = {
    [PICTURE_TRAINING] = {"training.png", NULL, chart_training,
                          chart_training_height},
    [PICTURE_CONFUSION] = {"confusion.png", gallery_confusion, NULL, NULL},
    [PICTURE_CLASSES] = {"classes.png", NULL, chart_classes,
                         chart_classes_height},
    [PICTURE_RELIABILITY] = {"reliability.png", NULL, chart_reliability,
                             chart_reliability_height},
    [PICTURE_PREDICTIONS] = {"predictions.png", gallery_predictions, NULL,
                             NULL},
    [PICTURE_MISCLASSIFIED] = {"misclassified.png", gallery_misclassified, NULL,
                               NULL},
    [PICTURE_MAP] = {"map.png", NULL, chart_map, chart_map_height},
    [PICTURE_FILTERS] = {"filters.png", gallery_filters, NULL, NULL},
    [PICTURE_SAMPLES] = {"samples.png", gallery_samples, NULL, NULL},
    [PICTURE_OVERLAY] = {"training.png", NULL, NULL, NULL}};

const char *report_picture_file(picture_kind kind) { return makers[kind].file; }

/* ---- Galleries
 * ----------------------------------------------------------------- */

static bool has_data(const report_run *run, picture_kind kind) {
  const report_measure *m = &run->measure;
  bool measured = m->evaluation.count > 0;
  size_t filters;
  switch (kind) {
    case PICTURE_TRAINING:
      return run->epoch_count > 0;
    case PICTURE_MISCLASSIFIED:
      return measured && m->mistake_count > 0;
    case PICTURE_MAP:
      return m->map.count > 0;
    case PICTURE_FILTERS:
      return gallery_has_filters(run, &filters);
    case PICTURE_SAMPLES:
      return m->train != NULL && numeral_dataset_count(m->train) > 0;
    case PICTURE_OVERLAY:
      return false;
    default:
      return measured;
  }
}

static numeral_status draw_gallery(const report_run *run, gallery_fn *gallery,
                                   report_pictures *pictures,
                                   report_picture *picture,
                                   numeral_error *error) {
  for (int i = 0; i < PICTURE_VARIANTS; ++i) {
    unsigned char *png;
    size_t size_bytes;
    board b = gallery(run, variants[i].theme, variants[i].width);
    numeral_status status = board_encode(&b, &png, &size_bytes, error);
    picture->width = b.width;
    picture->height = b.height;
    board_release(&b);
    if (status != NUMERAL_OK) return status;
    pictures->owned[pictures->owned_count++] = png;
    picture->variants[i] =
        (html_picture){variants[i].media, "image/png", png, size_bytes};
  }
  picture->file = picture->variants[PICTURE_VARIANTS - 1];
  picture->present = true;
  return NUMERAL_OK;
}

static numeral_status draw_galleries(const report_run *run,
                                     report_pictures *pictures,
                                     numeral_error *error) {
  for (int kind = 0; kind < PICTURE_KINDS; ++kind) {
    gallery_fn *gallery = makers[kind].gallery;
    if (gallery == NULL || !has_data(run, (picture_kind)kind)) continue;
    numeral_status status =
        draw_gallery(run, gallery, pictures, &pictures->of[kind], error);
    if (status != NUMERAL_OK) return status;
  }
  return NUMERAL_OK;
}

/* ---- Charts
 * -------------------------------------------------------------------- */

/* The sheet of a form: the variants of the page, then the file. */
static chart sheet_of(FILE *script, int form) {
  const variant *v = &variants[form < PICTURE_VARIANTS ? form : form - 1];
  return (chart){.script = script,
                 .form = form < PICTURE_VARIANTS ? CHART_SVG : CHART_PNG,
                 .theme = v->theme,
                 .width = v->width};
}

/* gnuplot's pictures of one chart, in the order of its forms. */
static void take_chart(const gnuplot_picture *drawn, int height,
                       report_picture *picture) {
  for (int i = 0; i < FORMS; ++i) {
    html_picture *to =
        i < PICTURE_VARIANTS ? &picture->variants[i] : &picture->file;
    *to = (html_picture){i < PICTURE_VARIANTS ? variants[i].media : NULL,
                         i < PICTURE_VARIANTS ? "image/svg+xml" : "image/png",
                         drawn[i].bytes, drawn[i].size_bytes};
  }
  picture->width = WIDE_PX;
  picture->height = height;
  picture->present = true;
}

static void put_charts(const report_run *run, gnuplot_job *job) {
  charts_put_run(job->script, run);
  for (int kind = 0; kind < PICTURE_KINDS; ++kind) {
    const picture_maker *maker = &makers[kind];
    if (maker->chart == NULL || !has_data(run, (picture_kind)kind)) continue;
    for (int form = 0; form < FORMS; ++form) {
      chart sheet = sheet_of(job->script, form);
      sheet.height = maker->height(run, sheet.width);
      chart_begin(&sheet);
      maker->chart(&sheet, run);
      chart_end(&sheet, job);
    }
  }
}

static void take_charts(const report_run *run, report_pictures *pictures,
                        const gnuplot_picture *drawn) {
  for (int kind = 0; kind < PICTURE_KINDS; ++kind) {
    const picture_maker *maker = &makers[kind];
    if (maker->chart == NULL || !has_data(run, (picture_kind)kind)) continue;
    take_chart(drawn, maker->height(run, WIDE_PX), &pictures->of[kind]);
    drawn += FORMS;
  }
}

/* Charts may be missing: a report without them is still one. */
static void note_missing(report_pictures *pictures, const char *why) {
  snprintf(pictures->missing, sizeof pictures->missing, "%s", why);
}

numeral_status report_pictures_draw(const report_run *run,
                                    report_pictures *pictures,
                                    numeral_error *error) {
  gnuplot_picture drawn[PICTURE_KINDS * FORMS];
  numeral_error trouble;
  *pictures = (report_pictures){.owned_count = 0};
  numeral_status charts = gnuplot_open(&pictures->job, &trouble);
  if (charts == NUMERAL_OK) {
    put_charts(run, &pictures->job);
    if (pictures->job.pictures > 0)
      charts = gnuplot_start(&pictures->job, &trouble);
  }
  numeral_status status = draw_galleries(run, pictures, error);
  if (status != NUMERAL_OK) return status;
  if (charts == NUMERAL_OK && pictures->job.pictures > 0)
    charts = gnuplot_finish(&pictures->job, drawn, &trouble);
  if (charts == NUMERAL_OK) {
    take_charts(run, pictures, drawn);
  } else {
    note_missing(pictures, trouble.message);
  }
  return NUMERAL_OK;
}

void report_pictures_draw_overlay(const chart_runs *runs,
                                  report_pictures *pictures) {
  gnuplot_picture drawn[FORMS];
  numeral_error trouble;
  *pictures = (report_pictures){.owned_count = 0};
  numeral_status charts = gnuplot_open(&pictures->job, &trouble);
  if (charts == NUMERAL_OK) {
    charts_put_runs(pictures->job.script, runs);
    for (int form = 0; form < FORMS; ++form) {
      chart sheet = sheet_of(pictures->job.script, form);
      sheet.height = chart_overlay_height(runs, sheet.width);
      chart_begin(&sheet);
      chart_overlay(&sheet, runs);
      chart_end(&sheet, &pictures->job);
    }
    charts = gnuplot_start(&pictures->job, &trouble);
  }
  if (charts == NUMERAL_OK)
    charts = gnuplot_finish(&pictures->job, drawn, &trouble);
  if (charts == NUMERAL_OK) {
    take_chart(drawn, chart_overlay_height(runs, WIDE_PX),
               &pictures->of[PICTURE_OVERLAY]);
  } else {
    note_missing(pictures, trouble.message);
  }
}

void report_pictures_release(report_pictures *pictures) {
  for (int i = 0; i < pictures->owned_count; ++i) free(pictures->owned[i]);
  gnuplot_release(&pictures->job);
  *pictures = (report_pictures){.owned_count = 0};
}
