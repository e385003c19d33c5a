/* service_life.c: the service from its first breath to its last: what it is
 * made of, signals, reading models again, and leaving without a failed request.
 */
#include "app/serve/service_life.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "app/machine.h"
#include "app/message.h"
#include "formats/format_fail.h"
#include "formats/module.h"

static const double LOOK_SECONDS = 0.2; /* between looks at signals and log */
static const double FAREWELL_SECONDS =
    1; /* for clients that are about to ask */

/* ---- Making ---- */

static void count_batch(void *user, size_t images) {
  service *s = user;
  metrics_batch(s->metrics, images);
}

static numeral_status make_parts(service *s, numeral_error *error) {
  const service_options *o = &s->options;
  s->metrics = metrics_create();
  s->rates = o->rate > 0 ? rate_limit_create(o->rate) : NULL;
  if (s->metrics == NULL || (o->rate > 0 && s->rates == NULL) ||
      !site_open(&s->site))
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory to serve");
  s->options.pool.batched = count_batch;
  s->options.pool.user = s;
  s->options.pool.guests = o->http.threads;
  s->options.models.workers = work_pool_workers(&s->options.pool);
  numeral_status status =
      access_log_create(o->log_path, !o->quiet, &s->log, error);
  if (status == NUMERAL_OK)
    status = model_shelf_create(&s->options.models, &s->shelf, error);
  if (status == NUMERAL_OK)
    status = work_pool_create(&s->options.pool, &s->pool, error);
  return status;
}

static numeral_status listen_for_requests(service *s, numeral_error *error) {
  http_start_fn *start =
      (http_start_fn *)module_function("microhttpd", "http_start", error);
  if (start == NULL) return NUMERAL_ERROR_IO;
  http_calls calls = service_calls(s);
  return start(&s->options.http, &calls, &s->server, &s->http, error);
}

static void release(service *s) {
  work_pool_destroy(s->pool);
  model_shelf_destroy(s->shelf);
  access_log_destroy(s->log);
  rate_limit_destroy(s->rates);
  metrics_destroy(s->metrics);
  site_close(&s->site);
  random_digit_release(&s->digits);
  pthread_mutex_destroy(&s->digits_lock);
}

/* ---- Signals ---- */

/* The next of the signals that were blocked, or 0 after a while without. */
static int next_signal(void) {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGHUP);
  struct timespec most = {0, (long)(1e9 * LOOK_SECONDS)};
  int found = sigtimedwait(&wanted, NULL, &most);
  return found > 0 ? found : 0;
}

static void tell_reload(void *user, const char *name, bool loaded,
                        const char *message) {
  service *s = user;
  metrics_reload(s->metrics, loaded);
  if (loaded) {
    access_log_event(s->log, "info", "model_loaded", "%s: %s", name, message);
  } else {
    access_log_event(s->log, "error", "model_kept", "%s stays as it was: %s",
                     name, message);
    message_warning("serve", "model %s stays as it was: %s", name, message);
  }
}

/* ---- Leaving ---- */

static int exchanges_of(service *s) {
  int connections, exchanges;
  s->http.count(s->server, &connections, &exchanges);
  return exchanges;
}

static void pause_shortly(void) {
  nanosleep(&(struct timespec){0, 10 * 1000 * 1000}, NULL);
}

/* What was asked is answered; who is about to ask on a connection that is open
 * has a moment to do so. */
static void leave(service *s) {
  double begun = machine_seconds();
  s->is_ready = false;
  s->http.drain(s->server);
  access_log_event(s->log, "info", "leaving", "no new connections");
  double farewell = FAREWELL_SECONDS < s->options.drain_seconds
                        ? FAREWELL_SECONDS
                        : s->options.drain_seconds;
  bool is_closed = false;
  for (;;) {
    double passed = machine_seconds() - begun;
    int connections, exchanges;
    s->http.count(s->server, &connections, &exchanges);
    if (exchanges == 0 && connections == 0) break;
    if (exchanges == 0 && is_closed) break;
    if (passed >= s->options.drain_seconds) break;
    if (passed >= farewell) {
      s->http.close_idle(s->server);
      is_closed = true;
    }
    pause_shortly();
  }
  int left = exchanges_of(s);
  if (left > 0)
    access_log_event(s->log, "warning", "cut_off", "%d requests", left);
}

static void serve(service *s) {
  const http_options *o = &s->options.http;
  bool is_six = strchr(o->host, ':') != NULL;
  s->is_ready = true;
  access_log_event(s->log, "info", "started", "%s, port %d, numeral %s",
                   o->host, s->http.port(s->server), numeral_version());
  message_note("Listening on %s://%s%s%s:%d/  (Ctrl+C ends it)",
               o->certificate != NULL ? "https" : "http", is_six ? "[" : "",
               o->host, is_six ? "]" : "", s->http.port(s->server));
  int found;
  while ((found = next_signal()) != SIGTERM && found != SIGINT) {
    if (found == SIGHUP) {
      access_log_reopen(s->log);
      model_shelf_reload(s->shelf, tell_reload, s);
    }
    access_log_flush(s->log);
  }
  leave(s);
}

int service_run(const service_options *options) {
  service s = {.options = *options};
  numeral_error error;
  s.digits = (random_digit){.data_dir = options->data_dir,
                            .seed = (uint64_t)time(NULL)};
  pthread_mutex_init(&s.digits_lock, NULL);
  atomic_init(&s.is_ready, false);
  atomic_init(&s.reserved_bytes, 0);
  numeral_status status = make_parts(&s, &error);
  if (status == NUMERAL_OK) status = listen_for_requests(&s, &error);
  int exit_code = EXIT_DONE;
  if (status == NUMERAL_OK) {
    serve(&s);
    /* the pool first: what it still has replies to a server that is there;
     * and a request that comes even now finds a pool that refuses it */
    work_pool_end(s.pool);
    s.http.stop(s.server);
    access_log_event(s.log, "info", "ended", "every request was answered");
  } else {
    exit_code = message_error("serve", "%s", error.message);
  }
  release(&s);
  return exit_code;
}
