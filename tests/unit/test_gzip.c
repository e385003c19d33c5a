/* test_gzip.c: packed files, whole, in several members, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "formats/gzip.h"

enum { PLAIN_BYTES = 300, PACKED_MAX = 1024, LIMIT = 1 << 20 };

static unsigned char plain[PLAIN_BYTES];

static size_t pack(const unsigned char *bytes, size_t size_bytes,
                   unsigned char packed[PACKED_MAX]) {
  z_stream stream = {.next_in = (unsigned char *)bytes,
                     .avail_in = (uInt)size_bytes,
                     .next_out = packed,
                     .avail_out = PACKED_MAX};
  assert_int_equal(
      deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  deflateEnd(&stream);
  return PACKED_MAX - stream.avail_out;
}

/* The copy has exactly this size, so that a sanitizer sees a read past it. */
static numeral_status unpack(const unsigned char *packed, size_t size_bytes,
                             size_t limit_bytes, unsigned char **bytes,
                             size_t *unpacked_bytes, numeral_error *error) {
  unsigned char *copy = malloc(size_bytes + !size_bytes);
  memcpy(copy, packed, size_bytes);
  numeral_status status = gzip_unpack(copy, size_bytes, "x.gz", limit_bytes,
                                      bytes, unpacked_bytes, error);
  free(copy);
  return status;
}

static int fill_plain(void **unused) {
  (void)unused;
  for (int i = 0; i < PLAIN_BYTES; i++) {
    plain[i] = (unsigned char)(i * i * 7 >> 3);
  }
  return 0;
}

static void packed_bytes_come_back(void **unused) {
  (void)unused;
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  assert_int_equal(
      unpack(packed, packed_bytes, LIMIT, &bytes, &size_bytes, NULL),
      NUMERAL_OK);
  assert_int_equal(size_bytes, PLAIN_BYTES);
  assert_memory_equal(bytes, plain, PLAIN_BYTES);
  free(bytes);
}

static void members_are_joined(void **unused) {
  (void)unused;
  unsigned char packed[2 * PACKED_MAX] = {0}, *bytes;
  size_t size_bytes, first = pack(plain, 100, packed);
  size_t second = pack(plain + 100, PLAIN_BYTES - 100, packed + first);
  for (size_t zeros = 0; zeros < 3; zeros++) {
    assert_int_equal(unpack(packed, first + second + zeros, LIMIT, &bytes,
                            &size_bytes, NULL),
                     NUMERAL_OK);
    assert_int_equal(size_bytes, PLAIN_BYTES);
    assert_memory_equal(bytes, plain, PLAIN_BYTES);
    free(bytes);
  }
}

static void every_prefix_is_refused(void **unused) {
  (void)unused;
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  for (size_t n = 0; n < packed_bytes; n++) {
    numeral_error error;
    assert_int_equal(unpack(packed, n, LIMIT, &bytes, &size_bytes, &error),
                     NUMERAL_ERROR_FORMAT);
    assert_null(bytes);
    assert_int_equal(size_bytes, 0);
    assert_non_null(strstr(error.message, "x.gz is not a whole gzip file"));
  }
}

/* Any one byte of the data or its checksum. The header (10 bytes) holds the
 * time and the system, which nothing depends on. */
static void every_changed_byte_is_refused(void **unused) {
  (void)unused;
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  for (size_t n = 10; n < packed_bytes; n++) {
    packed[n] ^= 0x55;
    assert_int_equal(
        unpack(packed, packed_bytes, LIMIT, &bytes, &size_bytes, NULL),
        NUMERAL_ERROR_FORMAT);
    assert_null(bytes);
    packed[n] ^= 0x55;
  }
}

static void rubbish_behind_is_refused(void **unused) {
  (void)unused;
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  packed[packed_bytes] = 'x';
  assert_int_equal(
      unpack(packed, packed_bytes + 1, LIMIT, &bytes, &size_bytes, NULL),
      NUMERAL_ERROR_FORMAT);
}

static void limit_is_kept(void **unused) {
  (void)unused;
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  assert_int_equal(
      unpack(packed, packed_bytes, PLAIN_BYTES, &bytes, &size_bytes, NULL),
      NUMERAL_OK);
  free(bytes);
  numeral_error error;
  assert_int_equal(unpack(packed, packed_bytes, PLAIN_BYTES - 1, &bytes,
                          &size_bytes, &error),
                   NUMERAL_ERROR_LIMIT);
  assert_null(bytes);
  assert_non_null(strstr(error.message, "more than the 299 bytes"));
}

/* 64 MiB of zeros in 64 KiB: refused without taking 64 MiB. */
static void bomb_is_refused(void **unused) {
  (void)unused;
  enum { BOMB = 1 << 26 };
  unsigned char *zeros = calloc(BOMB, 1), *packed = malloc(1 << 20), *bytes;
  z_stream stream = {.next_in = zeros,
                     .avail_in = BOMB,
                     .next_out = packed,
                     .avail_out = 1 << 20};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  size_t size_bytes, packed_bytes = (1 << 20) - stream.avail_out;
  deflateEnd(&stream);
  assert_int_equal(
      unpack(packed, packed_bytes, LIMIT, &bytes, &size_bytes, NULL),
      NUMERAL_ERROR_LIMIT);
  free(zeros);
  free(packed);
}

static void write_file(const char *path, const void *bytes, size_t size_bytes) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
  assert_int_equal(fclose(file), 0);
}

static void files_are_read_packed_or_not(void **unused) {
  (void)unused;
  char path[] = "/tmp/test_gzip_XXXXXX";
  unsigned char packed[PACKED_MAX], *bytes;
  size_t size_bytes, packed_bytes = pack(plain, PLAIN_BYTES, packed);
  close(mkstemp(path));
  for (int i = 0; i < 2; i++) {
    write_file(path, i ? packed : plain, i ? packed_bytes : PLAIN_BYTES);
    assert_int_equal(gzip_file_read(path, LIMIT, &bytes, &size_bytes, NULL),
                     NUMERAL_OK);
    assert_int_equal(size_bytes, PLAIN_BYTES);
    assert_memory_equal(bytes, plain, PLAIN_BYTES);
    free(bytes);
  }
  write_file(path, "", 0);
  assert_int_equal(gzip_file_read(path, LIMIT, &bytes, &size_bytes, NULL),
                   NUMERAL_OK);
  assert_int_equal(size_bytes, 0);
  free(bytes);
  write_file(path, plain, PLAIN_BYTES);
  assert_int_equal(gzip_file_read(path, 299, &bytes, &size_bytes, NULL),
                   NUMERAL_ERROR_LIMIT);
  remove(path);
}

static void what_is_no_file_is_named(void **unused) {
  (void)unused;
  unsigned char *bytes;
  size_t size_bytes;
  numeral_error error;
  assert_int_equal(
      gzip_file_read("/nowhere/x", LIMIT, &bytes, &size_bytes, &error),
      NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/nowhere/x cannot be opened"));
  assert_int_equal(gzip_file_read("/tmp", LIMIT, &bytes, &size_bytes, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/tmp is a folder"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packed_bytes_come_back),
      cmocka_unit_test(members_are_joined),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(every_changed_byte_is_refused),
      cmocka_unit_test(rubbish_behind_is_refused),
      cmocka_unit_test(limit_is_kept),
      cmocka_unit_test(bomb_is_refused),
      cmocka_unit_test(files_are_read_packed_or_not),
      cmocka_unit_test(what_is_no_file_is_named),
  };
  return cmocka_run_group_tests(tests, fill_plain, NULL);
}
