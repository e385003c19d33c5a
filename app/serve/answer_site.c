/* answer_site.c: the page and its files, and the metrics. */
#include <string.h>

#include "app/serve/answers.h"

/* Does the list of tags have this one? Whether one is weak ("W/") makes no
 * difference here (RFC 9110, 13.1.2). */
static bool has_tag(const char *list, const char *tag) {
  size_t length = strlen(tag);
  if (strcmp(list, "*") == 0) return true;
  for (;;) {
    list += strspn(list, " \t,");
    if (strncmp(list, "W/", 2) == 0) list += 2;
    if (strncmp(list, tag, length) == 0) return true;
    list = strchr(list, ',');
    if (list == NULL) return false;
  }
}

void answer_file(request *r) {
  const site_file *file = site_find(&r->service->site, r->exchange->path);
  const char *seen = request_header(r, "If-None-Match");
  bool is_same = seen != NULL && has_tag(seen, file->tag);
  http_reply reply =
      is_same ? reply_fixed(304, NULL, NULL, 0)
              : reply_fixed(200, file->type, file->bytes, file->size_bytes);
  for (int i = 0; reply.headers[i].name != NULL; ++i) {
    if (strcmp(reply.headers[i].name, "Cache-Control") == 0)
      reply.headers[i].value = "no-cache"; /* kept, but asked for again */
  }
  reply_header(&reply, "ETag", file->tag);
  reply_header(&reply, "Content-Security-Policy", site_policy);
  reply_header(&reply, "Referrer-Policy", "no-referrer");
  reply_header(&reply, "Cross-Origin-Opener-Policy", "same-origin");
  r->reply = reply;
}

void answer_metrics(request *r) {
  service *s = r->service;
  metrics_now now = {.waiting = work_pool_waiting(s->pool),
                     .ready = s->is_ready,
                     .shelf = s->shelf,
                     .precision = s->options.precision};
  s->http.count(s->server, &now.connections, &now.exchanges);
  text_buffer text = {0};
  metrics_write(s->metrics, &now, &text);
  if (text.refused) {
    text_buffer_release(&text);
    request_fail(r, 503, "no memory for this now");
    return;
  }
  r->reply = reply_bytes(200, "text/plain; version=0.0.4; charset=utf-8",
                         text.text, text.length);
}
