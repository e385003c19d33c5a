/* report.c: see report.h. Everything is made in memory first, so that writing
 * is short. */
#include "app/report/report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/file_replace.h"
#include "app/report/report_page.h"
#include "formats/format_fail.h"

/* ---- Signals
 * ------------------------------------------------------------------- */

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof *ending_signals };

static volatile sig_atomic_t came;

static void remember(int number) { came = number; }

typedef struct held_signals {
  struct sigaction before[ENDING_SIGNALS];
} held_signals;

static held_signals hold_signals(void) {
  held_signals held;
  struct sigaction action = {.sa_handler = remember, .sa_flags = SA_RESTART};
  came = 0;
  for (int i = 0; i < ENDING_SIGNALS; ++i) {
    sigaction(ending_signals[i], NULL, &held.before[i]);
    if (held.before[i].sa_handler != SIG_IGN)
      sigaction(ending_signals[i], &action, NULL);
  }
  return held;
}

/* What came meanwhile comes now. */
static void let_signals_go(const held_signals *held) {
  for (int i = 0; i < ENDING_SIGNALS; ++i)
    sigaction(ending_signals[i], &held->before[i], NULL);
  if (came != 0) raise((int)came);
}

/* ---- Files
 * --------------------------------------------------------------------- */

static numeral_status join(const char *folder, const char *name, char *path,
                           numeral_error *error) {
  const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
  if (snprintf(path, PATH_MAX, "%s%s%s", folder, slash, name) < PATH_MAX)
    return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "the path %.60s... is too long", folder);
}

static numeral_status write_files(const html *page,
                                  const report_pictures *pictures,
                                  const char *folder, report_files *files,
                                  numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (int kind = 0; status == NUMERAL_OK && kind < PICTURE_KINDS; ++kind) {
    const report_picture *picture = &pictures->of[kind];
    char *path = files->pictures[files->picture_count];
    if (!picture->present) continue;
    status = join(folder, report_picture_file((picture_kind)kind), path, error);
    if (status != NUMERAL_OK) break;
    status = file_replace_bytes(path, picture->file.bytes,
                                picture->file.size_bytes, error);
    ++files->picture_count;
  }
  if (status == NUMERAL_OK)
    status = join(folder, "report.html", files->page, error);
  if (status == NUMERAL_OK) status = html_write(page, files->page, error);
  return status;
}

static numeral_status write_held(const html *page,
                                 const report_pictures *pictures,
                                 const char *folder, report_files *files,
                                 numeral_error *error) {
  snprintf(files->missing, sizeof files->missing, "%s", pictures->missing);
  held_signals held = hold_signals();
  numeral_status status = write_files(page, pictures, folder, files, error);
  let_signals_go(&held);
  return status;
}

numeral_status report_write_run(const report_run *run, const char *folder,
                                report_files *files, numeral_error *error) {
  report_pictures pictures;
  html page = {0};
  *files = (report_files){.picture_count = 0};
  numeral_status status = report_pictures_draw(run, &pictures, error);
  if (status == NUMERAL_OK) {
    report_page_run(&page, run, &pictures);
    status = write_held(&page, &pictures, folder, files, error);
  }
  html_release(&page);
  report_pictures_release(&pictures);
  return status;
}

numeral_status report_write_runs(const chart_runs *runs, const char *folder,
                                 report_files *files, numeral_error *error) {
  report_pictures pictures;
  html page = {0};
  *files = (report_files){.picture_count = 0};
  report_pictures_draw_runs(runs, &pictures);
  report_page_runs(&page, runs, &pictures);
  numeral_status status = write_held(&page, &pictures, folder, files, error);
  html_release(&page);
  report_pictures_release(&pictures);
  return status;
}
