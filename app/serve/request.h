/* request.h: one request on its way through the service, and what all that
 * answer share. */
#ifndef NUMERAL_APP_SERVE_REQUEST_H
#define NUMERAL_APP_SERVE_REQUEST_H
#include "app/serve/reply.h"
#include "app/serve/service.h"
#include "app/serve/work_pool.h"

struct route;

/* What the body held: the images and, where it says, what they are called. */
typedef struct request_pictures {
  size_t count, capacity;
  uint8_t (*images)[NUMERAL_IMAGE_PIXELS];
  numeral_prediction *predicted;
  numeral_frame *frames;
  char **names; /* NULL where a picture has none */
  bool is_list; /* the answer is one too */
} request_pictures;

typedef struct request {
  service *service;
  http_exchange *exchange;
  const struct route *route;
  char model_name[MODEL_NAME_BYTES]; /* from the path, or "" */
  work work;
  request_pictures pictures;
  size_t reserved_bytes; /* of the service's for long bodies */
  http_reply reply;      /* status 0 until there is one */
  char allowed[64];      /* likewise */
  char length_text[24];  /* a header of the reply may point here */
  void *extra;           /* of the route, ended with free() */
} request;

const char *request_header(const request *r, const char *name);
const char *request_query(const request *r, const char *name);
/* A whole number from the query, `other` where it is not there; false after a
 * problem was made the reply. */
bool request_number(request *r, const char *name, int minimum, int maximum,
                    int other, int *value);

/* Is the body's type this one ("application/json")? Parameters are not looked
 * at. */
bool request_is_type(const request *r, const char *type);

/* The body as JSON, or NULL after a problem was made the reply. */
json_t *request_json(request *r, const char *text, size_t size_bytes);

/* Makes the problem the reply, as the path's protocol has it. Returns
 * WORK_ANSWERED. */
work_state request_fail(request *r, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Holds the model called `name` (NULL or "": the first) for the request's work.
 * False after 404. */
bool request_hold_model(request *r, const char *name);

#endif
