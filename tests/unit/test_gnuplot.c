/* test_gnuplot.c: the child that draws charts: there or not, failing, slow,
 * silent; and what reaches its script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/report/chart.h"
#include "app/report/gnuplot.h"

static char real_path[4096];
static char folder[] = "/tmp/numeral-test-XXXXXX";

static void begin(gnuplot_job *job) {
  numeral_error error;
  if (gnuplot_open(job, &error) != NUMERAL_OK) skip();
}

/* Puts a program of ours first where gnuplot is looked for. */
static void replace_gnuplot(const char *script) {
  char path[64], places[5000];
  snprintf(path, sizeof path, "%s/gnuplot", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(script, file);
  fclose(file);
  assert_int_equal(chmod(path, 0755), 0);
  snprintf(places, sizeof places, "%s:%s", folder, real_path);
  setenv("PATH", places, 1);
}

static int restore_path(void **state) {
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "%s/gnuplot", folder);
  unlink(path);
  setenv("PATH", real_path, 1);
  return 0;
}

static void draws_pictures_of_both_kinds(void **state) {
  (void)state;
  gnuplot_job job;
  gnuplot_picture pictures[2];
  numeral_error error;
  begin(&job);
  chart c = {job.script, CHART_SVG, LOOK_LIGHT, 300, 200};
  for (int form = 0; form < 2; ++form) {
    c.form = (chart_form)form;
    chart_begin(&c);
    chart_panel(&c, 40, 20, 290, 160);
    chart_text(&c, 4, 10, CHART_LEFT, LOOK_TEXT, true, "Title");
    fprintf(job.script, "plot sin(x)\n");
    chart_end(&c, &job);
  }
  assert_int_equal(gnuplot_start(&job, &error), NUMERAL_OK);
  assert_int_equal(gnuplot_finish(&job, pictures, &error), NUMERAL_OK);
  assert_non_null(strstr(pictures[0].bytes, "<svg"));
  assert_non_null(strstr(pictures[0].bytes, "</svg>"));
  assert_memory_equal(pictures[1].bytes, "\x89PNG\r\n", 6);
  assert_memory_equal(pictures[1].bytes + pictures[1].size_bytes - 8, "IEND",
                      4);
  gnuplot_release(&job);
  gnuplot_release(&job); /* an empty one */
}

static void says_which_package_is_missing(void **state) {
  (void)state;
  gnuplot_job job;
  numeral_error error;
  setenv("PATH", folder, 1);
  assert_int_equal(gnuplot_open(&job, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "gnuplot-nox"));
  gnuplot_release(&job);
  setenv("PATH", "", 1);
  assert_int_equal(gnuplot_open(&job, &error), NUMERAL_ERROR_IO);
  unsetenv("PATH");
  assert_int_equal(gnuplot_open(&job, &error), NUMERAL_ERROR_IO);
}

static void finds_programs_and_nothing_else(void **state) {
  (void)state;
  char path[4096], wanted[64];
  replace_gnuplot("#!/bin/sh\n");
  snprintf(wanted, sizeof wanted, "%s/gnuplot", folder);
  assert_string_equal(gnuplot_find("gnuplot", path, sizeof path), wanted);
  assert_string_equal(gnuplot_find(wanted, path, sizeof path), wanted);
  assert_int_equal(chmod(wanted, 0644), 0);
  assert_null(gnuplot_find(wanted, path, sizeof path));
  assert_null(gnuplot_find(folder, path, sizeof path)); /* no program */
  assert_null(gnuplot_find("no-such-program", path, sizeof path));
  assert_null(gnuplot_find("gnuplot", path, 4));
}

static void tells_what_is_wrong_with_a_script(void **state) {
  (void)state;
  gnuplot_job job;
  gnuplot_picture pictures[1];
  numeral_error error;
  begin(&job);
  fprintf(job.script, "set terminal svg\nthis is no gnuplot\n");
  gnuplot_next_picture(&job);
  assert_int_equal(gnuplot_start(&job, &error), NUMERAL_OK);
  assert_int_equal(gnuplot_finish(&job, pictures, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "gnuplot failed: line "));
  assert_null(strchr(error.message, '\n'));
  gnuplot_release(&job);
}

static void a_picture_that_is_missing_is_a_failure(void **state) {
  (void)state;
  gnuplot_job job;
  gnuplot_picture pictures[2];
  numeral_error error;
  begin(&job);
  fprintf(job.script, "set terminal svg\nplot sin(x)\n");
  gnuplot_next_picture(&job);
  fprintf(job.script, "quit\n");
  gnuplot_next_picture(&job);
  assert_int_equal(gnuplot_start(&job, &error), NUMERAL_OK);
  assert_int_equal(gnuplot_finish(&job, pictures, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "1 of 2"));
  gnuplot_release(&job);
}

static numeral_status run_replacement(const char *script, double seconds,
                                      numeral_error *error) {
  gnuplot_job job;
  gnuplot_picture pictures[1];
  replace_gnuplot(script);
  assert_int_equal(gnuplot_open(&job, error), NUMERAL_OK);
  for (int i = 0; i < 20000; ++i) fprintf(job.script, "plot sin(x)\n");
  gnuplot_next_picture(&job);
  job.seconds_limit = seconds;
  assert_int_equal(gnuplot_start(&job, error), NUMERAL_OK);
  numeral_status status = gnuplot_finish(&job, pictures, error);
  gnuplot_release(&job);
  return status;
}

static void survives_a_child_that_does_not_work(void **state) {
  (void)state;
  numeral_error error;
  /* ends at once, reads nothing */
  assert_int_equal(run_replacement("#!/bin/sh\nexit 0\n", 60, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "drew nothing"));
  assert_int_equal(run_replacement("#!/bin/sh\nexit 3\n", 60, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "it said nothing"));
  assert_int_equal(run_replacement("#!/bin/sh\nkill -9 $$\n", 60, &error),
                   NUMERAL_ERROR_IO);
  /* says more than is kept, with control characters */
  assert_int_equal(
      run_replacement("#!/bin/sh\ni=0\nwhile [ $i -lt 2000 ]; do printf "
                      "'\\033[31mtrouble ' >&2; i=$((i+1)); done\nexit 1\n",
                      60, &error),
      NUMERAL_ERROR_IO);
  assert_null(strchr(error.message, '\033'));
  /* not there any more when it is to be started */
  assert_int_equal(run_replacement("#!/no/such/shell\n", 60, &error),
                   NUMERAL_ERROR_IO);
  /* never ends */
  assert_int_equal(run_replacement("#!/bin/sh\nexec sleep 600\n", 0.2, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "was ended"));
}

static void ends_a_child_that_is_not_waited_for(void **state) {
  (void)state;
  gnuplot_job job;
  numeral_error error;
  replace_gnuplot("#!/bin/sh\nexec sleep 600\n");
  assert_int_equal(gnuplot_open(&job, &error), NUMERAL_OK);
  assert_int_equal(gnuplot_start(&job, &error), NUMERAL_OK);
  assert_true(job.child > 0);
  gnuplot_release(&job); /* would wait ten minutes */
  assert_int_equal(job.child, 0);
}

static void keeps_words_harmless(void **state) {
  (void)state;
  assert_string_equal(chart_safe("cnn-2026 (a+b)=1/2", 40).text,
                      "cnn-2026 (a+b)=1/2");
  assert_string_equal(chart_safe("my_run", 40).text, "my\\_run");
  chart_words words = chart_safe("a'\n!rm `x` \"$(y)\" {/b} ^@&~\\", 50);
  assert_null(strpbrk(words.text, "'\n!`\"${}^@&~\\"));
  assert_non_null(strstr(words.text, "rm"));
  assert_string_equal(chart_safe("\xC3\xA9", 40).text, "??");
  assert_string_equal(chart_safe("0123456789", 4).text, "0123…");
  assert_string_equal(chart_safe("", 4).text, "");
}

static void chooses_round_steps(void **state) {
  (void)state;
  assert_true(chart_step(100, 5) == 20);
  assert_true(chart_step(7, 10) == 1);
  assert_true(chart_step(0.9, 4) == 0.5);
  assert_true(chart_step(99, 10) == 10);
}

static int make_folder(void **state) {
  (void)state;
  snprintf(real_path, sizeof real_path, "%s", getenv("PATH"));
  return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(draws_pictures_of_both_kinds),
      cmocka_unit_test_teardown(says_which_package_is_missing, restore_path),
      cmocka_unit_test_teardown(finds_programs_and_nothing_else, restore_path),
      cmocka_unit_test(tells_what_is_wrong_with_a_script),
      cmocka_unit_test(a_picture_that_is_missing_is_a_failure),
      cmocka_unit_test_teardown(survives_a_child_that_does_not_work,
                                restore_path),
      cmocka_unit_test_teardown(ends_a_child_that_is_not_waited_for,
                                restore_path),
      cmocka_unit_test(keeps_words_harmless),
      cmocka_unit_test(chooses_round_steps),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
