/* http_client.c: see http_client.h. */
#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

bool http_client_connect(http_client *client, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  client->count = 0;
  client->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client->fd, (struct sockaddr *)&to, sizeof to) == 0) return true;
  http_client_close(client);
  return false;
}

bool http_client_send(http_client *client, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes += sent;
    size -= (size_t)sent;
  }
  return true;
}

bool http_client_say(http_client *client, const char *text) {
  return http_client_send(client, text, strlen(text));
}

static bool read_more(http_client *client) {
  ssize_t got = recv(client->fd, client->bytes + client->count,
                     sizeof client->bytes - client->count, 0);
  if (got <= 0) return false;
  client->count += (size_t)got;
  return true;
}

static void take(http_client *client, size_t size) {
  client->count -= size;
  memmove(client->bytes, client->bytes + size, client->count);
}

static const char *find(const char *text, size_t size, const char *what) {
  size_t length = strlen(what);
  for (size_t i = 0; i + length <= size; i++) {
    if (strncasecmp(text + i, what, length) == 0) return text + i;
  }
  return NULL;
}

static bool read_head(http_client *client, client_reply *reply) {
  const char *end;
  while (!(end = find(client->bytes, client->count, "\r\n\r\n"))) {
    if (!read_more(client)) return false;
  }
  size_t size = (size_t)(end - client->bytes) + 4;
  if (size >= sizeof reply->head) return false;
  memcpy(reply->head, client->bytes, size);
  reply->head[size] = '\0';
  take(client, size);
  return sscanf(reply->head, "HTTP/1.1 %d", &reply->status) == 1;
}

bool http_client_read(http_client *client, bool is_head, client_reply *reply) {
  memset(reply, 0, sizeof *reply);
  if (!read_head(client, reply)) {
    reply->status = 0;
    return false;
  }
  const char *length =
      find(reply->head, strlen(reply->head), "content-length:");
  reply->body_bytes = length ? strtoul(length + 15, NULL, 10) : 0;
  size_t left = is_head ? 0 : reply->body_bytes, kept = 0;
  while (left > 0) {
    if (client->count == 0 && !read_more(client)) return false;
    size_t part = client->count < left ? client->count : left;
    size_t room = sizeof reply->body - 1 - kept;
    size_t kept_part = part < room ? part : room;
    memcpy(reply->body + kept, client->bytes, kept_part);
    kept += kept_part;
    take(client, part);
    left -= part;
  }
  return true;
}

bool http_client_is_at_end(http_client *client) {
  return client->count == 0 && !read_more(client);
}

void http_client_close(http_client *client) {
  if (client->fd >= 0) close(client->fd);
  client->fd = -1;
}

int http_client_ask(http_client *client, const char *request,
                    client_reply *reply) {
  bool is_head = strncmp(request, "HEAD", 4) == 0;
  memset(reply, 0, sizeof *reply);
  http_client_say(client, request); /* a reply may have come all the same */
  http_client_read(client, is_head, reply);
  return reply->status;
}

int http_client_ask_once(int port, const char *request, client_reply *reply) {
  http_client *client = malloc(sizeof *client);
  memset(reply, 0, sizeof *reply);
  if (client && http_client_connect(client, port)) {
    http_client_ask(client, request, reply);
    http_client_close(client);
  }
  free(client);
  return reply->status;
}
