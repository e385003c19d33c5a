/* metrics.c: see metrics.h. The names follow Prometheus' advice: base units,
 * _total for what only grows. */
#include "app/serve/metrics.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/prediction_text.h"
#include "app/serve/routes.h"

enum {
  MOST_ROUTES = 32,
  BOUNDS = 12,
  CODES = 22,
  DROPS = 4,
  BATCHES = 8,
  ANSWERS = NUMERAL_REASON_SEVERAL + 1
};

static const int codes[CODES - 1] = {200, 204, 206, 301, 302, 304, 400,
                                     401, 403, 404, 405, 408, 411, 413,
                                     415, 422, 429, 431, 499, 500, 503};
static const double bounds[BOUNDS] = {0.0001, 0.00025, 0.0005, 0.001,
                                      0.0025, 0.005,   0.01,   0.025,
                                      0.05,   0.1,     0.5,    2.5};
static const char *const drops[DROPS] = {"malformed", "deadline", "connections",
                                         "other"};

typedef struct route_counts {
  atomic_uint_fast64_t by_code[CODES]; /* the last is any other code */
  atomic_uint_fast64_t by_time[BOUNDS + 1];
  atomic_uint_fast64_t nanoseconds;
} route_counts;

struct metrics {
  route_counts routes[MOST_ROUTES];
  atomic_uint_fast64_t dropped[DROPS];
  atomic_uint_fast64_t batches[BATCHES + 1]; /* by powers of two, 1 to 128 */
  atomic_uint_fast64_t images, answers[ANSWERS]; /* by numeral_reason */
  atomic_uint_fast64_t reloads, failed_reloads;
  time_t started;
};

metrics *metrics_create(void) {
  metrics *m = calloc(1, sizeof *m); /* all zero is where counting begins */
  if (m != NULL) m->started = time(NULL);
  return m;
}

void metrics_destroy(metrics *m) { free(m); }

static void count(atomic_uint_fast64_t *counter, uint64_t more) {
  atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static unsigned long long value_of(atomic_uint_fast64_t *counter) {
  return atomic_load_explicit(counter, memory_order_relaxed);
}

/* ---- Counting ---- */

void metrics_request(metrics *m, int index, int status, double seconds) {
  route_counts *counts = &m->routes[index];
  int code = 0, bound = 0;
  while (code < CODES - 1 && codes[code] != status) ++code;
  while (bound < BOUNDS && seconds > bounds[bound]) ++bound;
  count(&counts->by_code[code], 1);
  count(&counts->by_time[bound], 1);
  count(&counts->nanoseconds, (uint64_t)(1e9 * seconds));
}

void metrics_drop(metrics *m, const char *reason) {
  int i = 0;
  while (i < DROPS - 1 && strcmp(drops[i], reason) != 0) ++i;
  count(&m->dropped[i], 1);
}

void metrics_batch(metrics *m, size_t images) {
  int i = 0;
  while (i < BATCHES && images > (size_t)1 << i) ++i;
  count(&m->batches[i], 1);
  count(&m->images, images);
}

void metrics_answer(metrics *m, numeral_reason reason) {
  count(&m->answers[reason], 1);
}

void metrics_reload(metrics *m, bool loaded) {
  count(loaded ? &m->reloads : &m->failed_reloads, 1);
}

/* ---- Telling ---- */

static void head(text_buffer *text, const char *name, const char *type,
                 const char *help) {
  text_add(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(metrics *m, text_buffer *text) {
  head(text, "numeral_http_requests_total", "counter",
       "Requests answered, by route and status.");
  for (int r = 0; r < route_count(); ++r) {
    for (int c = 0; c < CODES; ++c) {
      unsigned long long value = value_of(&m->routes[r].by_code[c]);
      if (value == 0) continue;
      text_add(text,
               "numeral_http_requests_total{route=\"%s\",method=\"%s\","
               "code=\"%d\"} %llu\n",
               route_at(r)->label, route_at(r)->method,
               c < CODES - 1 ? codes[c] : 0, value);
    }
  }
}

static void write_times_of(metrics *m, int r, text_buffer *text) {
  const char *name = "numeral_http_request_duration_seconds";
  const route *of = route_at(r);
  unsigned long long sum = 0;
  for (int b = 0; b <= BOUNDS; ++b) {
    char bound[16] = "+Inf";
    if (b < BOUNDS) snprintf(bound, sizeof bound, "%g", bounds[b]);
    sum += value_of(&m->routes[r].by_time[b]);
    text_add(text, "%s_bucket{route=\"%s\",method=\"%s\",le=\"%s\"} %llu\n",
             name, of->label, of->method, bound, sum);
  }
  text_add(text, "%s_sum{route=\"%s\",method=\"%s\"} %.9g\n", name, of->label,
           of->method, 1e-9 * (double)value_of(&m->routes[r].nanoseconds));
  text_add(text, "%s_count{route=\"%s\",method=\"%s\"} %llu\n", name, of->label,
           of->method, sum);
}

static void write_times(metrics *m, text_buffer *text) {
  head(text, "numeral_http_request_duration_seconds", "histogram",
       "From the coming of a request's head to the end of its reply.");
  for (int r = 0; r < route_count(); ++r) {
    bool asked = false;
    for (int b = 0; b <= BOUNDS && !asked; ++b)
      asked = value_of(&m->routes[r].by_time[b]) > 0;
    if (asked) write_times_of(m, r, text);
  }
}

static void write_images(metrics *m, text_buffer *text) {
  head(text, "numeral_images_total", "counter",
       "Images that went through the network.");
  text_add(text, "numeral_images_total %llu\n", value_of(&m->images));
  head(text, "numeral_answers_total", "counter",
       "What images were answered with.");
  for (int i = 0; i < ANSWERS; ++i) {
    text_add(text, "numeral_answers_total{answer=\"%s\"} %llu\n",
             i == NUMERAL_REASON_NONE ? "digit"
                                      : prediction_reason((numeral_reason)i),
             value_of(&m->answers[i]));
  }
  head(text, "numeral_batch_images", "histogram",
       "Images that went through the network together.");
  unsigned long long sum = 0;
  for (int b = 0; b < BATCHES; ++b) {
    sum += value_of(&m->batches[b]);
    text_add(text, "numeral_batch_images_bucket{le=\"%d\"} %llu\n", 1 << b,
             sum);
  }
  sum += value_of(&m->batches[BATCHES]);
  text_add(text,
           "numeral_batch_images_bucket{le=\"+Inf\"} %llu\n"
           "numeral_batch_images_sum %llu\nnumeral_batch_images_count %llu\n",
           sum, value_of(&m->images), sum);
}

static void gauge(text_buffer *text, const char *name, const char *help,
                  double value) {
  head(text, name, "gauge", help);
  text_add(text, "%s %.10g\n", name, value);
}

static void write_models(metrics *m, model_shelf *shelf, text_buffer *text) {
  head(text, "numeral_model_info", "gauge", "The models that are served.");
  for (int i = 0; i < model_shelf_count(shelf); ++i) {
    served_model *model = model_shelf_hold_at(shelf, i);
    text_add(text,
             "numeral_model_info{model=\"%s\",spec=\"%s\",parameters=\"%zu\"} "
             "1\n",
             model->name, model->info.spec, model->info.parameter_count);
    model_release(model);
  }
  head(text, "numeral_model_reloads_total", "counter",
       "Model files read again, by result.");
  text_add(text, "numeral_model_reloads_total{result=\"loaded\"} %llu\n",
           value_of(&m->reloads));
  text_add(text, "numeral_model_reloads_total{result=\"failed\"} %llu\n",
           value_of(&m->failed_reloads));
}

/* Pages in memory, of /proc/self/statm; 0 where there is none. */
static double resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  fclose(file);
  return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void write_process(metrics *m, text_buffer *text) {
  gauge(text, "process_resident_memory_bytes", "Memory in use.",
        resident_bytes());
  gauge(text, "process_start_time_seconds", "When it began.",
        (double)m->started);
  head(text, "process_cpu_seconds_total", "counter", "Time of processors.");
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  text_add(text, "process_cpu_seconds_total %.6f\n",
           (double)used.tv_sec + 1e-9 * (double)used.tv_nsec);
}

void metrics_write(metrics *m, const metrics_now *now, text_buffer *text) {
  write_requests(m, text);
  write_times(m, text);
  write_images(m, text);
  head(text, "numeral_connections_dropped_total", "counter",
       "Connections ended without an answer, by reason.");
  for (int i = 0; i < DROPS; ++i) {
    text_add(text, "numeral_connections_dropped_total{reason=\"%s\"} %llu\n",
             drops[i], value_of(&m->dropped[i]));
  }
  gauge(text, "numeral_connections", "Open connections.", now->connections);
  gauge(text, "numeral_requests_in_flight", "Requests without a sent reply.",
        now->exchanges);
  gauge(text, "numeral_queue_length", "Requests that wait for a worker.",
        now->waiting);
  gauge(text, "numeral_ready", "1 while requests are welcome.", now->ready);
  write_models(m, now->shelf, text);
  head(text, "numeral_build_info", "gauge", "Version and instruction set.");
  text_add(text,
           "numeral_build_info{version=\"%s\",instruction_set=\"%s\","
           "precision=\"%s\"} 1\n",
           numeral_version(), numeral_instruction_set(), now->precision);
  write_process(m, text);
}
