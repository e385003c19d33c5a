/* report_page_runs.c: the page of several runs; see report_page.h. */
#include <math.h>
#include <stdio.h>

#include "app/report/report_page.h"
#include "app/text_format.h"

static double seconds_of(const report_run *run) {
  double seconds = 0;
  for (int i = 0; i < run->epoch_count; ++i) {
    if (isfinite(run->epochs[i].seconds)) seconds += run->epochs[i].seconds;
  }
  return seconds;
}

static void add_cell(html *page, const char *text) {
  text_add(page, "<td class=\"number\">%s</td>", text);
}

static void add_test_cells(html *page, const numeral_evaluation *e) {
  char text[96];
  if (e->count == 0) {
    for (int i = 0; i < 5; ++i) add_cell(page, "");
    return;
  }
  text_add(page,
           "<td class=\"number\" data-figure=\"accuracy\" "
           "data-value=\"%.6f\"><b>%s</b></td>",
           e->accuracy, text_percent(e->accuracy).text);
  snprintf(text, sizeof text, "%s to %s", text_percent(e->accuracy_low).text,
           text_percent(e->accuracy_high).text);
  add_cell(page, text);
  snprintf(text, sizeof text, "%s of %s",
           text_count(e->count - e->correct).text, text_count(e->count).text);
  add_cell(page, text);
  snprintf(text, sizeof text, "%.4f", e->loss);
  add_cell(page, text);
  add_cell(page, text_percent(e->calibration_error).text);
}

static void add_run(html *page, const report_run *run) {
  const char *data = report_run_text(run, "data", "name");
  text_add(page, "<tr><th scope=\"row\" class=\"name\">");
  html_text(page, run->name);
  text_add(page, "</th>");
  add_test_cells(page, &run->measure.evaluation);
  add_cell(page, text_count((uint64_t)run->epoch_count).text);
  add_cell(page, text_duration(seconds_of(run)).text);
  add_cell(
      page,
      run->model != NULL
          ? text_count(numeral_model_get_info(run->model).parameter_count).text
          : "");
  text_add(page, "<td class=\"net\">");
  if (run->has_plan) html_text(page, run->plan.net);
  text_add(page, "</td><td class=\"net\">");
  if (data != NULL) html_text(page, data);
  text_add(page, "</td></tr>\n");
}

static void add_table(html *page, const chart_runs *runs) {
  static const char *const heads[] = {"accuracy", "95% interval", "mistakes",
                                      "loss",     "calibration",  "epochs",
                                      "time",     "parameters"};
  text_add(page,
           "<section class=\"card\"><h2>Side by side</h2>\n"
           "<div class=\"scroll\"><table><thead><tr><th>run</th>");
  for (size_t i = 0; i < sizeof heads / sizeof *heads; ++i)
    text_add(page, "<th class=\"number\">%s</th>", heads[i]);
  text_add(page, "<th>network</th><th>data</th></tr></thead><tbody>\n");
  for (int r = 0; r < runs->count; ++r) add_run(page, &runs->runs[r]);
  text_add(page,
           "</tbody></table></div>\n<p class=\"faint after\">Measured on each "
           "run's test images. Calibration is the mean distance from "
           "confidence to accuracy.</p></section>\n");
}

/* A card with one picture. */
static void add_picture(html *page, const report_pictures *pictures,
                        picture_kind kind, const char *title, const char *alt,
                        const char *caption) {
  const char *file = report_picture_file(kind);
  if (!pictures->of[kind].present) return;
  text_add(page, "<section class=\"card\"><h2>%s</h2>\n", title);
  report_page_picture(page, pictures, kind, alt);
  text_add(page, "<p class=\"faint\">%s <a href=\"%s\">%s</a></p></section>\n",
           caption, file, file);
}

static void add_notices(html *page, const report_run *run) {
  char text[REPORT_NAME_BYTES + REPORT_NOTICE_BYTES + 4];
  for (int i = 0; i < run->notice_count; ++i) {
    snprintf(text, sizeof text, "%s: %s", run->name, run->notices[i]);
    report_page_notice(page, text);
  }
}

void report_page_runs(html *page, const chart_runs *runs,
                      const report_pictures *pictures) {
  char title[64];
  snprintf(title, sizeof title, "%d runs: numeral report", runs->count);
  report_page_begin(page, title);
  text_add(page,
           "<style>.name, .net { min-width: 72px; max-width: 240px; "
           "overflow-wrap: anywhere; } th.name { color: var(--text); } "
           ".number { white-space: nowrap; } .cards > .card { height: auto; }"
           "</style>\n<h1>%d runs of numeral</h1>\n",
           runs->count);
  for (int r = 0; r < runs->count; ++r) add_notices(page, &runs->runs[r]);
  if (pictures->missing[0] != '\0') report_page_notice(page, pictures->missing);
  add_table(page, runs);
  text_add(page, "<div class=\"cards\">\n");
  add_picture(page, pictures, PICTURE_OVERLAY, "How they learned",
              "Validation accuracy and loss, and the learning rate, of each "
              "run by epoch",
              "A run that kept no images for validation is shown by its "
              "training figures. The learning rate is that of an epoch's last "
              "step.");
  add_picture(page, pictures, PICTURE_INTERVALS, "How sure the difference is",
              "Test accuracy of each run with its 95% interval",
              "Where two intervals overlap, the difference may be chance.");
  text_add(page, "</div>\n");
  html_end(page);
}
