/* nets.c: the named networks and the recipes that train them: a name stands
 * for a line of text and a recipe, nothing more. To add a network, add a row.
 * Must not know how text is read or how training works. */
#include "model/spec.h"

#include "data/augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What all recipes share: settings that a recipe does not use are set too, to
 * what is good when a user turns the feature on (--optimizer sgd, --schedule
 * step). */
#define WHEN_TURNED_ON                                                     \
  .struct_size = sizeof(numeral_recipe), .momentum = 0.9, .epsilon = 1e-8, \
  .step_factor = 0.1, .step_epochs = 5, .one_cycle_warmup = 0.3,           \
  .restart_epochs = 5, .restart_factor = 2

static const numeral_recipe adam_cosine = {
    .epochs = 10,
    .batch = 64,
    .optimizer = NUMERAL_OPTIMIZER_ADAM,
    .schedule = NUMERAL_SCHEDULE_COSINE,
    .learning_rate = 1e-3,
    .beta1 = 0.9,
    .beta2 = 0.999,
    WHEN_TURNED_ON,
    .val_split = 0.1,
};

static const numeral_recipe sgd_momentum = {
    .epochs = 10,
    .batch = 64,
    .optimizer = NUMERAL_OPTIMIZER_SGD,
    .schedule = NUMERAL_SCHEDULE_CONSTANT,
    .learning_rate = 0.01,
    .beta1 = 0.9,
    .beta2 = 0.999,
    WHEN_TURNED_ON,
    .val_split = 0.1,
};

/* See docs/decisions/0008-fast.md. */
static const numeral_recipe one_fast_epoch = {
    .epochs = 1,
    .batch = 256,
    .optimizer = NUMERAL_OPTIMIZER_ADAM,
    .schedule = NUMERAL_SCHEDULE_TRIANGLE,
    .learning_rate = 0.03,
    .beta1 = 0.7,
    .beta2 = 0.9,
    WHEN_TURNED_ON,
    .label_smoothing = 0.1,
};

/* For what is normalised by batch. Two epochs of MNIST, validation accuracy,
 * against SGD (Nesterov, 0.05, decay 5e-4) on the same schedule: mobilenet
 * 99.65% and 99.23%, resnet 99.63% and 99.50%. */
#define ADAM_ONE_CYCLE                                                         \
  .batch = 64, .optimizer = NUMERAL_OPTIMIZER_ADAM,                            \
  .schedule = NUMERAL_SCHEDULE_ONE_CYCLE, .learning_rate = 4e-3, .beta1 = 0.9, \
  .beta2 = 0.999, WHEN_TURNED_ON, .label_smoothing = 0.1

static const numeral_recipe adam_one_cycle = {ADAM_ONE_CYCLE, .epochs = 10,
                                              .val_split = 0.1};
static const numeral_recipe for_any_digit = {ADAM_ONE_CYCLE, .epochs = 24,
                                             .val_split = 0.1};
static const numeral_recipe for_fewest_errors = {ADAM_ONE_CYCLE, .epochs = 20,
                                                 .val_split = 0.05};

enum {
  CNN,
  CNN_64,
  CNN_100,
  LENET5,
  MLP,
  FAST,
  ROBUST,
  BEST,
  DEEP,
  RESNET,
  MOBILENET,
  NET_COUNT
};

/* What the texts of deep networks are made of; each ends with a comma. */
#define PLAIN(n) "conv " #n " 3x3, batchnorm relu, "
#define PLAIN_SAME(n) "conv " #n " 3x3 same, batchnorm relu, "
#define RESIDUAL(n)             \
  "residual, conv " #n          \
  " 3x3 same, batchnorm relu, " \
  "conv " #n " 3x3 same, batchnorm, add relu, "
#define RESIDUAL_HALF(n)                 \
  "residual, conv " #n                   \
  " 3x3 stride 2 same, batchnorm relu, " \
  "conv " #n                             \
  " 3x3 same, batchnorm, "               \
  "shortcut, conv " #n " 1x1 stride 2, batchnorm, add relu, "
/* to n channels each by itself, in steps of `stride`, to m */
#define INVERTED(n, stride, m)                                             \
  "conv " #n " 1x1, batchnorm relu6, conv " #n " 3x3 " stride "groups " #n \
  " same, batchnorm relu6, conv " #m " 1x1, batchnorm, "

/* clang-format off */
static const char robust[] =
    PLAIN(16) PLAIN(32) "maxpool 2, "
    PLAIN(64) PLAIN(64) "maxpool 2, "
    "flatten, dense 128, batchnorm relu, dense 10";

static const char best[] =
    PLAIN(32) PLAIN(32) "maxpool 2, "
    PLAIN(64) PLAIN(64) "maxpool 2, "
    PLAIN_SAME(128) PLAIN_SAME(128)
    "flatten, dense 256, batchnorm relu, dense 10";

static const char mobilenet[] =
    "conv 16 3x3 same, batchnorm relu6, "
    "residual, conv 16 3x3 groups 16 same, batchnorm relu6, "
    "conv 16 1x1, batchnorm, add, "
    INVERTED(64, "stride 2 ", 32)
    "residual, " INVERTED(128, "", 32) "add, "
    INVERTED(128, "stride 2 ", 64)
    "residual, " INVERTED(256, "", 64) "add, "
    "residual, " INVERTED(256, "", 64) "add, "
    "conv 256 1x1, batchnorm relu6, globalavgpool, dense 10";
/* clang-format on */

static const numeral_named_net nets[NET_COUNT] = {
    [CNN] = {"cnn",
             "conv 32 3x3 relu, maxpool 2, conv 64 3x3 relu, maxpool 2, "
             "flatten, dense 128 relu, dense 10",
             "two convolutions and two dense layers: the default"},
    [CNN_64] = {"cnn-64",
                "conv 32 3x3 relu, maxpool 2, conv 64 3x3 relu, maxpool 2, "
                "flatten, dense 64 relu, dense 10",
                "cnn with a narrower dense layer"},
    [CNN_100] = {"cnn-100",
                 "conv 32 3x3 relu he, maxpool 2, flatten, "
                 "dense 100 relu he, dense 10",
                 "one convolution, trained by SGD with momentum"},
    [LENET5] = {"lenet5",
                "conv 6 5x5 same relu, avgpool 2, conv 16 5x5 relu, "
                "avgpool 2, flatten, dense 120 relu, dense 84 relu, dense 10",
                "LeNet-5 (LeCun et al. 1998) with relu for the scaled tanh, "
                "plain averages for the trained subsampling, every channel "
                "joined for the sparse table of C3, and softmax for the RBF "
                "outputs"},
    [MLP] = {"mlp", "flatten, dense 128 relu, dense 10",
             "one hidden layer, no convolution"},
    [FAST] = {"fast",
              "crop 20, conv 16 3x3 relu, maxpool 2, conv 32 3x3 stride 2, "
              "batchnorm relu, flatten, dense 128, batchnorm relu, dense 10",
              "99% in one epoch of a fraction of a second"},
    [ROBUST] = {"robust", robust,
                "four convolutions, for digits from anywhere: the built-in "
                "model"},
    [BEST] = {"best", best, "six convolutions: the fewest errors on MNIST"},
    [DEEP] = {"deep",
              PLAIN(32) PLAIN(48) PLAIN(64) PLAIN(80) PLAIN(96) PLAIN(112)
                  PLAIN(128) PLAIN(144) PLAIN(160)
                      PLAIN(176) "flatten, dense 10, batchnorm",
              "ten convolutions in a row, the M3 of An et al. 2020"},
    [RESNET] = {"resnet",
                "conv 16 3x3 same, batchnorm relu, " RESIDUAL(16) RESIDUAL(16)
                    RESIDUAL(16) RESIDUAL_HALF(32) RESIDUAL(32) RESIDUAL(32)
                        RESIDUAL_HALF(64) RESIDUAL(64)
                            RESIDUAL(64) "globalavgpool, dense 10",
                "ResNet-20 (He et al. 2016) with projections where it pads"},
    [MOBILENET] = {"mobilenet", mobilenet,
                   "inverted residuals with depthwise convolutions, a "
                   "MobileNetV2 (Sandler et al. 2018) for 28 x 28"},
};

/* Augmentation stands beside the recipe, since a preset is no constant. */
typedef struct named_recipe {
  const numeral_recipe *base;
  numeral_strength augment;
  double clutter;
  bool sharp; /* without blur: for digits that all come from one scanner */
} named_recipe;

static const named_recipe recipes[NET_COUNT] = {
    [CNN] = {.base = &adam_cosine},
    [CNN_64] = {.base = &adam_cosine},
    [CNN_100] = {.base = &sgd_momentum},
    [LENET5] = {.base = &adam_cosine},
    [MLP] = {.base = &adam_cosine},
    [FAST] = {.base = &one_fast_epoch},
    [ROBUST] = {.base = &for_any_digit,
                .augment = NUMERAL_STRENGTH_MEDIUM,
                .clutter = 0.3},
    [BEST] = {.base = &for_fewest_errors,
              .augment = NUMERAL_STRENGTH_MEDIUM,
              .sharp = true},
    [DEEP] = {.base = &adam_one_cycle},
    [RESNET] = {.base = &adam_one_cycle},
    [MOBILENET] = {.base = &adam_one_cycle},
};

const numeral_named_net *nml_named_net_table(size_t *count) {
  *count = NET_COUNT;
  return nets;
}

const numeral_named_net *nml_named_net_find(const char *name) {
  for (size_t i = 0; i < NET_COUNT; i++)
    if (strcmp(nets[i].name, name) == 0) return &nets[i];
  return NULL;
}

numeral_recipe nml_recipe_for(const char *net) {
  const numeral_named_net *named = nml_named_net_find(net);
  if (!named) return adam_cosine;
  const named_recipe *own = &recipes[named - nets];
  numeral_recipe recipe = *own->base;
  recipe.augment = nml_augment_preset(own->augment);
  if (own->clutter > 0) recipe.augment.clutter = own->clutter;
  if (own->sharp) recipe.augment.blur_px = 0;
  return recipe;
}

/* ---- A recipe as text -------------------------------------------------- */

typedef struct line {
  char *text;
  size_t size_bytes, used;
} line;

static void put_text(line *out, const char *text) {
  while (*text && out->used + 1 < out->size_bytes)
    out->text[out->used++] = *text++;
  out->text[out->used] = '\0';
}

static bool is_number_text(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '+';
}

/* The shortest text that reads back as the same number. What stands between
 * the digits is the locale's decimal point, of one byte or more. */
static void put_number(line *out, const char *name, double value) {
  char digits[64], text[64];
  size_t length = 0;
  for (int precision = 6; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  for (const char *c = digits; *c; c++) {
    if (is_number_text(*c))
      text[length++] = *c;
    else if (length == 0 || text[length - 1] != '.')
      text[length++] = '.';
  }
  text[length] = '\0';
  put_text(out, " ");
  put_text(out, name);
  put_text(out, " ");
  put_text(out, text);
}

static void put_if_on(line *out, const char *name, double value) {
  if (value != 0) put_number(out, name, value);
}

static void put_optimizer(line *out, const numeral_recipe *recipe) {
  static const char *const names[] = {[NUMERAL_OPTIMIZER_SGD] = "sgd",
                                      [NUMERAL_OPTIMIZER_ADAM] = "adam",
                                      [NUMERAL_OPTIMIZER_ADAMW] = "adamw"};
  put_text(out, names[recipe->optimizer]);
  put_number(out, "lr", recipe->learning_rate);
  if (recipe->optimizer == NUMERAL_OPTIMIZER_SGD) {
    put_if_on(out, "momentum", recipe->momentum);
    if (recipe->nesterov) put_text(out, " nesterov");
  } else {
    put_number(out, "beta1", recipe->beta1);
    put_number(out, "beta2", recipe->beta2);
    put_number(out, "epsilon", recipe->epsilon);
  }
  put_if_on(out, "weight-decay", recipe->weight_decay);
}

static void put_schedule(line *out, const numeral_recipe *recipe) {
  static const char *const names[] = {
      [NUMERAL_SCHEDULE_CONSTANT] = "constant",
      [NUMERAL_SCHEDULE_STEP] = "step",
      [NUMERAL_SCHEDULE_COSINE] = "cosine",
      [NUMERAL_SCHEDULE_ONE_CYCLE] = "one-cycle",
      [NUMERAL_SCHEDULE_TRIANGLE] = "triangle",
      [NUMERAL_SCHEDULE_WARM_RESTARTS] = "warm-restarts"};
  put_text(out, " schedule ");
  put_text(out, names[recipe->schedule]);
  if (recipe->schedule == NUMERAL_SCHEDULE_STEP) {
    put_number(out, "factor", recipe->step_factor);
    put_number(out, "every", recipe->step_epochs);
  }
  if (recipe->schedule == NUMERAL_SCHEDULE_ONE_CYCLE ||
      recipe->schedule == NUMERAL_SCHEDULE_TRIANGLE)
    put_number(out, "warmup", recipe->one_cycle_warmup);
  if (recipe->schedule == NUMERAL_SCHEDULE_WARM_RESTARTS) {
    put_number(out, "every", recipe->restart_epochs);
    put_number(out, "factor", recipe->restart_factor);
  }
}

static void put_augment(line *out, const numeral_augment *augment) {
  if (!nml_augment_is_on(augment)) return;
  put_text(out, " augment");
  for (int i = 0; i < NML_AUGMENT_SETTINGS; i++)
    put_if_on(out, nml_augment_name(i), nml_augment_value(augment, i));
}

void nml_recipe_format(const numeral_recipe *recipe, char *text,
                       size_t size_bytes) {
  line out = {text, size_bytes, 0};
  put_optimizer(&out, recipe);
  put_number(&out, "batch", recipe->batch);
  put_number(&out, "epochs", recipe->epochs);
  put_schedule(&out, recipe);
  put_if_on(&out, "clip", recipe->clip);
  put_if_on(&out, "label-smoothing", recipe->label_smoothing);
  put_if_on(&out, "patience", recipe->patience);
  put_if_on(&out, "val-split", recipe->val_split);
  if (recipe->precision == NUMERAL_PRECISION_BF16)
    put_text(&out, " precision bf16");
  put_if_on(&out, "mixup", recipe->mixup);
  put_if_on(&out, "ema", recipe->ema);
  put_if_on(&out, "freeze", recipe->freeze);
  put_augment(&out, &recipe->augment);
}
