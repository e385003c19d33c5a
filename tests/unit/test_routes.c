/* Which path and method go where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/serve/routes.h"

typedef struct expected {
  const char *method, *path, *label, *name;
} expected;

static const expected found[] = {
    {"GET", "/", "/{file}", ""},
    {"HEAD", "/openapi.json", "/{file}", ""},
    {"POST", "/v1/predict", "/v1/predict", ""},
    {"GET", "/v1/models/best", "/v1/models/{name}", "best"},
    {"GET", "/v2", "/v2", ""},
    {"HEAD", "/v2/models/a.b-c_1/ready", "/v2/models/{name}/ready", "a.b-c_1"},
    {"POST", "/v2/models/best/versions/1/infer",
     "/v2/models/{name}/versions/{version}/infer", "best"}};

static void test_found(void **state) {
  const site *files = *state;
  char name[MODEL_NAME_BYTES], allowed[64];
  for (size_t i = 0; i < sizeof found / sizeof *found; ++i) {
    const route *r =
        route_find(files, found[i].method, found[i].path, name, allowed);
    assert_non_null(r);
    assert_string_equal(r->label, found[i].label);
    assert_string_equal(name, found[i].name);
    assert_ptr_equal(route_at(route_index(r)), r);
  }
}

static void test_other_methods(void **state) {
  const site *files = *state;
  char name[MODEL_NAME_BYTES], allowed[64];
  assert_null(route_find(files, "GET", "/v1/predict", name, allowed));
  assert_string_equal(allowed, "POST");
  assert_null(route_find(files, "DELETE", "/v1/models/x", name, allowed));
  assert_string_equal(allowed, "GET, HEAD");
  assert_string_equal(name, "");
  assert_null(route_find(files, "POST", "/page.js", name, allowed));
  assert_string_equal(allowed, "GET, HEAD");
}

static void test_nowhere(void **state) {
  const site *files = *state;
  const char *paths[] = {"",
                         "/v1",
                         "/v1/predict/",
                         "/v1//predict",
                         "/v1/models/",
                         "/v1/models/a/b",
                         "/v2/models/a/versions//ready",
                         "/../etc/passwd",
                         "/web/page.js",
                         "/{file}"};
  char name[MODEL_NAME_BYTES], allowed[64];
  for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i) {
    assert_null(route_find(files, "GET", paths[i], name, allowed));
    assert_string_equal(allowed, "");
  }
}

static void test_long_names_are_nobodys(void **state) {
  const site *files = *state;
  char path[400] = "/v1/models/", name[MODEL_NAME_BYTES], allowed[64];
  memset(path + strlen(path), 'a', 300);
  assert_non_null(route_find(files, "GET", path, name, allowed));
  assert_string_equal(name, "/");
}

static int open_files(void **state) {
  static site files;
  *state = &files;
  return site_open(&files) ? 0 : -1;
}

static int close_files(void **state) {
  site_close(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_found), cmocka_unit_test(test_other_methods),
      cmocka_unit_test(test_nowhere),
      cmocka_unit_test(test_long_names_are_nobodys)};
  return cmocka_run_group_tests(tests, open_files, close_files);
}
