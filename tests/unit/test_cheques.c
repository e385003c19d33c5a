/* test_cheques.c: what the built-in model reads of digits that were cut out of
 * real bank cheques by their boxes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/image_file.h"
#include "numeral.h"

enum { LINE_BYTES = 4096, LEAST_PERCENT = 93 };

typedef struct reading {
  numeral_session *session;
  int count, right;
} reading;

static void read_box(reading *r, const image_file *cheque, const char *box) {
  int x, y, width, height, label;
  numeral_prediction said;
  numeral_raster cut = cheque->raster;
  assert_int_equal(
      sscanf(box, "%d,%d,%d,%d,%d", &x, &y, &width, &height, &label), 5);
  assert_true(x >= 0 && y >= 0 && x + width <= cut.width_px &&
              y + height <= cut.height_px);
  cut.pixels += (size_t)y * cut.stride_bytes + (size_t)(x * cut.channels);
  cut.width_px = width;
  cut.height_px = height;
  assert_int_equal(numeral_session_read_raster(r->session, &cut, &said, NULL),
                   NUMERAL_OK);
  r->count++;
  r->right += said.digit == label;
}

/* A line is: file,string,"x,y,w,h,digit;x,y,w,h,digit" */
static void read_cheque(reading *r, const char *folder, char *line) {
  char path[LINE_BYTES];
  image_file cheque;
  const char *file = strtok(line, ",");
  char *boxes = strtok(NULL, "\"") ? strtok(NULL, "\"") : NULL;
  assert_non_null(boxes);
  snprintf(path, sizeof path, "%s/img/%s", folder, file);
  assert_int_equal(image_file_read(path, &cheque, NULL), NUMERAL_OK);
  for (const char *box = boxes; box; box = strchr(box, ';')) {
    box += *box == ';';
    read_box(r, &cheque, box);
  }
  image_file_release(&cheque);
}

static void reads_digits_cut_out_of_cheques(void **state) {
  char folder[LINE_BYTES / 2], path[LINE_BYTES], line[LINE_BYTES];
  const char *data = getenv("NUMERAL_DATA_DIR");
  (void)state;
  snprintf(folder, sizeof folder, "%s/cheques", data ? data : "");
  snprintf(path, sizeof path, "%s/labels.csv", folder);
  FILE *labels = data ? fopen(path, "r") : NULL;
  if (!labels) {
    print_message("no cheques in NUMERAL_DATA_DIR\n");
    skip();
  }
  numeral_model *model;
  numeral_session_options options;
  reading r = {0};
  if (numeral_model_builtin(&model, NULL)) skip();
  numeral_session_options_init(&options);
  options.accept_all = 1;
  assert_int_equal(numeral_session_create(model, &options, &r.session, NULL),
                   NUMERAL_OK);
  assert_non_null(fgets(line, sizeof line, labels)); /* the columns' names */
  while (fgets(line, sizeof line, labels)) read_cheque(&r, folder, line);
  fclose(labels);
  print_message("%d of %d\n", r.right, r.count);
  assert_true(r.count > 1300);
  assert_true(100 * r.right >= LEAST_PERCENT * r.count);
  numeral_session_destroy(r.session);
  numeral_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_digits_cut_out_of_cheques)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
