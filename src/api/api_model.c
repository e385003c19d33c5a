/* api_model.c: the part of numeral.h about versions, errors, models and named
 * networks. Checks arguments and calls the floors below, nothing more. */
#include "model/model.h"
#include "model/spec.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
  TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *numeral_version(void) {
  return VERSION_TEXT(NUMERAL_VERSION_MAJOR, NUMERAL_VERSION_MINOR,
                      NUMERAL_VERSION_PATCH);
}

const char *numeral_status_text(numeral_status status) {
  switch (status) {
    case NUMERAL_OK:
      return "done";
    case NUMERAL_ERROR_ARGUMENT:
      return "wrong argument";
    case NUMERAL_ERROR_MEMORY:
      return "out of memory";
    case NUMERAL_ERROR_IO:
      return "input or output failed";
    case NUMERAL_ERROR_FORMAT:
      return "damaged or of another format";
    case NUMERAL_ERROR_SPEC:
      return "the network is not understood";
    case NUMERAL_ERROR_LIMIT:
      return "larger than is handled";
    case NUMERAL_ERROR_DIVERGED:
      return "training diverged";
    case NUMERAL_STOPPED:
      return "stopped";
  }
  return "unknown status";
}

static numeral_status fail_null(numeral_error *error, const char *function,
                                const char *argument) {
  return nml_fail(error, NUMERAL_ERROR_ARGUMENT, "%s: %s is NULL", function,
                  argument);
}

/* ---- Models ------------------------------------------------------------ */

numeral_status numeral_model_builtin(numeral_model **model,
                                     numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  return nml_model_builtin(model, error);
}

numeral_status numeral_model_load(const char *path, numeral_model **model,
                                  numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  *model = NULL;
  if (!path) return fail_null(error, __func__, "path");
  return nml_model_load(path, model, error);
}

numeral_status numeral_model_parse(const void *bytes, size_t size_bytes,
                                   numeral_model **model,
                                   numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  *model = NULL;
  if (!bytes) return fail_null(error, __func__, "bytes");
  return nml_model_parse(bytes, size_bytes, model, error);
}

numeral_status numeral_model_create(const char *net, uint64_t seed,
                                    numeral_model **model,
                                    numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  *model = NULL;
  if (!net) return fail_null(error, __func__, "net");
  numeral_status status = nml_model_create(net, model, error);
  if (status != NUMERAL_OK) return status;
  nml_net_init((*model)->net, seed, (*model)->params, (*model)->state);
  return NUMERAL_OK;
}

numeral_status numeral_model_write(const numeral_model *model, const char *path,
                                   numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  if (!path) return fail_null(error, __func__, "path");
  return nml_model_write(model, path, error);
}

void numeral_model_destroy(numeral_model *model) { nml_model_destroy(model); }

numeral_model_info numeral_model_get_info(const numeral_model *model) {
  if (!model) return (numeral_model_info){.spec = ""};
  return (numeral_model_info){
      .spec = model->spec,
      .parameter_count = model->net->parameter_count,
      .forward_flops = model->net->forward_flops,
      .layer_count = (size_t)model->net->layer_count,
      .tensor_count = (size_t)model->net->tensor_count,
      .feature_count = nml_predictor_feature_count(model->net),
      .temperature = model->temperature,
      .has_guard = model->guard != NULL,
  };
}

const char *numeral_model_metadata(const numeral_model *model,
                                   const char *key) {
  return model && key ? nml_model_metadata(model, key) : NULL;
}

/* Flattening moves nothing in memory, so the net keeps rows and columns; to a
 * reader what follows it is one row. */
static nml_shape shape_for_people(const nml_net *net, size_t index) {
  nml_shape out = net->layers[index].out;
  for (size_t i = 0; i <= index; i++)
    if (net->layers[i].spec.kind == NML_FLATTEN)
      return (nml_shape){1, 1, out.h * out.w * out.c, 0};
  return out;
}

numeral_layer_info numeral_model_layer(const numeral_model *model,
                                       size_t index) {
  numeral_layer_info info = {.text = ""};
  if (!model || index >= (size_t)model->net->layer_count) return info;
  const nml_layer *layer = &model->net->layers[index];
  nml_shape out = shape_for_people(model->net, index);
  nml_layer_format(&layer->spec, info.text, sizeof info.text);
  info.height = out.h;
  info.width = out.w;
  info.channels = out.c;
  info.parameter_count = layer->parameter_count;
  info.forward_flops = layer->forward_flops;
  return info;
}

numeral_tensor_info numeral_model_tensor(const numeral_model *model,
                                         size_t index) {
  numeral_tensor_info info = {.name = NULL};
  if (!model || index >= (size_t)model->net->tensor_count) return info;
  const nml_tensor *tensor = &model->net->tensors[index];
  info.name = tensor->name;
  info.rank = tensor->rank;
  for (int i = 0; i < tensor->rank; i++) info.dims[i] = tensor->dims[i];
  info.count = tensor->count;
  return info;
}

numeral_status numeral_model_tensor_values(const numeral_model *model,
                                           size_t index, float *values,
                                           numeral_error *error) {
  nml_error_clear(error);
  if (!model) return fail_null(error, __func__, "model");
  if (!values) return fail_null(error, __func__, "values");
  if (index >= (size_t)model->net->tensor_count)
    return nml_fail(error, NUMERAL_ERROR_ARGUMENT,
                    "the model has %d tensors, no number %zu",
                    model->net->tensor_count, index);
  nml_tensor_store(model->net, (int)index, model->params, model->state, values);
  return NUMERAL_OK;
}

/* ---- Named networks ---------------------------------------------------- */

numeral_status numeral_recipe_for(const char *net, numeral_recipe *recipe,
                                  numeral_error *error) {
  nml_layer_spec specs[NML_MAX_LAYERS];
  int count;
  nml_error_clear(error);
  if (!recipe) return fail_null(error, __func__, "recipe");
  *recipe = (numeral_recipe){0};
  if (!net) return fail_null(error, __func__, "net");
  numeral_status status = nml_spec_parse(net, specs, &count, error);
  if (status == NUMERAL_OK) *recipe = nml_recipe_for(net);
  return status;
}

size_t numeral_named_nets(const numeral_named_net **nets) {
  size_t count;
  const numeral_named_net *table = nml_named_net_table(&count);
  if (nets) *nets = table;
  return count;
}
