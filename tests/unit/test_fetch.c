/* test_fetch.c: named sets found, downloaded and checked, against a server
 * that behaves in every bad way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "app/fetch/fetch.h"
#include "app/file_replace.h"
#include "app/message.h"
#include "mirror_server.h"

enum { PLAIN_BYTES = 20000, PACKED_MAX = 40000, MIRRORS_MAX = 4 };

/* The set "toy" of one file, and the world that a test finds itself in. */
static unsigned char plain[PLAIN_BYTES], packed[PACKED_MAX];
static size_t packed_bytes;
static char sha256[65];
static char work[64], start[4096];
static mirror_server server;
static char urls[MIRRORS_MAX][64];
static const char *mirrors[MIRRORS_MAX + 1];
static fetch_file file = {"toy-images", PLAIN_BYTES, sha256};
static const fetch_set toy = {"toy", &file, 1, mirrors};
static const char cached[] = "cache/numeral/toy/toy-images.gz";
static const char part[] = "cache/numeral/toy/toy-images.gz.part";

/* ---- the world ---- */

static void make_file(void) {
  unsigned char digest[32];
  uint32_t x = 1;
  for (int i = 0; i < PLAIN_BYTES; i++) {
    x = x * 1664525u + 1013904223u;
    plain[i] = (unsigned char)(x >> 24);
  }
  z_stream stream = {.next_in = plain,
                     .avail_in = PLAIN_BYTES,
                     .next_out = packed,
                     .avail_out = PACKED_MAX};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed_bytes = PACKED_MAX - stream.avail_out;
  deflateEnd(&stream);
  EVP_Digest(plain, PLAIN_BYTES, digest, NULL, EVP_sha256(), NULL);
  for (int i = 0; i < 32; i++) sprintf(sha256 + 2 * i, "%02x", digest[i]);
}

static void write_file(const char *path, const void *bytes, size_t size_bytes) {
  char folder[4096];
  folder_of(path, folder, sizeof folder);
  assert_int_equal(folder_make(folder, NULL), NUMERAL_OK);
  FILE *stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(bytes, 1, size_bytes, stream), size_bytes);
  assert_int_equal(fclose(stream), 0);
}

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

static int enter(void **unused) {
  (void)unused;
  char path[4200], log[128];
  strcpy(work, "/tmp/test_fetch_XXXXXX");
  if (!mkdtemp(work) || chdir(work) != 0) return -1;
  snprintf(path, sizeof path, "%s/cache", work);
  setenv("XDG_CACHE_HOME", path, 1);
  unsetenv("NUMERAL_DATA_DIR");
  unsetenv("NUMERAL_MIRRORS");
  setenv("no_proxy", "*", 1);
  snprintf(log, sizeof log, "%s/log", work);
  write_file(log, "", 0);
  server = mirror_server_start(packed, packed_bytes, log);
  return server.process > 0 ? 0 : -1;
}

static int leave(void **unused) {
  (void)unused;
  char command[128];
  mirror_server_stop(&server);
  if (chdir(start) != 0) return -1;
  snprintf(command, sizeof command, "rm -rf '%s'", work);
  return system(command);
}

/* Folders of the server, separated by blanks, become the set's mirrors. */
static void use_mirrors(const char *folders) {
  char text[128], *rest = NULL;
  int count = 0;
  snprintf(text, sizeof text, "%s", folders);
  for (char *word = strtok_r(text, " ", &rest); word;
       word = strtok_r(NULL, " ", &rest)) {
    snprintf(urls[count], sizeof urls[count], "http://127.0.0.1:%d/%s/",
             server.port, word);
    mirrors[count] = urls[count];
    count++;
  }
  mirrors[count] = NULL;
}

static const char *read_log(void) {
  static char log[1024];
  FILE *stream = fopen("log", "r");
  size_t size = fread(log, 1, sizeof log - 1, stream);
  fclose(stream);
  log[size] = '\0';
  return log;
}

static numeral_status fetch_toy(const char *data_dir, char path[FETCH_PATH_MAX],
                                numeral_error *error) {
  const fetch_options options = {
      .data_dir = data_dir, .connect_ms = 2000, .stall_seconds = 1};
  unsigned char *bytes;
  numeral_status status = fetch_read(&toy, 0, &options, &bytes, path, error);
  if (status == NUMERAL_OK) assert_memory_equal(bytes, plain, PLAIN_BYTES);
  if (status != NUMERAL_OK) assert_null(bytes);
  free(bytes);
  return status;
}

static void expect_fetched(void) {
  char path[FETCH_PATH_MAX];
  numeral_error error;
  if (fetch_toy(NULL, path, &error)) fail_msg("%s", error.message);
  assert_true(is_there(cached));
  assert_false(is_there(part));
  assert_non_null(strstr(path, cached));
}

static void expect_failed(const char *words) {
  char path[FETCH_PATH_MAX];
  numeral_error error;
  assert_int_equal(fetch_toy(NULL, path, &error), NUMERAL_ERROR_IO);
  assert_false(is_there(cached));
  if (!strstr(error.message, words)) {
    fail_msg("\"%s\" does not say \"%s\"", error.message, words);
  }
}

/* ---- found here ---- */

static void places_are_asked_in_order(void **unused) {
  (void)unused;
  static const char *const paths[] = {
      "mine/toy/toy-images",     "mine/toy/toy-images.gz", "mine/toy-images",
      "mine/toy-images.gz",      "env/toy/toy-images",     "data/toy-images.gz",
      "cache/numeral/toy-images"};
  enum { COUNT = sizeof paths / sizeof *paths };
  char path[FETCH_PATH_MAX];
  use_mirrors("");
  setenv("NUMERAL_DATA_DIR", "env", 1);
  for (int i = 0; i < COUNT; i++) {
    bool is_packed = strstr(paths[i], ".gz") != NULL;
    write_file(paths[i], is_packed ? packed : plain,
               is_packed ? packed_bytes : PLAIN_BYTES);
  }
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(fetch_toy("mine", path, NULL), NUMERAL_OK);
    assert_non_null(strstr(path, paths[i]));
    remove(paths[i]);
  }
  assert_false(fetch_locate(&toy, 0, "mine", path));
  assert_string_equal(path, "");
}

static void wrong_file_of_the_users_is_kept(void **unused) {
  (void)unused;
  char path[FETCH_PATH_MAX];
  numeral_error error;
  use_mirrors("right");
  plain[7] ^= 1;
  write_file("mine/toy-images", plain, PLAIN_BYTES);
  plain[7] ^= 1;
  assert_int_equal(fetch_toy("mine", path, &error), NUMERAL_ERROR_FORMAT);
  assert_non_null(
      strstr(error.message, "mine/toy-images is not the published"));
  assert_true(is_there("mine/toy-images"));
  write_file("mine/toy-images", plain, 100);
  assert_int_equal(fetch_toy("mine", path, &error), NUMERAL_ERROR_FORMAT);
  assert_string_equal(read_log(), "");
}

static void damaged_cache_is_fetched_again(void **unused) {
  (void)unused;
  use_mirrors("right");
  write_file(cached, packed, packed_bytes / 2);
  expect_fetched();
  assert_string_equal(read_log(), "right 0\n");
}

/* ---- downloaded ---- */

static void right_file_is_fetched_once(void **unused) {
  (void)unused;
  use_mirrors("right");
  expect_fetched();
  expect_fetched();
  assert_string_equal(read_log(), "right 0\n");
}

static void redirects_are_followed(void **unused) {
  (void)unused;
  use_mirrors("moved");
  expect_fetched();
  assert_string_equal(read_log(), "moved 0\nright 0\n");
}

static void bad_mirrors_are_passed_over(void **unused) {
  (void)unused;
  static const char *const bad[] = {"page right",    "missing right",
                                    "half right",    "stuck right",
                                    "endless right", "closed right"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    use_mirrors(bad[i]);
    expect_fetched();
    remove(cached);
  }
  /* half a file is gone on with, whoever sent it */
  char line[64];
  snprintf(line, sizeof line, "half 0\nright %zu\n", packed_bytes / 2);
  assert_non_null(strstr(read_log(), line));
}

static void every_mirror_is_named(void **unused) {
  (void)unused;
  use_mirrors("page missing closed");
  expect_failed("--data synth needs neither");
  expect_failed("Looked for toy-images in data, ");
  expect_failed("/page/toy-images.gz (sent another file)");
  expect_failed("/missing/toy-images.gz (HTTP status 404)");
  expect_failed("/closed/toy-images.gz (");
  assert_false(is_there(part));
}

static void nobody_listening_is_an_error(void **unused) {
  (void)unused;
  use_mirrors("right");
  mirror_server_stop(&server);
  server.process = -1;
  expect_failed("Couldn't connect to server");
}

static void mirrors_of_the_environment_come_instead(void **unused) {
  (void)unused;
  char given[128];
  use_mirrors("page");
  snprintf(given, sizeof given, " http://127.0.0.1:%d/missing  %s", server.port,
           "http://127.0.0.1:1/");
  setenv("NUMERAL_MIRRORS", given, 1);
  expect_failed(
      "/missing/toy-images.gz (HTTP status 404), http://127.0.0.1:1/");
  setenv("NUMERAL_MIRRORS", "", 1);
  expect_failed("no mirror");
  assert_string_equal(read_log(), "missing 0\n");
}

/* ---- resumed ---- */

static void part_is_gone_on_with(void **unused) {
  (void)unused;
  use_mirrors("right");
  write_file(part, packed, 1000);
  expect_fetched();
  assert_string_equal(read_log(), "right 1000\n");
}

static void server_without_ranges_starts_again(void **unused) {
  (void)unused;
  use_mirrors("norange");
  write_file(part, packed, 1000);
  expect_fetched();
  assert_string_equal(read_log(), "norange 1000\nnorange 0\n");
}

static void wrong_part_is_thrown_away(void **unused) {
  (void)unused;
  use_mirrors("right");
  write_file(part, plain, 1000);
  expect_fetched();
  assert_string_equal(read_log(), "right 1000\nright 0\n");
}

static void part_that_is_too_long_is_thrown_away(void **unused) {
  (void)unused;
  static unsigned char rubbish[200000];
  use_mirrors("right");
  write_file(part, rubbish, sizeof rubbish);
  expect_fetched();
}

static void broken_download_is_kept_for_later(void **unused) {
  (void)unused;
  use_mirrors("half");
  expect_failed("/half/toy-images.gz (");
  assert_true(is_there(part));
  use_mirrors("right");
  expect_fetched();
}

/* ---- two at once, and a folder that cannot be written ---- */

static void two_downloads_share_one(void **unused) {
  (void)unused;
  pid_t children[3];
  use_mirrors("late");
  for (int i = 0; i < 3; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      char path[FETCH_PATH_MAX];
      _exit(fetch_toy(NULL, path, NULL) == NUMERAL_OK ? 0 : 1);
    }
  }
  for (int i = 0; i < 3; i++) {
    int status;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  assert_string_equal(read_log(), "late 0\n");
}

static void cache_that_cannot_be_made_is_named(void **unused) {
  (void)unused;
  use_mirrors("right");
  write_file("cache", "", 0); /* a file where the folder should be */
  expect_failed("/cache");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  expect_failed("set HOME or XDG_CACHE_HOME");
}

static void full_disk_is_said(void **unused) {
  (void)unused;
  char words[128];
  struct rlimit old, small = {5000, 5000};
  use_mirrors("right");
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit(RLIMIT_FSIZE, &small);
  snprintf(words, sizeof words, "toy-images.gz.part cannot be written: %s",
           strerror(EFBIG));
  expect_failed(words);
  setrlimit(RLIMIT_FSIZE, &old);
  expect_fetched();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(places_are_asked_in_order),
      TEST(wrong_file_of_the_users_is_kept),
      TEST(damaged_cache_is_fetched_again),
      TEST(right_file_is_fetched_once),
      TEST(redirects_are_followed),
      TEST(bad_mirrors_are_passed_over),
      TEST(every_mirror_is_named),
      TEST(nobody_listening_is_an_error),
      TEST(mirrors_of_the_environment_come_instead),
      TEST(part_is_gone_on_with),
      TEST(server_without_ranges_starts_again),
      TEST(wrong_part_is_thrown_away),
      TEST(part_that_is_too_long_is_thrown_away),
      TEST(broken_download_is_kept_for_later),
      TEST(two_downloads_share_one),
      TEST(cache_that_cannot_be_made_is_named),
      TEST(full_disk_is_said),
  };
  if (!mirror_server_possible()) {
    puts("skipped: nothing answers on 127.0.0.1, not even this machine");
    return 77;
  }
  message_set_quiet(true);
  make_file();
  if (!getcwd(start, sizeof start)) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
