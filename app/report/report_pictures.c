/* report_pictures.c: see report_pictures.h. gnuplot draws the charts in one
 * child for all, while the galleries are drawn here. */
#include "app/report/report_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "app/augment_options.h"
#include "app/board_svg.h"
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
    [PICTURE_AUGMENTED] = {"augmented.png", gallery_augmented, NULL, NULL},
    [PICTURE_OVERLAY] = {"training.png", NULL, NULL, NULL},
    [PICTURE_INTERVALS] = {"accuracy.png", NULL, NULL, NULL}};

const char *report_picture_file(picture_kind kind) { return makers[kind].file; }

/* ---- Galleries
 * ----------------------------------------------------------------- */

static bool has_data(const report_run *run, picture_kind kind) {
  const report_measure *m = &run->measure;
  bool measured = m->evaluation.count > 0;
  size_t filters;
  char settings[AUGMENT_TEXT_BYTES];
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
    case PICTURE_AUGMENTED:
      augment_text(&run->plan.recipe.augment, settings);
      return settings[0] != '\0' && has_data(run, PICTURE_SAMPLES);
    case PICTURE_OVERLAY:
    case PICTURE_INTERVALS:
      return false;
    default:
      return measured;
  }
}

/* A file that stands alone has some paper around what is on it. */
static void pad(board *b) {
  for (size_t i = 0; i < b->count; ++i) {
    b->items[i].x += CHART_MARGIN_PX;
    b->items[i].y += CHART_MARGIN_PX;
  }
  b->width += 2 * CHART_MARGIN_PX;
  b->height += 2 * CHART_MARGIN_PX;
}

/* The page's variants as SVG, and the last one as a PNG file too. */
static numeral_status draw_gallery(const report_run *run, gallery_fn *gallery,
                                   report_pictures *pictures,
                                   report_picture *picture,
                                   numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (int i = 0; status == NUMERAL_OK && i < PICTURE_VARIANTS; ++i) {
    char *svg;
    unsigned char *png = NULL;
    size_t svg_bytes, png_bytes = 0;
    board b = gallery(run, variants[i].theme, variants[i].width);
    status = board_svg(&b, &svg, &svg_bytes, error);
    picture->width = b.width;
    picture->height = b.height;
    if (i + 1 == PICTURE_VARIANTS) pad(&b);
    if (status == NUMERAL_OK && i + 1 == PICTURE_VARIANTS)
      status = board_encode(&b, &png, &png_bytes, error);
    pictures->owned[pictures->owned_count++] = svg;
    pictures->owned[pictures->owned_count++] = png;
    picture->variants[i] =
        (html_picture){variants[i].media, "image/svg+xml", svg, svg_bytes};
    picture->file = (html_picture){NULL, "image/png", png, png_bytes};
    board_release(&b);
  }
  picture->present = status == NUMERAL_OK;
  return status;
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

/* gnuplot says with each word what font it has, which is most of a map's bytes:
 * once is enough. The SVG as it was, where there is no memory. */
static html_picture share_font(html_picture svg, report_pictures *pictures) {
  static const char words[] =
      " font-family=\"" CHART_FONTS "\" font-size=\"13.00\"";
  html text = {0};
  const char *at = svg.bytes, *found = strstr(at, "<svg ");
  if (found == NULL) return svg;
  text_add(&text, "<svg%s", words);
  for (at = found + 4; (found = strstr(at, words)) != NULL;
       at = found + sizeof words - 1)
    text_add(&text, "%.*s", (int)(found - at), at);
  text_add(&text, "%s", at);
  if (text.refused) {
    html_release(&text);
    return svg;
  }
  pictures->owned[pictures->owned_count++] = text.text;
  svg.bytes = text.text;
  svg.size_bytes = text.length;
  return svg;
}

/* gnuplot's pictures of one chart, in the order of its forms. */
static void take_chart(const gnuplot_picture *drawn, int height,
                       report_pictures *pictures, picture_kind kind) {
  report_picture *picture = &pictures->of[kind];
  for (int i = 0; i < PICTURE_VARIANTS; ++i) {
    html_picture svg = {variants[i].media, "image/svg+xml", drawn[i].bytes,
                        drawn[i].size_bytes};
    picture->variants[i] = share_font(svg, pictures);
  }
  const gnuplot_picture *png = &drawn[PICTURE_VARIANTS];
  picture->file =
      (html_picture){NULL, "image/png", png->bytes, png->size_bytes};
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
    take_chart(drawn, maker->height(run, WIDE_PX), pictures,
               (picture_kind)kind);
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

/* ---- Several runs
 * -------------------------------------------------------------- */

typedef struct runs_maker {
  picture_kind kind;
  void (*draw)(const chart *c, const chart_runs *runs);
  int (*height)(const chart_runs *runs, int width);
} runs_maker;

static const runs_maker runs_makers[] = {
    {PICTURE_OVERLAY, chart_overlay, chart_overlay_height},
    {PICTURE_INTERVALS, chart_intervals, chart_intervals_height}};
enum { RUNS_MAKERS = sizeof runs_makers / sizeof *runs_makers };

static bool have_data(const chart_runs *runs, picture_kind kind) {
  for (int r = 0; r < runs->count; ++r) {
    const report_run *run = &runs->runs[r];
    if (kind == PICTURE_OVERLAY ? run->epoch_count > 0
                                : run->measure.evaluation.count > 0)
      return true;
  }
  return false;
}

static void put_runs_charts(const chart_runs *runs, gnuplot_job *job) {
  charts_put_runs(job->script, runs);
  for (int i = 0; i < RUNS_MAKERS; ++i) {
    if (!have_data(runs, runs_makers[i].kind)) continue;
    for (int form = 0; form < FORMS; ++form) {
      chart sheet = sheet_of(job->script, form);
      sheet.height = runs_makers[i].height(runs, sheet.width);
      chart_begin(&sheet);
      runs_makers[i].draw(&sheet, runs);
      chart_end(&sheet, job);
    }
  }
}

void report_pictures_draw_runs(const chart_runs *runs,
                               report_pictures *pictures) {
  gnuplot_picture drawn[RUNS_MAKERS * FORMS], *next = drawn;
  numeral_error trouble;
  *pictures = (report_pictures){.owned_count = 0};
  numeral_status status = gnuplot_open(&pictures->job, &trouble);
  if (status == NUMERAL_OK) {
    put_runs_charts(runs, &pictures->job);
    status = gnuplot_start(&pictures->job, &trouble);
  }
  if (status == NUMERAL_OK)
    status = gnuplot_finish(&pictures->job, drawn, &trouble);
  if (status != NUMERAL_OK) {
    note_missing(pictures, trouble.message);
    return;
  }
  for (int i = 0; i < RUNS_MAKERS; ++i) {
    if (!have_data(runs, runs_makers[i].kind)) continue;
    take_chart(next, runs_makers[i].height(runs, WIDE_PX), pictures,
               runs_makers[i].kind);
    next += FORMS;
  }
}

void report_pictures_release(report_pictures *pictures) {
  for (int i = 0; i < pictures->owned_count; ++i) free(pictures->owned[i]);
  gnuplot_release(&pictures->job);
  *pictures = (report_pictures){.owned_count = 0};
}
