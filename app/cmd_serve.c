/* cmd_serve.c: numeral serve: the page and the HTTP interface. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/machine.h"
#include "app/message.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/serve/service.h"
#include "formats/file_bytes.h"

static const command_usage usage = {
    .name = "serve",
    .summary =
        "Serves the web page to draw on, and an HTTP interface, until Ctrl+C\n"
        "or SIGTERM. SIGHUP reads the models' files again. /openapi.json says\n"
        "what can be asked; docs/serve.md has examples.",
    .examples =
        "  numeral serve\n"
        "  numeral serve --port 0 --model best=best.safetensors\n"
        "  numeral serve --host 0.0.0.0 --token-file token.txt\n"
        "  curl --data-binary @digit.png http://127.0.0.1:8080/v1/predict\n",
    .maximum_operands = 0};

enum {
  SECRET_LIMIT_BYTES = 4096,
  PEM_LIMIT_BYTES = 1024 * 1024,
  BODIES_TOGETHER = 32 /* of the longest, in memory at once */
};

typedef struct serve_plan {
  service_options service;
  option_list models;
  int precision, workers, body_kb, megapixels;
  double wait_ms;
  const char *token_path, *certificate_path, *key_path;
  byte_buffer token, certificate, key;
} serve_plan;

/* PORT is how platforms tell a program where to listen. False after wrong
 * usage. */
static bool take_port_from_environment(int *port, int *exit_code) {
  const char *text = getenv("PORT");
  char *end;
  if (text == NULL || *text == '\0') return true;
  long value = strtol(text, &end, 10);
  if (*end != '\0' || value < 0 || value > 65535) {
    *exit_code = options_wrong(&usage,
                               "the environment's PORT is \"%.40s\", "
                               "not a whole number from 0 to 65535",
                               text);
    return false;
  }
  *port = (int)value;
  return true;
}

/* A small file as text; NULL for no path. False after a message. */
static bool read_text(const char *path, size_t limit_bytes, byte_buffer *buffer,
                      const char **text) {
  numeral_error error;
  *text = NULL;
  if (path == NULL) return true;
  numeral_status status = file_bytes_read(path, limit_bytes, buffer, &error);
  if (status == NUMERAL_OK) status = byte_buffer_grow(buffer, &error);
  if (status != NUMERAL_OK) {
    message_error("serve", "%s", error.message);
    return false;
  }
  buffer->bytes[buffer->size_bytes] = '\0';
  *text = (const char *)buffer->bytes;
  return true;
}

/* Only its first line, and at least 16 characters of it. */
static bool read_token(serve_plan *plan) {
  if (!read_text(plan->token_path, SECRET_LIMIT_BYTES, &plan->token,
                 &plan->service.token))
    return false;
  if (plan->token_path == NULL) return true;
  char *token = (char *)plan->token.bytes;
  token[strcspn(token, "\r\n")] = '\0';
  if (strlen(token) >= 16) return true;
  message_error("serve",
                "%s: expected a token of 16 characters or more on the "
                "first line, such as \"openssl rand -hex 32\" makes",
                plan->token_path);
  return false;
}

static bool read_files(serve_plan *plan) {
  http_options *http = &plan->service.http;
  return read_token(plan) &&
         read_text(plan->certificate_path, PEM_LIMIT_BYTES, &plan->certificate,
                   &http->certificate) &&
         read_text(plan->key_path, PEM_LIMIT_BYTES, &plan->key, &http->key);
}

/* Before any thread is made: each then leaves these to the one that waits for
 * them. */
static void block_signals(void) {
  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGINT);
  sigaddset(&ours, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ours, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void complete(serve_plan *plan, const arguments *args) {
  service_options *s = &plan->service;
  int threads = machine_threads(args->threads);
  s->models = (shelf_options){.models = plan->models.texts,
                              .count = plan->models.count,
                              .precision = (numeral_precision)plan->precision};
  s->pool.workers = threads;
  s->pool.wait_seconds = 1e-3 * plan->wait_ms;
  s->http.threads = threads;
  s->body_bytes = (size_t)plan->body_kb * 1024;
  s->bodies_bytes = BODIES_TOGETHER * s->body_bytes;
  s->pixels = (uint64_t)plan->megapixels * 1000000;
  s->precision = precision_words[plan->precision];
  s->quiet = args->quiet;
  if (s->log_path == NULL && !stream_is_terminal(stderr)) s->log_path = "-";
  if (s->log_path != NULL && strcmp(s->log_path, "none") == 0)
    s->log_path = NULL;
}

static int run(serve_plan *plan, const arguments *args) {
  complete(plan, args);
  block_signals();
  int exit_code = read_files(plan) ? service_run(&plan->service) : EXIT_FAILED;
  free(plan->token.bytes);
  free(plan->certificate.bytes);
  free(plan->key.bytes);
  return exit_code;
}

int cmd_serve(int argc, char **argv) {
  serve_plan plan = {.service = {.http = {.host = "127.0.0.1",
                                          .port = 8080,
                                          .connections = 1000,
                                          .head_bytes = 16 * 1024,
                                          .idle_seconds = 60,
                                          .request_seconds = 30},
                                 .pool = {.queue = 1024},
                                 .drain_seconds = 30},
                     .body_kb = 16 * 1024,
                     .megapixels = 50,
                     .wait_ms = 1};
  service_options *s = &plan.service;
  int exit_code = EXIT_DONE;
  if (!take_port_from_environment(&s->http.port, &exit_code)) return exit_code;
  const option_row table[] = {
      {.name = "host",
       .kind = OPTION_TEXT,
       .value = &s->http.host,
       .argument = "ADDRESS",
       .help = "where to listen (default 127.0.0.1: this\nmachine alone; "
               "0.0.0.0 or :: everywhere)"},
      {.name = "port",
       .letter = 'p',
       .kind = OPTION_INTEGER,
       .value = &s->http.port,
       .argument = "N",
       .maximum = 65535,
       .help = "... and at which port (default $PORT, or\n8080; 0: any free "
               "one)"},
      {.name = "model",
       .letter = 'm',
       .kind = OPTION_LIST,
       .value = &plan.models,
       .argument = "NAME=FILE",
       .maximum = OPTION_LIST_MAX,
       .help = "a model to serve, may be repeated; the first\nis the default "
               "one (\"builtin\" is the built-in\nmodel, which is served "
               "where none is named)"},
      PRECISION_ROW(plan.precision),
      {.name = "batch-wait",
       .kind = OPTION_NUMBER,
       .value = &plan.wait_ms,
       .argument = "MS",
       .maximum = 1000,
       .help = "while all workers are busy, gather requests\nso long (default "
               "1)"},
      {.name = "queue",
       .kind = OPTION_INTEGER,
       .value = &s->pool.queue,
       .argument = "N",
       .minimum = 1,
       .maximum = 1000000,
       .help = "requests that may wait: else 503 (default\n1024)"},
      {.name = "connections",
       .kind = OPTION_INTEGER,
       .value = &s->http.connections,
       .argument = "N",
       .minimum = 8,
       .maximum = 100000,
       .help = "open at once (default 1000)"},
      {.name = "request-time",
       .kind = OPTION_NUMBER,
       .value = &s->http.request_seconds,
       .argument = "S",
       .minimum = 0.1,
       .maximum = 3600,
       .help = "for a request to come whole, and for its\nreply to be taken: "
               "else 408 (default 30)"},
      {.name = "idle-time",
       .kind = OPTION_NUMBER,
       .value = &s->http.idle_seconds,
       .argument = "S",
       .minimum = 0.1,
       .maximum = 3600,
       .help = "for a connection without request (default 60)"},
      {.name = "body",
       .kind = OPTION_INTEGER,
       .value = &plan.body_kb,
       .argument = "KB",
       .minimum = 1,
       .maximum = 1024 * 1024,
       .help = "largest body: else 413 (default 16384)"},
      {.name = "pixels",
       .kind = OPTION_INTEGER,
       .value = &plan.megapixels,
       .argument = "MP",
       .minimum = 1,
       .maximum = 268,
       .help = "largest picture, millions of pixels: else 413\n(default 50)"},
      {.name = "rate",
       .kind = OPTION_NUMBER,
       .value = &s->rate,
       .argument = "N",
       .maximum = 1e6,
       .help = "requests a second from one address: else 429\n(default 0: no "
               "limit)"},
      {.name = "token-file",
       .kind = OPTION_TEXT,
       .value = &plan.token_path,
       .argument = "FILE",
       .help = "who asks must show the token in it\n(Authorization: Bearer)"},
      {.name = "cors",
       .kind = OPTION_TEXT,
       .value = &s->origin,
       .argument = "ORIGIN",
       .help = "pages of that origin may ask, or \"*\": all\n(default none)"},
      {.name = "cert",
       .kind = OPTION_TEXT,
       .value = &plan.certificate_path,
       .argument = "FILE",
       .help = "serve HTTPS: certificate, PEM"},
      {.name = "key",
       .kind = OPTION_TEXT,
       .value = &plan.key_path,
       .argument = "FILE",
       .help = "... and its key, PEM"},
      {.name = "log",
       .kind = OPTION_TEXT,
       .value = &s->log_path,
       .argument = "FILE",
       .help = "requests and events, JSON a line; \"-\":\nstandard error, "
               "\"none\" (default \"-\" where\nthat is no terminal)"},
      {.name = "drain-time",
       .kind = OPTION_NUMBER,
       .value = &s->drain_seconds,
       .argument = "S",
       .maximum = 3600,
       .help = "most that leaving may take (default 30)"},
      {.name = "data-dir",
       .kind = OPTION_TEXT,
       .value = &s->data_dir,
       .argument = "DIR",
       .help = "where MNIST's test digits are"},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  if ((plan.certificate_path == NULL) != (plan.key_path == NULL))
    return options_wrong(&usage, "--cert and --key belong together");
  return run(&plan, &args);
}
