/* test_model.c: model files from outside, as numeral.h offers them: what comes
 * back bit for bit, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/model.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TINY "maxpool 14, batchnorm relu, flatten, dense 10"

enum { MAX_TENSORS = 8, MAX_LINES = 80 };

static char folder[64], path[96];
static unsigned char *bytes; /* of the last file read, in a block of its size */
static size_t size_bytes;

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/numeral-model-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/model", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  free(bytes);
  unlink(path);
  return rmdir(folder);
}

static void read_file(void) {
  unsigned char *read;
  assert_int_equal(nml_file_read(path, 1 << 24, &read, &size_bytes, NULL),
                   NUMERAL_OK);
  free(bytes);
  bytes = malloc(size_bytes);
  memcpy(bytes, read, size_bytes);
  nml_free(read);
}

static numeral_model *create(const char *spec) {
  numeral_model *model;
  numeral_error error = {0};
  if (numeral_model_create(spec, 7, &model, &error) != NUMERAL_OK)
    fail_msg("%s", error.message);
  return model;
}

static void write_model(const char *spec) {
  numeral_model *model = create(spec);
  assert_int_equal(numeral_model_write(model, path, NULL), NUMERAL_OK);
  numeral_model_destroy(model);
  read_file();
}

static void assert_parse(numeral_status status, const char *message) {
  numeral_error error = {0};
  numeral_model *model = (numeral_model *)&error;
  numeral_status got = numeral_model_parse(bytes, size_bytes, &model, &error);
  if (got != status || !strstr(error.message, message))
    fail_msg("gave %d \"%s\", not \"%s\"", (int)got, error.message, message);
  if (status != NUMERAL_OK) assert_null(model);
  numeral_model_destroy(model);
}

/* ---- Round trips ------------------------------------------------------- */

static void assert_same(const numeral_model *a, const numeral_model *b) {
  assert_string_equal(a->spec, b->spec);
  assert_int_equal(a->net->params_floats, b->net->params_floats);
  assert_memory_equal(a->params, b->params,
                      a->net->params_floats * sizeof(float));
  if (a->net->state_floats)
    assert_memory_equal(a->state, b->state,
                        a->net->state_floats * sizeof(float));
  assert_int_equal(a->metadata_count, b->metadata_count);
  for (size_t i = 0; i < a->metadata_count; i++) {
    assert_string_equal(a->keys[i], b->keys[i]);
    assert_string_equal(a->values[i], b->values[i]);
  }
}

static void test_round_trip_keeps_every_bit(void **state) {
  static const char *const nets[] = {
      TINY,
      "lenet5",
      ("conv 3 3x5 stride 2 same, batchnorm relu, avgpool 2x3, dropout 0.25, "
       "flatten, dense 17 relu he, dense 10"),
      "conv 7 3x3, residual, conv 7 3x3 same, batchnorm, shortcut, "
      "conv 7 1x1, add relu, globalavgpool, dense 10",
      "conv 12 3x3, batchnorm relu6, relu6, conv 12 3x3 groups 12 stride 2 "
      "same relu, "
      "conv 18 3x2 groups 3, globalavgpool, dense 10",
      "conv 10 28x28"};
  (void)state;
  for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
    numeral_model *model = create(nets[i]), *again;
    assert_int_equal(nml_model_set_metadata(model, "note", "a \"b\"\n", NULL),
                     NUMERAL_OK);
    model->params[0] = 1e-42f; /* a denormal */
    assert_int_equal(numeral_model_write(model, path, NULL), NUMERAL_OK);
    assert_int_equal(numeral_model_load(path, &again, NULL), NUMERAL_OK);
    assert_same(model, again);
    read_file();
    size_t before_bytes = size_bytes;
    unsigned char *before = malloc(size_bytes);
    memcpy(before, bytes, size_bytes);
    assert_int_equal(numeral_model_write(again, path, NULL), NUMERAL_OK);
    read_file();
    assert_int_equal(size_bytes, before_bytes);
    assert_memory_equal(bytes, before, size_bytes);
    free(before);
    numeral_model_destroy(model);
    numeral_model_destroy(again);
  }
}

static void test_info_layers_and_metadata(void **state) {
  (void)state;
  numeral_model *model = create("cnn");
  numeral_model_info info = numeral_model_get_info(model);
  assert_int_equal(info.parameter_count, 225034);
  assert_int_equal(info.layer_count, 7);
  assert_string_equal(info.spec, numeral_model_metadata(model, "spec"));
  assert_string_equal(numeral_model_metadata(model, "input"), "ink/255");
  assert_null(numeral_model_metadata(model, "none"));
  numeral_layer_info layer = numeral_model_layer(model, 0);
  assert_string_equal(layer.text, "conv 32 3x3 relu");
  assert_int_equal(layer.height, 26);
  assert_int_equal(layer.channels, 32);
  assert_int_equal(layer.parameter_count, 320);
  layer = numeral_model_layer(model, 4);
  assert_string_equal(layer.text, "flatten");
  assert_int_equal(layer.height, 1);
  assert_int_equal(layer.channels, 1600);
  layer = numeral_model_layer(model, 6);
  assert_string_equal(layer.text, "dense 10");
  layer = numeral_model_layer(model, 7);
  assert_string_equal(layer.text, "");
  assert_int_equal(layer.channels, 0);
  numeral_model_destroy(model);
}

static void test_metadata_is_replaced_and_bounded(void **state) {
  char key[16];
  (void)state;
  numeral_model *model = create(TINY);
  size_t count = model->metadata_count;
  assert_int_equal(nml_model_set_metadata(model, "k", "1", NULL), NUMERAL_OK);
  assert_int_equal(nml_model_set_metadata(model, "k", "2", NULL), NUMERAL_OK);
  assert_string_equal(numeral_model_metadata(model, "k"), "2");
  assert_int_equal(model->metadata_count, count + 1);
  for (int i = 0; model->metadata_count < NML_MODEL_MAX_METADATA; i++) {
    snprintf(key, sizeof key, "key%d", i);
    assert_int_equal(nml_model_set_metadata(model, key, "", NULL), NUMERAL_OK);
  }
  assert_int_equal(nml_model_set_metadata(model, "more", "", NULL),
                   NUMERAL_ERROR_LIMIT);
  assert_int_equal(nml_model_set_metadata(model, "k", "3", NULL), NUMERAL_OK);
  assert_int_equal(numeral_model_write(model, path, NULL), NUMERAL_OK);
  numeral_model_destroy(model);
  read_file();
  assert_parse(NUMERAL_OK, "");
}

static void test_untrained_numbers_depend_on_the_seed(void **state) {
  numeral_model *a = create(TINY), *b = create(TINY), *c;
  (void)state;
  assert_same(a, b);
  assert_int_equal(numeral_model_create(TINY, 8, &c, NULL), NUMERAL_OK);
  assert_memory_not_equal(a->params, c->params,
                          a->net->params_floats * sizeof(float));
  numeral_model_destroy(a);
  numeral_model_destroy(b);
  numeral_model_destroy(c);
}

/* ---- Damaged files ----------------------------------------------------- */

static void test_every_prefix_is_refused(void **state) {
  numeral_model *model;
  numeral_error error;
  (void)state;
  write_model(TINY);
  for (size_t length = 0; length < size_bytes; length++) {
    unsigned char *prefix = malloc(length + (length == 0));
    memcpy(prefix, bytes, length);
    assert_int_equal(numeral_model_parse(prefix, length, &model, &error),
                     NUMERAL_ERROR_FORMAT);
    assert_null(model);
    assert_true(strlen(error.message) > 10);
    free(prefix);
  }
}

static void test_each_corrupt_byte_gives_an_answer(void **state) {
  numeral_model *model;
  numeral_error error;
  (void)state;
  write_model(TINY);
  for (size_t i = 0; i < size_bytes; i++) {
    unsigned char kept = bytes[i];
    for (int value = 0; value < 256; value++) {
      bytes[i] = (unsigned char)value;
      if (numeral_model_parse(bytes, size_bytes, &model, &error) == NUMERAL_OK)
        numeral_model_destroy(model);
      else if (model || !error.message[0])
        fail_msg("byte %zu as %d: no model, no message", i, value);
    }
    bytes[i] = kept;
  }
}

/* A file put together by hand, so that it can be wrong. */
typedef struct parts {
  nml_st_tensor tensors[MAX_TENSORS];
  size_t tensor_count;
  nml_st_entry lines[MAX_LINES];
  size_t line_count;
  float weights[40], ones[10];
} parts;

static void add_tensor(parts *p, const char *name, const float *values,
                       int rank, int64_t a, int64_t b) {
  nml_st_tensor *tensor = &p->tensors[p->tensor_count++];
  *tensor = (nml_st_tensor){.rank = rank, .dims = {a, b}, .bytes = values};
  strcpy(tensor->name, name);
  tensor->size_bytes = (size_t)(rank == 2 ? a * b : a) * sizeof(float);
}

static parts good_parts(void) {
  static parts p;
  memset(&p, 0, sizeof p);
  for (int i = 0; i < 10; i++) p.ones[i] = 1;
  p.lines[0] = (nml_st_entry){"format", "numeral"};
  p.lines[1] = (nml_st_entry){"version", "1"};
  p.lines[2] = (nml_st_entry){"input", "ink/255"};
  p.lines[3] = (nml_st_entry){"spec", TINY};
  p.line_count = 4;
  add_tensor(&p, "1.batchnorm.weight", p.ones, 1, 1, 0);
  add_tensor(&p, "1.batchnorm.bias", p.ones, 1, 1, 0);
  add_tensor(&p, "1.batchnorm.running_mean", p.ones, 1, 1, 0);
  add_tensor(&p, "1.batchnorm.running_var", p.ones, 1, 1, 0);
  add_tensor(&p, "3.dense.weight", p.weights, 2, 10, 4);
  add_tensor(&p, "3.dense.bias", p.ones, 1, 10, 0);
  return p;
}

static void assert_parts(const parts *p, numeral_status status,
                         const char *message) {
  assert_int_equal(nml_st_write(path, p->tensors, p->tensor_count, p->lines,
                                p->line_count, NULL),
                   NUMERAL_OK);
  read_file();
  assert_parse(status, message);
}

static void test_wrong_metadata_is_refused(void **state) {
  static const char *const keys[] = {"format", "version", "input", "spec"};
  char expected[64];
  (void)state;
  parts p = good_parts();
  assert_parts(&p, NUMERAL_OK, "");
  for (size_t i = 0; i < 4; i++) {
    p = good_parts();
    p.lines[i].key = "other";
    snprintf(expected, sizeof expected, "has no \"%s\"", keys[i]);
    assert_parts(&p, NUMERAL_ERROR_FORMAT, expected);
  }
  p = good_parts();
  p.lines[0].value = "pt";
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "its format is \"pt\"");
  p = good_parts();
  p.lines[1].value = "2";
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "newer numeral");
  p = good_parts();
  for (int i = 0; i < 61; i++) {
    static char keys_more[61][16];
    snprintf(keys_more[i], sizeof keys_more[i], "k%d", i);
    p.lines[p.line_count++] = (nml_st_entry){keys_more[i], ""};
  }
  assert_parts(&p, NUMERAL_ERROR_LIMIT, "64 lines of metadata");
}

static void test_wrong_specs_are_refused(void **state) {
  (void)state;
  parts p = good_parts();
  p.lines[3].value = "maxpool 14, flotten, dense 10";
  assert_parts(&p, NUMERAL_ERROR_SPEC, "its spec: item 2 \"flotten\"");
  p.lines[3].value = "mlp";
  assert_parts(&p, NUMERAL_ERROR_FORMAT,
               "should be written \"flatten, dense 128 relu, dense 10\"");
  p.lines[3].value = "maxpool 14,batchnorm relu,flatten,dense 10";
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "should be written \"" TINY);
  p.lines[3].value = "flatten, dense 11";
  assert_parts(&p, NUMERAL_ERROR_SPEC, "dense 10");
  p.lines[3].value = "flatten, dense 10";
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"1.dense.weight\" is missing");
}

/* 100 GB and more are refused by the network's limits; for what is within them
 * no memory is taken before the file has been found to hold it. */
static void test_giant_specs_are_refused(void **state) {
  (void)state;
  parts p = good_parts();
  p.lines[3].value =
      "flatten, dense 65536 relu, dense 65536 relu, dense 65536 relu, dense 10";
  assert_parts(&p, NUMERAL_ERROR_LIMIT, "its spec: ");
  p.lines[3].value = "conv 65536 1x1, flatten, dense 65536, dense 10";
  assert_parts(&p, NUMERAL_ERROR_LIMIT, "its spec: ");
  p.lines[3].value = "flatten, dense 65536, dense 10";
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"1.dense.weight\" is missing");
}

static void test_wrong_tensors_are_refused(void **state) {
  (void)state;
  parts p = good_parts();
  p.tensor_count--;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"3.dense.bias\" is missing");
  p = good_parts();
  add_tensor(&p, "4.dense.bias", p.ones, 1, 1, 0);
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"4.dense.bias\" is none of the");
  p = good_parts();
  strcpy(p.tensors[0].name, "3.dense.bias");
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"3.dense.bias\" is there twice");
  p = good_parts();
  p.tensors[4].dims[0] = 4;
  p.tensors[4].dims[1] = 10;
  assert_parts(&p, NUMERAL_ERROR_FORMAT,
               "\"3.dense.weight\" has the shape 4x10, but the network needs "
               "10x4");
  p = good_parts();
  p.tensors[5].rank = 2;
  p.tensors[5].dims[1] = 1;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "the shape 10x1");
  p = good_parts();
  p.tensors[0].dtype = NML_U8;
  p.tensors[0].dims[0] = 4;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"1.batchnorm.weight\" is not of");
}

static void test_wrong_values_are_refused(void **state) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  static const float negative = -1e-9f;
  (void)state;
  for (int i = 0; i < 3; i++) {
    parts p = good_parts();
    float weights[40] = {0};
    weights[39] = bad[i];
    p.tensors[4].bytes = weights;
    assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"3.dense.weight\" holds a value");
    p = good_parts();
    p.tensors[3].bytes = &bad[i];
    assert_parts(&p, NUMERAL_ERROR_FORMAT, "running_var\" holds");
  }
  parts p = good_parts();
  p.tensors[3].bytes = &negative;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "negative variance");
  p = good_parts();
  p.tensors[2].bytes = &negative; /* a mean may be */
  assert_parts(&p, NUMERAL_OK, "");
}

static void test_ranges_are_kept(void **state) {
  static const nml_range ranges[4] = {{0, 1}, {0, 2.5f}, {0, 2.5f}, {-7, 9}};
  (void)state;
  numeral_model *model = create(TINY), *again = NULL;
  assert_null(model->ranges);
  assert_int_equal(nml_model_set_ranges(model, ranges, NULL), NUMERAL_OK);
  assert_int_equal(nml_model_write(model, path, NULL), NUMERAL_OK);
  assert_int_equal(nml_model_load(path, &again, NULL), NUMERAL_OK);
  assert_memory_equal(again->ranges, ranges, sizeof ranges);
  nml_model_destroy(model);
  nml_model_destroy(again);
}

static void test_wrong_ranges_are_refused(void **state) {
  float ranges[8] = {0, 1, 0, 2.5f, 0, 2.5f, -7, 9};
  (void)state;
  parts p = good_parts();
  add_tensor(&p, "ranges", ranges, 2, 4, 2);
  assert_parts(&p, NUMERAL_OK, "");
  p.tensors[6].dims[0] = 2;
  p.tensors[6].dims[1] = 4;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"ranges\" has the shape 2x4");
  p.tensors[6].dims[0] = 3;
  p.tensors[6].dims[1] = 2;
  p.tensors[6].size_bytes = 6 * sizeof(float);
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"ranges\" has the shape 3x2");
  p = good_parts();
  add_tensor(&p, "ranges", ranges, 2, 4, 2);
  ranges[2] = 3;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "above the highest in row 1");
  ranges[2] = NAN;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"ranges\" holds a value");
  ranges[2] = 0;
  p.tensors[6].dtype = NML_U8;
  p.tensors[6].dims[1] = 8;
  assert_parts(&p, NUMERAL_ERROR_FORMAT, "\"ranges\" is not of type");
}

static void test_what_cannot_be_read_is_not_written(void **state) {
  numeral_error error = {0};
  (void)state;
  write_model(TINY);
  numeral_model *model = create(TINY);
  model->params[0] = NAN;
  assert_int_equal(numeral_model_write(model, path, &error),
                   NUMERAL_ERROR_FORMAT);
  numeral_model_destroy(model);
  read_file();
  assert_parse(NUMERAL_OK, ""); /* the old file is still there */
}

static void test_load_names_the_file(void **state) {
  numeral_model *model;
  numeral_error error = {0};
  nml_chunk chunk = {"no model", 8};
  (void)state;
  assert_int_equal(nml_file_write(path, &chunk, 1, NULL), NUMERAL_OK);
  assert_int_equal(numeral_model_load(path, &model, &error),
                   NUMERAL_ERROR_FORMAT);
  assert_int_equal(error.status, NUMERAL_ERROR_FORMAT);
  assert_non_null(strstr(error.message, path));
  assert_non_null(strstr(error.message, "not a whole safetensors file"));
  assert_int_equal(numeral_model_load("/no/such", &model, &error),
                   NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "/no/such"));
  FILE *large = fopen(path, "wb");
  assert_int_equal(ftruncate(fileno(large), (256 << 20) + 1), 0);
  fclose(large);
  assert_int_equal(numeral_model_load(path, &model, &error),
                   NUMERAL_ERROR_LIMIT);
  unlink(path);
}

/* ---- Refused memory ---------------------------------------------------- */

static numeral_status create_step(numeral_model **model) {
  return numeral_model_create(TINY, 1, model, NULL);
}

static numeral_status load_step(numeral_model **model) {
  return numeral_model_load(path, model, NULL);
}

static numeral_model *to_write;

static numeral_status write_step(numeral_model **model) {
  *model = NULL;
  return numeral_model_write(to_write, path, NULL);
}

static void test_every_refused_allocation(void **state) {
  numeral_status (*const steps[])(numeral_model **) = {create_step, load_step,
                                                       write_step};
  (void)state;
  write_model(TINY);
  to_write = create(TINY);
  for (int i = 0; i < 3; i++) {
    numeral_model *model = NULL;
    numeral_status status = NUMERAL_ERROR_MEMORY;
    long nth = 0;
    while (status == NUMERAL_ERROR_MEMORY) {
      nml_alloc_fail_at(++nth);
      status = steps[i](&model);
      nml_alloc_fail_at(0);
      if (status != NUMERAL_OK) assert_null(model);
    }
    assert_int_equal(status, NUMERAL_OK);
    assert_true(nth > 4);
    numeral_model_destroy(model);
  }
  numeral_model_destroy(to_write);
}

/* ---- Arguments, names and the built-in model --------------------------- */

static void test_arguments_are_checked(void **state) {
  numeral_model *model = (numeral_model *)&folder;
  numeral_recipe recipe;
  numeral_error error;
  (void)state;
  assert_int_equal(numeral_model_load(NULL, &model, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_null(model);
  assert_int_equal(numeral_model_load(path, NULL, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_model_parse(NULL, 4, &model, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_model_parse("", 0, NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_model_builtin(NULL, NULL), NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_model_create(NULL, 1, &model, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_model_write(NULL, path, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_recipe_for(NULL, &recipe, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_recipe_for("cnn", NULL, NULL),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_recipe_for("cn", &recipe, &error),
                   NUMERAL_ERROR_SPEC);
  assert_int_equal(recipe.epochs, 0);
  assert_int_equal(numeral_recipe_for("cnn-100", &recipe, &error), NUMERAL_OK);
  assert_int_equal(error.status, NUMERAL_OK);
  assert_int_equal(recipe.optimizer, NUMERAL_OPTIMIZER_SGD);
  assert_int_equal(numeral_model_get_info(NULL).layer_count, 0);
  assert_null(numeral_model_metadata(NULL, "spec"));
  numeral_model_destroy(NULL);
}

static void test_texts_and_names(void **state) {
  const numeral_named_net *nets;
  char version[32];
  (void)state;
  snprintf(version, sizeof version, "%d.%d.%d", NUMERAL_VERSION_MAJOR,
           NUMERAL_VERSION_MINOR, NUMERAL_VERSION_PATCH);
  assert_string_equal(numeral_version(), version);
  for (int status = NUMERAL_OK; status <= NUMERAL_STOPPED; status++)
    assert_string_not_equal(numeral_status_text((numeral_status)status),
                            "unknown status");
  assert_string_equal(numeral_status_text((numeral_status)99),
                      "unknown status");
  assert_true(numeral_named_nets(&nets) >= 5);
  assert_string_equal(nets[0].name, "cnn");
  assert_string_equal(nets[1].name, "cnn-64");
}

static void test_builtin_model_is_whole_or_said_to_be_missing(void **state) {
  numeral_model *model;
  numeral_error error = {0};
  (void)state;
  numeral_status status = numeral_model_builtin(&model, &error);
  if (status == NUMERAL_OK) {
    assert_true(numeral_model_get_info(model).parameter_count > 1000);
  } else {
    assert_int_equal(status, NUMERAL_ERROR_IO);
    assert_non_null(strstr(error.message, "no built-in model"));
    assert_null(model);
  }
  numeral_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip_keeps_every_bit),
      cmocka_unit_test(test_info_layers_and_metadata),
      cmocka_unit_test(test_metadata_is_replaced_and_bounded),
      cmocka_unit_test(test_untrained_numbers_depend_on_the_seed),
      cmocka_unit_test(test_every_prefix_is_refused),
      cmocka_unit_test(test_each_corrupt_byte_gives_an_answer),
      cmocka_unit_test(test_wrong_metadata_is_refused),
      cmocka_unit_test(test_wrong_specs_are_refused),
      cmocka_unit_test(test_giant_specs_are_refused),
      cmocka_unit_test(test_wrong_tensors_are_refused),
      cmocka_unit_test(test_ranges_are_kept),
      cmocka_unit_test(test_wrong_ranges_are_refused),
      cmocka_unit_test(test_wrong_values_are_refused),
      cmocka_unit_test(test_what_cannot_be_read_is_not_written),
      cmocka_unit_test(test_load_names_the_file),
      cmocka_unit_test(test_every_refused_allocation),
      cmocka_unit_test(test_arguments_are_checked),
      cmocka_unit_test(test_texts_and_names),
      cmocka_unit_test(test_builtin_model_is_whole_or_said_to_be_missing),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
