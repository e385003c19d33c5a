/* train_plan.c: see train_plan.h. One table of the recipe's fields serves the
 * command line, run.json both ways, and the comparison of the two. */
#include "app/train_plan.h"

#include <stdio.h>
#include <string.h>

#include "app/augment_options.h"
#include "app/data_source.h"
#include "app/file_replace.h"
#include "app/json_text.h"
#include "app/precision_word.h"
#include "formats/format_fail.h"

static const char *const optimizers[] = {"sgd", "adam", "adamw", NULL};
static const char *const schedules[] = {
    "constant", "step",          "cosine", "one-cycle",
    "triangle", "warm-restarts", NULL};

typedef enum field_kind {
  FIELD_INTEGER = 0,
  FIELD_NUMBER,
  FIELD_WORD
} field_kind;

typedef struct recipe_field {
  const char *key;    /* in run.json */
  const char *option; /* on the command line, or NULL */
  field_kind kind;
  size_t offset; /* in numeral_recipe */
  const char *const *words;
} recipe_field;

#define FIELD(key, option, kind, member) \
  { key, option, kind, offsetof(numeral_recipe, member), NULL }
#define AUGMENT(option, member) \
  FIELD("augment_" option, option, FIELD_NUMBER, augment.member)

static const recipe_field fields[] = {
    {"epochs", "epochs", FIELD_INTEGER, offsetof(numeral_recipe, epochs), NULL},
    {"batch", "batch", FIELD_INTEGER, offsetof(numeral_recipe, batch), NULL},
    {"optimizer", "optimizer", FIELD_WORD, offsetof(numeral_recipe, optimizer),
     optimizers},
    {"schedule", "schedule", FIELD_WORD, offsetof(numeral_recipe, schedule),
     schedules},
    {"learning_rate", "lr", FIELD_NUMBER,
     offsetof(numeral_recipe, learning_rate), NULL},
    {"momentum", "momentum", FIELD_NUMBER, offsetof(numeral_recipe, momentum),
     NULL},
    {"nesterov", "nesterov", FIELD_INTEGER, offsetof(numeral_recipe, nesterov),
     NULL},
    {"beta1", NULL, FIELD_NUMBER, offsetof(numeral_recipe, beta1), NULL},
    {"beta2", NULL, FIELD_NUMBER, offsetof(numeral_recipe, beta2), NULL},
    {"epsilon", NULL, FIELD_NUMBER, offsetof(numeral_recipe, epsilon), NULL},
    {"weight_decay", "weight-decay", FIELD_NUMBER,
     offsetof(numeral_recipe, weight_decay), NULL},
    {"step_factor", "step-factor", FIELD_NUMBER,
     offsetof(numeral_recipe, step_factor), NULL},
    {"step_epochs", "step-epochs", FIELD_INTEGER,
     offsetof(numeral_recipe, step_epochs), NULL},
    {"one_cycle_warmup", "warmup", FIELD_NUMBER,
     offsetof(numeral_recipe, one_cycle_warmup), NULL},
    {"clip", "clip", FIELD_NUMBER, offsetof(numeral_recipe, clip), NULL},
    {"patience", "patience", FIELD_INTEGER, offsetof(numeral_recipe, patience),
     NULL},
    {"val_split", "val-split", FIELD_NUMBER,
     offsetof(numeral_recipe, val_split), NULL},
    {"precision", "precision", FIELD_WORD, offsetof(numeral_recipe, precision),
     precision_words_training},
    {"label_smoothing", "label-smoothing", FIELD_NUMBER,
     offsetof(numeral_recipe, label_smoothing), NULL},
    AUGMENT("rotate", rotate_degrees),
    AUGMENT("shift", shift_px),
    AUGMENT("scale", scale),
    AUGMENT("shear", shear),
    AUGMENT("elastic", elastic_px),
    AUGMENT("thickness", thickness_px),
    AUGMENT("contrast", contrast),
    AUGMENT("blur", blur_px),
    AUGMENT("noise", noise),
    AUGMENT("occlude", occlude),
    AUGMENT("clutter", clutter),
    FIELD("mixup", "mixup", FIELD_NUMBER, mixup),
    FIELD("ema", "ema", FIELD_NUMBER, ema),
    FIELD("restart_epochs", "restart-epochs", FIELD_INTEGER, restart_epochs),
    FIELD("restart_factor", "restart-factor", FIELD_NUMBER, restart_factor),
    FIELD("freeze", "freeze", FIELD_INTEGER, freeze),
};
enum {
  FIELD_COUNT = sizeof fields / sizeof *fields,
  FIRST_NEWER = 19 /* from here on: a run.json without them means what the
                      network's recipe says */
};

/* Is it one of those that --augment sets? */
static bool is_augment(const recipe_field *field) {
  size_t first = offsetof(numeral_recipe, augment);
  return field->offset >= first &&
         field->offset < first + sizeof(numeral_augment);
}

/* Fields are copied as bytes: an enum's own type may differ from int in sign,
 * not in size. */
static int field_integer(const numeral_recipe *recipe,
                         const recipe_field *field) {
  int value;
  memcpy(&value, (const char *)recipe + field->offset, sizeof value);
  return value;
}

static double field_number(const numeral_recipe *recipe,
                           const recipe_field *field) {
  double value;
  memcpy(&value, (const char *)recipe + field->offset, sizeof value);
  return value;
}

static void copy_field(numeral_recipe *to, const numeral_recipe *from,
                       const recipe_field *field) {
  size_t size_bytes =
      field->kind == FIELD_NUMBER ? sizeof(double) : sizeof(int);
  memcpy((char *)to + field->offset, (const char *)from + field->offset,
         size_bytes);
}

static bool same_field(const numeral_recipe *a, const numeral_recipe *b,
                       const recipe_field *field) {
  if (field->kind == FIELD_NUMBER)
    return field_number(a, field) == field_number(b, field);
  return field_integer(a, field) == field_integer(b, field);
}

/* ---- The command line -----------------------------------------------------
 */

void train_request_options(train_request *request, option_row *table) {
  *request =
      (train_request){.net = "cnn", .data = "mnist", .checkpoint_seconds = 5};
  numeral_recipe *recipe = &request->recipe;
  const option_row rows[] = {
      {"net", 'n', OPTION_TEXT, &request->net, "NET",
       "a name of \"numeral models\", or a network as\ntext (default cnn)", 0,
       0, NULL},
      {"data", 'd', OPTION_TEXT, &request->data, "DATA",
       "mnist, synth, a folder or a CSV file\n(default mnist); several joined "
       "by + are trained\non together, validation and test are the first's",
       0, 0, NULL},
      {"init", 0, OPTION_TEXT, &request->init, "MODEL",
       "begin with the numbers of this model file (or of\n\"builtin\"), whose "
       "network it is then",
       0, 0, NULL},
      {"teacher", 0, OPTION_LIST, &request->teachers, "MODEL",
       "learn to answer as this model does instead of\nlearning labels; given "
       "several times, as their mean",
       0, NUMERAL_MODELS_MAX, NULL},
      {"freeze", 0, OPTION_INTEGER, &recipe->freeze, "N",
       "leave the first N layers as they are", 0, 255, NULL},
      {"data-dir", 0, OPTION_TEXT, &request->data_dir, "DIR",
       "where named data sets are", 0, 0, NULL},
      {"out", 'o', OPTION_TEXT, &request->out, "FILE",
       "the trained model, besides the one in the run\nfolder", 0, 0, NULL},
      {"run", 0, OPTION_TEXT, &request->run, "DIR",
       "the run folder (default runs/NET-DATE-TIME)", 0, 0, NULL},
      {"resume", 0, OPTION_TEXT, &request->resume, "DIR",
       "go on with the run in this folder; its options\nare taken from there",
       0, 0, NULL},
      {"epochs", 'e', OPTION_INTEGER, &recipe->epochs, "N",
       "times through the training set", 1, TRAIN_MAX_EPOCHS, NULL},
      {"batch", 'b', OPTION_INTEGER, &recipe->batch, "N", "images a step", 1,
       TRAIN_MAX_BATCH, NULL},
      {"optimizer", 0, OPTION_CHOICE, &request->optimizer, "WORD",
       "how to step: ", 0, 0, optimizers},
      {"lr", 0, OPTION_NUMBER, &recipe->learning_rate, "X",
       "the (highest) step size; with another --optimizer\nthan the network's "
       "own by default "
       "0.01 for sgd,\n0.001 for adam and adamw",
       1e-9, 1000, NULL},
      {"momentum", 0, OPTION_NUMBER, &recipe->momentum, "X", "of sgd", 0, 1,
       NULL},
      {"nesterov", 0, OPTION_FLAG, &request->nesterov, NULL,
       "Nesterov's momentum, for sgd", 0, 0, NULL},
      {"weight-decay", 0, OPTION_NUMBER, &recipe->weight_decay, "X",
       "pull of the weights towards 0", 0, 1, NULL},
      {"schedule", 0, OPTION_CHOICE, &request->schedule, "WORD",
       "how the step size changes:\n", 0, 0, schedules},
      {"step-epochs", 0, OPTION_INTEGER, &recipe->step_epochs, "N",
       "schedule step: every N epochs ...", 1, TRAIN_MAX_EPOCHS, NULL},
      {"step-factor", 0, OPTION_NUMBER, &recipe->step_factor, "X",
       "... times X", 1e-9, 1, NULL},
      {"warmup", 0, OPTION_NUMBER, &recipe->one_cycle_warmup, "X",
       "schedules one-cycle and triangle: share of the run\ngoing up", 0.001,
       0.999, NULL},
      {"clip", 0, OPTION_NUMBER, &recipe->clip, "X",
       "largest norm of the gradient (0: no limit)", 0, 1e9, NULL},
      {"restart-epochs", 0, OPTION_INTEGER, &recipe->restart_epochs, "N",
       "schedule warm-restarts: the first after N epochs,", 1, TRAIN_MAX_EPOCHS,
       NULL},
      {"restart-factor", 0, OPTION_NUMBER, &recipe->restart_factor, "X",
       "... each next after X times as many", 1, 100, NULL},
      {"ema", 0, OPTION_NUMBER, &recipe->ema, "X",
       "keep the running mean of the weights, which each\nstep keeps the share "
       "X of (0: the last weights)",
       0, 0.999999, NULL},
      {"mixup", 0, OPTION_NUMBER, &recipe->mixup, "X",
       "lay images over each other, in shares of the law\nBeta(X, X) (0: no)",
       0, 100, NULL},
      {"label-smoothing", 0, OPTION_NUMBER, &recipe->label_smoothing, "X",
       "share of the wanted answer that all digits get\nalike", 0, 0.999, NULL},
      {"val-split", 0, OPTION_NUMBER, &recipe->val_split, "X",
       "share of the training set kept to watch", 0, 0.9, NULL},
      {"patience", 0, OPTION_INTEGER, &recipe->patience, "N",
       "stop after N epochs without a lower validation\nloss, keep the best "
       "(0: never)",
       0, TRAIN_MAX_EPOCHS, NULL},
      {"precision", 0, OPTION_CHOICE, &request->precision, "WORD",
       "what is multiplied (auto: bf16 where the\nprocessor can): ", 0, 0,
       precision_words_training},
      AUGMENT_ROWS(request->augment, recipe->augment),
      {"guard", 0, OPTION_FLAG, &request->guard, NULL,
       "train a guard at the end: the model then refuses\nwhat is no digit", 0,
       0, NULL},
      {"checkpoint", 0, OPTION_NUMBER, &request->checkpoint_seconds, "S",
       "seconds from one checkpoint to the next\n(default 5)", 0, 86400, NULL},
      {"no-report", 0, OPTION_FLAG, &request->no_report, NULL,
       "draw no report at the end (numeral report\ncan do it later)", 0, 0,
       NULL},
      {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0, 0, NULL}};
  _Static_assert(sizeof rows / sizeof *rows <= OPTIONS_MAX, "rows fit");
  memcpy(table, rows, sizeof rows);
}

/* Another optimiser than the recipe's wants its own customary numbers. */
static void change_optimizer(numeral_recipe *recipe,
                             numeral_optimizer optimizer) {
  if (recipe->optimizer == optimizer) return;
  recipe->optimizer = optimizer;
  recipe->learning_rate = optimizer == NUMERAL_OPTIMIZER_SGD ? 0.01 : 0.001;
  recipe->momentum = optimizer == NUMERAL_OPTIMIZER_SGD ? 0.9 : 0;
  recipe->nesterov = 0;
  recipe->weight_decay = optimizer == NUMERAL_OPTIMIZER_ADAMW ? 0.01 : 0;
}

static void apply_given(const train_request *request, const arguments *args,
                        numeral_recipe *recipe) {
  numeral_recipe given = request->recipe;
  given.optimizer = (numeral_optimizer)request->optimizer;
  given.schedule = (numeral_schedule)request->schedule;
  given.nesterov = request->nesterov;
  given.precision = (numeral_precision)request->precision;
  if (options_given(args, "optimizer"))
    change_optimizer(recipe, given.optimizer);
  recipe->augment = augment_of_options(args, request->augment, &given.augment,
                                       &recipe->augment);
  for (int i = 0; i < FIELD_COUNT; ++i) {
    if (fields[i].option == NULL || !options_given(args, fields[i].option))
      continue;
    copy_field(recipe, &given, &fields[i]);
  }
}

static bool copy_text(const char *text, char *to, size_t size_bytes) {
  return (size_t)snprintf(to, size_bytes, "%s", text ? text : "") < size_bytes;
}

/* A path must mean the same when the run is resumed from another folder. */
static bool copy_path(const char *text, char *to, size_t size_bytes) {
  if (text == NULL) return copy_text(text, to, size_bytes);
  return path_make_absolute(text, to, size_bytes);
}

static bool copy_model(const char *text, char *to, size_t size_bytes) {
  return text != NULL && strcmp(text, "builtin") == 0
             ? copy_text(text, to, size_bytes)
             : copy_path(text, to, size_bytes);
}

static bool copy_teachers(const option_list *list, train_plan *plan) {
  plan->teacher_count = list->count;
  for (int i = 0; i < list->count; ++i)
    if (!copy_model(list->texts[i], plan->teachers[i],
                    sizeof plan->teachers[i]))
      return false;
  return true;
}

numeral_status train_plan_make(const train_request *request,
                               const arguments *args, train_plan *plan,
                               numeral_error *error) {
  *plan = (train_plan){.seed = args->seed, .guard = request->guard};
  bool fits =
      copy_text(request->net, plan->net, sizeof plan->net) &&
      data_source_make_absolute(request->data, plan->data, sizeof plan->data) &&
      copy_path(request->data_dir, plan->data_dir, sizeof plan->data_dir) &&
      copy_path(request->out, plan->out, sizeof plan->out) &&
      copy_model(request->init, plan->init, sizeof plan->init) &&
      copy_teachers(&request->teachers, plan);
  if (!fits)
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "an option's text is too long");
  numeral_status status = numeral_recipe_for(plan->net, &plan->recipe, error);
  if (status != NUMERAL_OK) return status;
  apply_given(request, args, &plan->recipe);
  return NUMERAL_OK;
}

/* ---- run.json ---------------------------------------------------------------
 */

static json_t *field_to_json(const numeral_recipe *recipe,
                             const recipe_field *field) {
  if (field->kind == FIELD_NUMBER)
    return json_finite(field_number(recipe, field));
  int value = field_integer(recipe, field);
  return field->kind == FIELD_WORD ? json_string(field->words[value])
                                   : json_integer(value);
}

void train_recipe_to_json(const numeral_recipe *recipe, json_t *object) {
  for (int i = 0; i < FIELD_COUNT; ++i) {
    json_object_set_new(object, fields[i].key,
                        field_to_json(recipe, &fields[i]));
  }
}

static json_t *teachers_to_json(const train_plan *plan) {
  json_t *list = json_array();
  for (int i = 0; i < plan->teacher_count; ++i)
    json_array_append_new(list, json_text_string(plan->teachers[i]));
  return list;
}

json_t *train_plan_to_json(const train_plan *plan) {
  json_t *object = json_object();
  json_object_set_new(object, "net", json_text_string(plan->net));
  json_object_set_new(object, "data", json_text_string(plan->data));
  json_object_set_new(object, "data_dir", json_text_string(plan->data_dir));
  json_object_set_new(object, "out", json_text_string(plan->out));
  json_object_set_new(object, "init", json_text_string(plan->init));
  json_object_set_new(object, "teachers", teachers_to_json(plan));
  json_object_set_new(object, "seed", json_seed(plan->seed));
  if (plan->guard) json_object_set_new(object, "guard", json_true());
  train_recipe_to_json(&plan->recipe, object);
  return object;
}

static bool word_from_json(const json_t *value, const recipe_field *field,
                           int *index) {
  const char *word = json_string_value(value);
  for (int i = 0; word != NULL && field->words[i] != NULL; ++i) {
    if (strcmp(word, field->words[i]) != 0) continue;
    *index = i;
    return true;
  }
  return false;
}

static bool field_from_json(const json_t *value, const recipe_field *field,
                            numeral_recipe *recipe) {
  char *place = (char *)recipe + field->offset;
  if (field->kind == FIELD_NUMBER) {
    double number = json_number_value(value);
    memcpy(place, &number, sizeof number);
    return json_is_number(value);
  }
  int whole = (int)json_integer_value(value);
  bool good = field->kind == FIELD_WORD ? word_from_json(value, field, &whole)
                                        : json_is_integer(value);
  memcpy(place, &whole, sizeof whole);
  return good;
}

static bool text_from_json(const json_t *object, const char *key, char *text,
                           size_t size_bytes) {
  const char *value = json_string_value(json_object_get(object, key));
  return value != NULL && copy_text(value, text, size_bytes);
}

static numeral_status fail_without(const char *key, numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "its option \"%s\" is missing or wrong", key);
}

numeral_status train_recipe_from_json(const json_t *object, const char *net,
                                      numeral_recipe *recipe,
                                      numeral_error *error) {
  numeral_status status = numeral_recipe_for(net, recipe, error);
  for (int i = 0; status == NUMERAL_OK && i < FIELD_COUNT; ++i) {
    const json_t *value = json_object_get(object, fields[i].key);
    if (value == NULL && i >= FIRST_NEWER) continue;
    if (!field_from_json(value, &fields[i], recipe))
      return fail_without(fields[i].key, error);
  }
  return status;
}

/* An older version's run has none. */
static bool teachers_from_json(const json_t *list, train_plan *plan) {
  size_t count = json_array_size(list);
  if (list == NULL) return true;
  if (!json_is_array(list) || count > NUMERAL_MODELS_MAX) return false;
  plan->teacher_count = (int)count;
  for (size_t i = 0; i < count; ++i) {
    const char *path = json_string_value(json_array_get(list, i));
    if (path == NULL ||
        !copy_text(path, plan->teachers[i], sizeof plan->teachers[i]))
      return false;
  }
  return true;
}

numeral_status train_plan_from_json(const json_t *object, train_plan *plan,
                                    numeral_error *error) {
  *plan = (train_plan){.seed = json_read_seed(json_object_get(object, "seed")),
                       .guard = json_is_true(json_object_get(object, "guard"))};
  const struct {
    const char *key;
    char *text;
    size_t size_bytes;
  } texts[] = {{"net", plan->net, sizeof plan->net},
               {"data", plan->data, sizeof plan->data},
               {"data_dir", plan->data_dir, sizeof plan->data_dir},
               {"out", plan->out, sizeof plan->out},
               {"init", plan->init, sizeof plan->init}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    bool newer = strcmp(texts[i].key, "init") == 0;
    if (newer && json_object_get(object, texts[i].key) == NULL) continue;
    if (!text_from_json(object, texts[i].key, texts[i].text,
                        texts[i].size_bytes)) {
      return fail_without(texts[i].key, error);
    }
  }
  if (!teachers_from_json(json_object_get(object, "teachers"), plan))
    return fail_without("teachers", error);
  return train_recipe_from_json(object, plan->net, &plan->recipe, error);
}

static bool same_teachers(const option_list *list, const train_plan *plan) {
  char path[PATH_MAX];
  if (list->count != plan->teacher_count) return false;
  for (int i = 0; i < list->count; ++i)
    if (!copy_model(list->texts[i], path, sizeof path) ||
        strcmp(path, plan->teachers[i]) != 0)
      return false;
  return true;
}

const char *train_plan_contradiction(const train_request *request,
                                     const arguments *args,
                                     const train_plan *plan) {
  char data[PATH_MAX], init[PATH_MAX];
  if (options_given(args, "net") && strcmp(request->net, plan->net) != 0)
    return "net";
  if (options_given(args, "data") &&
      (!data_source_make_absolute(request->data, data, sizeof data) ||
       strcmp(data, plan->data) != 0)) {
    return "data";
  }
  if (options_given(args, "init") &&
      (!copy_model(request->init, init, sizeof init) ||
       strcmp(init, plan->init) != 0)) {
    return "init";
  }
  if (options_given(args, "teacher") &&
      !same_teachers(&request->teachers, plan))
    return "teacher";
  if (request->guard && !plan->guard) return "guard";
  if (options_given(args, "seed") && args->seed != plan->seed) return "seed";
  numeral_recipe given = plan->recipe;
  apply_given(request, args, &given);
  for (int i = 0; i < FIELD_COUNT; ++i) {
    const char *option = fields[i].option;
    if (option == NULL) continue;
    if (!options_given(args, option) && is_augment(&fields[i]))
      option = "augment";
    if (options_given(args, option) &&
        !same_field(&given, &plan->recipe, &fields[i]))
      return option;
  }
  return NULL;
}
