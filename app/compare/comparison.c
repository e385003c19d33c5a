/* comparison.c: see comparison.h. Figures are taken from numbers as they are
 * recorded, so that they are the same after a resume. */
#include "app/compare/comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/json_text.h"
#include "app/median.h"
#include "formats/format_fail.h"

enum { ACCURACY_DECIMALS = 6, SECONDS_DECIMALS = 3, MICROSECONDS_DECIMALS = 2 };

/* ---- Figures ---- */

static double mean_of(const double *values, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i];
  return count > 0 ? sum / count : NAN;
}

static double deviation_of(const double *values, int count) {
  double mean = mean_of(values, count), squares = 0;
  for (int i = 0; i < count; ++i)
    squares += (values[i] - mean) * (values[i] - mean);
  return count > 1 ? sqrt(squares / (count - 1)) : NAN;
}

compare_figures compare_network_figures(const compare_network *network) {
  double accuracy[COMPARE_SEEDS_MAX] = {0}, seconds[COMPARE_SEEDS_MAX] = {0},
         microseconds[COMPARE_SEEDS_MAX] = {0};
  int count = 0;
  for (int i = 0; i < network->count; ++i) {
    const compare_training *t = &network->trainings[i];
    if (!isfinite(t->accuracy)) continue;
    accuracy[count] = t->accuracy;
    seconds[count] = t->train_seconds;
    microseconds[count++] = t->predict_microseconds;
  }
  return (compare_figures){
      .count = count,
      .accuracy = mean_of(accuracy, count),
      .accuracy_deviation = deviation_of(accuracy, count),
      .train_seconds = mean_of(seconds, count),
      .predict_microseconds = median_of(microseconds, count)};
}

/* ---- What is left ---- */

compare_network *comparison_next(comparison *all) {
  compare_network *next = NULL;
  for (int i = 0; i < all->count; ++i) {
    compare_network *network = &all->networks[i];
    if (network->count < all->seeds &&
        (next == NULL || network->count < next->count))
      next = network;
  }
  return next;
}

static double rounded(double value, int decimals) {
  double scale = pow(10, decimals);
  return round(value * scale) / scale;
}

void compare_network_add(compare_network *network,
                         const compare_training *training) {
  compare_training *t = &network->trainings[network->count++];
  *t = *training;
  t->accuracy = rounded(t->accuracy, ACCURACY_DECIMALS);
  t->train_seconds = rounded(t->train_seconds, SECONDS_DECIMALS);
  t->predict_microseconds =
      rounded(t->predict_microseconds, MICROSECONDS_DECIMALS);
}

int comparison_done(const comparison *all) {
  int done = 0;
  for (int i = 0; i < all->count; ++i) done += all->networks[i].count;
  return done;
}

int comparison_wanted(const comparison *all) { return all->count * all->seeds; }

/* ---- To JSON ---- */

static json_t *training_to_json(const compare_training *t, uint64_t seed) {
  json_t *object = json_pack(
      "{s:o, s:o, s:o, s:o, s:i, s:o, s:o}", "seed", json_seed(seed),
      "accuracy", json_rounded(t->accuracy, ACCURACY_DECIMALS), "loss",
      json_rounded(t->loss, 6), "val_accuracy",
      json_rounded(t->val_accuracy, ACCURACY_DECIMALS), "epochs", t->epochs,
      "train_seconds", json_rounded(t->train_seconds, SECONDS_DECIMALS),
      "predict_microseconds",
      json_rounded(t->predict_microseconds, MICROSECONDS_DECIMALS));
  if (t->trouble[0] != '\0')
    json_object_set_new(object, "trouble", json_text_string(t->trouble));
  return object;
}

static json_t *network_to_json(const compare_network *network, uint64_t seed) {
  compare_figures figures = compare_network_figures(network);
  json_t *recipe = json_object(), *trainings = json_array();
  train_recipe_to_json(&network->recipe, recipe);
  for (int i = 0; i < network->count; ++i) {
    json_array_append_new(trainings, training_to_json(&network->trainings[i],
                                                      seed + (uint64_t)i));
  }
  return json_pack(
      "{s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "net",
      json_text_string(network->net), "parameters",
      (json_int_t)network->parameters, "operations",
      (json_int_t)network->operations, "accuracy",
      json_rounded(figures.accuracy, ACCURACY_DECIMALS), "accuracy_deviation",
      json_rounded(figures.accuracy_deviation, ACCURACY_DECIMALS),
      "train_seconds", json_rounded(figures.train_seconds, SECONDS_DECIMALS),
      "predict_microseconds",
      json_rounded(figures.predict_microseconds, MICROSECONDS_DECIMALS),
      "trainings", trainings, "recipe", recipe);
}

json_t *comparison_to_json(const comparison *all) {
  json_t *object = json_copy(all->record), *networks = json_array();
  for (int i = 0; i < all->count; ++i) {
    json_array_append_new(networks,
                          network_to_json(&all->networks[i], all->seed));
  }
  if (json_object_set_new(object, "networks", networks) == 0) return object;
  json_decref(object);
  return NULL;
}

/* ---- From JSON ---- */

static numeral_status fail_without(const char *key, numeral_error *error) {
  return format_fail(error, NUMERAL_ERROR_FORMAT,
                     "its \"%s\" is missing or wrong", key);
}

static bool read_text(const json_t *object, const char *key, char *text,
                      size_t size_bytes) {
  const char *value = json_string_value(json_object_get(object, key));
  return value != NULL &&
         (size_t)snprintf(text, size_bytes, "%s", value) < size_bytes;
}

/* null is NaN; false where it is neither that nor a number from 0. */
static bool read_number(const json_t *object, const char *key, double *number) {
  const json_t *value = json_object_get(object, key);
  *number = json_is_number(value) ? json_number_value(value) : NAN;
  return json_is_null(value) || *number >= 0;
}

static bool read_training(const json_t *object, uint64_t seed,
                          compare_training *t) {
  *t = (compare_training){
      .epochs = (int)json_integer_value(json_object_get(object, "epochs"))};
  if (json_object_get(object, "trouble") != NULL &&
      !read_text(object, "trouble", t->trouble, sizeof t->trouble))
    return false;
  bool has_model = t->trouble[0] == '\0';
  return json_read_seed(json_object_get(object, "seed")) == seed &&
         read_number(object, "accuracy", &t->accuracy) &&
         isfinite(t->accuracy) == has_model &&
         read_number(object, "loss", &t->loss) &&
         read_number(object, "val_accuracy", &t->val_accuracy) &&
         read_number(object, "train_seconds", &t->train_seconds) &&
         read_number(object, "predict_microseconds", &t->predict_microseconds);
}

static numeral_status read_network(const json_t *object, const comparison *all,
                                   compare_network *network,
                                   numeral_error *error) {
  const json_t *trainings = json_object_get(object, "trainings");
  size_t count = json_array_size(trainings);
  if (!read_text(object, "net", network->net, sizeof network->net))
    return fail_without("net", error);
  if (!json_is_array(trainings) || count > (size_t)all->seeds)
    return fail_without("trainings", error);
  network->parameters =
      (size_t)json_integer_value(json_object_get(object, "parameters"));
  network->operations =
      (uint64_t)json_integer_value(json_object_get(object, "operations"));
  for (size_t i = 0; i < count; ++i) {
    if (!read_training(json_array_get(trainings, i), all->seed + i,
                       &network->trainings[i]))
      return fail_without("trainings", error);
  }
  network->count = (int)count;
  return train_recipe_from_json(json_object_get(object, "recipe"), network->net,
                                &network->recipe, error);
}

static numeral_status read_settings(const json_t *settings, comparison *all,
                                    numeral_error *error) {
  json_int_t seeds = json_integer_value(json_object_get(settings, "seeds"));
  if (!read_text(settings, "data", all->data, sizeof all->data))
    return fail_without("data", error);
  if (!read_text(settings, "data_dir", all->data_dir, sizeof all->data_dir))
    return fail_without("data_dir", error);
  if (seeds < 1 || seeds > COMPARE_SEEDS_MAX)
    return fail_without("seeds", error);
  all->seeds = (int)seeds;
  all->seed = json_read_seed(json_object_get(settings, "seed"));
  return NUMERAL_OK;
}

numeral_status comparison_from_json(const json_t *object, comparison *all,
                                    numeral_error *error) {
  const json_t *networks = json_object_get(object, "networks");
  size_t count = json_array_size(networks);
  memset(all, 0, sizeof *all);
  if (count < 1 || count > COMPARE_NETS_MAX)
    return fail_without("networks", error);
  numeral_status status =
      read_settings(json_object_get(object, "settings"), all, error);
  for (size_t i = 0; status == NUMERAL_OK && i < count; ++i) {
    status = read_network(json_array_get(networks, i), all, &all->networks[i],
                          error);
  }
  if (status != NUMERAL_OK) return status;
  all->count = (int)count;
  all->record = json_copy((json_t *)object);
  json_object_del(all->record, "networks");
  return NUMERAL_OK;
}

void comparison_release(comparison *all) {
  json_decref(all->record);
  all->record = NULL;
}
