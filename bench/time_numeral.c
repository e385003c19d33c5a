/* time_numeral.c: one measurement of numeral for bench/peers/compare.py.
 *
 *   time_numeral train NET BATCH THREADS PRECISION SECONDS IMAGES LABELS
 *   time_numeral predict NET BATCH THREADS PRECISION SECONDS IMAGES LABELS
 *   time_numeral describe THREADS
 *   time_numeral kernels
 *
 * IMAGES and LABELS are IDX files. The first two print one number: training's
 * images a second over whole steps, prediction's microseconds a call at batch 1
 * and images a second otherwise. The others print JSON: what this machine and
 * this build have, and a kernel a line. Sees numeral.h alone. */
#include <numeral.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_CALLS = 1000000, WARM_IMAGES = 512, BATCHES = 16 };

typedef struct request {
  const char *net;
  int batch, threads;
  numeral_precision precision;
  double seconds;
} request;

static const struct {
  const char *name;
  numeral_precision precision;
} precisions[] = {{"fp32", NUMERAL_PRECISION_FP32},
                  {"bf16", NUMERAL_PRECISION_BF16},
                  {"int8", NUMERAL_PRECISION_INT8}};
enum { PRECISIONS = sizeof precisions / sizeof precisions[0] };

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
  options.recipe.precision = r->precision;
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

/* The built-in model where it is this network, for training has measured the
 * scales that int8 needs; else one that was not trained. */
static numeral_status model_of(const char *net, numeral_model **model,
                               numeral_error *error) {
  numeral_model *builtin = NULL;
  numeral_status status = numeral_model_create(net, 1, model, error);
  if (status != NUMERAL_OK) return status;
  if (numeral_model_builtin(&builtin, NULL) == NUMERAL_OK &&
      strcmp(numeral_model_get_info(builtin).spec,
             numeral_model_get_info(*model).spec) == 0) {
    numeral_model_destroy(*model);
    *model = builtin;
  } else {
    numeral_model_destroy(builtin);
  }
  return NUMERAL_OK;
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
  options.precision = r->precision;
  numeral_status status = model_of(r->net, &model, error);
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

static int measure(char **argv) {
  request r = {argv[2], atoi(argv[3]), atoi(argv[4]), NUMERAL_PRECISION_AUTO,
               atof(argv[6])};
  const char *const paths[2] = {argv[7], argv[8]};
  numeral_dataset *data = NULL;
  numeral_error error = {0};
  double value = 0;
  for (int i = 0; i < PRECISIONS; i++)
    if (strcmp(argv[5], precisions[i].name) == 0)
      r.precision = precisions[i].precision;
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

/* ---- What there is ------------------------------------------------------ */

/* Operations an image of a whole training step: forward, and the gradients of
 * weights and of data, as many each; the first layer that has weights needs
 * no gradient of its data. */
static double training_flops(const numeral_model *model) {
  numeral_model_info info = numeral_model_get_info(model);
  for (size_t i = 0; i < info.layer_count; i++) {
    numeral_layer_info layer = numeral_model_layer(model, i);
    if (layer.parameter_count)
      return 3.0 * (double)info.forward_flops - (double)layer.forward_flops;
  }
  return (double)info.forward_flops;
}

static void describe_net(const numeral_named_net *net) {
  numeral_model *model = NULL;
  numeral_recipe recipe;
  if (numeral_model_create(net->name, 1, &model, NULL) != NUMERAL_OK ||
      numeral_recipe_for(net->name, &recipe, NULL) != NUMERAL_OK)
    return;
  printf(
      "\"%s\":{\"spec\":\"%s\",\"training_flops\":%.0f,"
      "\"recipe\":{\"optimizer\":\"%s\",\"learning_rate\":%.9g,"
      "\"momentum\":%.9g,\"beta1\":%.9g,\"beta2\":%.9g}}",
      net->name, net->spec, training_flops(model),
      recipe.optimizer == NUMERAL_OPTIMIZER_SGD ? "sgd" : "adam",
      recipe.learning_rate, recipe.momentum, recipe.beta1, recipe.beta2);
  numeral_model_destroy(model);
}

static int describe(int threads) {
  const numeral_named_net *nets;
  size_t count = numeral_named_nets(&nets);
  printf(
      "{\"version\":\"%s\",\"instruction_set\":\"%s\","
      "\"peak_gflops\":%.1f,\"bf16_peak_gflops\":%.1f,\"precisions\":[",
      numeral_version(), numeral_instruction_set(),
      numeral_bench_peak(NUMERAL_PRECISION_FP32, threads),
      numeral_bench_peak(NUMERAL_PRECISION_BF16, threads));
  for (int i = 0, said = 0; i < PRECISIONS; i++)
    if (numeral_precision_available(precisions[i].precision))
      printf("%s\"%s\"", said++ ? "," : "", precisions[i].name);
  printf("],\"networks\":{");
  for (size_t i = 0; i < count; i++) {
    if (i) printf(",");
    describe_net(&nets[i]);
  }
  printf("}}\n");
  return 0;
}

static void print_kernel(const numeral_bench_result *result, void *user) {
  (void)user;
  if (result->gflops > 0)
    printf(
        "{\"kernel\":\"%s\",\"shape\":\"%s\",\"precision\":\"%s\","
        "\"threads\":%d,\"gflops\":%.2f}\n",
        result->kernel, result->shape, result->precision, result->threads,
        result->gflops);
}

static int kernels(void) {
  numeral_error error = {0};
  if (numeral_bench_kernels(print_kernel, NULL, &error) == NUMERAL_OK) return 0;
  fprintf(stderr, "time_numeral: %s\n", error.message);
  return 1;
}

int main(int argc, char **argv) {
  if (argc == 9) return measure(argv);
  if (argc == 3 && strcmp(argv[1], "describe") == 0)
    return describe(atoi(argv[2]));
  if (argc == 2 && strcmp(argv[1], "kernels") == 0) return kernels();
  fprintf(stderr,
          "usage: time_numeral train|predict NET BATCH THREADS PRECISION "
          "SECONDS IMAGES LABELS\n"
          "       time_numeral describe THREADS\n"
          "       time_numeral kernels\n");
  return 2;
}
