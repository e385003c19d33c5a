/* cmd_bench.c: numeral bench: how fast this machine is at it. */
#include <stdio.h>

#include "app/commands.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/message.h"
#include "app/options.h"
#include "app/predict_time.h"
#include "app/text_format.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "bench",
    .summary =
        "Times the kernels of the library, then training and prediction of "
        "the\n"
        "network \"cnn\", on images drawn by the program itself.",
    .examples = "  numeral bench\n  numeral bench --threads 1 --json\n"};

enum { TRAIN_BATCH = 64, BATCH_IMAGES = 256 };

typedef struct benchmark {
  int threads;
  bool json, quick;
  double peak_gflops, bf16_peak_gflops; /* 0: no bf16 */
  json_t *kernels;
  double train_images_per_second; /* the fastest epoch */
  double microseconds_at_1, images_per_second_at_256;
  numeral_error error;
} benchmark;

/* ---- Kernels
 * --------------------------------------------------------------------- */

static void report_kernel(const numeral_bench_result *result, void *user) {
  benchmark *bench = user;
  json_array_append_new(
      bench->kernels,
      json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "kernel", result->kernel,
                "shape", result->shape, "precision", result->precision,
                "threads", result->threads, "gflops",
                json_rounded(result->gflops, 3), "share_of_peak",
                json_rounded(result->share_of_peak, 4), "gigabytes_per_second",
                json_rounded(result->gigabytes_per_second, 3)));
  if (bench->json) return;
  printf("%-21s %-25s %-5s %7d", result->kernel, result->shape,
         result->precision, result->threads);
  if (result->share_of_peak > 0) {
    printf(" %7.1f  %8s\n", result->gflops,
           text_percent(result->share_of_peak).text);
  } else {
    printf(" %7s  %8s  %6.1f\n", "", "", result->gigabytes_per_second);
  }
  fflush(stdout); /* each line when it is known */
}

static void print_peak(const char *name, numeral_precision precision,
                       double gflops, int threads) {
  printf("Peak, %s   %.1f GFLOP/s on %d threads, %.1f on one\n", name, gflops,
         threads, threads == 1 ? gflops : numeral_bench_peak(precision, 1));
}

static numeral_status bench_kernels(benchmark *bench) {
  bench->peak_gflops =
      numeral_bench_peak(NUMERAL_PRECISION_FP32, bench->threads);
  bench->bf16_peak_gflops =
      numeral_bench_peak(NUMERAL_PRECISION_BF16, bench->threads);
  if (!bench->json) {
    char cpu[256];
    machine_cpu_name(cpu, sizeof cpu);
    printf("Processor    %s (%s)\n", cpu, numeral_instruction_set());
    print_peak("fp32", NUMERAL_PRECISION_FP32, bench->peak_gflops,
               bench->threads);
    if (bench->bf16_peak_gflops > 0)
      print_peak("bf16", NUMERAL_PRECISION_BF16, bench->bf16_peak_gflops,
                 bench->threads);
    printf("\n%s%-21s %-25s %-5s %7s %7s  %8s  %6s%s\n",
           style_on(stdout, STYLE_BOLD), "Kernel", "Shape", "", "Threads",
           "GFLOP/s", "of peak", "GB/s", style_off(stdout));
  }
  return numeral_bench_kernels(report_kernel, bench, &bench->error);
}

/* ---- Training
 * ----------------------------------------------------------------------- */

static int time_epoch(const numeral_progress *progress, void *user) {
  benchmark *bench = user;
  if (progress->event != NUMERAL_EVENT_EPOCH) return 0;
  double speed = (double)progress->steps * TRAIN_BATCH / progress->seconds;
  if (speed > bench->train_images_per_second)
    bench->train_images_per_second = speed;
  return 0;
}

static numeral_status bench_training(benchmark *bench,
                                     const numeral_dataset *images) {
  numeral_train_options options;
  numeral_train_options_init(&options);
  options.recipe.epochs = bench->quick ? 2 : 4;
  options.recipe.batch = TRAIN_BATCH;
  options.threads = bench->threads;
  options.progress = time_epoch;
  options.user = bench;
  numeral_model *model = NULL;
  numeral_status status =
      numeral_train(&options, images, NULL, &model, &bench->error);
  numeral_model_destroy(model);
  return status;
}

/* ---- Prediction
 * ------------------------------------------------------------------------ */

static numeral_status bench_prediction(benchmark *bench,
                                       const numeral_dataset *images) {
  const uint8_t *pixels = numeral_dataset_images(images);
  double at_1 = 0, at_256 = 0;
  numeral_model *model = NULL;
  numeral_status status = numeral_model_create("cnn", 1, &model, &bench->error);
  if (status == NUMERAL_OK) {
    status = predict_time(model, pixels, 1, 1, PREDICT_TIME_ROUNDS, &at_1,
                          &bench->error);
  }
  if (status == NUMERAL_OK) {
    status = predict_time(model, pixels, BATCH_IMAGES, bench->threads,
                          bench->quick ? 20 : 100, &at_256, &bench->error);
  }
  numeral_model_destroy(model);
  if (status != NUMERAL_OK) return status;
  bench->microseconds_at_1 = 1e6 * at_1;
  bench->images_per_second_at_256 = BATCH_IMAGES / at_256;
  return NUMERAL_OK;
}

/* ---- The command
 * ------------------------------------------------------------------------- */

static int print_as_json(benchmark *bench) {
  char cpu[256];
  machine_cpu_name(cpu, sizeof cpu);
  return json_print(json_pack(
      "{s:s, s:s, s:s, s:i, s:o, s:o, s:O, s:o, s:o, s:o}", "version",
      numeral_version(), "cpu", cpu, "instruction_set",
      numeral_instruction_set(), "threads", bench->threads, "peak_gflops",
      json_rounded(bench->peak_gflops, 2), "bf16_peak_gflops",
      json_rounded(bench->bf16_peak_gflops, 2), "kernels", bench->kernels,
      "train_images_per_second",
      json_rounded(bench->train_images_per_second, 1),
      "predict_microseconds_at_1", json_rounded(bench->microseconds_at_1, 2),
      "predict_images_per_second_at_256",
      json_rounded(bench->images_per_second_at_256, 1)));
}

static int print_networks(const benchmark *bench) {
  printf("\n%sNetwork cnn%s\n", style_on(stdout, STYLE_BOLD),
         style_off(stdout));
  printf("Training     %s images/s at batch %d on %d threads\n",
         text_count((uint64_t)bench->train_images_per_second).text, TRAIN_BATCH,
         bench->threads);
  printf("Prediction   %.0f microseconds for one image on one thread\n",
         bench->microseconds_at_1);
  printf("Prediction   %s images/s at batch %d on %d threads\n",
         text_count((uint64_t)bench->images_per_second_at_256).text,
         BATCH_IMAGES, bench->threads);
  return EXIT_DONE;
}

static numeral_status run_all(benchmark *bench, uint64_t seed) {
  numeral_dataset *images = NULL;
  size_t count = bench->quick ? 3200 : 12800;
  numeral_status status =
      numeral_dataset_synthesise(count, seed, &images, &bench->error);
  if (status == NUMERAL_OK) status = bench_kernels(bench);
  if (status == NUMERAL_OK) status = bench_training(bench, images);
  if (status == NUMERAL_OK) status = bench_prediction(bench, images);
  numeral_dataset_destroy(images);
  return status;
}

int cmd_bench(int argc, char **argv) {
  benchmark bench = {.quick = false};
  const option_row table[] = {
      {.name = "quick", .value = &bench.quick, .help = "shorter, less exact"},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  bench.json = args.json;
  bench.threads = machine_threads(args.threads);
  bench.kernels = json_array();
  int exit_code;
  if (run_all(&bench, args.seed) != NUMERAL_OK) {
    exit_code = message_error("bench", "%s", bench.error.message);
  } else {
    exit_code = args.json ? print_as_json(&bench) : print_networks(&bench);
  }
  json_decref(bench.kernels);
  return exit_code;
}
