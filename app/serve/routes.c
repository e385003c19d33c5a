/* routes.c: see routes.h. */
#include "app/serve/routes.h"

#include <stdio.h>
#include <string.h>

#include "app/serve/answers.h"

#define INFER_ROUTE(pattern, name)                                        \
  {                                                                       \
    .method = "POST", .path = pattern, .label = name, .read = read_infer, \
    .finish = finish_infer, .is_brief = true                              \
  }
#define GET_ROUTE(pattern, name, function) \
  { .method = "GET", .path = pattern, .label = name, .answer = function }

static const route routes[] = {
    {.method = "POST",
     .path = "/v1/predict",
     .label = "/v1/predict",
     .read = read_predict,
     .finish = finish_predict,
     .is_brief = true},
    {.method = "POST",
     .path = "/v1/explain",
     .label = "/v1/explain",
     .read = read_explain,
     .finish = finish_explain},
    GET_ROUTE("/v1/models", "/v1/models", answer_models),
    GET_ROUTE("/v1/models/*", "/v1/models/{name}", answer_model),
    {.method = "GET",
     .path = "/v1/samples/random",
     .label = "/v1/samples/random",
     .read = read_sample,
     .finish = finish_sample},
    GET_ROUTE("/v2", "/v2", answer_server),
    {.method = "GET",
     .path = "/v2/health/live",
     .label = "/v2/health/live",
     .answer = answer_live,
     .is_open = true},
    {.method = "GET",
     .path = "/v2/health/ready",
     .label = "/v2/health/ready",
     .answer = answer_ready,
     .is_open = true},
    GET_ROUTE("/v2/models/*", "/v2/models/{name}", answer_model_metadata),
    GET_ROUTE("/v2/models/*/versions/*", "/v2/models/{name}/versions/{version}",
              answer_model_metadata),
    GET_ROUTE("/v2/models/*/ready", "/v2/models/{name}/ready",
              answer_model_ready),
    GET_ROUTE("/v2/models/*/versions/*/ready",
              "/v2/models/{name}/versions/{version}/ready", answer_model_ready),
    INFER_ROUTE("/v2/models/*/infer", "/v2/models/{name}/infer"),
    INFER_ROUTE("/v2/models/*/versions/*/infer",
                "/v2/models/{name}/versions/{version}/infer"),
    GET_ROUTE("/metrics", "/metrics", answer_metrics),
    /* these two are found otherwise */
    {.method = "GET",
     .path = "",
     .label = "/{file}",
     .answer = answer_file,
     .is_open = true},
    {.method = "other", .path = "", .label = "none"}};

enum { ROUTES = sizeof routes / sizeof *routes, SITE_ROUTE = ROUTES - 2 };

const route *route_at(int index) { return &routes[index]; }
int route_count(void) { return ROUTES; }
int route_index(const route *found) {
  return found != NULL ? (int)(found - routes) : ROUTES - 1;
}

/* Does `path` fit the pattern? The first "*"'s part goes into name, where it
 * has room: longer names are no model's. */
static bool fits(const char *pattern, const char *path, char *name) {
  bool named = false;
  while (*pattern != '\0') {
    if (*pattern != '*') {
      if (*pattern++ != *path++) return false;
      continue;
    }
    size_t length = strcspn(path, "/");
    if (length == 0) return false;
    if (!named && length < MODEL_NAME_BYTES) {
      memcpy(name, path, length);
      name[length] = '\0';
    } else if (!named) {
      strcpy(name, "/"); /* nobody's name */
    }
    named = true;
    path += length;
    ++pattern;
  }
  return *path == '\0';
}

static void allow(char allowed[64], const char *method) {
  size_t used = strlen(allowed);
  snprintf(allowed + used, 64 - used, "%s%s", used > 0 ? ", " : "", method);
}

const route *route_find(const site *files, const char *method, const char *path,
                        char *model_name, char allowed[64]) {
  if (strcmp(method, "HEAD") == 0) method = "GET";
  allowed[0] = model_name[0] = '\0';
  if (site_find(files, path) != NULL) {
    if (strcmp(method, "GET") == 0) return &routes[SITE_ROUTE];
    allow(allowed, "GET, HEAD");
    return NULL;
  }
  for (int i = 0; i < SITE_ROUTE; ++i) {
    model_name[0] = '\0';
    if (!fits(routes[i].path, path, model_name)) continue;
    if (strcmp(routes[i].method, method) == 0) return &routes[i];
    allow(allowed, routes[i].method);
    if (strcmp(routes[i].method, "GET") == 0) allow(allowed, "HEAD");
  }
  model_name[0] = '\0';
  return NULL;
}
