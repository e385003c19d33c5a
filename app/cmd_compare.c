/* cmd_compare.c: numeral compare: networks trained alike over several seeds.
 * What is found is written down after each training, so that little is ever
 * lost. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/augment_options.h"
#include "app/commands.h"
#include "app/compare/compare_chart.h"
#include "app/compare/compare_table.h"
#include "app/compare/compare_train.h"
#include "app/compare/comparison.h"
#include "app/file_replace.h"
#include "app/json_file.h"
#include "app/json_text.h"
#include "app/machine.h"
#include "app/message.h"
#include "app/options.h"
#include "app/precision_word.h"
#include "app/stop_signal.h"
#include "app/text_buffer.h"
#include "app/text_format.h"
#include "app/train_data.h"
#include "formats/format_fail.h"
#include "numeral.h"

static const command_usage usage = {
    .name = "compare",
    .operands = "[NET]...",
    .summary =
        "Trains networks alike over several seeds, and compares accuracy, size "
        "and\n"
        "speed: compare.json, compare.md and compare.png. NET is a name of\n"
        "\"numeral models\" or a network as text; without any, all that have "
        "a\n"
        "name. Ctrl-C stops; --resume goes on with the next training.",
    .examples =
        "  numeral compare mlp cnn lenet5\n"
        "  numeral compare --epochs 2 --seeds 5 -o comparison\n"
        "  numeral compare cnn \"conv 16 5x5 relu, maxpool 2, flatten, dense "
        "10\"\n"
        "  numeral compare --resume runs/compare-20260131-120000\n",
    .maximum_operands = COMPARE_NETS_MAX};

/* The command line, as it was typed. */
typedef struct compare_request {
  const char *data, *data_dir, *out, *resume;
  int epochs, seeds, augment, precision;
} compare_request;

/* One call of the command. */
typedef struct comparing {
  compare_request request;
  arguments args;
  comparison all;
  train_data sets;
  double val_split; /* that sets are split by */
  int threads;
  char folder[PATH_MAX];
  bool has_picture;
  numeral_error error;
} comparing;

static int fail(const comparing *c) {
  return message_error("compare", "%s", c->error.message);
}

/* ---- A new comparison ---- */

/* The options that decide what comes out; null where not given. */
static json_t *settings_to_json(const comparing *c) {
  const compare_request *r = &c->request;
  const arguments *args = &c->args;
  return json_pack(
      "{s:o, s:o, s:o, s:i, s:o, s:o, s:o}", "data",
      json_text_string(c->all.data), "data_dir",
      json_text_string(c->all.data_dir), "epochs",
      options_given(args, "epochs") ? json_integer(r->epochs) : json_null(),
      "seeds", r->seeds, "seed", json_seed(args->seed), "augment",
      options_given(args, "augment")
          ? json_string(augment_strengths[r->augment])
          : json_null(),
      "precision",
      options_given(args, "precision")
          ? json_string(precision_words_training[r->precision])
          : json_null());
}

static numeral_status take_options(comparing *c) {
  const compare_request *r = &c->request;
  comparison *all = &c->all;
  all->seed = c->args.seed;
  all->seeds = r->seeds;
  if (data_source_make_absolute(r->data, all->data, sizeof all->data) &&
      (r->data_dir == NULL ||
       path_make_absolute(r->data_dir, all->data_dir, sizeof all->data_dir)))
    return NUMERAL_OK;
  return format_fail(&c->error, NUMERAL_ERROR_ARGUMENT,
                     "an option's text is too long");
}

static numeral_status add_network(comparing *c, const char *net) {
  const compare_request *r = &c->request;
  compare_network *network = &c->all.networks[c->all.count];
  numeral_model *untrained = NULL;
  for (int i = 0; i < c->all.count; ++i) {
    if (strcmp(c->all.networks[i].net, net) == 0)
      return format_fail(&c->error, NUMERAL_ERROR_ARGUMENT,
                         "%.200s is named twice", net);
  }
  if (strlen(net) >= sizeof network->net)
    return format_fail(&c->error, NUMERAL_ERROR_ARGUMENT,
                       "the text of a network is too long");
  strcpy(network->net, net);
  numeral_status status =
      numeral_model_create(net, c->args.seed, &untrained, &c->error);
  if (status == NUMERAL_OK)
    status = numeral_recipe_for(net, &network->recipe, &c->error);
  if (status != NUMERAL_OK) return status;
  numeral_model_info info = numeral_model_get_info(untrained);
  network->parameters = info.parameter_count;
  network->operations = info.forward_flops;
  numeral_model_destroy(untrained);
  if (options_given(&c->args, "epochs")) network->recipe.epochs = r->epochs;
  if (options_given(&c->args, "precision"))
    network->recipe.precision = (numeral_precision)r->precision;
  if (options_given(&c->args, "augment"))
    network->recipe.augment =
        numeral_augment_preset((numeral_strength)r->augment);
  ++c->all.count;
  return NUMERAL_OK;
}

static numeral_status add_networks(comparing *c) {
  const numeral_named_net *named;
  size_t count = numeral_named_nets(&named);
  numeral_status status = NUMERAL_OK;
  for (int i = 0; status == NUMERAL_OK && i < c->args.operand_count; ++i)
    status = add_network(c, c->args.operands[i]);
  if (c->args.operand_count > 0) return status;
  for (size_t i = 0; status == NUMERAL_OK && i < count; ++i)
    status = add_network(c, named[i].name);
  return status;
}

static int begin_new(comparing *c) {
  numeral_status status = take_options(c);
  if (status == NUMERAL_OK) status = add_networks(c);
  if (status == NUMERAL_ERROR_SPEC || status == NUMERAL_ERROR_LIMIT ||
      status == NUMERAL_ERROR_ARGUMENT)
    return options_wrong(&usage, "%s", c->error.message);
  if (status != NUMERAL_OK) return fail(c);
  char cpu[256], now[32];
  machine_cpu_name(cpu, sizeof cpu);
  machine_time(now, sizeof now);
  c->all.record = json_pack(
      "{s:s, s:s, s:s, s:s, s:i, s:o}", "version", numeral_version(), "started",
      now, "cpu", cpu, "instruction_set", numeral_instruction_set(), "threads",
      c->threads, "settings", settings_to_json(c));
  return EXIT_DONE;
}

/* ---- One that was begun ---- */

static numeral_status name_file(comparing *c, const char *name, char *path) {
  if (snprintf(path, PATH_MAX, "%s/%s", c->folder, name) < PATH_MAX)
    return NUMERAL_OK;
  return format_fail(&c->error, NUMERAL_ERROR_ARGUMENT,
                     "the path %.60s... is too long", c->folder);
}

static numeral_status read_record(comparing *c) {
  char path[PATH_MAX];
  json_error_t found;
  numeral_error why;
  numeral_status status = name_file(c, "compare.json", path);
  if (status != NUMERAL_OK) return status;
  if (access(path, R_OK) != 0) {
    return format_fail(&c->error, NUMERAL_ERROR_IO,
                       "%.300s cannot be read; --resume takes the folder of a "
                       "comparison, such as those in runs/",
                       path);
  }
  json_t *object = json_load_file(path, 0, &found);
  if (!json_is_object(object)) {
    json_decref(object);
    return format_fail(&c->error, NUMERAL_ERROR_FORMAT,
                       "%.300s is not a comparison: line %d: %.100s", path,
                       found.line, found.text);
  }
  status = comparison_from_json(object, &c->all, &why);
  json_decref(object);
  if (status == NUMERAL_OK) return NUMERAL_OK;
  return format_fail(&c->error, status,
                     "%.200s: %.200s; begin a new comparison instead", path,
                     why.message);
}

/* What was typed that says something else than the record, or NULL. */
static const char *contradiction(const comparing *c, const json_t *typed) {
  static const char *const options[] = {"data", "epochs",  "seeds",
                                        "seed", "augment", "precision"};
  const json_t *settings = json_object_get(c->all.record, "settings");
  for (size_t i = 0; i < sizeof options / sizeof *options; ++i) {
    if (options_given(&c->args, options[i]) &&
        !json_equal(json_object_get(typed, options[i]),
                    json_object_get(settings, options[i])))
      return options[i];
  }
  return NULL;
}

static bool has_other_networks(const comparing *c) {
  int count = c->args.operand_count;
  if (count == 0) return false;
  for (int i = 0; i < count && i < c->all.count; ++i)
    if (strcmp(c->args.operands[i], c->all.networks[i].net) != 0) return true;
  return count != c->all.count;
}

static void warn_if_not_alike(const comparing *c) {
  char cpu[256];
  machine_cpu_name(cpu, sizeof cpu);
  const struct {
    const char *key, *here;
  } facts[] = {{"version", numeral_version()},
               {"cpu", cpu},
               {"instruction_set", numeral_instruction_set()}};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; ++i) {
    const char *there =
        json_string_value(json_object_get(c->all.record, facts[i].key));
    if (there != NULL && strcmp(there, facts[i].here) == 0) continue;
    message_warning("compare",
                    "the comparison was begun with another %s (%s, here %s): "
                    "what comes may not be alike",
                    facts[i].key, there != NULL ? there : "unknown",
                    facts[i].here);
  }
}

/* The record, unless the command line says something else. */
static int open_record(comparing *c) {
  const char *folder = c->request.resume;
  numeral_status status = take_options(c);
  json_t *typed = settings_to_json(c);
  if (status == NUMERAL_OK) status = read_record(c);
  const char *other = status == NUMERAL_OK ? contradiction(c, typed) : NULL;
  json_decref(typed);
  if (status != NUMERAL_OK) return fail(c);
  if (other != NULL) {
    return options_wrong(&usage,
                         "--%s: the comparison in %s was begun with another "
                         "value; leave the option out, or begin a new one",
                         other, folder);
  }
  if (!has_other_networks(c)) return EXIT_DONE;
  return options_wrong(&usage,
                       "the comparison in %s was begun with other networks; "
                       "leave them out, or begin a new one",
                       folder);
}

static int begin_resumed(comparing *c) {
  char data_dir[PATH_MAX];
  snprintf(c->folder, sizeof c->folder, "%s", c->request.resume);
  if (c->request.out != NULL) {
    return options_wrong(
        &usage, "--out: --resume %s says already where the comparison is",
        c->request.resume);
  }
  int exit_code = open_record(c);
  if (exit_code != EXIT_DONE) return exit_code;
  if (c->request.data_dir != NULL &&
      path_make_absolute(c->request.data_dir, data_dir, sizeof data_dir))
    memcpy(c->all.data_dir, data_dir, sizeof data_dir);
  if (!c->args.threads_given) {
    c->threads = machine_threads(
        (int)json_integer_value(json_object_get(c->all.record, "threads")));
  }
  if (comparison_next(&c->all) != NULL) warn_if_not_alike(c);
  return EXIT_DONE;
}

/* ---- Data ---- */

/* Puts the data into the record, or compares with what is there. */
static int record_data(comparing *c) {
  const data_source *source = &c->sets.source;
  char checksum[24];
  snprintf(checksum, sizeof checksum, "%016" PRIx64, source->checksum);
  const json_t *before = json_object_get(c->all.record, "data");
  const char *expected = json_string_value(json_object_get(before, "checksum"));
  if (expected != NULL && strcmp(expected, checksum) != 0) {
    return message_error("compare",
                         "the data %s has changed since the comparison in %s "
                         "was begun: bring the old data back, or begin a new "
                         "one",
                         source->name, c->folder);
  }
  json_object_set_new(
      c->all.record, "data",
      json_pack("{s:o, s:s, s:I, s:I}", "name", json_text_string(source->name),
                "checksum", checksum, "train",
                (json_int_t)numeral_dataset_count(source->train), "test",
                (json_int_t)numeral_dataset_count(source->test)));
  return EXIT_DONE;
}

static int load_data(comparing *c) {
  const comparison *all = &c->all;
  c->val_split = all->networks[0].recipe.val_split;
  numeral_status status = train_data_load(
      all->data, all->data_dir[0] != '\0' ? all->data_dir : NULL, c->val_split,
      all->seed, &c->sets, &c->error);
  if (status != NUMERAL_OK) return fail(c);
  const numeral_dataset *test = c->sets.source.test;
  if (test == NULL || numeral_dataset_count(test) == 0) {
    return message_error("compare", "%s has no test images to compare on",
                         c->sets.source.name);
  }
  return record_data(c);
}

/* ---- The folder ---- */

static numeral_status save(comparing *c) {
  char path[PATH_MAX];
  numeral_status status = name_file(c, "compare.json", path);
  if (status != NUMERAL_OK) return status;
  json_t *object = comparison_to_json(&c->all);
  status = json_file_write(object, path, &c->error);
  json_decref(object);
  return status;
}

static numeral_status make_folder(comparing *c) {
  const char *out = c->request.out;
  char path[PATH_MAX] = "";
  if (out == NULL) {
    return folder_make_dated("compare", c->folder, sizeof c->folder, &c->error);
  }
  snprintf(c->folder, sizeof c->folder, "%s", out);
  numeral_status status = folder_make(out, &c->error);
  if (status == NUMERAL_OK) status = name_file(c, "compare.json", path);
  if (status != NUMERAL_OK || access(path, F_OK) != 0) return status;
  return format_fail(&c->error, NUMERAL_ERROR_ARGUMENT,
                     "there is a comparison in %.150s already: go on with it "
                     "(numeral compare --resume %.150s), or choose another "
                     "--out",
                     out, out);
}

/* ---- Training ---- */

static int say_stopped(const comparing *c) {
  message_error("compare",
                "stopped; %d of %d trainings are kept. Go on with:\n"
                "  numeral compare --resume %s",
                comparison_done(&c->all), comparison_wanted(&c->all),
                c->folder);
  return EXIT_SIGNAL + stop_signal_came();
}

static void say_trained(const comparing *c, const compare_network *network,
                        uint64_t seed) {
  const compare_training *t = &network->trainings[network->count - 1];
  int done = comparison_done(&c->all), wanted = comparison_wanted(&c->all);
  if (t->trouble[0] != '\0') {
    message_warning("compare", "%s, seed %" PRIu64 ": %s", network->net, seed,
                    t->trouble);
    return;
  }
  message_note("%d/%d  %s, seed %" PRIu64 "  test acc %s  %s  %s us an image",
               done, wanted, network->net, seed, text_percent(t->accuracy).text,
               text_duration(t->train_seconds).text,
               compare_number_text(t->predict_microseconds).text);
}

static numeral_status train_next(comparing *c, compare_network *network) {
  uint64_t seed = c->all.seed + (uint64_t)network->count;
  compare_training result;
  numeral_status status = NUMERAL_OK;
  if (network->recipe.val_split != c->val_split) {
    c->val_split = network->recipe.val_split;
    status = train_data_split(&c->sets, c->val_split, c->all.seed, &c->error);
  }
  if (status == NUMERAL_OK)
    status =
        compare_train(network, seed, c->threads, &c->sets, &result, &c->error);
  if (status != NUMERAL_OK) return status;
  compare_network_add(network, &result);
  status = save(c);
  if (status == NUMERAL_OK) say_trained(c, network, seed);
  return status;
}

static int train_all(comparing *c) {
  compare_network *network;
  numeral_status status = save(c);
  message_note("folder %s", c->folder);
  stop_signal_catch(true);
  while (status == NUMERAL_OK && (network = comparison_next(&c->all)) != NULL) {
    status = stop_signal_came() ? NUMERAL_STOPPED : train_next(c, network);
  }
  stop_signal_catch(false);
  if (status == NUMERAL_STOPPED) return say_stopped(c);
  return status == NUMERAL_OK ? EXIT_DONE : fail(c);
}

/* ---- Results ---- */

static numeral_status write_table(comparing *c) {
  char path[PATH_MAX];
  text_buffer page = {0};
  numeral_status status = name_file(c, "compare.md", path);
  if (status != NUMERAL_OK) return status;
  compare_table_markdown(&c->all, &page);
  status = page.refused
               ? format_fail(&c->error, NUMERAL_ERROR_MEMORY, "out of memory")
               : file_replace(path, page.text, &c->error);
  text_buffer_release(&page);
  return status;
}

/* A comparison without its picture is still one. */
static void write_picture(comparing *c) {
  char path[PATH_MAX];
  numeral_status status = name_file(c, "compare.png", path);
  if (status == NUMERAL_OK)
    status = compare_chart_write(&c->all, path, &c->error);
  c->has_picture = status == NUMERAL_OK;
  if (!c->has_picture) message_warning("compare", "%s", c->error.message);
}

static int print_json(comparing *c) {
  json_t *object = comparison_to_json(&c->all);
  json_object_set_new(object, "folder", json_text_string(c->folder));
  json_object_set_new(
      object, "picture",
      c->has_picture ? json_string("compare.png") : json_null());
  return json_print(object);
}

static int show_results(comparing *c) {
  if (write_table(c) != NUMERAL_OK) return fail(c);
  write_picture(c);
  message_note("Comparison: %s/compare.md", c->folder);
  if (c->args.json) return print_json(c);
  compare_table_print(&c->all);
  return EXIT_DONE;
}

/* ---- The command ---- */

static int compare(comparing *c) {
  bool is_new = c->request.resume == NULL;
  int exit_code = is_new ? begin_new(c) : begin_resumed(c);
  if (exit_code == EXIT_DONE && comparison_next(&c->all) != NULL) {
    exit_code = load_data(c);
    if (exit_code == EXIT_DONE && is_new && make_folder(c) != NUMERAL_OK)
      exit_code = fail(c);
    if (exit_code == EXIT_DONE) exit_code = train_all(c);
  }
  return exit_code == EXIT_DONE ? show_results(c) : exit_code;
}

static void describe_options(compare_request *r, option_row *table) {
  const option_row rows[] = {
      {"data", 'd', OPTION_TEXT, &r->data, "DATA",
       "mnist, synth, a folder or a CSV file\n(default mnist), as for "
       "\"numeral train\"",
       0, 0, NULL},
      DATA_DIR_ROW(r->data_dir),
      {"epochs", 'e', OPTION_INTEGER, &r->epochs, "N",
       "times through the training set, for all (default\neach network's own "
       "recipe)",
       1, TRAIN_MAX_EPOCHS, NULL},
      {"seeds", 0, OPTION_INTEGER, &r->seeds, "N",
       "trainings of each network, with seeds from --seed\non (default 3)", 1,
       COMPARE_SEEDS_MAX, NULL},
      {"augment", 0, OPTION_CHOICE, &r->augment, "WORD",
       "change images anew each time they are seen: ", 0, 0, augment_strengths},
      {"precision", 0, OPTION_CHOICE, &r->precision, "WORD",
       "what training multiplies (auto: bf16 where the\nprocessor can): ", 0, 0,
       precision_words_training},
      {"out", 'o', OPTION_TEXT, &r->out, "DIR",
       "the folder (default runs/compare-DATE-TIME)", 0, 0, NULL},
      {"resume", 0, OPTION_TEXT, &r->resume, "DIR",
       "go on with the comparison in this folder; its\noptions are taken from "
       "there",
       0, 0, NULL},
      {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, NULL}};
  memcpy(table, rows, sizeof rows);
}

int cmd_compare(int argc, char **argv) {
  /* too large for the stack, with the texts of all networks */
  comparing *c = calloc(1, sizeof *c);
  option_row table[OPTIONS_MAX];
  if (c == NULL) return message_error("compare", "out of memory");
  c->request = (compare_request){.data = "mnist", .seeds = 3};
  describe_options(&c->request, table);
  int exit_code;
  if (options_read(&usage, table, argc, argv, &c->args)) {
    c->threads = machine_threads(c->args.threads);
    exit_code = compare(c);
  } else {
    exit_code = c->args.exit_code;
  }
  train_data_release(&c->sets);
  comparison_release(&c->all);
  free(c);
  return exit_code;
}
