/* cmd_report.c: numeral report: pictures and a page of a run, or of several. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/file_replace.h"
#include "app/json_text.h"
#include "app/look.h"
#include "app/message.h"
#include "app/options.h"
#include "app/report/report.h"
#include "app/text_format.h"
#include "formats/format_fail.h"
#include "numeral.h"

enum { MOST_RUNS = LOOK_SERIES };

static const command_usage usage = {
    .name = "report",
    .operands = "RUN...",
    .summary =
        "Draws what a run of \"numeral train\" gave: report.html, which needs\n"
        "nothing but itself, and each of its pictures as a PNG file beside "
        "it.\n"
        "Of several runs (at most 8) it draws the curves over one another.",
    .examples =
        "  numeral report runs/cnn-20260131-120000\n"
        "  numeral report runs/first runs/second -o comparison\n"
        "  numeral report runs/first --json\n",
    .minimum_operands = 1,
    .maximum_operands = MOST_RUNS};

/* One call of the command. */
typedef struct reporting {
  const char *out, *data_dir;
  arguments args;
  report_run runs[MOST_RUNS];
  data_source data[MOST_RUNS]; /* empty where an earlier run's serves too */
  int count;
  char folder[PATH_MAX];
  report_files files;
  numeral_error error;
} reporting;

static int fail(const reporting *r) {
  return message_error("report", "%s", r->error.message);
}

/* ---- Data
 * ---------------------------------------------------------------------- */

/* An earlier run's data, where it is the same; else NULL. */
static const data_source *same_data(const reporting *r, int index) {
  const train_plan *wanted = &r->runs[index].plan;
  for (int i = 0; i < index; ++i) {
    const train_plan *plan = &r->runs[i].plan;
    bool loaded = r->data[i].train != NULL || r->data[i].test != NULL;
    if (loaded && plan->seed == wanted->seed &&
        strcmp(plan->data, wanted->data) == 0 &&
        strcmp(plan->data_dir, wanted->data_dir) == 0)
      return &r->data[i];
  }
  return NULL;
}

/* Without its data a run still has curves, filters and facts. */
static void measure_run(reporting *r, int index) {
  report_run *run = &r->runs[index];
  const data_source *data = same_data(r, index);
  if (!run->has_plan) return;
  if (run->model == NULL && r->count > 1) return;
  if (data == NULL) {
    data_source_options options = data_source_defaults();
    options.data = run->plan.data;
    options.joins = true;
    options.data_dir =
        run->plan.data_dir[0] != '\0' ? run->plan.data_dir : NULL;
    if (r->data_dir != NULL) options.data_dir = r->data_dir;
    options.seed = run->plan.seed;
    if (data_source_load(&options, &r->data[index], &r->error) != NUMERAL_OK) {
      report_run_notice(run, "There are no figures of the test images: %s",
                        r->error.message);
      return;
    }
    data = &r->data[index];
  }
  report_run_measure(run, data, r->args.threads);
}

/* ---- The folder
 * ---------------------------------------------------------------- */

static numeral_status choose_folder(reporting *r) {
  const char *wanted = r->out != NULL ? r->out : r->runs[0].folder;
  if (r->out == NULL && r->count > 1)
    return folder_make_dated("report", r->folder, sizeof r->folder, &r->error);
  snprintf(r->folder, sizeof r->folder, "%s", wanted);
  return folder_make(r->folder, &r->error);
}

/* ---- What is printed
 * ----------------------------------------------------------- */

static void say_notices(const reporting *r) {
  for (int i = 0; i < r->count; ++i) {
    for (int j = 0; j < r->runs[i].notice_count; ++j) {
      message_warning("report", "%s: %s", r->runs[i].folder,
                      r->runs[i].notices[j]);
    }
  }
  if (r->files.missing[0] != '\0')
    message_warning("report", "%s", r->files.missing);
}

static json_t *run_to_json(const report_run *run) {
  const numeral_evaluation *e = &run->measure.evaluation;
  json_t *notices = json_array();
  for (int i = 0; i < run->notice_count; ++i)
    json_array_append_new(notices, json_text_string(run->notices[i]));
  json_t *object = json_pack(
      "{s:o, s:o, s:i, s:o}", "run", json_text_string(run->folder), "net",
      run->has_plan ? json_text_string(run->plan.net) : json_null(), "epochs",
      run->epoch_count, "notices", notices);
  bool measured = e->count > 0;
  json_object_set_new(object, "accuracy",
                      measured ? json_rounded(e->accuracy, 6) : json_null());
  json_object_set_new(object, "mistakes",
                      measured
                          ? json_integer((json_int_t)(e->count - e->correct))
                          : json_null());
  return object;
}

static int print_json(const reporting *r) {
  json_t *pictures = json_array(), *runs = json_array();
  for (int i = 0; i < r->files.picture_count; ++i)
    json_array_append_new(pictures, json_text_string(r->files.pictures[i]));
  for (int i = 0; i < r->count; ++i)
    json_array_append_new(runs, run_to_json(&r->runs[i]));
  return json_print(json_pack(
      "{s:o, s:o, s:o, s:o}", "report", json_text_string(r->files.page),
      "pictures", pictures, "runs", runs, "missing",
      r->files.missing[0] != '\0' ? json_text_string(r->files.missing)
                                  : json_null()));
}

static int print_result(const reporting *r) {
  say_notices(r);
  if (r->args.json) return print_json(r);
  printf("Report     : %s\n", r->files.page);
  for (int i = 0; i < r->files.picture_count; ++i)
    printf("%s%s\n", i == 0 ? "Pictures   : " : "             ",
           r->files.pictures[i]);
  return EXIT_DONE;
}

/* ---- The command
 * --------------------------------------------------------------- */

static int make_report(reporting *r) {
  for (int i = 0; i < r->args.operand_count; ++i) {
    ++r->count;
    if (report_run_open(r->args.operands[i], &r->runs[i], &r->error) !=
        NUMERAL_OK)
      return fail(r);
  }
  if (choose_folder(r) != NUMERAL_OK) return fail(r);
  for (int i = 0; i < r->count; ++i) measure_run(r, i);
  chart_runs runs = {r->runs, r->count};
  numeral_status status =
      r->count == 1
          ? report_write_run(&r->runs[0], r->folder, &r->files, &r->error)
          : report_write_runs(&runs, r->folder, &r->files, &r->error);
  return status == NUMERAL_OK ? print_result(r) : fail(r);
}

int cmd_report(int argc, char **argv) {
  /* too large for the stack, with eight runs' paths and notices */
  reporting *r = calloc(1, sizeof *r);
  if (r == NULL) return message_error("report", "out of memory");
  const option_row table[] = {
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &r->out,
       .argument = "DIR",
       .help = "the folder for page and pictures (default the\nrun's own; of "
               "several runs/report-DATE-TIME)"},
      {.name = "data-dir",
       .kind = OPTION_TEXT,
       .value = &r->data_dir,
       .argument = "DIR",
       .help = "where named data sets are"},
      {.name = NULL}};
  int exit_code = options_read(&usage, table, argc, argv, &r->args)
                      ? make_report(r)
                      : r->args.exit_code;
  for (int i = 0; i < r->count; ++i) {
    report_run_release(&r->runs[i]);
    data_source_release(&r->data[i]);
  }
  free(r);
  return exit_code;
}
