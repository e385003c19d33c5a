/* http_client.h: a client that sends what it is told, byte by byte, and reads
 * replies. For tests; a failure of its own fails the test. */
#ifndef TESTS_UNIT_HTTP_CLIENT_H
#define TESTS_UNIT_HTTP_CLIENT_H
#include <stdbool.h>
#include <stddef.h>

typedef struct http_client {
  int fd;
  char bytes[1 << 16]; /* come, and not yet taken */
  size_t count;
} http_client;

typedef struct client_reply {
  int status; /* 0: the connection ended first */
  size_t body_bytes;
  char head[4096], body[8192]; /* the first of them, terminated */
} client_reply;

/* False: nobody listens there. */
bool http_client_connect(http_client *client, int port);
/* False: the other side is gone. */
bool http_client_send(http_client *client, const char *bytes, size_t size);
bool http_client_say(http_client *client, const char *text);
/* The next reply; without the body where it is one to HEAD. False: the
 * connection ended, or was reset. */
bool http_client_read(http_client *client, bool is_head, client_reply *reply);
/* The other side has ended the connection, and nothing more came. */
bool http_client_is_at_end(http_client *client);
void http_client_close(http_client *client);

/* A whole request on an open connection; the status, or 0. */
int http_client_ask(http_client *client, const char *request,
                    client_reply *reply);
/* The same on a connection of its own. */
int http_client_ask_once(int port, const char *request, client_reply *reply);

#endif
