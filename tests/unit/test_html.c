/* test_html.c: pages: what comes from outside stays text, pictures inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/html.h"

static void makes_text_harmless(void **state) {
  (void)state;
  html page = {0};
  html_text(&page, "<script>alert(\"1\" & '2')</script>");
  assert_string_equal(page.text,
                      "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)"
                      "&lt;/script&gt;");
  html_release(&page);
  html_text(&page, "a\xFF\x80z \xC3\xA9");
  assert_non_null(strstr(page.text, "a\xEF\xBF\xBD"));
  assert_null(strchr(page.text, '\xFF'));
  html_release(&page);
  html_element(&page, "b", "1 < 2");
  assert_string_equal(page.text, "<b>1 &lt; 2</b>");
  html_release(&page);
}

/* The vectors of RFC 4648. */
static void writes_base64(void **state) {
  (void)state;
  static const char *const wanted[] = {
      "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (size_t length = 0; length <= 6; ++length) {
    html page = {0};
    html_data_link(&page, "image/png", "foobar", length);
    assert_memory_equal(page.text, "data:image/png;base64,", 22);
    assert_string_equal(page.text + 22, wanted[length]);
    html_release(&page);
  }
}

static void chooses_among_pictures(void **state) {
  (void)state;
  html page = {0};
  const html_picture pictures[] = {
      {"(prefers-color-scheme: dark)", "image/png", "abc", 3},
      {NULL, "image/svg+xml", "xyz", 3}};
  html_pictures(&page, pictures, 2, 502, 300, "a \"b\"");
  assert_string_equal(
      page.text,
      "<picture><source media=\"(prefers-color-scheme: dark)\" "
      "type=\"image/png\" srcset=\"data:image/png;base64,YWJj\">"
      "<img width=\"502\" height=\"300\" alt=\"a &quot;b&quot;\" "
      "src=\"data:image/svg+xml;base64,eHl6\"></picture>\n");
  html_release(&page);
}

static void is_whole_and_needs_nothing(void **state) {
  (void)state;
  char path[] = "/tmp/numeral-test-XXXXXX";
  numeral_error error;
  html page;
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  html_begin(&page, "<t>");
  html_end(&page);
  assert_memory_equal(page.text, "<!DOCTYPE html>", 15);
  assert_non_null(strstr(page.text, "<title>&lt;t&gt;</title>"));
  assert_non_null(strstr(page.text, "prefers-color-scheme: dark"));
  assert_null(strstr(page.text, "http:"));
  assert_null(strstr(page.text, "https:"));
  assert_string_equal(page.text + page.length - 8, "</html>\n");
  assert_int_equal(html_write(&page, path, &error), NUMERAL_OK);
  assert_int_equal(html_write(&page, "/no/such/folder/a.html", &error),
                   NUMERAL_ERROR_IO);
  html_release(&page);
  unlink(path);
}

static void refused_memory_is_noticed_at_the_end(void **state) {
  (void)state;
  numeral_error error;
  html page = {0};
  text_add(&page, "begun");
  page.refused = true;
  assert_int_equal(html_write(&page, "/tmp/numeral-test-none.html", &error),
                   NUMERAL_ERROR_MEMORY);
  assert_int_not_equal(access("/tmp/numeral-test-none.html", F_OK), 0);
  html_release(&page);
  assert_int_equal(html_write(&page, "/tmp/numeral-test-none.html", &error),
                   NUMERAL_ERROR_MEMORY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(makes_text_harmless),
      cmocka_unit_test(writes_base64),
      cmocka_unit_test(chooses_among_pictures),
      cmocka_unit_test(is_whole_and_needs_nothing),
      cmocka_unit_test(refused_memory_is_noticed_at_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
