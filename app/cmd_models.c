/* cmd_models.c: numeral models: which networks there are, and what is in one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/json_text.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/model_json.h"
#include "app/models_calibrate.h"
#include "app/options.h"
#include "app/text_format.h"
#include "numeral.h"

static const command_usage list_usage = {
    .name = "models list",
    .summary = "Lists the networks that have a name, and the built-in model.",
    .examples = "  numeral models list\n  numeral models list --json\n"};

static const command_usage show_usage = {
    .name = "models show",
    .operands = "MODEL",
    .summary =
        "Shows the layers of a model and what its file says about it. MODEL "
        "is\n"
        "a model file, the name of a network, the text of a network, or\n"
        "\"builtin\".",
    .examples =
        "  numeral models show builtin\n"
        "  numeral models show cnn.safetensors\n"
        "  numeral models show lenet5\n"
        "  numeral models show \"flatten, dense 64 relu, dense 10\"\n",
    .minimum_operands = 1,
    .maximum_operands = 1};

/* ---- list
 * ------------------------------------------------------------------------ */

/* 0 where the network cannot be made, which a named one always can. */
static size_t parameters_of(const char *net) {
  numeral_model *model = NULL;
  size_t count = 0;
  if (numeral_model_create(net, 1, &model, NULL) == NUMERAL_OK) {
    count = numeral_model_get_info(model).parameter_count;
  }
  numeral_model_destroy(model);
  return count;
}

static json_t *builtin_to_json(const numeral_model *builtin) {
  if (builtin == NULL) return json_null();
  numeral_model_info info = numeral_model_get_info(builtin);
  return json_pack("{s:s, s:I}", "spec", info.spec, "parameters",
                   (json_int_t)info.parameter_count);
}

static int list_as_json(const numeral_named_net *nets, size_t count,
                        const numeral_model *builtin) {
  json_t *rows = json_array();
  for (size_t i = 0; i < count; ++i) {
    json_array_append_new(
        rows, json_pack("{s:s, s:I, s:s, s:s}", "name", nets[i].name,
                        "parameters", (json_int_t)parameters_of(nets[i].spec),
                        "summary", nets[i].summary, "spec", nets[i].spec));
  }
  return json_print(json_pack("{s:o, s:o}", "networks", rows, "builtin",
                              builtin_to_json(builtin)));
}

enum { SUMMARY_COLUMN = 25, TEXT_COLUMNS = 79 };

/* Prints words, going on under SUMMARY_COLUMN where a line is full. */
static void print_wrapped(const char *text) {
  int column = SUMMARY_COLUMN;
  while (*text != '\0') {
    int length = (int)strcspn(text, " ");
    if (column > SUMMARY_COLUMN && column + 1 + length > TEXT_COLUMNS) {
      printf("\n%*s", SUMMARY_COLUMN, "");
      column = SUMMARY_COLUMN;
    }
    column +=
        printf("%s%.*s", column > SUMMARY_COLUMN ? " " : "", length, text);
    text += length + strspn(text + length, " ");
  }
  putchar('\n');
}

static int list_as_text(const numeral_named_net *nets, size_t count,
                        const numeral_model *builtin) {
  printf("%s%-10s %12s  %s%s\n", style_on(stdout, STYLE_BOLD), "Network",
         "Parameters", "What it is", style_off(stdout));
  for (size_t i = 0; i < count; ++i) {
    printf("%-10s %12s  ", nets[i].name,
           text_count(parameters_of(nets[i].spec)).text);
    print_wrapped(nets[i].summary);
  }
  if (builtin == NULL) {
    printf("\nThis build has no built-in model.\n");
  } else {
    printf("\nThe built-in model: %s\n", numeral_model_get_info(builtin).spec);
  }
  return EXIT_DONE;
}

static int run_list(int argc, char **argv) {
  const option_row table[] = {{.name = NULL}};
  arguments args;
  if (!options_read(&list_usage, table, argc, argv, &args)) {
    return args.exit_code;
  }
  const numeral_named_net *nets;
  size_t count = numeral_named_nets(&nets);
  numeral_model *builtin = NULL; /* a build may lack it: the list does not */
  numeral_model_builtin(&builtin, NULL);
  int exit_code = args.json ? list_as_json(nets, count, builtin)
                            : list_as_text(nets, count, builtin);
  numeral_model_destroy(builtin);
  return exit_code;
}

/* ---- show
 * ------------------------------------------------------------------------- */

static bool looks_like_file(const char *text) {
  return access(text, F_OK) == 0 || strchr(text, '/') != NULL ||
         strstr(text, ".safetensors") != NULL;
}

static int show_as_text(const numeral_model *model) {
  numeral_model_info info = numeral_model_get_info(model);
  printf("%s%3s  %-34s %-14s %12s %14s%s\n", style_on(stdout, STYLE_BOLD), "",
         "Layer", "Output", "Parameters", "Operations", style_off(stdout));
  for (size_t i = 0; i < info.layer_count; ++i) {
    numeral_layer_info layer = numeral_model_layer(model, i);
    printf("%3zu  %-34s %-14s %12s %14s\n", i, layer.text,
           text_shape(layer.height, layer.width, layer.channels).text,
           text_count(layer.parameter_count).text,
           text_count(layer.forward_flops).text);
  }
  printf("%3s  %-34s %-14s %12s %14s\n", "", "all", "",
         text_count(info.parameter_count).text,
         text_count(info.forward_flops).text);
  putchar('\n');
  const char *key;
  for (int i = 0; (key = model_metadata_key(i)) != NULL; ++i) {
    const char *value = numeral_model_metadata(model, key);
    if (value != NULL) printf("%-14s %s\n", key, value);
  }
  printf("%-14s %s\n", "spec", info.spec);
  return EXIT_DONE;
}

static int show_as_json(const char *name, const numeral_model *model) {
  json_t *object = json_pack("{s:o}", "model", json_text_string(name));
  model_json_describe(object, model);
  return json_print(object);
}

static int run_show(int argc, char **argv) {
  const option_row table[] = {{.name = NULL}};
  arguments args;
  if (!options_read(&show_usage, table, argc, argv, &args))
    return args.exit_code;
  const char *name = args.operands[0];
  numeral_error error;
  numeral_model *model = NULL;
  numeral_status status =
      strcmp(name, "builtin") == 0 || looks_like_file(name)
          ? model_choose(name, &model, &error)
          : numeral_model_create(name, args.seed, &model, &error);
  if (status != NUMERAL_OK)
    return message_error("models show", "%s", error.message);
  int exit_code = args.json ? show_as_json(name, model) : show_as_text(model);
  numeral_model_destroy(model);
  return exit_code;
}

int cmd_models(int argc, char **argv) {
  static const subcommand table[] = {
      {"list", run_list,
       "the networks that have a name, and the built-in model"},
      {"show", run_show, "the layers of a model, and what is known about it"},
      {"calibrate", models_calibrate,
       "make a model say how sure it is, and refuse"},
      {NULL, NULL, NULL}};
  static char list[] = "list";
  bool has_name =
      argc > 1 && (argv[1][0] != '-' || strcmp(argv[1], "--help") == 0 ||
                   strcmp(argv[1], "-h") == 0);
  if (!has_name) {
    /* "numeral models --json" lists: argv[0] is only a name */
    argv[0] = list;
    return run_list(argc, argv);
  }
  return subcommand_run("numeral models", "Networks and models.", table, NULL,
                        argc, argv);
}
