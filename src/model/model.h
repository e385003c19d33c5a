/* model.h: a trained network: its net, its numbers, and what is known about
 * it. Never changes once made, so threads share it freely. */
#ifndef NML_MODEL_H
#define NML_MODEL_H

#include "nn/net.h"
#include "nn/predictor.h"
#include "numeral.h"

enum {
  NML_MODEL_MAX_METADATA = 64,
  NML_JUDGE_WEIGHTS = 5 /* engine/guard.h says of what */
};
static const float NML_TEMPERATURE_LEAST = 0.01f, NML_TEMPERATURE_MOST = 100;

struct numeral_model {
  char *spec; /* canonical text */
  nml_net *net;
  float *params;        /* [net->params_floats] */
  float *state;         /* [net->state_floats], NULL where 0 */
  nml_range *ranges;    /* [net->layer_count], NULL where not measured */
  float temperature;    /* of the probabilities; 1 where not measured */
  numeral_model *guard; /* the network that tells digits from the rest, itself
                           without guard and metadata; or NULL */
  float judge[NML_JUDGE_WEIGHTS]; /* of the guard */
  char **keys, **values;          /* metadata, [metadata_count] */
  size_t metadata_count;
};

/* A model of the network `text` (a name or spec), its numbers zero, no metadata
 * but "spec". */
numeral_status nml_model_create(const char *text, numeral_model **model,
                                numeral_error *error);

/* Sets or replaces a line of metadata; both strings are copied. Only while the
 * model is being made. */
numeral_status nml_model_set_metadata(numeral_model *model, const char *key,
                                      const char *value, numeral_error *error);

/* Copies what came out of each layer [layer_count]; finite, low <= high. Only
 * while the model is being made. */
numeral_status nml_model_set_ranges(numeral_model *model,
                                    const nml_range *ranges,
                                    numeral_error *error);

/* 64-bit FNV-1a of parameters and running statistics: tells two models of one
 * network apart. */
uint64_t nml_model_checksum(const numeral_model *model);
/* Another model with the same numbers and metadata. */
numeral_status nml_model_copy(const numeral_model *model, numeral_model **copy,
                              numeral_error *error);

/* Takes the guard, also where this fails, in place of any before. Only while
 * the model is being made. */
numeral_status nml_model_set_guard(numeral_model *model, numeral_model *guard,
                                   const float judge[NML_JUDGE_WEIGHTS],
                                   numeral_error *error);

/* parse, load, write, destroy, builtin: as numeral.h says of them. */
numeral_status nml_model_parse(const void *bytes, size_t size_bytes,
                               numeral_model **model, numeral_error *error);
numeral_status nml_model_load(const char *path, numeral_model **model,
                              numeral_error *error);
numeral_status nml_model_write(const numeral_model *model, const char *path,
                               numeral_error *error);
numeral_status nml_model_builtin(numeral_model **model, numeral_error *error);
const char *nml_model_metadata(const numeral_model *model, const char *key);
void nml_model_destroy(numeral_model *model);

#endif
