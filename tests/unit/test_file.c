/* test_file.c: files are read whole, and written whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *in_folder(const char *name) {
  static char path[4][256];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static int entries_in(const char *path) {
  int count = 0;
  DIR *handle = opendir(path);
  assert_non_null(handle);
  while (readdir(handle)) count++;
  closedir(handle);
  return count - 2; /* . and .. */
}

static numeral_status write_text(const char *path, const char *text,
                                 numeral_error *error) {
  nml_chunk chunk = {text, strlen(text)};
  return nml_file_write(path, &chunk, 1, error);
}

static void assert_content(const char *path, const char *expected) {
  unsigned char *bytes;
  size_t size_bytes;
  assert_int_equal(nml_file_read(path, 1000, &bytes, &size_bytes, NULL),
                   NUMERAL_OK);
  assert_int_equal(size_bytes, strlen(expected));
  assert_string_equal((char *)bytes, expected); /* a 0 follows */
  nml_free(bytes);
}

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/numeral-file-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  char command[128];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

static void test_chunks_come_back_in_order(void **state) {
  const nml_chunk chunks[] = {{"one ", 4}, {NULL, 0}, {"two", 3}};
  (void)state;
  const char *path = in_folder("chunks");
  assert_int_equal(nml_file_write(path, chunks, 3, NULL), NUMERAL_OK);
  assert_content(path, "one two");
  assert_int_equal(write_text(path, "", NULL), NUMERAL_OK);
  assert_content(path, "");
  assert_int_equal(entries_in(folder), 1);
}

static void test_relative_path_and_current_folder(void **state) {
  char before[512];
  (void)state;
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(folder), 0);
  assert_int_equal(write_text("plain", "x", NULL), NUMERAL_OK);
  assert_content("./plain", "x");
  assert_int_equal(chdir(before), 0);
}

static void test_limit_is_exact(void **state) {
  unsigned char *bytes = (unsigned char *)folder;
  size_t size_bytes = 7;
  numeral_error error;
  (void)state;
  const char *path = in_folder("limit");
  assert_int_equal(write_text(path, "12345", NULL), NUMERAL_OK);
  assert_int_equal(nml_file_read(path, 4, &bytes, &size_bytes, &error),
                   NUMERAL_ERROR_LIMIT);
  assert_null(bytes);
  assert_int_equal(size_bytes, 0);
  assert_non_null(strstr(error.message, path));
  assert_int_equal(nml_file_read(path, 5, &bytes, &size_bytes, &error),
                   NUMERAL_OK);
  nml_free(bytes);
}

/* A pipe has no size: read until its end, and not past the limit. */
static void test_pipe_is_read_to_its_end(void **state) {
  char path[64];
  int ends[2];
  unsigned char *bytes;
  size_t size_bytes;
  static char block[1000];
  (void)state;
  for (int over = 0; over < 2; over++) {
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], block, sizeof block), sizeof block);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(
        nml_file_read(path, over ? 999 : 1000, &bytes, &size_bytes, NULL),
        over ? NUMERAL_ERROR_LIMIT : NUMERAL_OK);
    nml_free(bytes);
    close(ends[0]);
  }
}

static void test_read_errors_name_path_and_reason(void **state) {
  unsigned char *bytes;
  size_t size_bytes;
  numeral_error error;
  (void)state;
  const char *missing = in_folder("missing");
  assert_int_equal(nml_file_read(missing, 10, &bytes, &size_bytes, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, missing));
  assert_non_null(strstr(error.message, "No such file"));
  assert_int_equal(nml_file_read(folder, 10, &bytes, &size_bytes, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "Is a directory"));
}

static void test_read_survives_refused_memory(void **state) {
  unsigned char *bytes;
  size_t size_bytes;
  (void)state;
  const char *path = in_folder("memory");
  assert_int_equal(write_text(path, "x", NULL), NUMERAL_OK);
  nml_alloc_fail_at(1);
  assert_int_equal(nml_file_read(path, 10, &bytes, &size_bytes, NULL),
                   NUMERAL_ERROR_MEMORY);
  nml_alloc_fail_at(0);
  assert_null(bytes);
}

static void test_permissions_follow_umask_then_the_old_file(void **state) {
  struct stat info;
  (void)state;
  const char *path = in_folder("mode");
  mode_t before = umask(027);
  assert_int_equal(write_text(path, "1", NULL), NUMERAL_OK);
  umask(before);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  assert_int_equal(chmod(path, 0600), 0);
  assert_int_equal(write_text(path, "2", NULL), NUMERAL_OK);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_link_stays_and_its_target_is_replaced(void **state) {
  struct stat info;
  numeral_error error;
  (void)state;
  const char *target = in_folder("target"), *link = in_folder("link");
  assert_int_equal(write_text(target, "old", NULL), NUMERAL_OK);
  assert_int_equal(symlink("target", link), 0);
  assert_int_equal(write_text(link, "new", NULL), NUMERAL_OK);
  assert_int_equal(lstat(link, &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_content(target, "new");
  assert_int_equal(unlink(target), 0);
  assert_int_equal(write_text(link, "new", &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "symbolic link"));
}

static void test_write_errors_name_path_and_reason(void **state) {
  numeral_error error;
  (void)state;
  assert_int_equal(write_text(in_folder("no/such/file"), "x", &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "No such file"));
  assert_int_equal(write_text(folder, "x", &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "Is a directory"));
  assert_int_equal(write_text("/proc/version", "x", &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/proc/version"));
}

static void test_device_is_written_not_replaced(void **state) {
  numeral_error error;
  struct stat info;
  (void)state;
  assert_int_equal(write_text("/dev/null", "x", &error), NUMERAL_OK);
  if (access("/dev/full", W_OK) == 0) {
    assert_int_equal(write_text("/dev/full", "x", &error), NUMERAL_ERROR_IO);
    assert_non_null(strstr(error.message, "No space left"));
    assert_non_null(strstr(error.message, "free some space"));
  }
  assert_int_equal(stat("/dev/null", &info), 0);
  assert_true(S_ISCHR(info.st_mode));
}

/* Root may write anywhere, so a folder whose owner alone may not write to it
 * shows nothing to root. */
static void test_read_only_folder_keeps_the_old_file(void **state) {
  numeral_error error;
  (void)state;
  if (geteuid() == 0) {
    print_message("skipped: root ignores permissions\n");
    skip();
  }
  const char *path = in_folder("kept");
  assert_int_equal(write_text(path, "old", NULL), NUMERAL_OK);
  assert_int_equal(chmod(folder, 0500), 0);
  assert_int_equal(write_text(path, "new", &error), NUMERAL_ERROR_IO);
  assert_int_equal(chmod(folder, 0700), 0);
  assert_non_null(strstr(error.message, "Permission denied"));
  assert_content(path, "old");
}

/* A mounted folder that holds little, or that may not be written to. */
static int mount_small(const char *path) {
  char command[256];
  mkdir(path, 0700);
  snprintf(command, sizeof command,
           "mount -t tmpfs -o size=64k none '%s' 2>/dev/null", path);
  return system(command);
}

static void test_full_disk_keeps_the_old_file(void **state) {
  static char large[1 << 20];
  nml_chunk chunk = {large, sizeof large};
  char command[256], path[128];
  numeral_error full, read_only;
  (void)state;
  const char *disk = in_folder("disk");
  if (mount_small(disk) != 0) {
    print_message("skipped: mounting a small tmpfs needs root\n");
    skip();
  }
  snprintf(path, sizeof path, "%s/model", disk);
  numeral_status first = write_text(path, "old", NULL);
  numeral_status second = nml_file_write(path, &chunk, 1, &full);
  int left = entries_in(disk);
  snprintf(command, sizeof command, "mount -o remount,ro '%s'", disk);
  int remounted = system(command);
  numeral_status third = write_text(path, "new", &read_only);
  unsigned char *bytes;
  size_t size_bytes;
  numeral_status fourth = nml_file_read(path, 9, &bytes, &size_bytes, NULL);
  snprintf(command, sizeof command, "umount '%s'", disk);
  assert_int_equal(system(command), 0);

  assert_int_equal(first, NUMERAL_OK);
  assert_int_equal(second, NUMERAL_ERROR_IO);
  assert_non_null(strstr(full.message, "No space left"));
  assert_int_equal(left, 1);
  assert_int_equal(remounted, 0);
  assert_int_equal(third, NUMERAL_ERROR_IO);
  assert_non_null(strstr(read_only.message, "Read-only file system"));
  assert_int_equal(fourth, NUMERAL_OK);
  assert_memory_equal(bytes, "old", 3);
  nml_free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chunks_come_back_in_order),
      cmocka_unit_test(test_relative_path_and_current_folder),
      cmocka_unit_test(test_limit_is_exact),
      cmocka_unit_test(test_pipe_is_read_to_its_end),
      cmocka_unit_test(test_read_errors_name_path_and_reason),
      cmocka_unit_test(test_read_survives_refused_memory),
      cmocka_unit_test(test_permissions_follow_umask_then_the_old_file),
      cmocka_unit_test(test_link_stays_and_its_target_is_replaced),
      cmocka_unit_test(test_write_errors_name_path_and_reason),
      cmocka_unit_test(test_device_is_written_not_replaced),
      cmocka_unit_test(test_read_only_folder_keeps_the_old_file),
      cmocka_unit_test(test_full_disk_keeps_the_old_file),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
