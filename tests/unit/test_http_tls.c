/* test_http_tls.c: the HTTP server with TLS, asked by OpenSSL's client with a
 * certificate made on the spot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#include "http_client.h"
#include "http_world.h"

enum { PEM_BYTES = 4096 };

static http_world world;
static http_client client;
static char certificate[PEM_BYTES], key[PEM_BYTES], other_key[PEM_BYTES];

/* ---- a certificate ---- */

static void take_text(BIO *from, char *text) {
  int size = BIO_read(from, text, PEM_BYTES - 1);
  assert_true(size > 0);
  text[size] = '\0';
  BIO_free(from);
}

static EVP_PKEY *make_key(char *text) {
  EVP_PKEY *made = EVP_EC_gen("P-256");
  BIO *out = BIO_new(BIO_s_mem());
  assert_int_equal(
      PEM_write_bio_PrivateKey(out, made, NULL, NULL, 0, NULL, NULL), 1);
  take_text(out, text);
  return made;
}

static void make_certificate(EVP_PKEY *for_key) {
  enum { DAY = 86400 };
  X509 *made = X509_new();
  X509_NAME *name = X509_get_subject_name(made);
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -DAY);
  X509_gmtime_adj(X509_getm_notAfter(made), DAY);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             (const unsigned char *)"localhost", -1, -1, 0);
  X509_set_issuer_name(made, name);
  X509_set_pubkey(made, for_key);
  assert_true(X509_sign(made, for_key, EVP_sha256()) > 0);
  BIO *out = BIO_new(BIO_s_mem());
  assert_int_equal(PEM_write_bio_X509(out, made), 1);
  take_text(out, certificate);
  X509_free(made);
}

static int set_up(void **state) {
  (void)state;
  EVP_PKEY *first = make_key(key), *other = make_key(other_key);
  make_certificate(first);
  EVP_PKEY_free(first);
  EVP_PKEY_free(other);
  return 0;
}

static http_options secure_options(void) {
  http_options options = http_world_options();
  options.certificate = certificate;
  options.key = key;
  return options;
}

/* ---- a client ---- */

typedef struct secure_client {
  SSL_CTX *context;
  SSL *ssl;
} secure_client;

/* False: they do not agree, on a version maybe. */
static bool secure_connect(secure_client *at, int version) {
  assert_true(http_client_connect(&client, world.port));
  at->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(at->context, 0); /* else 1.1 is not even tried */
  SSL_CTX_set_min_proto_version(at->context, version);
  SSL_CTX_set_max_proto_version(at->context, version);
  at->ssl = SSL_new(at->context);
  SSL_set_fd(at->ssl, client.fd);
  return SSL_connect(at->ssl) == 1;
}

static void secure_close(secure_client *at) {
  SSL_free(at->ssl);
  SSL_CTX_free(at->context);
  http_client_close(&client);
}

/* Reads until the end of the text is `end`. */
static void secure_ask(secure_client *at, const char *request,
                       const char *end) {
  char text[4096];
  int count = 0;
  assert_int_equal(SSL_write(at->ssl, request, (int)strlen(request)),
                   (int)strlen(request));
  while (count < (int)strlen(end) ||
         strcmp(text + count - strlen(end), end) != 0) {
    int got = SSL_read(at->ssl, text + count, (int)sizeof text - 1 - count);
    assert_true(got > 0);
    count += got;
    text[count] = '\0';
  }
  assert_memory_equal(text, "HTTP/1.1 200 ", 13);
}

/* ---- the tests ---- */

static void test_round_trip(void **state) {
  (void)state;
  secure_client at;
  char byte;
  http_options options = secure_options();
  http_world_start(&world, &options);
  for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
    assert_true(secure_connect(&at, version));
    for (int i = 0; i < 5; i++) {
      secure_ask(&at, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n", "nothing");
      secure_ask(&at,
                 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
                 "hello",
                 "hello");
    }
    secure_ask(&at, "GET /echo/close HTTP/1.1\r\nHost: a\r\n\r\n", "nothing");
    assert_int_equal(SSL_read(at.ssl, &byte, 1), 0); /* a good-bye, then */
    assert_int_equal(SSL_get_error(at.ssl, 0), SSL_ERROR_ZERO_RETURN);
    secure_close(&at);
  }
  http_world_wait_open(&world, 0, 0);
  assert_int_equal(world.sent, 22);
  http_world_stop(&world);
}

static void test_old_version(void **state) {
  (void)state;
  secure_client at;
  http_options options = secure_options();
  http_world_start(&world, &options);
  assert_false(secure_connect(&at, TLS1_1_VERSION));
  secure_close(&at);
  http_world_wait(&world.warned, 1);
  http_world_stop(&world);
}

/* HTTP without TLS, and a handshake that never ends. */
static void test_no_handshake(void **state) {
  (void)state;
  client_reply reply;
  http_options options = secure_options();
  options.idle_seconds = options.request_seconds = 0.2;
  http_world_start(&world, &options);
  assert_int_equal(
      http_client_ask_once(world.port, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
                           &reply),
      0);
  assert_true(http_client_connect(&client, world.port));
  http_client_send(&client, "\x16\x03\x01", 3);
  assert_true(http_client_is_at_end(&client));
  http_client_close(&client);
  http_world_wait_open(&world, 0, 0);
  assert_int_equal(world.admitted, 0);
  http_world_stop(&world);
}

static void test_slow_body(void **state) {
  (void)state;
  secure_client at;
  char byte;
  http_options options = secure_options();
  options.request_seconds = 0.2;
  http_world_start(&world, &options);
  assert_true(secure_connect(&at, TLS1_3_VERSION));
  static const char half[] =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhel";
  SSL_write(at.ssl, half, sizeof half - 1);
  assert_true(SSL_read(at.ssl, &byte, 1) <= 0);
  secure_close(&at);
  http_world_wait(&world.finished, 1);
  assert_int_equal(world.last_status, 408);
  http_world_stop(&world);
}

static void test_wrong_key(void **state) {
  (void)state;
  http_server *server;
  http_functions http;
  numeral_error error = {0};
  http_options options = secure_options();
  http_calls calls = http_world_calls(&world);
  options.key = other_key;
  assert_int_equal(
      http_world_module()(&options, &calls, &server, &http, &error),
      NUMERAL_ERROR_FORMAT);
  assert_non_null(strstr(error.message, "belong together"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_old_version),
      cmocka_unit_test(test_no_handshake), cmocka_unit_test(test_slow_body),
      cmocka_unit_test(test_wrong_key),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
