/* model.c: a model between memory and its file. A file is checked in full, in
 * an order that takes memory only for what the file has bytes for. Must not
 * know how a network is trained or run. */
#include "model/model.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "model/safetensors.h"
#include "model/spec.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "files are little-endian and copied as they are");

enum { MAX_FILE_BYTES = 256 << 20 };

/* What every model file says of itself (docs/model-format.md). */
static const nml_st_entry fixed[] = {
    {"format", "numeral"}, {"version", "1"}, {"input", "ink/255"}};
enum { FIXED_COUNT = sizeof fixed / sizeof fixed[0] };

/* The guard's line of metadata, its tensors, and how it is weighed. */
static const char GUARD[] = "guard", GUARD_PREFIX[] = "guard.",
                  JUDGE[] = "judge";

/* Puts where it happened before the message. */
static numeral_status fail_in(numeral_error *error, const numeral_error *cause,
                              const char *place) {
  return nml_fail(error, cause->status, "%s: %s", place, cause->message);
}

/* ---- Making ------------------------------------------------------------ */

static char *copy_text(const char *text) {
  size_t size_bytes = strlen(text) + 1;
  char *copy = nml_alloc(size_bytes, 1);
  return copy ? memcpy(copy, text, size_bytes) : NULL;
}

numeral_status nml_model_set_metadata(numeral_model *model, const char *key,
                                      const char *value, numeral_error *error) {
  size_t at = 0;
  while (at < model->metadata_count && strcmp(model->keys[at], key) != 0) at++;
  if (at == NML_MODEL_MAX_METADATA)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "a model has at most %d lines of metadata",
                    NML_MODEL_MAX_METADATA);
  bool is_new = at == model->metadata_count;
  char *value_copy = copy_text(value);
  char *key_copy = is_new ? copy_text(key) : NULL;
  if (!value_copy || (is_new && !key_copy)) {
    nml_free(value_copy);
    nml_free(key_copy);
    return nml_fail_memory(error, "a model's metadata", strlen(value));
  }
  if (is_new) {
    model->keys[at] = key_copy;
    model->metadata_count++;
  }
  nml_free(model->values[at]);
  model->values[at] = value_copy;
  return NUMERAL_OK;
}

/* `ranges` may lie at any address. */
static numeral_status take_ranges(numeral_model *model, const void *ranges,
                                  numeral_error *error) {
  const size_t count = (size_t)model->net->layer_count;
  if (!model->ranges) model->ranges = nml_alloc(count, sizeof(nml_range));
  if (!model->ranges)
    return nml_fail_memory(error, "a model's ranges",
                           count * sizeof(nml_range));
  memcpy(model->ranges, ranges, count * sizeof(nml_range));
  return NUMERAL_OK;
}

numeral_status nml_model_set_ranges(numeral_model *model,
                                    const nml_range *ranges,
                                    numeral_error *error) {
  return take_ranges(model, ranges, error);
}

/* A model with its net and canonical spec, but no numbers nor metadata. */
static numeral_status create_empty(const char *text, numeral_model **model,
                                   numeral_error *error) {
  nml_layer_spec specs[NML_MAX_LAYERS];
  char canonical[NML_SPEC_BYTES];
  int count;
  numeral_status status = nml_spec_parse(text, specs, &count, error);
  if (status != NUMERAL_OK) return status;
  bool fits = nml_spec_format(specs, count, canonical, sizeof canonical);
  assert(fits); /* nml_spec_parse promises it */
  (void)fits;
  numeral_model *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a model", sizeof *made);
  made->temperature = 1;
  made->spec = copy_text(canonical);
  made->keys = nml_alloc(NML_MODEL_MAX_METADATA, sizeof *made->keys);
  made->values = nml_alloc(NML_MODEL_MAX_METADATA, sizeof *made->values);
  status = made->spec && made->keys && made->values
               ? nml_net_create(specs, count, &made->net, error)
               : nml_fail_memory(error, "a model", sizeof canonical);
  if (status == NUMERAL_OK)
    *model = made;
  else
    nml_model_destroy(made);
  return status;
}

static numeral_status alloc_numbers(numeral_model *model,
                                    numeral_error *error) {
  const nml_net *net = model->net;
  model->params = nml_alloc(net->params_floats, sizeof(float));
  if (net->state_floats)
    model->state = nml_alloc(net->state_floats, sizeof(float));
  if (!model->params || (net->state_floats && !model->state))
    return nml_fail_memory(error, "a network's parameters",
                           net->params_floats * sizeof(float));
  return NUMERAL_OK;
}

numeral_status nml_model_create(const char *text, numeral_model **model,
                                numeral_error *error) {
  numeral_model *made = NULL;
  *model = NULL;
  numeral_status status = create_empty(text, &made, error);
  if (status == NUMERAL_OK) status = alloc_numbers(made, error);
  for (int i = 0; i < FIXED_COUNT && status == NUMERAL_OK; i++)
    status = nml_model_set_metadata(made, fixed[i].key, fixed[i].value, error);
  if (status == NUMERAL_OK)
    status = nml_model_set_metadata(made, "spec", made->spec, error);
  if (status == NUMERAL_OK)
    *model = made;
  else
    nml_model_destroy(made);
  return status;
}

void nml_model_destroy(numeral_model *model) {
  if (!model) return;
  for (size_t i = 0; i < model->metadata_count; i++) {
    nml_free(model->keys[i]);
    nml_free(model->values[i]);
  }
  nml_free(model->keys);
  nml_free(model->values);
  nml_free(model->params);
  nml_free(model->state);
  nml_free(model->ranges);
  nml_model_destroy(model->guard);
  nml_net_destroy(model->net);
  nml_free(model->spec);
  nml_free(model);
}

numeral_status nml_model_set_guard(numeral_model *model, numeral_model *guard,
                                   const float judge[NML_JUDGE_WEIGHTS],
                                   numeral_error *error) {
  nml_model_destroy(model->guard);
  model->guard = guard;
  memcpy(model->judge, judge, sizeof model->judge);
  return nml_model_set_metadata(model, GUARD, guard->spec, error);
}

static numeral_status copy_numbers(const numeral_model *model,
                                   numeral_model *copy, numeral_error *error) {
  const nml_net *net = model->net;
  numeral_status status = alloc_numbers(copy, error);
  if (status != NUMERAL_OK) return status;
  memcpy(copy->params, model->params, net->params_floats * sizeof(float));
  if (net->state_floats)
    memcpy(copy->state, model->state, net->state_floats * sizeof(float));
  copy->temperature = model->temperature;
  memcpy(copy->judge, model->judge, sizeof copy->judge);
  if (model->ranges) status = take_ranges(copy, model->ranges, error);
  if (status == NUMERAL_OK && model->guard)
    status = nml_model_copy(model->guard, &copy->guard, error);
  return status;
}

numeral_status nml_model_copy(const numeral_model *model, numeral_model **copy,
                              numeral_error *error) {
  numeral_model *made = NULL;
  *copy = NULL;
  numeral_status status = create_empty(model->spec, &made, error);
  if (status == NUMERAL_OK) status = copy_numbers(model, made, error);
  for (size_t i = 0; i < model->metadata_count && status == NUMERAL_OK; i++)
    status =
        nml_model_set_metadata(made, model->keys[i], model->values[i], error);
  if (status == NUMERAL_OK)
    *copy = made;
  else
    nml_model_destroy(made);
  return status;
}

const char *nml_model_metadata(const numeral_model *model, const char *key) {
  for (size_t i = 0; i < model->metadata_count; i++)
    if (strcmp(model->keys[i], key) == 0) return model->values[i];
  return NULL;
}

/* ---- Tensors ----------------------------------------------------------- */

/* Without branches, so that a vector of them is looked at at once. */
static numeral_status check_values(const nml_tensor *tensor, const void *values,
                                   numeral_error *error) {
  const uint32_t exponent = 0x7f800000, sign = 0x80000000;
  const unsigned char *bytes = values;
  uint32_t infinite = 0, negative = 0;
  for (size_t i = 0; i < tensor->count; i++) {
    uint32_t bits;
    memcpy(&bits, bytes + i * sizeof bits, sizeof bits);
    infinite |= (bits & exponent) == exponent;
    negative |= bits > sign; /* not -0 */
  }
  if (infinite)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" holds a value that is not a finite number",
                    tensor->name);
  if (negative && tensor->part == NML_VARIANCE)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" holds a negative variance", tensor->name);
  return NUMERAL_OK;
}

static void shape_text(const int64_t *dims, int rank, char text[96]) {
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i < rank; i++)
    used += (size_t)snprintf(text + used, 96 - used, "%s%lld", i ? "x" : "",
                             (long long)dims[i]);
}

/* The header of the tensor as the net has it; its bytes are set elsewhere.
 * `prefix` is "" or that of the guard. */
static nml_st_tensor describe_tensor(const char *prefix,
                                     const nml_tensor *tensor) {
  nml_st_tensor out = {.dtype = NML_F32,
                       .rank = tensor->rank,
                       .size_bytes = tensor->count * sizeof(float)};
  snprintf(out.name, sizeof out.name, "%s%s", prefix, tensor->name);
  for (int i = 0; i < tensor->rank; i++) out.dims[i] = tensor->dims[i];
  return out;
}

/* What came out of each layer. */
static nml_st_tensor describe_ranges(const nml_net *net) {
  return (nml_st_tensor){
      .name = "ranges",
      .dtype = NML_F32,
      .rank = 2,
      .dims = {net->layer_count, 2},
      .size_bytes = (size_t)net->layer_count * sizeof(nml_range)};
}

static nml_st_tensor describe_row(const char *name, int count) {
  nml_st_tensor out = {.dtype = NML_F32,
                       .rank = 1,
                       .dims = {count},
                       .size_bytes = (size_t)count * sizeof(float)};
  snprintf(out.name, sizeof out.name, "%s", name);
  return out;
}

static numeral_status check_tensor(const nml_st_file *file,
                                   const nml_st_tensor *tensor,
                                   numeral_error *error) {
  const nml_st_tensor expected = *tensor;
  const nml_st_tensor *found = nml_st_tensor_find(file, tensor->name);
  if (!found)
    return nml_fail(error, NUMERAL_ERROR_FORMAT, "tensor \"%s\" is missing",
                    tensor->name);
  if (found->dtype != NML_F32)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" is not of type F32", tensor->name);
  size_t dims_bytes = (size_t)expected.rank * sizeof expected.dims[0];
  if (found->rank == expected.rank &&
      memcmp(found->dims, expected.dims, dims_bytes) == 0)
    return NUMERAL_OK;
  char is[96], should_be[96];
  shape_text(found->dims, found->rank, is);
  shape_text(expected.dims, expected.rank, should_be);
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "tensor \"%s\" has the shape %s, but the network needs %s",
                  tensor->name, is, should_be);
}

static numeral_status check_net_tensors(const nml_st_file *file,
                                        const char *prefix, const nml_net *net,
                                        size_t *known, numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (int t = 0; t < net->tensor_count && status == NUMERAL_OK; t++) {
    const nml_st_tensor tensor = describe_tensor(prefix, &net->tensors[t]);
    status = check_tensor(file, &tensor, error);
  }
  *known += (size_t)net->tensor_count;
  return status;
}

static numeral_status check_optional(const nml_st_file *file,
                                     const nml_st_tensor *tensor, size_t *known,
                                     numeral_error *error) {
  if (!nml_st_tensor_find(file, tensor->name)) return NUMERAL_OK;
  (*known)++;
  return check_tensor(file, tensor, error);
}

static bool is_of_net(const char *prefix, const nml_net *net,
                      const char *name) {
  size_t length = strlen(prefix);
  if (!net || strncmp(prefix, name, length) != 0) return false;
  for (int t = 0; t < net->tensor_count; t++)
    if (strcmp(net->tensors[t].name, name + length) == 0) return true;
  return false;
}

static bool is_known(const numeral_model *model, const char *name) {
  const nml_net *guard = model->guard ? model->guard->net : NULL;
  return is_of_net("", model->net, name) ||
         is_of_net(GUARD_PREFIX, guard, name) || strcmp(name, "ranges") == 0 ||
         strcmp(name, "temperature") == 0 || (guard && !strcmp(name, JUDGE));
}

/* Exactly the tensors of the net and its guard, and maybe what was measured: so
 * the file is as large as the nets are. */
static numeral_status check_tensors(const nml_st_file *file,
                                    const numeral_model *model,
                                    numeral_error *error) {
  const nml_st_tensor ranges = describe_ranges(model->net);
  const nml_st_tensor temperature = describe_row("temperature", 1);
  const nml_st_tensor judge = describe_row(JUDGE, NML_JUDGE_WEIGHTS);
  size_t known = 0;
  numeral_status status =
      check_net_tensors(file, "", model->net, &known, error);
  if (status == NUMERAL_OK)
    status = check_optional(file, &ranges, &known, error);
  if (status == NUMERAL_OK)
    status = check_optional(file, &temperature, &known, error);
  if (status == NUMERAL_OK && model->guard)
    status =
        check_net_tensors(file, GUARD_PREFIX, model->guard->net, &known, error);
  if (status == NUMERAL_OK && model->guard) {
    status = check_tensor(file, &judge, error);
    known++;
  }
  if (status != NUMERAL_OK || file->tensor_count == known) return status;
  for (size_t i = 0; i < file->tensor_count; i++)
    if (!is_known(model, file->tensors[i].name))
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "tensor \"%s\" is none of the network's",
                      file->tensors[i].name);
  return NUMERAL_OK;
}

static numeral_status fetch_tensors(const nml_st_file *file, const char *prefix,
                                    numeral_model *model,
                                    numeral_error *error) {
  const nml_net *net = model->net;
  numeral_status status = alloc_numbers(model, error);
  for (int t = 0; t < net->tensor_count && status == NUMERAL_OK; t++) {
    const nml_st_tensor tensor = describe_tensor(prefix, &net->tensors[t]);
    const void *values = nml_st_tensor_find(file, tensor.name)->bytes;
    status = check_values(&net->tensors[t], values, error);
    if (status == NUMERAL_OK)
      nml_tensor_fetch(net, t, values, model->params, model->state);
  }
  return status;
}

/* Leaves `values` where the file has no such tensor. */
static numeral_status fetch_row(const nml_st_file *file, const char *name,
                                size_t count, float *values,
                                numeral_error *error) {
  const nml_st_tensor *found = nml_st_tensor_find(file, name);
  nml_tensor tensor = {.count = count};
  if (!found) return NUMERAL_OK;
  snprintf(tensor.name, sizeof tensor.name, "%s", name);
  numeral_status status = check_values(&tensor, found->bytes, error);
  if (status == NUMERAL_OK)
    memcpy(values, found->bytes, count * sizeof *values);
  return status;
}

/* How sure the network is, and what it refuses. */
static numeral_status fetch_sureness(const nml_st_file *file,
                                     numeral_model *model,
                                     numeral_error *error) {
  numeral_status status =
      fetch_row(file, "temperature", 1, &model->temperature, error);
  if (status == NUMERAL_OK && !(model->temperature >= NML_TEMPERATURE_LEAST &&
                                model->temperature <= NML_TEMPERATURE_MOST))
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "tensor \"temperature\" is not from 0.01 to 100");
  if (status != NUMERAL_OK || !model->guard) return status;
  status = fetch_row(file, JUDGE, NML_JUDGE_WEIGHTS, model->judge, error);
  if (status != NUMERAL_OK) return status;
  return fetch_tensors(file, GUARD_PREFIX, model->guard, error);
}

static numeral_status fetch_ranges(const nml_st_file *file,
                                   numeral_model *model, numeral_error *error) {
  const nml_st_tensor *found = nml_st_tensor_find(file, "ranges");
  const nml_tensor tensor = {.name = "ranges",
                             .count = 2 * (size_t)model->net->layer_count};
  if (!found) return NUMERAL_OK;
  numeral_status status = check_values(&tensor, found->bytes, error);
  if (status == NUMERAL_OK) status = take_ranges(model, found->bytes, error);
  for (int i = 0; status == NUMERAL_OK && i < model->net->layer_count; i++)
    if (model->ranges[i].low > model->ranges[i].high)
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "tensor \"ranges\" has a lowest value above the highest "
                      "in row %d",
                      i);
  return status;
}

/* ---- Reading ----------------------------------------------------------- */

static numeral_status check_fixed(const nml_st_file *file,
                                  numeral_error *error) {
  for (int i = 0; i < FIXED_COUNT; i++) {
    const char *value = nml_st_metadata(file, fixed[i].key);
    if (!value)
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "its metadata has no \"%s\": numeral did not write it",
                      fixed[i].key);
    if (strcmp(value, fixed[i].value) != 0)
      return nml_fail(error, NUMERAL_ERROR_FORMAT,
                      "its %s is \"%.60s\", but only \"%s\" is read: another "
                      "program or a newer numeral wrote it",
                      fixed[i].key, value, fixed[i].value);
  }
  if (file->metadata_count > NML_MODEL_MAX_METADATA)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "it has more than %d lines of metadata",
                    NML_MODEL_MAX_METADATA);
  return NUMERAL_OK;
}

static numeral_status create_from_spec(const nml_st_file *file,
                                       numeral_model **model,
                                       numeral_error *error) {
  const char *spec = nml_st_metadata(file, "spec");
  numeral_error cause = {0};
  if (!spec)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "its metadata has no \"spec\" that describes the network");
  if (create_empty(spec, model, &cause) != NUMERAL_OK)
    return fail_in(error, &cause, "its spec");
  if (strcmp((*model)->spec, spec) == 0) return NUMERAL_OK;
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "its spec should be written \"%.250s\"", (*model)->spec);
}

/* The guard's net, where the metadata tells of one. */
static numeral_status create_guard(const nml_st_file *file,
                                   numeral_model *model, numeral_error *error) {
  numeral_error cause = {0};
  const char *spec = nml_st_metadata(file, GUARD);
  if (!spec) return NUMERAL_OK;
  numeral_status status = create_empty(spec, &model->guard, &cause);
  if (status != NUMERAL_OK) return fail_in(error, &cause, "its guard");
  if (strcmp(model->guard->spec, spec) == 0) return NUMERAL_OK;
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "its guard should be written \"%.250s\"", model->guard->spec);
}

static numeral_status copy_metadata(const nml_st_file *file,
                                    numeral_model *model,
                                    numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (size_t i = 0; i < file->metadata_count && status == NUMERAL_OK; i++)
    status = nml_model_set_metadata(model, file->metadata[i].key,
                                    file->metadata[i].value, error);
  return status;
}

static numeral_status read_model(const nml_st_file *file, numeral_model **model,
                                 numeral_error *error) {
  numeral_status status = check_fixed(file, error);
  if (status == NUMERAL_OK) status = create_from_spec(file, model, error);
  if (status == NUMERAL_OK) status = create_guard(file, *model, error);
  if (status == NUMERAL_OK) status = check_tensors(file, *model, error);
  if (status == NUMERAL_OK) status = fetch_tensors(file, "", *model, error);
  if (status == NUMERAL_OK) status = fetch_ranges(file, *model, error);
  if (status == NUMERAL_OK) status = fetch_sureness(file, *model, error);
  return status == NUMERAL_OK ? copy_metadata(file, *model, error) : status;
}

numeral_status nml_model_parse(const void *bytes, size_t size_bytes,
                               numeral_model **model, numeral_error *error) {
  nml_st_file *file;
  *model = NULL;
  if (size_bytes > MAX_FILE_BYTES)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "the model has %zu bytes, more than %d", size_bytes,
                    MAX_FILE_BYTES);
  numeral_status status = nml_st_parse(bytes, size_bytes, &file, error);
  if (status != NUMERAL_OK) return status;
  status = read_model(file, model, error);
  nml_st_destroy(file);
  if (status != NUMERAL_OK) {
    nml_model_destroy(*model);
    *model = NULL;
  }
  return status;
}

numeral_status nml_model_load(const char *path, numeral_model **model,
                              numeral_error *error) {
  unsigned char *bytes;
  size_t size_bytes;
  numeral_error cause = {0};
  char place[300];
  *model = NULL;
  numeral_status status =
      nml_file_read(path, MAX_FILE_BYTES, &bytes, &size_bytes, error);
  if (status != NUMERAL_OK) return status;
  status = nml_model_parse(bytes, size_bytes, model, &cause);
  nml_free(bytes);
  if (status == NUMERAL_OK) return status;
  snprintf(place, sizeof place, "cannot read the model \"%.200s\"", path);
  return fail_in(error, &cause, place);
}

/* ---- Writing ----------------------------------------------------------- */

/* What is handed to the container: one block each. */
typedef struct outgoing {
  nml_st_tensor *tensors;
  size_t tensor_count;
  nml_st_entry *metadata;
  float *values; /* of all networks' tensors */
  float *next;   /* the first of values that is free */
} outgoing;

static void add_tensor(outgoing *out, nml_st_tensor tensor, const void *bytes) {
  tensor.bytes = bytes;
  out->tensors[out->tensor_count++] = tensor;
}

static numeral_status gather_net(const numeral_model *model, const char *prefix,
                                 outgoing *out, numeral_error *error) {
  const nml_net *net = model->net;
  for (int t = 0; t < net->tensor_count; t++) {
    nml_tensor_store(net, t, model->params, model->state, out->next);
    /* what could not be read again is not written */
    numeral_status status = check_values(&net->tensors[t], out->next, error);
    if (status != NUMERAL_OK) return status;
    add_tensor(out, describe_tensor(prefix, &net->tensors[t]), out->next);
    out->next += net->tensors[t].count;
  }
  return NUMERAL_OK;
}

static numeral_status gather(const numeral_model *model, outgoing *out,
                             numeral_error *error) {
  out->next = out->values;
  numeral_status status = gather_net(model, "", out, error);
  if (model->ranges)
    add_tensor(out, describe_ranges(model->net), model->ranges);
  if (model->temperature != 1)
    add_tensor(out, describe_row("temperature", 1), &model->temperature);
  if (status == NUMERAL_OK && model->guard) {
    status = gather_net(model->guard, GUARD_PREFIX, out, error);
    add_tensor(out, describe_row(JUDGE, NML_JUDGE_WEIGHTS), model->judge);
  }
  for (size_t i = 0; i < model->metadata_count; i++)
    out->metadata[i] = (nml_st_entry){model->keys[i], model->values[i]};
  return status;
}

static size_t floats_of(const numeral_model *model) {
  size_t floats = 0;
  for (int t = 0; model && t < model->net->tensor_count; t++)
    floats += model->net->tensors[t].count;
  return floats;
}

numeral_status nml_model_write(const numeral_model *model, const char *path,
                               numeral_error *error) {
  const numeral_model *guard = model->guard;
  numeral_status status;
  size_t floats = floats_of(model) + floats_of(guard);
  size_t most = (size_t)model->net->tensor_count +
                (guard ? (size_t)guard->net->tensor_count : 0) + 3;
  outgoing out = {
      .tensors = nml_alloc(most, sizeof *out.tensors),
      .metadata = nml_alloc(model->metadata_count, sizeof *out.metadata),
      .values = nml_alloc(floats, sizeof *out.values)};
  if (!out.tensors || !out.metadata || !out.values) {
    status =
        nml_fail_memory(error, "writing a model", floats * sizeof *out.values);
    goto done;
  }
  status = gather(model, &out, error);
  if (status == NUMERAL_OK)
    status = nml_st_write(path, out.tensors, out.tensor_count, out.metadata,
                          model->metadata_count, error);
done:
  nml_free(out.tensors);
  nml_free(out.metadata);
  nml_free(out.values);
  return status;
}

uint64_t nml_model_checksum(const numeral_model *model) {
  const nml_net *net = model->net;
  uint64_t hash = nml_hash(nml_hash_start, model->params,
                           net->params_floats * sizeof(float));
  return nml_hash(hash, model->state, net->state_floats * sizeof(float));
}
