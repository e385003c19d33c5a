/* http_reply.c: what is answered. */
#include <stdio.h>
#include <string.h>

#include "app/microhttpd/http_parts.h"

static void keep(void *body) { (void)body; }

static struct MHD_Response *make_response(const http_server *server,
                                          const http_reply *reply) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer_with_free_callback(
          reply->body_bytes, reply->body,
          reply->release ? reply->release : keep);
  if (!response) {
    if (reply->release) reply->release(reply->body);
    return NULL;
  }
  if (reply->type) {
    MHD_add_response_header(response, "Content-Type", reply->type);
  }
  for (int i = 0; i < HTTP_REPLY_HEADERS && reply->headers[i].name; i++) {
    MHD_add_response_header(response, reply->headers[i].name,
                            reply->headers[i].value);
  }
  if (reply->close || atomic_load(&server->draining)) {
    MHD_add_response_header(response, "Connection", "close");
  }
  return response;
}

static bool has_body(const http_exchange *exchange, int status) {
  return strcmp(exchange->method, "HEAD") != 0 &&
         status != MHD_HTTP_NO_CONTENT && status != MHD_HTTP_NOT_MODIFIED;
}

/* Once the answer is given the worker may be done with it at any moment:
 * nothing here is touched after that but what resumes it, which the worker
 * waits for. */
void http_reply_give(http_exchange *exchange, const http_reply *reply) {
  http_connection *connection = (http_connection *)exchange;
  struct MHD_Connection *mhd = connection->mhd;
  connection->response = make_response(connection->server, reply);
  connection->status = reply->status;
  connection->reply_bytes =
      has_body(exchange, reply->status) ? reply->body_bytes : 0;
  if (atomic_exchange(&connection->answer, ANSWER_GIVEN) == ANSWER_SUSPENDED) {
    MHD_resume_connection(mhd);
  }
}

void http_reply_error(http_connection *connection, int status,
                      const char *text) {
  char body[256];
  if (atomic_load(&connection->answer) != ANSWER_NONE) return;
  int size = snprintf(body, sizeof body, "{\"error\":\"%s\"}", text);
  struct MHD_Response *response = MHD_create_response_from_buffer(
      (size_t)size, body, MHD_RESPMEM_MUST_COPY);
  if (response) {
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Connection", "close");
  }
  connection->response = response;
  connection->status = status;
  connection->reply_bytes =
      has_body(&connection->exchange, status) ? (size_t)size : 0;
  atomic_store(&connection->answer, ANSWER_GIVEN);
}

enum MHD_Result http_reply_queue(http_connection *connection) {
  struct MHD_Response *response = connection->response;
  if (!response) return MHD_NO; /* there was no memory for it */
  connection->response = NULL;
  enum MHD_Result result = MHD_NO; /* the keeper has said 408 already */
  if (http_stage_move(connection, STAGE_SENDING)) {
    result = MHD_queue_response(connection->mhd, (unsigned)connection->status,
                                response);
  }
  MHD_destroy_response(response);
  return result;
}
