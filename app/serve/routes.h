/* routes.h: which paths there are, who answers them, and what is needed to be
 * let in. */
#ifndef NUMERAL_APP_SERVE_ROUTES_H
#define NUMERAL_APP_SERVE_ROUTES_H
#include <stdbool.h>

#include "app/serve/request.h"

/* A path is matched part by part; "*" stands for any one part, which becomes
 * request.model_name where it is the first. */
typedef struct route {
  const char *method; /* GET is also HEAD */
  const char *path;
  /* What metrics call it: the path with {name}. */
  const char *label;
  /* Answers at once, in the server's thread; or NULL. */
  void (*answer)(request *r);
  /* ... or makes work for the pool of what came (work_pool.h). */
  work_state (*read)(work *w, bool slow);
  void (*finish)(work *w);
  bool is_open;  /* needs no token */
  bool is_brief; /* a small body is answered at once, in the server's thread */
} route;

/* All of them; the last one, in place `route_count() - 1`, stands for what is
 * no route. */
const route *route_at(int index);
int route_count(void);
int route_index(const route *found);

/* The route of method and path, where a path may be that of a file of the page;
 * or NULL, and then *allowed has the methods of that path, "GET, HEAD", or is
 * empty where the path is none. model_name [MODEL_NAME_BYTES] receives what
 * stands for the first "*", or "". */
const route *route_find(const site *files, const char *method, const char *path,
                        char *model_name, char allowed[64]);

#endif
