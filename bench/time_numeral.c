/* time_numeral.c: one measurement of numeral for bench/peers/compare.py.
 *
 *   time_numeral train NET BATCH THREADS SECONDS IMAGES LABELS
 *   time_numeral predict NET BATCH THREADS SECONDS IMAGES LABELS
 *
 * IMAGES and LABELS are IDX files. Prints one number: training's images a
 * second over whole steps, prediction's microseconds a call at batch 1 and
 * images a second otherwise. Sees numeral.h alone. */
#include <numeral.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_CALLS = 1000000, WARM_IMAGES = 512, BATCHES = 16 };

typedef struct request {
  const char *net;
  int batch, threads;
  double seconds;
} request;

typedef struct stopwatch {
  const request *request;
  int warm, steps;
  double start, speed;
} stopwatch;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int watch_step(const numeral_progress *progress, void *user) {
  stopwatch *watch = user;
  if (progress->event != NUMERAL_EVENT_STEP) return 0;
  watch->steps++;
  if (watch->steps == watch->warm) watch->start = now();
  if (watch->steps <= watch->warm) return 0;
  double spent = now() - watch->start;
  if (spent < watch->request->seconds) return 0;
  watch->speed =
      (watch->steps - watch->warm) * (double)watch->request->batch / spent;
  return 1;
}

static numeral_status time_training(const request *r,
                                    const numeral_dataset *data, double *value,
                                    numeral_error *error) {
  int warm = WARM_IMAGES / r->batch;
  stopwatch watch = {.request = r, .warm = warm > 4 ? warm : 4};
  numeral_train_options options;
  numeral_model *model = NULL;
  numeral_train_options_init(&options);
  options.net = r->net;
  numeral_status status = numeral_recipe_for(r->net, &options.recipe, error);
  if (status != NUMERAL_OK) return status;
  options.recipe.batch = r->batch;
  options.recipe.epochs = 1000;
  options.threads = r->threads;
  options.progress = watch_step;
  options.user = &watch;
  status = numeral_train(&options, data, NULL, &model, error);
  numeral_model_destroy(model);
  *value = watch.speed;
  return status == NUMERAL_STOPPED ? NUMERAL_OK : status;
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The median call, in seconds; the first tenth warms up. */
static double median_call(const request *r, numeral_session *session,
                          const uint8_t *images) {
  double *calls = malloc(MAX_CALLS * sizeof *calls);
  float *probabilities =
      malloc((size_t)r->batch * NUMERAL_CLASSES * sizeof *probabilities);
  size_t floats = (size_t)r->batch * NUMERAL_IMAGE_PIXELS;
  int count = 0;
  double end = now() + r->seconds + 0.1, median = 0;
  if (calls && probabilities) {
    do {
      double start = now();
      numeral_session_predict(session,
                              images + (size_t)(count % BATCHES) * floats,
                              (size_t)r->batch, probabilities, NULL);
      calls[count++] = now() - start;
    } while (count < MAX_CALLS && now() < end);
    double *kept = calls + count / 10;
    count -= count / 10;
    qsort(kept, (size_t)count, sizeof *kept, compare_numbers);
    median = kept[count / 2];
  }
  free(calls);
  free(probabilities);
  return median;
}

static numeral_status time_prediction(const request *r,
                                      const numeral_dataset *data,
                                      double *value, numeral_error *error) {
  numeral_model *model = NULL;
  numeral_session *session = NULL;
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.threads = r->threads;
  options.max_batch = r->batch;
  numeral_status status = numeral_model_create(r->net, 1, &model, error);
  if (status == NUMERAL_OK)
    status = numeral_session_create(model, &options, &session, error);
  if (status == NUMERAL_OK) {
    double seconds = median_call(r, session, numeral_dataset_images(data));
    *value = r->batch == 1 ? 1e6 * seconds : r->batch / seconds;
  }
  numeral_session_destroy(session);
  numeral_model_destroy(model);
  return status;
}

static unsigned char *read_file(const char *path, size_t *size_bytes) {
  FILE *file = fopen(path, "rb");
  unsigned char *bytes = NULL;
  long size = -1;
  if (file && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size >= 0) bytes = malloc((size_t)size + 1);
  if (bytes) {
    rewind(file);
    *size_bytes = fread(bytes, 1, (size_t)size, file);
  }
  if (file) fclose(file);
  return bytes;
}

static numeral_status load(const char *const paths[2], numeral_dataset **data,
                           numeral_error *error) {
  size_t sizes[2] = {0, 0};
  unsigned char *images = read_file(paths[0], &sizes[0]);
  unsigned char *labels = read_file(paths[1], &sizes[1]);
  numeral_status status = numeral_dataset_parse_idx(
      images ? images : (unsigned char *)"", sizes[0],
      labels ? labels : (unsigned char *)"", sizes[1], data, error);
  free(images);
  free(labels);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr,
            "usage: time_numeral train|predict NET BATCH THREADS "
            "SECONDS IMAGES LABELS\n");
    return 2;
  }
  const request r = {argv[2], atoi(argv[3]), atoi(argv[4]), atof(argv[5])};
  const char *const paths[2] = {argv[6], argv[7]};
  numeral_dataset *data = NULL;
  numeral_error error = {0};
  double value = 0;
  numeral_status status = load(paths, &data, &error);
  if (status == NUMERAL_OK &&
      numeral_dataset_count(data) < (size_t)r.batch * BATCHES) {
    fprintf(stderr, "time_numeral: fewer than %d batches of images\n", BATCHES);
    status = NUMERAL_ERROR_ARGUMENT;
  } else if (status == NUMERAL_OK) {
    status = strcmp(argv[1], "train") == 0
                 ? time_training(&r, data, &value, &error)
                 : time_prediction(&r, data, &value, &error);
  }
  numeral_dataset_destroy(data);
  if (status != NUMERAL_OK) {
    fprintf(stderr, "time_numeral: %s\n", error.message);
    return 1;
  }
  printf("%.9g\n", value);
  return 0;
}
