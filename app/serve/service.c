/* service.c: see service.h: letting requests in, handing them to who answers
 * them, and what is counted and logged at their end. */
#include "app/serve/service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/machine.h"
#include "app/serve/pictures.h"
#include "app/serve/request.h"
#include "app/serve/routes.h"
#include "app/serve/service_life.h"

enum { BRIEF_BYTES = 4096 }; /* a digit as PNG, or as 784 numbers */

/* ---- Replies ---- */

/* Other pages that may ask are told so. */
static void add_origin(const service *s, http_reply *reply) {
  if (s->options.origin == NULL) return;
  reply_header(reply, "Access-Control-Allow-Origin", s->options.origin);
  if (strcmp(s->options.origin, "*") != 0)
    reply_header(reply, "Vary", "Origin");
}

static void send(request *r) {
  add_origin(r->service, &r->reply);
  if (r->service->options.http.certificate != NULL)
    reply_header(&r->reply, "Strict-Transport-Security", "max-age=31536000");
  r->service->http.reply(r->exchange, &r->reply);
}

/* ---- Letting in ---- */

/* Every character is looked at, so that the time does not tell how many were
 * right. */
static bool is_same_secret(const char *a, const char *b) {
  size_t length_a = strlen(a), length_b = strlen(b);
  unsigned difference = length_a != length_b;
  for (size_t i = 0; i < length_b; ++i)
    difference |= (unsigned)(unsigned char)b[i] ^
                  (unsigned char)a[length_a > 0 ? i % length_a : 0];
  return difference == 0;
}

static bool has_token(const request *r) {
  const char *token = r->service->options.token;
  const char *shown = request_header(r, "Authorization");
  if (token == NULL || r->route->is_open) return true;
  return shown != NULL && strncasecmp(shown, "Bearer ", 7) == 0 &&
         is_same_secret(shown + 7, token);
}

/* What a browser asks before it lets another page's script ask. */
static bool is_preflight(const request *r) {
  return strcmp(r->exchange->method, "OPTIONS") == 0 &&
         r->service->options.origin != NULL &&
         request_header(r, "Access-Control-Request-Method") != NULL;
}

static void answer_preflight(request *r) {
  r->reply = reply_fixed(204, NULL, NULL, 0);
  reply_header(&r->reply, "Access-Control-Allow-Methods", "GET, POST");
  reply_header(&r->reply, "Access-Control-Allow-Headers",
               "Authorization, Content-Type, Inference-Header-Content-Length");
  reply_header(&r->reply, "Access-Control-Max-Age", "86400");
}

static void fail_route(request *r, const char *allowed) {
  const http_exchange *e = r->exchange;
  if (*allowed == '\0') {
    request_fail(r, 404,
                 "there is nothing at %.200s; /openapi.json says what "
                 "there is",
                 e->path);
    return;
  }
  request_fail(r, 405, "%.40s: %.200s is for %s", e->method, e->path, allowed);
  snprintf(r->allowed, sizeof r->allowed, "%s", allowed);
  reply_header(&r->reply, "Allow", r->allowed);
}

/* Is the body one that may come? */
static bool check_body(request *r) {
  size_t most = r->service->options.body_bytes;
  if (request_header(r, "Transfer-Encoding") != NULL) {
    request_fail(r, 411,
                 "send the body with Content-Length, not in chunks (curl: "
                 "--data-binary @FILE)");
    return false;
  }
  const char *coding = request_header(r, "Content-Encoding");
  if (coding != NULL && strcasecmp(coding, "identity") != 0) {
    request_fail(r, 415, "send the body as it is, not packed as %.40s", coding);
    reply_header(&r->reply, "Accept-Encoding", "identity");
    return false;
  }
  if (r->exchange->body_bytes > most) {
    request_fail(r, 413, "the body has %zu bytes; at most %zu are read",
                 r->exchange->body_bytes, most);
    return false;
  }
  return true;
}

/* Long bodies share so much memory, so that a thousand of them, or of what says
 * that it will be long, cannot have a thousand times the most. Short ones are
 * always read. */
static bool reserve_body(request *r) {
  enum { SHORT_BYTES = 256 * 1024 };
  service *s = r->service;
  size_t size_bytes = r->exchange->body_bytes;
  if (size_bytes <= SHORT_BYTES) return true;
  size_t before = atomic_fetch_add(&s->reserved_bytes, size_bytes);
  r->reserved_bytes = size_bytes;
  if (before + size_bytes <= s->options.bodies_bytes) return true;
  request_fail(r, 503,
               "too many long bodies are on their way; try again in a "
               "second");
  return false;
}

static bool check_rate(request *r) {
  service *s = r->service;
  if (s->rates == NULL || r->route == NULL || r->route->is_open) return true;
  if (rate_limit_take(s->rates, r->exchange->address,
                      r->exchange->begun_seconds))
    return true;
  request_fail(r, 429, "more than %g requests a second from %s",
               s->options.rate, r->exchange->address);
  return false;
}

/* False where there is a reply already. */
static bool let_in(request *r) {
  http_exchange *e = r->exchange;
  char allowed[sizeof r->allowed];
  if (is_preflight(r)) {
    answer_preflight(r);
    return false;
  }
  r->route =
      route_find(&r->service->site, e->method, e->path, r->model_name, allowed);
  if (r->route == NULL) {
    fail_route(r, allowed);
    return false;
  }
  if (!has_token(r)) {
    request_fail(r, 401, "expected the header Authorization: Bearer TOKEN");
    reply_header(&r->reply, "WWW-Authenticate", "Bearer");
    return false;
  }
  return check_rate(r) && check_body(r) && reserve_body(r);
}

static bool admit(void *user, http_exchange *exchange) {
  service *s = user;
  request *r = calloc(1, sizeof *r);
  if (r == NULL) {
    http_reply busy = reply_problem(503, "no memory for this now");
    s->http.reply(exchange, &busy);
    return false;
  }
  *r = (request){.service = s, .exchange = exchange};
  exchange->data = r;
  if (let_in(r)) return true;
  send(r);
  return false;
}

/* ---- Answering ---- */

static void finish_work(work *w) {
  request *r = w->user;
  r->route->finish(w);
  send(r);
}

static work_state read_work(work *w, bool slow) {
  request *r = w->user;
  return r->route->read(w, slow);
}

/* The model that the query names; routes with a model in their path choose it
 * themselves. */
static bool choose_model(request *r) {
  return strchr(r->route->path, '*') != NULL ||
         request_hold_model(r, request_query(r, "model"));
}

/* Short work is quicker done than handed over: waking a worker, and the
 * server's thread again for the reply, cost 35 of the 150 microseconds of
 * processor that a digit took; one that comes alone is answered 1.5 times as
 * fast. */
static bool do_at_once(request *r) {
  return r->route->is_brief && r->exchange->body_bytes <= BRIEF_BYTES &&
         work_pool_do(r->service->pool, &r->work);
}

static void handle(void *user, http_exchange *exchange) {
  request *r = exchange->data;
  service *s = user;
  if (r->route->answer != NULL) {
    r->route->answer(r);
    send(r);
    return;
  }
  r->work.user = r;
  r->work.read = read_work;
  r->work.answer = finish_work;
  if (!choose_model(r)) {
    send(r);
  } else if (!do_at_once(r) && !work_pool_add(s->pool, &r->work)) {
    request_fail(r, 503, "too many requests wait; try again in a second");
    send(r);
  }
}

/* ---- The end of a request ---- */

static void count_answers(service *s, const request *r, int status) {
  if (status != 200 || r->work.predicted == NULL) return;
  for (size_t i = 0; i < r->work.count; ++i)
    metrics_answer(s->metrics, r->work.predicted[i].reason);
}

static void finish(void *user, http_exchange *e, int status, size_t sent_bytes,
                   bool sent) {
  service *s = user;
  request *r = e->data;
  const route *found = r != NULL ? r->route : NULL;
  int index = route_index(found);
  double seconds = machine_seconds() - e->begun_seconds;
  metrics_request(s->metrics, index, status, seconds);
  const served_model *model = r != NULL ? r->work.model : NULL;
  access_log_request(s->log,
                     &(access_line){.address = e->address,
                                    .method = e->method,
                                    .path = e->path,
                                    .route = route_at(index)->label,
                                    .model = model != NULL ? model->name : NULL,
                                    .status = status,
                                    .received_bytes = e->body_bytes,
                                    .sent_bytes = sent_bytes,
                                    .images = r != NULL ? r->work.count : 0,
                                    .seconds = seconds,
                                    .sent = sent});
  if (r == NULL) return;
  count_answers(s, r, status);
  atomic_fetch_sub(&s->reserved_bytes, r->reserved_bytes);
  model_release(r->work.model);
  pictures_release(&r->pictures);
  free(r->extra);
  free(r);
}

static void warn(void *user, const char *text) {
  service *s = user;
  access_log_event(s->log, "warning", "connection", "%s", text);
}

static void drop(void *user, const char *reason) {
  service *s = user;
  metrics_drop(s->metrics, reason);
}

http_calls service_calls(service *s) {
  return (http_calls){s, admit, handle, finish, warn, drop};
}
