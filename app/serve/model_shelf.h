/* model_shelf.h: the models that are served, by name, each with working memory
 * for every worker; taken down and replaced while others still read in them.
 * Must not know requests. */
#ifndef NUMERAL_APP_SERVE_MODEL_SHELF_H
#define NUMERAL_APP_SERVE_MODEL_SHELF_H
#include <stdatomic.h>
#include <stdbool.h>

#include "numeral.h"

enum { MODEL_NAME_BYTES = 65, SHELF_MODELS = 16 };

/* Never changes while somebody holds it. */
typedef struct served_model {
  char name[MODEL_NAME_BYTES];
  const char *path; /* NULL: the built-in model */
  numeral_model *model;
  numeral_model_info info;
  int workers;
  numeral_session **sessions;     /* [workers] */
  numeral_explainer **explainers; /* [workers], each made when first needed,
                                     by its worker */
  atomic_int holders;
} served_model;

typedef struct model_shelf model_shelf;

typedef struct shelf_options {
  const char *const *models; /* "NAME=FILE", or "FILE", whose name is then the
                                file's without folder and ending, or "builtin",
                                whose name is "default" */
  int count;                 /* 0: the built-in one alone */
  int workers;
  numeral_precision precision;
} shelf_options;

/* Loads all; *shelf keeps the texts of options->models. ARGUMENT: a name that
 * is none (letters, digits, "._-", at most 64), or is there twice. */
numeral_status model_shelf_create(const shelf_options *options,
                                  model_shelf **shelf, numeral_error *error);
/* Nobody may hold a model any more. Accepts NULL. */
void model_shelf_destroy(model_shelf *shelf);

int model_shelf_count(const model_shelf *shelf);

/* The model of that name, or with NULL the first; held until model_release.
 * NULL where there is none. Any thread. */
served_model *model_shelf_hold(model_shelf *shelf, const char *name);
/* The one in that place. */
served_model *model_shelf_hold_at(model_shelf *shelf, int index);
void model_release(served_model *model);

/* What came of reading a model's file again. */
typedef void shelf_reload_fn(void *user, const char *name, bool loaded,
                             const char *message);

/* Reads every file again. A model whose file cannot be read, or is damaged,
 * stays as it is. */
void model_shelf_reload(model_shelf *shelf, shelf_reload_fn *told, void *user);

#endif
