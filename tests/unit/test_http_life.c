/* test_http_life.c: an HTTP server's start and its end: what cannot be listened
 * at, many clients, and draining while they ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http_client.h"
#include "http_world.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CONNECTS = 1000 };
#else
enum { CONNECTS = 10000 };
#endif

static http_world world, second;
static http_client client, other;
static client_reply reply;
static const char get[] = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

static void start(void) {
  http_options options = http_world_options();
  http_world_start(&world, &options);
}

static void connect_client(http_client *at) {
  assert_true(http_client_connect(at, world.port));
}

static void pause_ms(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- start ---- */

static void expect_error(const http_options *options, numeral_status status,
                         const char *words) {
  http_server *server = (http_server *)&world;
  http_functions http;
  numeral_error error = {0};
  http_calls calls = http_world_calls(&second);
  assert_int_equal(http_world_module()(options, &calls, &server, &http, &error),
                   status);
  assert_null(server);
  assert_int_equal(error.status, status);
  if (!strstr(error.message, words)) {
    fail_msg("no \"%s\" in: %s", words, error.message);
  }
  http.stop(NULL);
}

static void test_no_place_to_listen(void **state) {
  (void)state;
  start();
  http_options options = http_world_options();
  options.port = world.port;
  expect_error(&options, NUMERAL_ERROR_IO, "is taken by another program");
  options.host = "no-such-host.invalid";
  expect_error(&options, NUMERAL_ERROR_IO, "there is no host");
  options.host = "192.0.2.1";
  expect_error(&options, NUMERAL_ERROR_IO, "not an address of this machine");
  http_world_stop(&world);
}

static void test_privileged_port(void **state) {
  (void)state;
  http_options options = http_world_options();
  options.port = 1;
  if (geteuid() == 0) skip();
  expect_error(&options, NUMERAL_ERROR_IO, "below 1024");
}

static void test_bad_certificate(void **state) {
  (void)state;
  http_options options = http_world_options();
  options.certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n";
  options.key = "-----BEGIN PRIVATE KEY-----\nAAAA\n";
  expect_error(&options, NUMERAL_ERROR_FORMAT, "the certificate and the key");
  options.certificate = options.key = "";
  expect_error(&options, NUMERAL_ERROR_FORMAT, "the certificate and the key");
}

/* Every address of a name, and both kinds at "::". */
static void test_hosts(void **state) {
  (void)state;
  const char *const hosts[] = {"localhost", "0.0.0.0", "::"};
  http_options options = http_world_options();
  int probe = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 local = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  int has_6 =
      probe >= 0 && bind(probe, (struct sockaddr *)&local, sizeof local) == 0;
  if (probe >= 0) close(probe);
  for (int i = 0; i < (has_6 ? 3 : 2); i++) {
    options.host = hosts[i];
    options.threads = i + 1; /* also 1, which MHD has another way for */
    http_world_start(&world, &options);
    assert_int_equal(http_client_ask_once(world.port, get, &reply), 200);
    http_client_ask_once(world.port, "GET /tell HTTP/1.1\r\nHost: a\r\n\r\n",
                         &reply);
    assert_string_equal(reply.body, "GET /tell 127.0.0.1 no note, no q");
    http_world_stop(&world);
  }
}

/* ---- many ---- */

static void test_many_connects(void **state) {
  (void)state;
  start();
  for (int i = 0; i < CONNECTS; i++) {
    connect_client(&client);
    if (i % 10 == 0)
      assert_int_equal(http_client_ask(&client, get, &reply), 200);
    http_client_close(&client);
  }
  http_world_wait_open(&world, 0, 0);
  assert_int_equal(world.finished, CONNECTS / 10);
  assert_int_equal(world.malformed, 0);
  http_world_stop(&world);
}

typedef struct asker {
  pthread_t thread;
  int number;
  bool stays; /* on one connection as long as the server lets it */
  int answered, failed;
} asker;

static atomic_int answers;

static const char *const requests[] = {
    get, "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n"};

/* Asks until nobody listens any more; that alone is no failure. */
static void *ask_on(void *user) {
  asker *self = user;
  http_client *mine = malloc(sizeof *mine);
  client_reply *got = malloc(sizeof *got);
  while (mine && got && http_client_connect(mine, world.port)) {
    do {
      const char *request = requests[(self->answered + self->number) % 4];
      if (http_client_ask(mine, request, got)) {
        self->answered++;
        atomic_fetch_add(&answers, 1);
      } else {
        self->failed++;
      }
    } while (self->stays && got->status &&
             !strstr(got->head, "Connection: close"));
    http_client_close(mine);
  }
  free(got);
  free(mine);
  return NULL;
}

static void test_drain_under_load(void **state) {
  (void)state;
  enum { ASKERS = 8, ROUNDS = 5 };
  static asker askers[ASKERS];
  for (int round = 0; round < ROUNDS; round++) {
    int answered = 0;
    start();
    atomic_store(&answers, 0);
    for (int i = 0; i < ASKERS; i++) {
      askers[i] = (asker){.number = i, .stays = i % 2};
      assert_int_equal(
          pthread_create(&askers[i].thread, NULL, ask_on, &askers[i]), 0);
    }
    http_world_wait(&answers, 200);
    world.http.drain(world.server);
    for (int i = 0; i < ASKERS; i++) {
      pthread_join(askers[i].thread, NULL);
      answered += askers[i].answered;
      assert_int_equal(askers[i].failed, 0);
    }
    world.http.close_idle(world.server);
    http_world_wait_open(&world, 0, 0);
    assert_int_equal(world.sent, answered);
    http_world_stop(&world);
  }
}

/* ---- the end ---- */

static void test_drain(void **state) {
  (void)state;
  start();
  atomic_store(&world.hold, true);
  connect_client(&client);
  connect_client(&other);
  assert_int_equal(http_client_ask(&other, get, &reply), 200);
  http_client_say(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  http_world_wait(&world.handled, 2);
  world.http.drain(world.server);
  /* another server takes the port at once, and new clients go there */
  http_options options = http_world_options();
  options.port = world.port;
  http_world_start(&second, &options);
  assert_int_equal(http_client_ask_once(second.port, get, &reply), 200);
  assert_int_equal(second.handled, 1);
  /* an open connection may still ask, once */
  assert_int_equal(http_client_ask(&other, get, &reply), 200);
  assert_non_null(strstr(reply.head, "Connection: close\r\n"));
  assert_true(http_client_is_at_end(&other));
  http_client_close(&other);
  /* and what was asked is answered */
  atomic_store(&world.hold, false);
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 200);
  assert_non_null(strstr(reply.head, "Connection: close\r\n"));
  http_client_close(&client);
  http_world_wait_open(&world, 0, 0);
  world.http.drain(world.server); /* again changes nothing */
  http_world_stop(&world);
  http_world_stop(&second);
}

/* Who has been greeted, but has found all connections taken, is served too. */
static void test_drain_when_full(void **state) {
  (void)state;
  enum { LIMIT = 2, ALL = 6 };
  static http_client all[ALL];
  http_options options = http_world_options();
  options.connections = LIMIT;
  http_world_start(&world, &options);
  atomic_store(&world.hold, true);
  for (int i = 0; i < ALL; i++) {
    connect_client(&all[i]);
    http_client_say(&all[i], "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    if (i < LIMIT) http_world_wait(&world.handled, i + 1);
  }
  world.http.drain(world.server);
  http_world_wait(&world.handled, ALL);
  atomic_store(&world.hold, false);
  for (int i = 0; i < ALL; i++) {
    assert_true(http_client_read(&all[i], false, &reply));
    assert_int_equal(reply.status, 200);
    http_client_close(&all[i]);
  }
  http_world_wait_open(&world, 0, 0);
  http_world_stop(&world);
}

static void test_close_idle(void **state) {
  (void)state;
  static http_client fresh, begun;
  start();
  atomic_store(&world.hold, true);
  connect_client(&client);
  connect_client(&other);
  connect_client(&fresh);
  connect_client(&begun);
  assert_int_equal(http_client_ask(&other, get, &reply), 200);
  http_client_say(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  http_client_say(&begun, "GET /echo HT");
  http_world_wait(&world.handled, 2);
  pause_ms(20);
  world.http.drain(world.server);
  world.http.close_idle(world.server);
  assert_true(http_client_is_at_end(&other));
  assert_true(http_client_is_at_end(&fresh));
  http_world_wait_open(&world, 2, 1);
  atomic_store(&world.hold, false);
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 200);
  assert_int_equal(http_client_ask(&begun, "TP/1.1\r\nHost: a\r\n\r\n", &reply),
                   200);
  http_client_close(&client);
  http_client_close(&other);
  http_client_close(&fresh);
  http_client_close(&begun);
  http_world_wait_open(&world, 0, 0);
  http_world_stop(&world);
}

/* Without draining: connections in every state just end. */
static void test_stop(void **state) {
  (void)state;
  static http_client reading, begun;
  start();
  connect_client(&client);
  connect_client(&other);
  connect_client(&reading);
  connect_client(&begun);
  assert_int_equal(http_client_ask(&client, get, &reply), 200);
  http_client_say(&reading,
                  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
                  "hel");
  http_client_say(&begun, "GET /echo HTTP/1.1\r\nHo");
  http_world_wait(&world.admitted, 2);
  int port = world.port;
  http_world_stop(&world);
  assert_int_equal(world.finished, 2);
  assert_int_equal(world.malformed, 0);
  assert_true(http_client_is_at_end(&client));
  assert_true(http_client_is_at_end(&other));
  assert_true(http_client_is_at_end(&reading));
  assert_true(http_client_is_at_end(&begun));
  http_client_close(&client);
  http_client_close(&reading);
  http_client_close(&begun);
  /* one connection still lingers in the kernel: the port is free all the same
   */
  http_options options = http_world_options();
  options.port = port;
  http_world_start(&world, &options);
  assert_int_equal(world.port, port);
  assert_int_equal(http_client_ask_once(port, get, &reply), 200);
  http_world_stop(&world);
  http_client_close(&other);
}

/* A client that is gone before its reply raises no SIGPIPE. */
static void test_no_signal(void **state) {
  (void)state;
  signal(SIGPIPE, SIG_DFL);
  start();
  for (int i = 0; i < 50; i++) {
    connect_client(&client);
    http_client_say(&client, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    if (i % 2) http_world_wait(&world.handled, i + 1);
    http_client_close(&client);
  }
  http_world_wait_open(&world, 0, 0);
  http_world_stop(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_place_to_listen),
      cmocka_unit_test(test_privileged_port),
      cmocka_unit_test(test_bad_certificate),
      cmocka_unit_test(test_hosts),
      cmocka_unit_test(test_many_connects),
      cmocka_unit_test(test_drain_under_load),
      cmocka_unit_test(test_drain),
      cmocka_unit_test(test_drain_when_full),
      cmocka_unit_test(test_close_idle),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_no_signal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
