/* test_http_deadlines.c: what the HTTP server ends: slow and idle connections,
 * and those in the way of others. Deadlines are a fifth of a second; only what
 * follows what is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http_client.h"
#include "http_world.h"

static http_world world;
static http_client client, other;
static client_reply reply;
static const char get[] = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

static void start(double idle_seconds, double request_seconds,
                  int connections) {
  http_options options = http_world_options();
  options.idle_seconds = idle_seconds;
  options.request_seconds = request_seconds;
  options.connections = connections;
  http_world_start(&world, &options);
}

static void connect_client(http_client *at) {
  assert_true(http_client_connect(at, world.port));
}

static void pause_ms(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- slow clients ---- */

/* A byte at a time until the server has had enough: never a pause, and never
 * the whole. */
static void drip(const char *text, const char *drops, bool is_counted) {
  connect_client(&client);
  if (text) assert_true(http_client_say(&client, text));
  for (const char *drop = drops;; drop++) {
    assert_true(*drop != '\0');
    if (!http_client_send(&client, drop, 1)) break;
    char peek;
    if (recv(client.fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) break;
    pause_ms(10);
  }
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 408);
  assert_non_null(strstr(reply.head, "Connection: close\r\n"));
  assert_int_equal(strlen(reply.body), reply.body_bytes);
  assert_memory_equal(reply.body, "{\"error\":\"", 10);
  assert_int_equal(reply.body[reply.body_bytes - 1], '}');
  assert_true(http_client_is_at_end(&client));
  http_client_close(&client);
  if (is_counted) http_world_wait(&world.deadline, 1);
  http_world_wait_open(&world, 0, 0);
}

static char *many_drops(void) {
  enum { MANY = 4000 };
  char *drops = malloc(MANY + 1);
  assert_non_null(drops);
  memset(drops, 'a', MANY);
  drops[MANY] = '\0';
  return drops;
}

static void test_slow_request_line(void **state) {
  (void)state;
  char *drops = many_drops();
  start(30, 0.2, 64);
  drip(NULL, drops, true);
  assert_int_equal(world.admitted, 0);
  assert_int_equal(world.malformed, 0);
  http_world_stop(&world);
  free(drops);
}

static void test_slow_second_request(void **state) {
  (void)state;
  char *drops = many_drops();
  char text[sizeof get + 3] = "";
  start(30, 0.2, 64);
  /* the second one has begun in the same packet */
  strcat(strcat(text, get), "GET");
  connect_client(&client);
  assert_true(http_client_say(&client, text));
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 200);
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 408);
  http_client_close(&client);
  http_world_wait(&world.deadline, 1);
  assert_int_equal(world.finished, 1);
  http_world_stop(&world);
  free(drops);
}

static void test_slow_headers(void **state) {
  (void)state;
  char *drops = many_drops();
  start(30, 0.2, 64);
  drip("GET /echo HTTP/1.1\r\nHost: a", drops, true);
  assert_int_equal(world.admitted, 0);
  assert_int_equal(world.malformed, 0);
  http_world_stop(&world);
  free(drops);
}

static void test_slow_body(void **state) {
  (void)state;
  char *drops = many_drops();
  start(30, 0.2, 64);
  drip("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", drops,
       false);
  http_world_wait(&world.finished, 1);
  assert_int_equal(world.last_status, 408);
  assert_int_equal(world.sent, 0);
  assert_int_equal(world.handled, 0);
  assert_int_equal(world.deadline, 0);
  http_world_stop(&world);
  free(drops);
}

/* Half a body, and then nothing: the connection ends all the same. */
static void test_body_that_stops(void **state) {
  (void)state;
  start(30, 0.2, 64);
  connect_client(&client);
  http_client_say(&client,
                  "POST /echo HTTP/1.1\r\nHost: a\r\n"
                  "Content-Length: 9999\r\n\r\nhalf");
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 408);
  http_world_wait_open(&world, 0, 0); /* though the client does not close */
  http_client_close(&client);
  http_world_stop(&world);
}

/* The client takes some of 50 MB, and then no more. */
static void test_slow_reader(void **state) {
  (void)state;
  char some[1000];
  start(30, 0.2, 64);
  connect_client(&client);
  http_client_say(&client, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  assert_int_equal(recv(client.fd, some, sizeof some, MSG_WAITALL), 1000);
  http_world_wait(&world.finished, 1);
  assert_int_equal(world.sent, 0);
  assert_int_equal(world.last_status, 200);
  http_world_wait_open(&world, 0, 0);
  http_client_close(&client);
  http_world_stop(&world);
}

/* What the server itself takes long for is no fault of the client. */
static void test_slow_handler(void **state) {
  (void)state;
  start(0.1, 0.1, 64);
  atomic_store(&world.hold, true);
  connect_client(&client);
  http_client_say(&client, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  connect_client(&other); /* this one is ended: deadlines are kept */
  assert_true(http_client_is_at_end(&other));
  http_client_close(&other);
  pause_ms(100);
  atomic_store(&world.hold, false);
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 200);
  http_client_close(&client);
  http_world_stop(&world);
}

static void test_idle(void **state) {
  (void)state;
  start(0.2, 30, 64);
  connect_client(&client);
  connect_client(&other);
  assert_int_equal(http_client_ask(&client, get, &reply), 200);
  assert_true(http_client_is_at_end(&client));
  assert_true(http_client_is_at_end(&other));
  http_client_close(&client);
  http_client_close(&other);
  http_world_wait_open(&world, 0, 0);
  assert_int_equal(world.deadline, 0);
  assert_int_equal(world.malformed, 0);
  http_world_stop(&world);
}

/* ---- more clients than connections ---- */

static void test_room_is_made(void **state) {
  (void)state;
  enum { IDLE = 20, LIMIT = 8 };
  static http_client idle[IDLE];
  start(30, 30, LIMIT);
  for (int i = 0; i < IDLE; i++) connect_client(&idle[i]);
  for (int i = 0; i < 50; i++) {
    assert_int_equal(http_client_ask_once(world.port, get, &reply), 200);
  }
  /* the oldest went, the youngest may be there */
  assert_true(http_client_is_at_end(&idle[0]));
  http_world_wait(&world.crowded, IDLE - LIMIT + 1);
  for (int i = 0; i < IDLE; i++) http_client_close(&idle[i]);
  http_world_stop(&world);
}

/* One request every few milliseconds on a connection that stays, among others
 * that are opened all the time and ask nothing, or half of something. */
static void test_crowd(void **state) {
  (void)state;
  enum { CROWD = 120, LIMIT = 32 };
  static http_client crowd[CROWD];
  int filled = 0;
  start(30, 30, LIMIT);
  connect_client(&client);
  for (int i = 0; i < 200; i++) {
    if (filled < CROWD) {
      connect_client(&crowd[filled]);
      if (filled % 2) http_client_say(&crowd[filled], "GET /ech");
      filled++;
    }
    assert_int_equal(http_client_ask(&client, get, &reply), 200);
    pause_ms(2);
  }
  http_world_wait(&world.crowded, CROWD - LIMIT);
  assert_int_equal(http_client_ask(&client, get, &reply), 200);
  for (int i = 0; i < CROWD; i++) http_client_close(&crowd[i]);
  http_client_close(&client);
  http_world_stop(&world);
}

/* Where all have asked, a new one waits, and no one is ended for it. */
static void test_busy(void **state) {
  (void)state;
  enum { LIMIT = 4 };
  static http_client busy[LIMIT];
  start(30, 30, LIMIT);
  atomic_store(&world.hold, true);
  for (int i = 0; i < LIMIT; i++) {
    connect_client(&busy[i]);
    http_client_say(&busy[i], "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  http_world_wait(&world.handled, LIMIT);
  connect_client(&client);
  http_client_say(&client, get);
  pause_ms(100);
  http_world_wait_open(&world, LIMIT, LIMIT);
  atomic_store(&world.hold, false);
  for (int i = 0; i < LIMIT; i++) {
    assert_true(http_client_read(&busy[i], false, &reply));
    assert_int_equal(reply.status, 200);
  }
  assert_true(http_client_read(&client, false, &reply));
  assert_int_equal(reply.status, 200);
  assert_int_equal(world.crowded, 1);
  for (int i = 0; i < LIMIT; i++) http_client_close(&busy[i]);
  http_client_close(&client);
  http_world_stop(&world);
}

/* Where the process may open no more files, the idle make room too. */
static void test_no_more_files(void **state) {
  (void)state;
  enum { IDLE = 8 };
  static http_client idle[IDLE];
  struct rlimit before, tight;
  start(30, 30, 64);
  for (int i = 0; i < IDLE; i++) connect_client(&idle[i]);
  http_world_wait_open(&world, IDLE, 0);
  pause_ms(100); /* who has just come is not idle yet */
  int next = dup(0);
  close(next);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  tight = before;
  tight.rlim_cur = (rlim_t)next + 1; /* the client's own */
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
  int status = http_client_ask_once(world.port, get, &reply);
  setrlimit(RLIMIT_NOFILE, &before);
  assert_int_equal(status, 200);
  assert_true(world.crowded > 0 && world.crowded < IDLE);
  assert_true(world.warned > 0);
  for (int i = 0; i < IDLE; i++) http_client_close(&idle[i]);
  http_world_stop(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slow_request_line),
      cmocka_unit_test(test_slow_second_request),
      cmocka_unit_test(test_slow_headers),
      cmocka_unit_test(test_slow_body),
      cmocka_unit_test(test_body_that_stops),
      cmocka_unit_test(test_slow_reader),
      cmocka_unit_test(test_slow_handler),
      cmocka_unit_test(test_idle),
      cmocka_unit_test(test_room_is_made),
      cmocka_unit_test(test_crowd),
      cmocka_unit_test(test_busy),
      cmocka_unit_test(test_no_more_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
