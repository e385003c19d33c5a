/* test_spec.c: the text of networks, the named ones, and recipes as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spec.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static nml_layer_spec specs[NML_MAX_LAYERS];

static void assert_canonical(const char *text, const char *expected) {
  char canonical[NML_SPEC_BYTES], again[NML_SPEC_BYTES];
  numeral_error error = {0};
  int count;
  if (nml_spec_parse(text, specs, &count, &error) != NUMERAL_OK)
    fail_msg("%s: %s", text, error.message);
  assert_true(nml_spec_format(specs, count, canonical, sizeof canonical));
  assert_string_equal(canonical, expected);
  assert_int_equal(nml_spec_parse(canonical, specs, &count, &error),
                   NUMERAL_OK);
  assert_true(nml_spec_format(specs, count, again, sizeof again));
  assert_string_equal(again, expected);
}

static void assert_refused(const char *text, numeral_status status,
                           const char *message) {
  numeral_error error = {0};
  int count = 7;
  if (nml_spec_parse(text, specs, &count, &error) != status ||
      strstr(error.message, message) == NULL)
    fail_msg("\"%s\" gave \"%s\" (%d), not \"%s\"", text, error.message,
             (int)error.status, message);
  assert_int_equal(count, 0);
}

static void test_canonical_text(void **state) {
  (void)state;
  assert_canonical("flatten,dense 10", "flatten, dense 10");
  assert_canonical("  conv 32\t3x5\n relu , relu  ", "conv 32 3x5 relu, relu");
  assert_canonical("conv 8 3x3 he relu same stride 2",
                   "conv 8 3x3 stride 2 same relu he");
  assert_canonical("conv 8 3x3 stride 1 valid glorot", "conv 8 3x3");
  assert_canonical("maxpool 2x2 stride 2", "maxpool 2");
  assert_canonical("maxpool 3x2 stride 3", "maxpool 3x2");
  assert_canonical("avgpool 3 stride 2 same", "avgpool 3 stride 2 same");
  assert_canonical("avgpool 64x64", "avgpool 64");
  assert_canonical(" globalavgpool ,dense 10", "globalavgpool, dense 10");
  assert_canonical(
      " residual,relu , shortcut, relu,add  relu,residual,relu,add",
      "residual, relu, shortcut, relu, add relu, residual, relu, "
      "add");
  assert_canonical("conv 8 3x3 same relu groups 4 stride 2",
                   "conv 8 3x3 stride 2 groups 4 same relu");
  assert_canonical("conv 8 3x3 groups 1", "conv 8 3x3");
  assert_canonical("batchnorm  relu6,relu6", "batchnorm relu6, relu6");
  assert_canonical("batchnorm relu, batchnorm", "batchnorm relu, batchnorm");
  assert_canonical("dense 65536 he relu", "dense 65536 relu he");
}

static void test_fields(void **state) {
  int count;
  (void)state;
  assert_int_equal(nml_spec_parse("conv 7 3x5 stride 2 same relu he, avgpool 4",
                                  specs, &count, NULL),
                   NUMERAL_OK);
  assert_int_equal(count, 2);
  assert_int_equal(specs[0].kind, NML_CONV);
  assert_int_equal(specs[0].units, 7);
  assert_int_equal(specs[0].window_h, 3);
  assert_int_equal(specs[0].window_w, 5);
  assert_int_equal(specs[0].stride, 2);
  assert_true(specs[0].same && specs[0].relu);
  assert_int_equal(specs[0].init, NML_INIT_HE);
  assert_int_equal(specs[1].kind, NML_AVGPOOL);
  assert_int_equal(specs[1].stride, 4);
  assert_false(specs[1].same || specs[1].relu);
}

static void test_a_crop_keeps_what_it_says(void **state) {
  int count;
  (void)state;
  assert_canonical(" crop  21x21", "crop 21");
  assert_canonical("crop 20x24", "crop 20x24");
  assert_int_equal(nml_spec_parse("crop 20x24", specs, &count, NULL),
                   NUMERAL_OK);
  assert_int_equal(specs[0].window_h, 20);
  assert_int_equal(specs[0].window_w, 24);
  assert_refused("crop", NUMERAL_ERROR_SPEC, "what to keep, such as 20");
  assert_refused("crop 0", NUMERAL_ERROR_SPEC, "found \"0\"");
  assert_refused("crop 20 same", NUMERAL_ERROR_SPEC, "a comma or the end");
}

static void test_every_rate_returns(void **state) {
  char text[32];
  nml_layer_spec spec;
  int count;
  (void)state;
  assert_canonical("dropout 0", "dropout 0");
  assert_canonical("dropout 0.000000", "dropout 0");
  assert_canonical("dropout 0.250", "dropout 0.25");
  assert_canonical("dropout 0.000001", "dropout 0.000001");
  assert_canonical("dropout 0.999999", "dropout 0.999999");
  for (int millionths = 1; millionths < 1000000; millionths += 37) {
    spec = (nml_layer_spec){.kind = NML_DROPOUT,
                            .rate = (float)(millionths / 1e6)};
    assert_true(nml_layer_format(&spec, text, sizeof text));
    assert_int_equal(nml_spec_parse(text, specs, &count, NULL), NUMERAL_OK);
    assert_true(specs[0].rate == spec.rate);
  }
}

static void test_messages_name_item_and_word(void **state) {
  (void)state;
  assert_refused("flatten, relu, conv 32 3y3", NUMERAL_ERROR_SPEC,
                 "item 3 \"conv 32 3y3\": expected a window such as 3x3, "
                 "sides 1 to 64, found \"3y3\"");
  assert_refused("conv", NUMERAL_ERROR_SPEC, "found the end of the item");
  assert_refused("conv 0 3x3", NUMERAL_ERROR_SPEC, "channels from 1 to 65536");
  assert_refused("dense 65537", NUMERAL_ERROR_SPEC, "outputs from 1 to 65536");
  assert_refused("dense 99999999999999999999", NUMERAL_ERROR_SPEC, "outputs");
  assert_refused("dense 010", NUMERAL_ERROR_SPEC, "found \"010\"");
  assert_refused("dense +1", NUMERAL_ERROR_SPEC, "found \"+1\"");
  assert_refused("dense -1", NUMERAL_ERROR_SPEC, "found \"-1\"");
  assert_refused("conv 1 65x1", NUMERAL_ERROR_SPEC, "found \"65x1\"");
  assert_refused("conv 1 x3", NUMERAL_ERROR_SPEC, "found \"x3\"");
  assert_refused("conv 1 3x", NUMERAL_ERROR_SPEC, "found \"3x\"");
  assert_refused("conv 1 3x3x3", NUMERAL_ERROR_SPEC, "found \"3x3x3\"");
  assert_refused("maxpool 16", NUMERAL_ERROR_SPEC, "at most 255 pixels");
  assert_refused("maxpool 2 stride 0", NUMERAL_ERROR_SPEC, "stride from 1");
  assert_refused("maxpool 2 stride", NUMERAL_ERROR_SPEC, "stride from 1");
  assert_refused("maxpool 2 relu", NUMERAL_ERROR_SPEC,
                 "expected stride N, same or valid, found \"relu\"");
  assert_refused("dense 10 same", NUMERAL_ERROR_SPEC, "relu, he or glorot");
  assert_refused("dense 10 relu relu", NUMERAL_ERROR_SPEC, "once");
  assert_refused("conv 1 3x3 same valid", NUMERAL_ERROR_SPEC, "same or valid");
  assert_refused("dense 1 he glorot", NUMERAL_ERROR_SPEC, "he or glorot");
  assert_refused("globalavgpool 2", NUMERAL_ERROR_SPEC, "a comma or the end");
  assert_refused("residual 3", NUMERAL_ERROR_SPEC, "a comma or the end");
  assert_refused("add 2", NUMERAL_ERROR_SPEC, "expected relu, found \"2\"");
  assert_refused("conv 4 3x3 groups 0", NUMERAL_ERROR_SPEC,
                 "a number of groups from 1 to 65536, found \"0\"");
  assert_refused("dense 4 groups 2", NUMERAL_ERROR_SPEC, "found \"groups\"");
  assert_refused("dense 4 relu6", NUMERAL_ERROR_SPEC, "found \"relu6\"");
  assert_refused("relu6 2", NUMERAL_ERROR_SPEC, "a comma or the end");
  assert_refused("flatten 2", NUMERAL_ERROR_SPEC, "a comma or the end");
  assert_refused("batchnorm he", NUMERAL_ERROR_SPEC, "expected relu or relu6");
  assert_refused("dropout 1", NUMERAL_ERROR_SPEC, "a share from 0");
  assert_refused("dropout .5", NUMERAL_ERROR_SPEC, "found \".5\"");
  assert_refused("dropout 0.", NUMERAL_ERROR_SPEC, "found \"0.\"");
  assert_refused("dropout 0,5", NUMERAL_ERROR_SPEC, "item 2 \"5\"");
  assert_refused("dropout 0.1234567", NUMERAL_ERROR_SPEC, "six digits");
}

static void test_empty_items_and_unknown_words(void **state) {
  (void)state;
  assert_refused("", NUMERAL_ERROR_SPEC, "item 1 \"\": expected conv, dense");
  assert_refused("relu,", NUMERAL_ERROR_SPEC, "item 2 \"\"");
  assert_refused("relu,,relu", NUMERAL_ERROR_SPEC, "item 2 \"\"");
  assert_refused("cnov 32 3x3", NUMERAL_ERROR_SPEC, "found \"cnov\"");
  assert_refused("Flatten, dense 10", NUMERAL_ERROR_SPEC, "found \"Flatten\"");
  assert_refused("cnn, dense 10", NUMERAL_ERROR_SPEC, "found \"cnn\"");
  assert_refused("lenet", NUMERAL_ERROR_SPEC,
                 "\"lenet\" is not a network's name (cnn, cnn-64, cnn-100, "
                 "lenet5, mlp, fast, robust, best, deep, resnet, mobilenet)");
}

static void test_limits(void **state) {
  static char text[3 * NML_SPEC_BYTES];
  int count;
  (void)state;
  for (int i = 0; i < NML_MAX_LAYERS; i++) memcpy(text + 5 * i, "relu,", 6);
  text[5 * NML_MAX_LAYERS - 1] = '\0';
  assert_int_equal(nml_spec_parse(text, specs, &count, NULL), NUMERAL_OK);
  assert_int_equal(count, NML_MAX_LAYERS);
  strcat(text, ",relu");
  assert_refused(text, NUMERAL_ERROR_LIMIT, "more than 256 layers");

  memset(text, ' ', NML_SPEC_BYTES);
  memcpy(text, "flatten", 7);
  text[NML_SPEC_BYTES - 1] = '\0';
  assert_int_equal(nml_spec_parse(text, specs, &count, NULL), NUMERAL_OK);
  text[NML_SPEC_BYTES - 1] = ' ';
  assert_refused(text, NUMERAL_ERROR_LIMIT, "longer than 4095");

  /* shorter than the limit, but not once spaced as the canonical text is */
  text[0] = '\0';
  for (int i = 0; i < 240; i++) strcat(text, "conv 1000 3x3 he,");
  assert_true(strlen(text) < NML_SPEC_BYTES);
  strcat(text, "relu");
  assert_refused(text, NUMERAL_ERROR_LIMIT, "fully spaced");
}

static void test_text_that_does_not_fit_is_refused(void **state) {
  char text[32];
  int count;
  (void)state;
  assert_int_equal(nml_spec_parse("flatten, dense 10", specs, &count, NULL),
                   NUMERAL_OK);
  assert_false(nml_spec_format(specs, count, text, 17));
  assert_true(nml_spec_format(specs, count, text, 18));
  assert_false(nml_spec_format(specs, count, text, 0));
}

static void test_named_networks(void **state) {
  static const struct {
    const char *name;
    size_t parameters;
  } known[] = {{"cnn", 225034},    {"cnn-64", 121930},   {"cnn-100", 542230},
               {"lenet5", 61706},  {"mlp", 101770},      {"fast", 72074},
               {"robust", 193322}, {"best", 814954},     {"deep", 1125230},
               {"resnet", 272970}, {"mobilenet", 122746}};
  size_t count;
  (void)state;
  const numeral_named_net *table = nml_named_net_table(&count);
  assert_int_equal(count, sizeof known / sizeof known[0]);
  for (size_t i = 0; i < count; i++) {
    numeral_error error = {0};
    nml_net *net = NULL;
    int layers;
    assert_string_equal(table[i].name, known[i].name);
    assert_ptr_equal(nml_named_net_find(known[i].name), &table[i]);
    assert_canonical(known[i].name, table[i].spec);
    nml_spec_parse(known[i].name, specs, &layers, &error);
    if (nml_net_create(specs, layers, &net, &error) != NUMERAL_OK)
      fail_msg("%s", error.message);
    assert_int_equal(net->parameter_count, known[i].parameters);
    assert_true(strlen(table[i].summary) > 10);
    nml_net_destroy(net);
  }
  assert_null(nml_named_net_find("cn"));
}

static void assert_recipe(const numeral_recipe *recipe, const char *expected) {
  char text[NML_RECIPE_BYTES];
  nml_recipe_format(recipe, text, sizeof text);
  assert_string_equal(text, expected);
}

static void test_recipes(void **state) {
  (void)state;
  numeral_recipe recipe = nml_recipe_for("cnn-100");
  assert_int_equal(recipe.struct_size, sizeof recipe);
  assert_recipe(&recipe,
                "sgd lr 0.01 momentum 0.9 batch 64 epochs 10 schedule "
                "constant val-split 0.1");
  recipe = nml_recipe_for("fast");
  assert_recipe(&recipe,
                "adam lr 0.03 beta1 0.7 beta2 0.9 epsilon 1e-08 batch 256 "
                "epochs 1 schedule triangle warmup 0.3 label-smoothing 0.1");
  recipe = nml_recipe_for("resnet");
  assert_recipe(&recipe,
                "adam lr 0.004 beta1 0.9 beta2 0.999 epsilon 1e-08 batch 64 "
                "epochs 10 schedule one-cycle warmup 0.3 label-smoothing 0.1 "
                "val-split 0.1");
  recipe = nml_recipe_for("best"); /* without blur */
  assert_recipe(&recipe,
                "adam lr 0.004 beta1 0.9 beta2 0.999 epsilon 1e-08 batch 64 "
                "epochs 20 schedule one-cycle warmup 0.3 label-smoothing 0.1 "
                "val-split 0.05 augment rotate 12 shift 1.5 scale 0.12 "
                "shear 0.15 elastic 0.9 thickness 0.5 contrast 0.3 noise 0.05 "
                "occlude 0.15");
  recipe = nml_recipe_for("robust");
  assert_recipe(&recipe,
                "adam lr 0.004 beta1 0.9 beta2 0.999 epsilon 1e-08 batch 64 "
                "epochs 24 schedule one-cycle warmup 0.3 label-smoothing 0.1 "
                "val-split 0.1 augment rotate 12 shift 1.5 scale 0.12 "
                "shear 0.15 elastic 0.9 thickness 0.5 contrast 0.3 blur 0.5 "
                "noise 0.05 occlude 0.15 clutter 0.3");
  recipe = nml_recipe_for("flatten, dense 10");
  assert_recipe(&recipe,
                "adam lr 0.001 beta1 0.9 beta2 0.999 epsilon 1e-08 batch 64 "
                "epochs 10 schedule cosine val-split 0.1");
}

static void test_recipe_text_names_what_has_an_effect(void **state) {
  (void)state;
  numeral_recipe recipe = nml_recipe_for("mlp");
  recipe.optimizer = NUMERAL_OPTIMIZER_SGD;
  recipe.momentum = 0;
  recipe.nesterov = 1;
  recipe.schedule = NUMERAL_SCHEDULE_STEP;
  recipe.clip = 1.0 / 3;
  recipe.patience = 4;
  recipe.weight_decay = 5e-4;
  recipe.val_split = 0;
  assert_recipe(&recipe,
                "sgd lr 0.001 nesterov weight-decay 0.0005 batch 64 epochs 10 "
                "schedule step factor 0.1 every 5 clip 0.3333333333333333 "
                "patience 4");
  recipe.optimizer = NUMERAL_OPTIMIZER_ADAMW;
  recipe.schedule = NUMERAL_SCHEDULE_ONE_CYCLE;
  assert_recipe(&recipe,
                "adamw lr 0.001 beta1 0.9 beta2 0.999 epsilon 1e-08 "
                "weight-decay 0.0005 batch 64 epochs 10 schedule one-cycle "
                "warmup 0.3 clip 0.3333333333333333 patience 4");
}

static void test_recipe_text_of_newer_settings(void **state) {
  (void)state;
  numeral_recipe recipe = nml_recipe_for("cnn");
  recipe.schedule = NUMERAL_SCHEDULE_WARM_RESTARTS;
  recipe.mixup = 0.2;
  recipe.ema = 0.999;
  recipe.freeze = 3;
  recipe.augment = numeral_augment_preset(NUMERAL_STRENGTH_LIGHT);
  assert_recipe(&recipe,
                "adam lr 0.001 beta1 0.9 beta2 0.999 epsilon 1e-08 batch 64 "
                "epochs 10 schedule warm-restarts every 5 factor 2 val-split "
                "0.1 mixup 0.2 ema 0.999 freeze 3 augment rotate 7 shift 1 "
                "scale 0.08 shear 0.1 elastic 0.5");
}

static void test_recipe_text_is_cut_where_it_does_not_fit(void **state) {
  char text[16];
  (void)state;
  numeral_recipe recipe = nml_recipe_for("cnn");
  memset(text, 'x', sizeof text);
  nml_recipe_format(&recipe, text, 8);
  assert_memory_equal(text, "adam lr\0x", 9);
}

/* A program may run in a locale that writes 0,1. */
static void test_texts_do_not_depend_on_the_locale(void **state) {
  static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8",
                                        "fr_FR.UTF-8", "ps_AF.UTF-8"};
  bool found = false;
  (void)state;
  for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
    found = found || setlocale(LC_NUMERIC, locales[i]);
  if (!found) {
    print_message("skipped: no locale with a decimal comma is installed\n");
    skip();
  }
  numeral_recipe recipe = nml_recipe_for("cnn-100");
  assert_canonical("dropout 0.25", "dropout 0.25");
  assert_recipe(&recipe,
                "sgd lr 0.01 momentum 0.9 batch 64 epochs 10 schedule "
                "constant val-split 0.1");
  setlocale(LC_NUMERIC, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_canonical_text),
      cmocka_unit_test(test_fields),
      cmocka_unit_test(test_a_crop_keeps_what_it_says),
      cmocka_unit_test(test_every_rate_returns),
      cmocka_unit_test(test_messages_name_item_and_word),
      cmocka_unit_test(test_empty_items_and_unknown_words),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_text_that_does_not_fit_is_refused),
      cmocka_unit_test(test_named_networks),
      cmocka_unit_test(test_recipes),
      cmocka_unit_test(test_recipe_text_of_newer_settings),
      cmocka_unit_test(test_recipe_text_names_what_has_an_effect),
      cmocka_unit_test(test_recipe_text_is_cut_where_it_does_not_fit),
      cmocka_unit_test(test_texts_do_not_depend_on_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
