/* model_shelf.c: see model_shelf.h. */
#include "app/serve/model_shelf.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/model_choice.h"
#include "formats/format_fail.h"

enum { SESSION_BATCH = 64 };

struct model_shelf {
  shelf_options options;
  pthread_mutex_t lock; /* of the places, not of what is in them */
  served_model *places[SHELF_MODELS];
  int count;
};

/* ---- One model ---- */

void model_release(served_model *model) {
  if (model == NULL || atomic_fetch_sub(&model->holders, 1) > 1) return;
  for (int i = 0; i < model->workers; ++i) {
    if (model->sessions) numeral_session_destroy(model->sessions[i]);
    if (model->explainers) numeral_explainer_destroy(model->explainers[i]);
  }
  free(model->sessions);
  free(model->explainers);
  numeral_model_destroy(model->model);
  free(model);
}

static numeral_status make_sessions(served_model *model,
                                    numeral_precision precision,
                                    numeral_error *error) {
  size_t workers = (size_t)model->workers;
  model->sessions = calloc(workers, sizeof *model->sessions);
  model->explainers = calloc(workers, sizeof *model->explainers);
  if (model->sessions == NULL || model->explainers == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for the sessions of model %s", model->name);
  }
  numeral_session_options options;
  numeral_session_options_init(&options);
  options.max_batch = SESSION_BATCH;
  options.precision = precision;
  numeral_status status = NUMERAL_OK;
  for (int i = 0; i < model->workers && status == NUMERAL_OK; ++i) {
    status = numeral_session_create(model->model, &options, &model->sessions[i],
                                    error);
  }
  return status;
}

/* The built-in model, or the file's; held once. */
static numeral_status load(const shelf_options *options, const char *name,
                           const char *path, served_model **loaded,
                           numeral_error *error) {
  served_model *model = calloc(1, sizeof *model);
  *loaded = NULL;
  if (model == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for model %s",
                       name);
  }
  snprintf(model->name, sizeof model->name, "%s", name);
  model->path = path;
  model->workers = options->workers;
  atomic_init(&model->holders, 1);
  numeral_status status = model_choose(path, &model->model, error);
  if (status == NUMERAL_OK) {
    model->info = numeral_model_get_info(model->model);
    status = make_sessions(model, options->precision, error);
  }
  if (status == NUMERAL_OK) {
    *loaded = model;
  } else {
    model_release(model);
  }
  return status;
}

/* ---- Names ---- */

static bool is_name(const char *text) {
  static const char allowed[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  size_t length = strlen(text);
  return length > 0 && length < MODEL_NAME_BYTES &&
         strspn(text, allowed) == length;
}

/* "NAME=FILE", "FILE" or "builtin" into name and path. */
static numeral_status split(const char *text, char name[MODEL_NAME_BYTES],
                            const char **path, numeral_error *error) {
  const char *equals = strchr(text, '=');
  const char *from = text, *to = equals;
  *path = equals != NULL ? equals + 1 : text;
  if (equals == NULL) {
    const char *slash = strrchr(text, '/');
    from = slash != NULL ? slash + 1 : text;
    to = strrchr(from, '.');
    if (to == NULL || to == from) to = from + strlen(from);
  }
  bool builtin = strcmp(*path, "builtin") == 0;
  if (builtin && equals == NULL) {
    strcpy(name, "default");
  } else if (to - from < MODEL_NAME_BYTES) {
    snprintf(name, MODEL_NAME_BYTES, "%.*s", (int)(to - from), from);
  } else {
    name[0] = '\0';
  }
  if (builtin) *path = NULL;
  if (is_name(name)) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                     "--model %.200s: a model's name has 1 to 64 letters, "
                     "digits, \".\", \"_\" and \"-\"; write NAME=FILE",
                     text);
}

static int find(const model_shelf *shelf, const char *name) {
  for (int i = 0; i < shelf->count; ++i)
    if (strcmp(shelf->places[i]->name, name) == 0) return i;
  return -1;
}

/* ---- The shelf ---- */

static numeral_status add(model_shelf *shelf, const char *text,
                          numeral_error *error) {
  char name[MODEL_NAME_BYTES];
  const char *path;
  numeral_status status = split(text, name, &path, error);
  if (status != NUMERAL_OK) return status;
  if (find(shelf, name) >= 0) {
    return format_fail(error, NUMERAL_ERROR_ARGUMENT,
                       "--model %.200s: there is a model \"%s\" already; write "
                       "NAME=FILE with another name",
                       text, name);
  }
  assert(shelf->count < SHELF_MODELS);
  served_model *model;
  status = load(&shelf->options, name, path, &model, error);
  if (status == NUMERAL_OK) shelf->places[shelf->count++] = model;
  return status;
}

numeral_status model_shelf_create(const shelf_options *options,
                                  model_shelf **shelf, numeral_error *error) {
  model_shelf *made = calloc(1, sizeof *made);
  *shelf = NULL;
  if (made == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for models");
  }
  made->options = *options;
  pthread_mutex_init(&made->lock, NULL);
  numeral_status status =
      options->count == 0 ? add(made, "builtin", error) : NUMERAL_OK;
  for (int i = 0; i < options->count && status == NUMERAL_OK; ++i) {
    status = add(made, options->models[i], error);
  }
  if (status == NUMERAL_OK) {
    *shelf = made;
  } else {
    model_shelf_destroy(made);
  }
  return status;
}

void model_shelf_destroy(model_shelf *shelf) {
  if (shelf == NULL) return;
  for (int i = 0; i < shelf->count; ++i) model_release(shelf->places[i]);
  pthread_mutex_destroy(&shelf->lock);
  free(shelf);
}

int model_shelf_count(const model_shelf *shelf) { return shelf->count; }

served_model *model_shelf_hold_at(model_shelf *shelf, int index) {
  pthread_mutex_lock(&shelf->lock);
  served_model *model = shelf->places[index];
  atomic_fetch_add(&model->holders, 1);
  pthread_mutex_unlock(&shelf->lock);
  return model;
}

served_model *model_shelf_hold(model_shelf *shelf, const char *name) {
  served_model *model = NULL;
  pthread_mutex_lock(&shelf->lock);
  int index = name != NULL ? find(shelf, name) : 0;
  if (index >= 0) {
    model = shelf->places[index];
    atomic_fetch_add(&model->holders, 1);
  }
  pthread_mutex_unlock(&shelf->lock);
  return model;
}

void model_shelf_reload(model_shelf *shelf, shelf_reload_fn *told, void *user) {
  for (int i = 0; i < shelf->count; ++i) {
    /* this thread alone changes places, so it may look without the lock */
    served_model *old = shelf->places[i], *new;
    numeral_error error;
    if (old->path == NULL) continue;
    if (load(&shelf->options, old->name, old->path, &new, &error) !=
        NUMERAL_OK) {
      told(user, old->name, false, error.message);
      continue;
    }
    pthread_mutex_lock(&shelf->lock);
    shelf->places[i] = new;
    pthread_mutex_unlock(&shelf->lock);
    told(user, new->name, true, new->path);
    model_release(old);
  }
}
