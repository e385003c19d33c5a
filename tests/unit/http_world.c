/* http_world.c: see http_world.h. */
#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "formats/module.h"

enum { BIG_BYTES = 50000000, WAITS = 20000 };

static void pause_ms(long ms) {
  nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- replies ---- */

atomic_int http_world_released;

static void release(void *body) {
  atomic_fetch_add(&http_world_released, 1);
  free(body);
}

static void reply_with(http_world *world, http_exchange *exchange, int status,
                       const char *body, size_t size) {
  http_reply reply = {.status = status,
                      .type = "text/plain",
                      .body = malloc(size + 1),
                      .body_bytes = size,
                      .release = release,
                      .headers = {{"X-World", "numeral"}},
                      .close = strstr(exchange->path, "/close") != NULL};
  assert_non_null(reply.body);
  if (size > 0) memcpy(reply.body, body, size);
  world->http.reply(exchange, &reply);
}

static void echo(http_world *world, http_exchange *exchange) {
  if (exchange->body) {
    reply_with(world, exchange, 200, exchange->body, exchange->body_bytes);
  } else {
    reply_with(world, exchange, 200, "nothing", 7);
  }
}

static void tell(http_world *world, http_exchange *exchange) {
  char text[512];
  const char *note = world->http.header(exchange, "X-NoTe");
  const char *field = world->http.query(exchange, "q");
  snprintf(text, sizeof text, "%s %s %s %s, %s", exchange->method,
           exchange->path, exchange->address, note ? note : "no note",
           field ? field : "no q");
  reply_with(world, exchange, 200, text, strlen(text));
}

static void *reply_now(void *user) {
  http_exchange *exchange = user;
  echo(exchange->data, exchange);
  return NULL;
}

static void race(http_world *world, http_exchange *exchange) {
  pthread_t thread;
  exchange->data = world;
  assert_int_equal(pthread_create(&thread, NULL, reply_now, exchange), 0);
  pthread_detach(thread);
}

static void *reply_late(void *user) {
  http_world *world = user;
  pthread_mutex_lock(&world->lock);
  while (true) {
    while (world->queued == 0 && !world->replier_ends) {
      pthread_cond_wait(&world->changed, &world->lock);
    }
    if (world->queued == 0) break;
    http_exchange *exchange = world->queue[--world->queued];
    pthread_mutex_unlock(&world->lock);
    while (strcmp(exchange->path, "/hold") == 0 && atomic_load(&world->hold)) {
      pause_ms(1);
    }
    echo(world, exchange);
    pthread_mutex_lock(&world->lock);
  }
  pthread_mutex_unlock(&world->lock);
  return NULL;
}

static void put_off(http_world *world, http_exchange *exchange) {
  pthread_mutex_lock(&world->lock);
  world->queue[world->queued++] = exchange;
  pthread_cond_signal(&world->changed);
  pthread_mutex_unlock(&world->lock);
}

/* ---- the calls ---- */

static bool admit(void *user, http_exchange *exchange) {
  http_world *world = user;
  atomic_fetch_add(&world->admitted, 1);
  atomic_store(&world->last_length, exchange->body_bytes);
  assert_null(exchange->body);
  assert_null(exchange->data);
  exchange->data = world;
  if (strcmp(exchange->path, "/refuse") != 0) return true;
  reply_with(world, exchange, 403, "no", 2);
  return false;
}

static void handle(void *user, http_exchange *exchange) {
  static char big[BIG_BYTES];
  http_world *world = user;
  atomic_fetch_add(&world->handled, 1);
  assert_ptr_equal(exchange->data, world);
  if (strncmp(exchange->path, "/echo", 5) == 0) {
    echo(world, exchange);
  } else if (strcmp(exchange->path, "/late") == 0 ||
             strcmp(exchange->path, "/hold") == 0) {
    put_off(world, exchange);
  } else if (strcmp(exchange->path, "/race") == 0) {
    race(world, exchange);
  } else if (strncmp(exchange->path, "/tell", 5) == 0) {
    tell(world, exchange);
  } else if (strcmp(exchange->path, "/big") == 0) {
    http_reply reply = {.status = 200, .body = big, .body_bytes = sizeof big};
    world->http.reply(exchange, &reply);
  } else {
    reply_with(world, exchange, 404, "what?", 5);
  }
}

static void finish(void *user, http_exchange *exchange, int status,
                   size_t sent_bytes, bool sent) {
  http_world *world = user;
  assert_non_null(exchange->path);
  atomic_store(&world->last_status, status);
  atomic_store(&world->last_bytes, sent_bytes);
  if (sent) atomic_fetch_add(&world->sent, 1);
  atomic_fetch_add(&world->finished, 1);
}

static void warn(void *user, const char *text) {
  http_world *world = user;
  assert_true(strlen(text) > 0 && !strchr(text, '\n'));
  atomic_fetch_add(&world->warned, 1);
}

static void drop(void *user, const char *reason) {
  http_world *world = user;
  if (strcmp(reason, "malformed") == 0) {
    atomic_fetch_add(&world->malformed, 1);
  } else if (strcmp(reason, "deadline") == 0) {
    atomic_fetch_add(&world->deadline, 1);
  } else {
    assert_string_equal(reason, "connections");
    atomic_fetch_add(&world->crowded, 1);
  }
}

http_calls http_world_calls(http_world *world) {
  return (http_calls){world, admit, handle, finish, warn, drop};
}

/* ---- start and stop ---- */

http_options http_world_options(void) {
  return (http_options){.host = "127.0.0.1",
                        .threads = 2,
                        .connections = 64,
                        .head_bytes = 8192,
                        .idle_seconds = 30,
                        .request_seconds = 30};
}

http_start_fn *http_world_module(void) {
  numeral_error error = {0};
  void *found = module_function("microhttpd", "http_start", &error);
  if (!found) fail_msg("%s", error.message);
  http_start_fn *start;
  memcpy(&start, &found, sizeof start);
  return start;
}

void http_world_start(http_world *world, const http_options *options) {
  numeral_error error = {0};
  memset(world, 0, sizeof *world);
  atomic_store(&http_world_released, 0);
  pthread_mutex_init(&world->lock, NULL);
  pthread_cond_init(&world->changed, NULL);
  http_calls calls = http_world_calls(world);
  if (http_world_module()(options, &calls, &world->server, &world->http,
                          &error)) {
    fail_msg("%s", error.message);
  }
  world->port = world->http.port(world->server);
  assert_int_equal(pthread_create(&world->replier, NULL, reply_late, world), 0);
}

void http_world_stop(http_world *world) {
  pthread_mutex_lock(&world->lock);
  world->replier_ends = true;
  pthread_cond_signal(&world->changed);
  pthread_mutex_unlock(&world->lock);
  pthread_join(world->replier, NULL);
  world->http.stop(world->server);
  assert_int_equal(world->admitted, world->finished);
  pthread_cond_destroy(&world->changed);
  pthread_mutex_destroy(&world->lock);
}

/* ---- waiting ---- */

void http_world_wait(atomic_int *count, int least) {
  for (int i = 0; i < WAITS; i++) {
    if (atomic_load(count) >= least) return;
    pause_ms(1);
  }
  fail_msg("waited in vain for %d, there were %d", least, atomic_load(count));
}

void http_world_wait_open(http_world *world, int connections, int exchanges) {
  int open = 0, busy = 0;
  for (int i = 0; i < WAITS; i++) {
    world->http.count(world->server, &open, &busy);
    if (open == connections && busy == exchanges) return;
    pause_ms(1);
  }
  fail_msg("waited for %d connections with %d exchanges: %d with %d",
           connections, exchanges, open, busy);
}
