/* cmd_explain.c: numeral explain: why a picture is read as the digit that it is
 * read as. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/commands.h"
#include "app/data_source.h"
#include "app/explain/explain_json.h"
#include "app/explain/explain_page.h"
#include "app/explain/explain_poster.h"
#include "app/explain/explain_text.h"
#include "app/fetch/fetch.h"
#include "app/image_list.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/prediction_text.h"
#include "app/text_format.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "explain",
    .operands = "IMAGE",
    .summary =
        "Shows why: what the network saw, its ten probabilities, where in the\n"
        "picture it found what speaks for its answer and for the runner-up\n"
        "(Grad-CAM), what came out of each layer, and the training digits "
        "that\n"
        "look most alike to it. In the terminal, or with -o as a PNG poster or "
        "an\nHTML page. IMAGE is a file or mnist:test:42, mnist:test:random.\n"
        "\n"
        "Grad-CAM tells where the last convolution saw evidence, as coarsely "
        "as its\nmaps are; not what it saw there, nor what would change the "
        "answer. For\nnetworks without one it is gradient times pixel. Exit "
        "code 3: no ink.",
    .examples =
        "  numeral explain digit.png\n"
        "  numeral explain mnist:test:8 -o why.png\n"
        "  numeral explain digit.png -o why.html --digit 4\n"
        "  numeral explain digit.png --model mlp.safetensors --data "
        "synth\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

enum { NEIGHBOURS = 8, NO_DIGIT = -1 };

typedef struct explain_run {
  explanation_request request;
  data_source_options near; /* where neighbours are looked for */
  const char *model_path, *out;
  int neighbours, threads;
  bool data_given, dark, json;
} explain_run;

/* ---- Neighbours
 * --------------------------------------------------------------- */

static bool mnist_is_here(const char *data_dir) {
  char path[FETCH_PATH_MAX];
  return fetch_locate(&fetch_mnist, MNIST_TRAIN_IMAGES, data_dir, path) &&
         fetch_locate(&fetch_mnist, MNIST_TRAIN_LABELS, data_dir, path);
}

/* Nobody asked for a download. */
static numeral_status find_neighbours(const explain_run *run, explanation *e,
                                      numeral_error *error) {
  if (run->neighbours == 0) return NUMERAL_OK;
  if (!run->data_given && !mnist_is_here(run->near.data_dir)) {
    message_note(
        "Without the nearest training digits, since MNIST is not on "
        "this machine: numeral data fetch mnist, or --data synth");
    return NUMERAL_OK;
  }
  return neighbours_find(e->model, e->pixels, e->name, &run->near,
                         (size_t)run->neighbours, run->threads, &e->near,
                         error);
}

/* ---- What becomes of it
 * ------------------------------------------------------- */

static bool ends_in(const char *text, const char *ending) {
  size_t length = strlen(text), tail = strlen(ending);
  return length > tail && strcmp(text + length - tail, ending) == 0;
}

static numeral_status write_out(const explain_run *run, const explanation *e,
                                numeral_error *error) {
  if (run->out == NULL) return NUMERAL_OK;
  return ends_in(run->out, ".html")
             ? explain_page_write(e, run->out, error)
             : explain_poster_write(e, run->dark ? LOOK_DARK : LOOK_LIGHT,
                                    run->out, error);
}

static int show_blank(const explain_run *run, const explanation *e) {
  if (run->json) {
    int exit_code = explain_json_print(e);
    return exit_code == EXIT_DONE ? EXIT_NOTHING : exit_code;
  }
  printf("Predicted digit : none (blank)\n");
  message_note("There is no ink in %s, so there is nothing to explain",
               e->name);
  return EXIT_NOTHING;
}

static int show(const explain_run *run, const explanation *e) {
  if (e->refused)
    message_note(
        "this is hardly one digit: predict says none (%s). What is "
        "explained is the best guess, %d",
        prediction_reason(e->reason), e->digit);
  if (run->json) return explain_json_print(e);
  if (run->out != NULL) {
    printf("%s: why %s is read as %d (%s)\n", run->out, e->name, e->digit,
           text_percent((double)e->probabilities[e->digit]).text);
    return EXIT_DONE;
  }
  terminal t = terminal_of(stdout);
  explain_text_print(&t, e);
  return EXIT_DONE;
}

static int explain_with(const explain_run *run, const numeral_model *model) {
  static explanation e; /* its neighbours would fill a small stack */
  numeral_error error;
  numeral_status status = explanation_make(
      &run->request, model, model_choice_name(run->model_path), &e, &error);
  if (status != NUMERAL_OK)
    return message_error("explain", "%s", error.message);
  int exit_code;
  if (e.blank) {
    exit_code = show_blank(run, &e);
  } else {
    status = find_neighbours(run, &e, &error);
    if (status == NUMERAL_OK) status = write_out(run, &e, &error);
    exit_code = status == NUMERAL_OK
                    ? show(run, &e)
                    : message_error("explain", "%s", error.message);
  }
  explanation_release(&e);
  return exit_code;
}

/* ---- The command
 * -------------------------------------------------------------- */

static bool read_run(int argc, char **argv, explain_run *run, arguments *args) {
  const option_row table[] = {
      {.name = "model",
       .letter = 'm',
       .kind = OPTION_TEXT,
       .value = &run->model_path,
       .argument = "FILE",
       .help = "a model file (default: the built-in model)"},
      {.name = "out",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &run->out,
       .argument = "FILE",
       .help = "write a poster (.png) or a page (.html)\ninstead"},
      {.name = "digit",
       .kind = OPTION_INTEGER,
       .value = &run->request.digit,
       .argument = "D",
       .minimum = 0,
       .maximum = NUMERAL_CLASSES - 1,
       .help = "what speaks for this digit, instead of for the\nrunner-up"},
      {.name = "neighbours",
       .kind = OPTION_INTEGER,
       .value = &run->neighbours,
       .argument = "N",
       .minimum = 0,
       .maximum = NEIGHBOURS_MAX,
       .help = "how many training digits (default 8); 0: none,\nand none are "
               "loaded"},
      {.name = "data",
       .letter = 'd',
       .kind = OPTION_TEXT,
       .value = &run->near.data,
       .argument = "DATA",
       .help = "where to look for them (default mnist, where\nit is on this "
               "machine)"},
      {.name = "dark", .value = &run->dark, .help = "a dark poster"},
      DATA_DIR_ROW(run->near.data_dir),
      {.name = NULL}};
  if (!options_read(&usage, table, argc, argv, args)) return false;
  run->data_given = options_given(args, "data");
  return true;
}

/* What options_read cannot see; EXIT_DONE where all is well. */
static int check_run(const explain_run *run, const arguments *args) {
  const char *image = args->operands[0];
  if (image_list_is_many(image))
    return options_wrong(&usage, "%s may be many pictures: explain takes one",
                         image);
  if (run->out != NULL && !ends_in(run->out, ".png") &&
      !ends_in(run->out, ".html"))
    return options_wrong(&usage, "-o %s: the name ends in .png or .html",
                         run->out);
  return EXIT_DONE;
}

int cmd_explain(int argc, char **argv) {
  explain_run run = {
      .request = {.data = data_source_defaults(), .digit = NO_DIGIT},
      .near = data_source_defaults(),
      .neighbours = NEIGHBOURS};
  arguments args;
  numeral_error error;
  numeral_model *model = NULL;
  if (!read_run(argc, argv, &run, &args)) return args.exit_code;
  int exit_code = check_run(&run, &args);
  if (exit_code != EXIT_DONE) return exit_code;
  run.json = args.json;
  run.threads = args.threads;
  run.request.image = args.operands[0];
  run.request.data.data_dir = run.near.data_dir;
  /* "random" is another one every time, unless a seed was asked for */
  run.request.data.seed = args.seed_given ? args.seed : (uint64_t)time(NULL);
  if (model_choose(run.model_path, &model, &error) != NUMERAL_OK)
    return message_error("explain", "%s", error.message);
  exit_code = explain_with(&run, model);
  numeral_model_destroy(model);
  return exit_code;
}
