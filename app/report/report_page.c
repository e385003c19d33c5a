/* report_page.c: the page of one run; see report_page.h. */
#include "app/report/report_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/augment_options.h"
#include "app/report/galleries.h"
#include "app/text_format.h"

/* What only reports have; the rest is app/look.css. */
static const char style[] =
    "<style>\n"
    "picture img { margin: 0 auto; }\n"
    "picture + .faint, .after { margin-top: 12px; }\n"
    ".figures { gap: 16px 32px; }\n"
    ".figures dd { white-space: nowrap; }\n"
    ".stack > .card:last-child { margin-bottom: 0; }\n"
    "h2 + .faint { margin-top: 0; }\n"
    ".notice { border-left: 4px solid var(--second); }\n"
    "details { margin-top: 8px; font-size: 14px; }\n"
    "summary { cursor: pointer; color: var(--first); }\n"
    "details .scroll { margin-top: 8px; }\n"
    ".layers { list-style: none; margin: 0; padding: 0; }\n"
    ".layers li { border: 1px solid var(--line); border-radius: 8px;"
    " padding: 6px 12px; display: flex; flex-wrap: wrap; gap: 0 16px;"
    " justify-content: space-between; align-items: baseline; }\n"
    ".layers li + li { margin-top: 20px; position: relative; }\n"
    ".layers li + li::before { content: \"\"; position: absolute; left: 24px;"
    " top: -20px; height: 18px; border-left: 2px solid var(--faint); }\n"
    ".layers li + li::after { content: \"\"; position: absolute; left: 20px;"
    " top: -9px; border: 5px solid transparent;"
    " border-top: 8px solid var(--faint); border-bottom: 0; }\n"
    ".layers b { font-weight: 600; }\n"
    ".layers .work { flex-basis: 100%; }\n"
    ".facts th { white-space: nowrap; }\n"
    ".facts td { overflow-wrap: anywhere; }\n"
    "pre { white-space: pre-wrap; margin: 0; }\n"
    "</style>\n";

void report_page_begin(html *page, const char *title) {
  html_begin(page, title);
  text_add(page, "%s", style);
}

void report_page_notice(html *page, const char *text) {
  text_add(page, "<p class=\"card notice\" role=\"note\">");
  html_text(page, text);
  text_add(page, "</p>\n");
}

void report_page_picture(html *page, const report_pictures *pictures,
                         picture_kind kind, const char *alt) {
  const report_picture *picture = &pictures->of[kind];
  if (!picture->present) return;
  html_pictures(page, picture->variants, PICTURE_VARIANTS, picture->width,
                picture->height, alt);
}

/* ---- Figures
 * ------------------------------------------------------------------- */

static void begin_card(html *page, const char *title) {
  text_add(page, "<section class=\"card\"><h2>%s</h2>\n", title);
}

static void end_card(html *page) { text_add(page, "</section>\n"); }

/* A number that programs find by its name. */
static void add_value(html *page, const char *element, const char *name,
                      double value, const char *shown) {
  text_add(page, "<%s data-figure=\"%s\" data-value=\"%.6f\">%s</%s>", element,
           name, value, shown, element);
}

static void add_figure(html *page, const char *name, double value,
                       const char *shown, const char *meaning) {
  text_add(page, "<div><dt>%s</dt>", meaning);
  add_value(page, "dd", name, value, shown);
  text_add(page, "</div>\n");
}

static void add_test_figures(html *page, const report_measure *m) {
  const numeral_evaluation *e = &m->evaluation;
  char text[96];
  text_add(page, "<div><dt>of %s %s images; 95%% interval ",
           text_count(e->count).text, m->on_training_set ? "training" : "test");
  add_value(page, "span", "accuracy_low", e->accuracy_low,
            text_percent(e->accuracy_low).text);
  text_add(page, " to ");
  add_value(page, "span", "accuracy_high", e->accuracy_high,
            text_percent(e->accuracy_high).text);
  text_add(page, "</dt>");
  add_value(page, "dd", "accuracy", e->accuracy,
            text_percent(e->accuracy).text);
  text_add(page, "</div>\n");
  add_figure(page, "mistakes", (double)(e->count - e->correct),
             text_count(e->count - e->correct).text, "mistakes");
  snprintf(text, sizeof text, "%.4f", e->loss);
  add_figure(page, "loss", e->loss, text, "loss, nats an image");
  add_figure(page, "calibration_error", e->calibration_error,
             text_percent(e->calibration_error).text, "calibration error");
}

static void add_figures(html *page, const report_run *run) {
  double seconds = 0;
  text_add(page, "<dl class=\"figures\">\n");
  if (run->measure.evaluation.count > 0) add_test_figures(page, &run->measure);
  if (run->model != NULL) {
    size_t count = numeral_model_get_info(run->model).parameter_count;
    add_figure(page, "parameters", (double)count, text_count(count).text,
               "parameters");
  }
  for (int i = 0; i < run->epoch_count; ++i) {
    if (isfinite(run->epochs[i].seconds)) seconds += run->epochs[i].seconds;
  }
  if (run->epoch_count > 0) {
    char meaning[64];
    snprintf(meaning, sizeof meaning, "of training, %d epoch%s",
             run->epoch_count, run->epoch_count == 1 ? "" : "s");
    add_figure(page, "seconds", seconds, text_duration(seconds).text, meaning);
  }
  text_add(page, "</dl>\n");
}

/* ---- Cards
 * --------------------------------------------------------------------- */

static void add_caption(html *page, picture_kind kind, const char *text) {
  const char *file = report_picture_file(kind);
  text_add(page, "<p class=\"faint\">");
  html_text(page, text);
  text_add(page, " <a href=\"%s\">%s</a></p>\n", file, file);
}

static void card_training(html *page, const report_run *run,
                          const report_pictures *pictures) {
  char caption[512];
  int best = report_run_best_epoch(run);
  if (!pictures->of[PICTURE_TRAINING].present) return;
  begin_card(page, "How it learned");
  report_page_picture(
      page, pictures, PICTURE_TRAINING,
      "Accuracy, loss and learning rate by epoch; training dashed with rings, "
      "validation solid with discs");
  int used = snprintf(
      caption, sizeof caption,
      "Training figures are means over an epoch while the network changes, "
      "validation figures are those after it, on images that were kept apart. "
      "The learning rate is that of an epoch's last step.");
  if (run->has_plan && run->plan.recipe.schedule != NUMERAL_SCHEDULE_CONSTANT)
    used +=
        snprintf(caption + used, sizeof caption - (size_t)used,
                 " It is %g at its highest.", run->plan.recipe.learning_rate);
  if (best > 0)
    snprintf(caption + used, sizeof caption - (size_t)used,
             " The dotted line is epoch %d, whose network was kept.", best);
  add_caption(page, PICTURE_TRAINING, caption);
  end_card(page);
}

/* Which mistake is made most often, in words. */
static void describe_confusion(const numeral_evaluation *e, char *text,
                               size_t size_bytes) {
  int truth = 0, answer = 0;
  size_t most = 0;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    for (int j = 0; j < NUMERAL_CLASSES; ++j) {
      if (i == j || e->confusion[i][j] <= most) continue;
      most = e->confusion[i][j];
      truth = i;
      answer = j;
    }
  }
  if (most == 0) {
    snprintf(text, size_bytes, "No mistakes were made.");
  } else {
    snprintf(text, size_bytes,
             "Most often a %d was taken for a %d: %zu time%s. Blue is right; "
             "mistakes are coloured by their share of the row, on a scale of "
             "tens.",
             truth, answer, most, most == 1 ? "" : "s");
  }
}

static void card_confusion(html *page, const report_run *run,
                           const report_pictures *pictures) {
  const numeral_evaluation *e = &run->measure.evaluation;
  char text[256];
  if (e->count == 0) return;
  begin_card(page, "Which digit was taken for which");
  report_page_picture(
      page, pictures, PICTURE_CONFUSION,
      "Confusion matrix: true digits down, answers across, with "
      "counts and shares");
  describe_confusion(e, text, sizeof text);
  add_caption(page, PICTURE_CONFUSION, text);
  report_facts_confusion(page, e);
  end_card(page);
}

static void card_classes(html *page, const report_run *run,
                         const report_pictures *pictures) {
  if (run->measure.evaluation.count == 0) return;
  begin_card(page, "Each digit");
  report_page_picture(page, pictures, PICTURE_CLASSES,
                      "Precision (disc) and recall (diamond) of each digit in "
                      "percent");
  text_add(page,
           "<p class=\"faint\">Precision: of the images called a digit, those "
           "that were it. Recall: of the images of a digit, those that were "
           "called it.");
  if (pictures->of[PICTURE_CLASSES].present)
    text_add(page, " <a href=\"classes.png\">classes.png</a>");
  text_add(page, "</p>\n");
  report_facts_classes(page, &run->measure.evaluation);
  end_card(page);
}

static void card_reliability(html *page, const report_run *run,
                             const report_pictures *pictures) {
  char text[384];
  if (!pictures->of[PICTURE_RELIABILITY].present) return;
  begin_card(page, "Can its confidence be believed?");
  report_page_picture(
      page, pictures, PICTURE_RELIABILITY,
      "Accuracy of the answers by their confidence in 15 bins, with the "
      "diagonal that is ideal, and how many images are in each bin");
  snprintf(text, sizeof text,
           "Above the diagonal it is right more often than it says, below it "
           "less often. The mean distance, bins weighted by their images, is "
           "%s. Upright bars are 95%% intervals, long where there are few "
           "images.",
           text_percent(run->measure.evaluation.calibration_error).text);
  add_caption(page, PICTURE_RELIABILITY, text);
  end_card(page);
}

static void card_predictions(html *page, const report_run *run,
                             const report_pictures *pictures) {
  if (run->measure.evaluation.count == 0) return;
  begin_card(page, "Some answers");
  report_page_picture(page, pictures, PICTURE_PREDICTIONS,
                      "Test images with the three most probable digits and "
                      "their probabilities");
  add_caption(page, PICTURE_PREDICTIONS,
              "Under each image its true digit and its index; beside it the "
              "three most probable digits, the first in bold.");
  end_card(page);
}

static void card_misclassified(html *page, const report_run *run,
                               const report_pictures *pictures) {
  const report_measure *m = &run->measure;
  char text[384];
  if (m->evaluation.count == 0) return;
  begin_card(page, "Its mistakes, worst first");
  if (m->mistake_count == 0) {
    text_add(page, "<p>There are none.</p>\n");
    end_card(page);
    return;
  }
  report_page_picture(page, pictures, PICTURE_MISCLASSIFIED,
                      "Misread images, each with its true digit, the answer, "
                      "its confidence and its index");
  int used = m->mistake_count > GALLERY_MISTAKES
                 ? snprintf(text, sizeof text, "The %d worst of %s. ",
                            GALLERY_MISTAKES, text_count(m->mistake_count).text)
                 : 0;
  snprintf(text + used, sizeof text - (size_t)used,
           "True digit → answer, its confidence, and the image's index in the "
           "%s set. The worst are those whose true digit was thought least "
           "probable.",
           m->on_training_set ? "training" : "test");
  add_caption(page, PICTURE_MISCLASSIFIED, text);
  end_card(page);
}

static void card_map(html *page, const report_run *run,
                     const report_pictures *pictures) {
  const report_map *map = &run->measure.map;
  char text[384];
  if (!pictures->of[PICTURE_MAP].present) return;
  begin_card(page, "What it holds to be alike");
  report_page_picture(page, pictures, PICTURE_MAP,
                      "Test images on the two principal components of their "
                      "features, each drawn as its digit");
  snprintf(text, sizeof text,
           "%s %s images, each drawn as its true digit where its features lie: "
           "the %zu numbers that the last layer decides by, seen from where "
           "they differ most (principal components). A disc is the middle of "
           "a digit, moved a little where two would meet.",
           text_count(map->count).text,
           run->measure.on_training_set ? "training" : "test",
           numeral_model_get_info(run->model).feature_count);
  add_caption(page, PICTURE_MAP, text);
  end_card(page);
}

static void card_samples(html *page, const report_pictures *pictures) {
  if (!pictures->of[PICTURE_SAMPLES].present) return;
  begin_card(page, "What it learned from");
  report_page_picture(page, pictures, PICTURE_SAMPLES,
                      "Ten images of each digit of the training set");
  add_caption(page, PICTURE_SAMPLES,
              "Ten images of each digit, evenly taken from the training set.");
  if (!pictures->of[PICTURE_AUGMENTED].present)
    text_add(page,
             "<p><b>Augmentation</b>: none: the recipe trains on the images as "
             "they are.</p>\n");
  end_card(page);
}

static void card_augmented(html *page, const report_run *run,
                           const report_pictures *pictures) {
  char settings[AUGMENT_TEXT_BYTES];
  if (!pictures->of[PICTURE_AUGMENTED].present) return;
  augment_text(&run->plan.recipe.augment, settings);
  begin_card(page, "What training made of it");
  report_page_picture(page, pictures, PICTURE_AUGMENTED,
                      "An image of each digit, and nine changed ones");
  add_caption(page, PICTURE_AUGMENTED,
              "An image of each digit, and what training sees of such an image "
              "in nine epochs: each time another one, which a person can still "
              "read.");
  text_add(page, "<p><b>Augmentation</b>: %s (the most of each).</p>\n",
           settings);
  end_card(page);
}

static void card_filters(html *page, const report_run *run,
                         const report_pictures *pictures) {
  size_t count;
  char text[384];
  if (run->model == NULL) return;
  begin_card(page, "The first layer's filters");
  if (!gallery_has_filters(run, &count)) {
    text_add(page,
             "<p>The first layer's weights cannot be shown as pictures.</p>\n");
    end_card(page);
    return;
  }
  report_page_picture(page, pictures, PICTURE_FILTERS,
                      "Weights of the first layer as pictures");
  int used = count > GALLERY_FILTERS
                 ? snprintf(text, sizeof text, "The first %d of %zu. ",
                            GALLERY_FILTERS, count)
                 : 0;
  snprintf(text + used, sizeof text - (size_t)used,
           "In the colours of ink and paper: where a filter looks like ink, "
           "ink speaks for its answer; where it looks like paper, against; "
           "middle grey says nothing. Each on its own scale.");
  add_caption(page, PICTURE_FILTERS, text);
  end_card(page);
}

/* ---- The page
 * ------------------------------------------------------------------ */

/* "2026-11-24T15:36:58Z" as people write it; other texts as they are. */
static void add_time(html *page, const char *time) {
  char text[32];
  if (strlen(time) == 20 && time[10] == 'T') {
    snprintf(text, sizeof text, "%.10s %.5s UTC", time, time + 11);
    time = text;
  }
  html_text(page, time);
}

static void add_head(html *page, const report_run *run) {
  const char *data = report_run_text(run, "data", "name");
  const char *finished = report_run_text(run, "result", "finished");
  html_element(page, "h1", run->name);
  text_add(page, "<p class=\"faint\">A run of numeral");
  if (run->has_plan) {
    text_add(page, ": network ");
    html_text(page, run->plan.net);
  }
  if (data != NULL) {
    text_add(page, ", data ");
    html_text(page, data);
  }
  if (finished != NULL) {
    text_add(page, ", finished ");
    add_time(page, finished);
  }
  text_add(page, "</p>\n");
}

void report_page_run(html *page, const report_run *run,
                     const report_pictures *pictures) {
  char title[REPORT_NAME_BYTES + 32];
  snprintf(title, sizeof title, "%s: numeral report", run->name);
  report_page_begin(page, title);
  add_head(page, run);
  for (int i = 0; i < run->notice_count; ++i)
    report_page_notice(page, run->notices[i]);
  if (pictures->missing[0] != '\0') report_page_notice(page, pictures->missing);
  add_figures(page, run);
  text_add(page, "<div class=\"cards\">\n");
  card_training(page, run, pictures);
  card_confusion(page, run, pictures);
  card_classes(page, run, pictures);
  card_reliability(page, run, pictures);
  card_predictions(page, run, pictures);
  card_misclassified(page, run, pictures);
  card_map(page, run, pictures);
  card_samples(page, pictures);
  card_augmented(page, run, pictures);
  text_add(page, "<div class=\"stack\">\n");
  report_facts_network(page, run);
  report_facts_run(page, run);
  text_add(page, "</div>\n<div class=\"stack\">\n");
  card_filters(page, run, pictures);
  report_facts_recipe(page, run);
  text_add(page, "</div>\n</div>\n");
  html_end(page);
}
