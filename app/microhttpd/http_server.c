/* http_server.c: a server from start to stop. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/microhttpd/http_parts.h"
#include "formats/format_fail.h"
#include "formats/module.h"

/* ---- what MHD says ---- */

enum { WARNINGS_A_SECOND = 10, WARNING_BITS = 8 };

/* Whoever sends rubbish should not fill the disk with it. */
static bool may_warn(http_server *server) {
  uint64_t second = http_now_ms() / 1000;
  uint64_t old = atomic_load(&server->warn_second), fresh;
  do {
    uint64_t count = old & ((1 << WARNING_BITS) - 1);
    if (old >> WARNING_BITS != second) count = 0;
    if (count == WARNINGS_A_SECOND) return false;
    fresh = second << WARNING_BITS | (count + 1);
  } while (!atomic_compare_exchange_weak(&server->warn_second, &old, fresh));
  return true;
}

void http_warn(http_server *server, const char *text) {
  if (may_warn(server)) server->calls.warn(server->calls.user, text);
}

static void hear_mhd(void *user, const char *format, va_list arguments) {
  http_server *server = user;
  char text[sizeof server->log];
  /* that is how a worker ends what the keeper has given up */
  if (strstr(format, "Application reported internal error")) return;
  vsnprintf(text, sizeof text, format, arguments);
  text[strcspn(text, "\n")] = '\0';
  char *page = strstr(text, " ('<html>"); /* what it has answered, whole */
  if (page) snprintf(page, sizeof " ('<html>", ")");
  if (server->started) {
    http_warn(server, text);
  } else {
    memcpy(server->log, text, sizeof text);
  }
}

/* ---- start ---- */

static numeral_status fail_to_start(const http_server *server,
                                    numeral_error *error) {
  if (server->options.certificate) {
    return format_fail(error, NUMERAL_ERROR_FORMAT,
                       "the certificate and the key cannot be used (%s): both "
                       "must be PEM, belong together, and the key must have no "
                       "pass phrase",
                       server->log[0] ? server->log : "no reason given");
  }
  return format_fail(error, NUMERAL_ERROR_IO,
                     "the HTTP server cannot start (%s): is there memory, and "
                     "are more open files allowed (ulimit -n)?",
                     server->log[0] ? server->log : "no reason given");
}

/* The pool of a connection holds its head, as sent and as read, and the head of
 * the reply. MHD divides the limit among its workers, but only the keeper's
 * limit counts. */
static struct MHD_Daemon *start_mhd(http_server *server) {
  enum { REPLY_HEAD_BYTES = 4096, SPARE_CONNECTIONS = 8192 };
  const http_options *options = &server->options;
  unsigned threads = options->threads > 1 ? (unsigned)options->threads : 1;
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
                   MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
                   MHD_USE_ERROR_LOG;
  /* turbo closes without saying good-bye, which TLS should */
  flags |= options->certificate ? MHD_USE_TLS : MHD_USE_TURBO;
  struct MHD_OptionItem more[] = {
      {MHD_OPTION_CONNECTION_LIMIT,
       (intptr_t)threads * (options->connections + SPARE_CONNECTIONS), NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT,
       (intptr_t)(2 * options->head_bytes + REPLY_HEAD_BYTES), NULL},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
      {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
       (intptr_t)threads, NULL},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem tls[] = {
      {options->certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
       (void *)options->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0,
       "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      flags, 0, NULL, NULL, http_exchange_step, server,
      MHD_OPTION_EXTERNAL_LOGGER, hear_mhd, server, MHD_OPTION_URI_LOG_CALLBACK,
      http_exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
      http_exchange_complete, server, MHD_OPTION_NOTIFY_CONNECTION,
      http_connection_notify, server, MHD_OPTION_ARRAY, more, MHD_OPTION_ARRAY,
      tls, MHD_OPTION_END);
}

/* No signal is delivered to threads of this module: they are the program's. */
static numeral_status start_threads(http_server *server, numeral_error *error) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  server->daemon = start_mhd(server);
  server->started = server->daemon != NULL;
  server->is_listening = server->started;
  server->keeper_runs =
      server->started &&
      pthread_create(&server->keeper, NULL, http_keeper_run, server) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return server->keeper_runs ? NUMERAL_OK : fail_to_start(server, error);
}

static http_server *create_server(const http_options *options,
                                  const http_calls *calls) {
  http_server *server = calloc(1, sizeof *server);
  if (!server) return NULL;
  server->options = *options;
  server->calls = *calls;
  pthread_mutex_init(&server->lock, NULL);
  pthread_cond_init(&server->listening_ended, NULL);
  if (pipe(server->wake) < 0) {
    server->wake[0] = server->wake[1] = -1;
    return server;
  }
  for (int i = 0; i < 2; i++) {
    fcntl(server->wake[i], F_SETFD, FD_CLOEXEC);
    fcntl(server->wake[i], F_SETFL, O_NONBLOCK);
  }
  return server;
}

/* ---- the table ---- */

static int port(const http_server *server) { return server->port; }

static const char *header(const http_exchange *exchange, const char *name) {
  const http_connection *connection = (const http_connection *)exchange;
  return MHD_lookup_connection_value(connection->mhd, MHD_HEADER_KIND, name);
}

typedef struct query_search {
  const char *name, *value;
} query_search;

static enum MHD_Result find_query(void *user, enum MHD_ValueKind kind,
                                  const char *name, const char *value) {
  query_search *search = user;
  (void)kind;
  if (strcmp(name, search->name) != 0) return MHD_YES;
  search->value = value ? value : "";
  return MHD_NO;
}

static const char *query(const http_exchange *exchange, const char *name) {
  const http_connection *connection = (const http_connection *)exchange;
  query_search search = {.name = name};
  MHD_get_connection_values(connection->mhd, MHD_GET_ARGUMENT_KIND, find_query,
                            &search);
  return search.value;
}

static void count(const http_server *server, int *connections, int *exchanges) {
  pthread_mutex_t *lock = (pthread_mutex_t *)&server->lock;
  pthread_mutex_lock(lock);
  *connections = server->open;
  pthread_mutex_unlock(lock);
  *exchanges = atomic_load(&server->exchanges);
}

static void drain(http_server *server) {
  atomic_store(&server->draining, true);
  http_keeper_wake(server);
  pthread_mutex_lock(&server->lock);
  while (server->is_listening) {
    pthread_cond_wait(&server->listening_ended, &server->lock);
  }
  pthread_mutex_unlock(&server->lock);
}

/* The keeper ends first, who hands connections to MHD. */
static void stop(http_server *server) {
  if (!server) return;
  atomic_store(&server->draining, true);
  atomic_store(&server->stopping, true);
  if (server->keeper_runs) {
    http_keeper_wake(server);
    pthread_join(server->keeper, NULL);
  }
  if (server->daemon) MHD_stop_daemon(server->daemon);
  http_listen_end(server);
  http_linger_end(server);
  http_connections_free(server);
  for (int i = 0; i < 2; i++) {
    if (server->wake[i] >= 0) close(server->wake[i]);
  }
  pthread_cond_destroy(&server->listening_ended);
  pthread_mutex_destroy(&server->lock);
  free(server);
}

static const http_functions TABLE = {.port = port,
                                     .header = header,
                                     .query = query,
                                     .form = http_form_read,
                                     .reply = http_reply_give,
                                     .count = count,
                                     .drain = drain,
                                     .close_idle = http_deadlines_close_idle,
                                     .stop = stop};

MODULE_EXPORT numeral_status http_start(const http_options *options,
                                        const http_calls *calls,
                                        http_server **server,
                                        http_functions *functions,
                                        numeral_error *error) {
  *server = NULL;
  *functions = TABLE;
  http_server *fresh = create_server(options, calls);
  if (!fresh || fresh->wake[0] < 0) {
    stop(fresh);
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "there is no memory, or no open file left, for an HTTP "
                       "server");
  }
  numeral_status status =
      http_listen(fresh, options->host, options->port, error);
  if (!status) status = start_threads(fresh, error);
  if (status) {
    stop(fresh);
    return status;
  }
  *server = fresh;
  return NUMERAL_OK;
}
