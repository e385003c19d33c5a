/* Models that are served: names, and new ones in the place of old ones that
 * somebody still reads in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/serve/model_shelf.h"

static char folder[] = "/tmp/numeral-shelf-XXXXXX";
static char path[64], option[80];

static void write_net(uint64_t seed) {
  numeral_model *model;
  assert_int_equal(numeral_model_create("flatten, dense 8 relu, dense 10", seed,
                                        &model, NULL),
                   NUMERAL_OK);
  assert_int_equal(numeral_model_write(model, path, NULL), NUMERAL_OK);
  numeral_model_destroy(model);
}

static model_shelf *make(const char *const *models, int count) {
  shelf_options options = {.models = models, .count = count, .workers = 2};
  model_shelf *shelf;
  assert_int_equal(model_shelf_create(&options, &shelf, NULL), NUMERAL_OK);
  return shelf;
}

static void expect_refused(const char *const *models, int count,
                           numeral_status wanted, const char *word) {
  shelf_options options = {.models = models, .count = count, .workers = 1};
  model_shelf *shelf;
  numeral_error error;
  assert_int_equal(model_shelf_create(&options, &shelf, &error), wanted);
  assert_null(shelf);
  assert_non_null(strstr(error.message, word));
}

static void test_names(void **state) {
  (void)state;
  const char *models[] = {"builtin", option, path};
  model_shelf *shelf = make(models, 3);
  const char *names[] = {"default", "one", "net"};
  assert_int_equal(model_shelf_count(shelf), 3);
  for (int i = 0; i < 3; ++i) {
    served_model *model = model_shelf_hold(shelf, names[i]);
    assert_non_null(model);
    assert_string_equal(model->name, names[i]);
    model_release(model);
  }
  assert_null(model_shelf_hold(shelf, "other"));
  served_model *first = model_shelf_hold(shelf, NULL);
  assert_string_equal(first->name, "default");
  model_release(first);
  model_shelf_destroy(shelf);
}

static void test_refused(void **state) {
  (void)state;
  expect_refused((const char *[]){"builtin", "default=builtin"}, 2,
                 NUMERAL_ERROR_ARGUMENT, "already");
  expect_refused((const char *[]){"a b=builtin"}, 1, NUMERAL_ERROR_ARGUMENT,
                 "name");
  expect_refused((const char *[]){"=builtin"}, 1, NUMERAL_ERROR_ARGUMENT,
                 "name");
  expect_refused((const char *[]){"x=/nowhere/net.safetensors"}, 1,
                 NUMERAL_ERROR_IO, "/nowhere");
}

typedef struct told {
  int loaded, kept;
} told;

static void tell(void *user, const char *name, bool loaded,
                 const char *message) {
  told *t = user;
  assert_string_equal(name, "one");
  assert_non_null(message);
  if (loaded) {
    ++t->loaded;
  } else {
    ++t->kept;
  }
}

static float first_weight(const served_model *model) {
  static float values[784 * 8];
  numeral_model_tensor_values(model->model, 0, values, NULL);
  return values[0];
}

static void test_reload(void **state) {
  (void)state;
  told t = {0, 0};
  write_net(1);
  const char *models[] = {option};
  model_shelf *shelf = make(models, 1);
  served_model *old = model_shelf_hold(shelf, "one");
  float before = first_weight(old);
  write_net(2);
  model_shelf_reload(shelf, tell, &t);
  assert_int_equal(t.loaded, 1);
  served_model *new = model_shelf_hold(shelf, "one");
  assert_ptr_not_equal(new, old);
  assert_true(first_weight(new) != before);
  assert_true(first_weight(old) == before); /* is still there for its holder */
  model_release(old);
  FILE *file = fopen(path, "w");
  fputs("garbage", file);
  fclose(file);
  model_shelf_reload(shelf, tell, &t);
  assert_int_equal(t.kept, 1);
  served_model *kept = model_shelf_hold(shelf, "one");
  assert_ptr_equal(kept, new);
  model_release(kept);
  model_release(new);
  model_shelf_destroy(shelf);
  write_net(1);
}

static int make_folder(void **state) {
  (void)state;
  if (mkdtemp(folder) == NULL) return -1;
  snprintf(path, sizeof path, "%s/net.safetensors", folder);
  snprintf(option, sizeof option, "one=%s", path);
  write_net(1);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  unlink(path);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_reload)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
