/* checkpoint.c: see checkpoint.h. */
#include "engine/checkpoint.h"

#include "base/file.h"
#include "base/memory.h"
#include "model/safetensors.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
  COUNTERS = sizeof(nml_train_counters) / sizeof(int64_t),
  IDENTITY_LINES = 7,
  NUMBER_BYTES = 24,
  TENSORS = 8
};

static const size_t limit_bytes = (size_t)2 << 30;
static const char format_name[] = "numeral-checkpoint-1";

/* Where a run begins with drawn numbers, and learns labels; checkpoints need
 * not say so. */
static const char drawn[] = "drawn", nobody[] = "nobody";

/* Where each tensor of a checkpoint lies in memory; the same list writes and
 * reads. */
typedef struct part {
  const char *name;
  nml_dtype dtype;
  void *values;
  size_t count;
} part;

static size_t list_parts(nml_train_state *s, part parts[TENSORS]) {
  const part all[TENSORS] = {
      {"counters", NML_I64, &s->counters, COUNTERS},
      {"params", NML_F32, s->params, s->net->params_floats},
      {"slots", NML_F32, s->slots,
       s->net->params_floats * (size_t)s->slot_count},
      {"state", NML_F32, s->state, s->net->state_floats},
      {"best_params", NML_F32, s->best_params, s->net->params_floats},
      {"best_state", NML_F32, s->best_state, s->net->state_floats},
      {"mean_params", NML_F32, s->mean_params, s->net->params_floats},
      {"mean_state", NML_F32, s->mean_state, s->net->state_floats}};
  size_t count = 0;
  for (int i = 0; i < TENSORS; i++)
    if (all[i].values && all[i].count > 0) parts[count++] = all[i];
  return count;
}

numeral_status nml_train_state_init(nml_train_state *state, const nml_net *net,
                                    int slot_count, bool keep_best,
                                    bool keep_mean, numeral_error *error) {
  size_t params = net->params_floats, kept = net->state_floats;
  memset(state, 0, sizeof *state);
  state->net = net;
  state->slot_count = slot_count;
  state->params = nml_alloc(params, sizeof(float));
  state->state = nml_alloc(kept, sizeof(float));
  state->slots = nml_alloc(params, (size_t)slot_count * sizeof(float));
  if (keep_best) {
    state->best_params = nml_alloc(params, sizeof(float));
    state->best_state = nml_alloc(kept, sizeof(float));
  }
  if (keep_mean) {
    state->mean_params = nml_alloc(params, sizeof(float));
    state->mean_state = nml_alloc(kept, sizeof(float));
  }
  if (state->params && state->state && state->slots &&
      (!keep_best || (state->best_params && state->best_state)) &&
      (!keep_mean || (state->mean_params && state->mean_state)))
    return NUMERAL_OK;
  nml_train_state_release(state);
  return nml_fail_memory(error, "the parameters of a training run",
                         params * sizeof(float) * (size_t)(slot_count + 2));
}

void nml_train_state_release(nml_train_state *state) {
  nml_free(state->params);
  nml_free(state->state);
  nml_free(state->slots);
  nml_free(state->best_params);
  nml_free(state->best_state);
  nml_free(state->mean_params);
  nml_free(state->mean_state);
  memset(state, 0, sizeof *state);
}

typedef struct identity_text {
  char numbers[3][NUMBER_BYTES];
  nml_st_entry lines[IDENTITY_LINES + 1];
} identity_text;

static void write_identity(const nml_train_identity *identity,
                           identity_text *text) {
  snprintf(text->numbers[0], NUMBER_BYTES, "%" PRIu64, identity->seed);
  snprintf(text->numbers[1], NUMBER_BYTES, "%016" PRIx64,
           identity->train_checksum);
  snprintf(text->numbers[2], NUMBER_BYTES, "%016" PRIx64,
           identity->validation_checksum);
  const nml_st_entry lines[IDENTITY_LINES + 1] = {
      {"format", format_name},
      {"spec", identity->spec},
      {"recipe", identity->recipe},
      {"seed", text->numbers[0]},
      {"training data", text->numbers[1]},
      {"validation data", text->numbers[2]},
      {"initial model", identity->start ? identity->start : drawn},
      {"teachers", identity->teachers ? identity->teachers : nobody}};
  memcpy(text->lines, lines, sizeof lines);
}

static nml_st_tensor tensor_of(const part *p) {
  nml_st_tensor tensor = {.dtype = p->dtype,
                          .rank = 1,
                          .dims = {(int64_t)p->count},
                          .bytes = p->values};
  size_t size = p->dtype == NML_F32 ? sizeof(float) : sizeof(int64_t);
  snprintf(tensor.name, sizeof tensor.name, "%s", p->name);
  tensor.size_bytes = p->count * size;
  return tensor;
}

numeral_status nml_checkpoint_write(const char *path,
                                    const nml_train_identity *identity,
                                    const nml_train_state *state,
                                    numeral_error *error) {
  nml_train_state readable = *state;
  nml_st_tensor tensors[TENSORS];
  identity_text text;
  part parts[TENSORS];
  size_t count = list_parts(&readable, parts);
  for (size_t i = 0; i < count; i++) tensors[i] = tensor_of(&parts[i]);
  write_identity(identity, &text);
  return nml_st_write(path, tensors, count, text.lines, IDENTITY_LINES + 1,
                      error);
}

static numeral_status check_identity(const nml_st_file *file, const char *path,
                                     const nml_train_identity *identity,
                                     numeral_error *error) {
  identity_text text;
  write_identity(identity, &text);
  for (int i = 0; i <= IDENTITY_LINES; i++) {
    const char *found = nml_st_metadata(file, text.lines[i].key);
    if (!found &&
        (text.lines[i].value == drawn || text.lines[i].value == nobody))
      continue;
    if (!found || strcmp(found, text.lines[i].value) != 0)
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "%s: cannot go on from this checkpoint: its %s is "
                      "\"%.120s\", but \"%.120s\" is asked for: resume with "
                      "the options and data it was started with",
                      path, text.lines[i].key, found ? found : "missing",
                      text.lines[i].value);
  }
  return NUMERAL_OK;
}

static numeral_status copy_parts(const nml_st_file *file, const char *path,
                                 nml_train_state *state, numeral_error *error) {
  part parts[TENSORS];
  size_t count = list_parts(state, parts);
  for (size_t i = 0; i < count; i++) {
    const nml_st_tensor *found = nml_st_tensor_find(file, parts[i].name);
    nml_st_tensor wanted = tensor_of(&parts[i]);
    if (!found || found->dtype != wanted.dtype ||
        found->size_bytes != wanted.size_bytes)
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "%s: the checkpoint's tensor \"%s\" is missing or of "
                      "another size: start the training anew",
                      path, parts[i].name);
    memcpy(parts[i].values, found->bytes, found->size_bytes);
  }
  const nml_train_counters *c = &state->counters;
  if (c->epoch < 0 || c->step < 0 || c->correct < 0 || c->best_epoch < 0 ||
      c->best_epoch > c->epoch)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "%s: the checkpoint's counters make no sense: start the "
                    "training anew",
                    path);
  return NUMERAL_OK;
}

numeral_status nml_checkpoint_read(const char *path,
                                   const nml_train_identity *identity,
                                   nml_train_state *state,
                                   numeral_error *error) {
  unsigned char *bytes;
  size_t size_bytes;
  nml_st_file *file = NULL;
  numeral_status status =
      nml_file_read(path, limit_bytes, &bytes, &size_bytes, error);
  if (status != NUMERAL_OK) return status;
  numeral_error reason;
  status = nml_st_parse(bytes, size_bytes, &file, &reason);
  if (status != NUMERAL_OK)
    nml_fail(error, status, "%s: %s", path, reason.message);
  if (status == NUMERAL_OK)
    status = check_identity(file, path, identity, error);
  if (status == NUMERAL_OK) status = copy_parts(file, path, state, error);
  nml_st_destroy(file);
  nml_free(bytes);
  return status;
}
