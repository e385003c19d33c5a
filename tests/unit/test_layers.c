/* test_layers.c: each layer's gradient against finite differences, and the
 * promise that results do not depend on threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "kernels/kernels.h"
#include "nn/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { IMAGES = 11 };

typedef struct fixture {
  nml_net *net;
  nml_run *run;
  float *params, *state, *gradient;
  uint8_t images[IMAGES * NUMERAL_IMAGE_PIXELS], labels[IMAGES];
} fixture;

/* What all networks are tried with. */
static float smoothing;        /* of labels */
static int frozen;             /* layers */
static const uint16_t *shares; /* of mixup */
static const float *wanted;    /* of teachers */
static float gain = 1.0f;      /* of batch normalisation */

static void open_fixture_of(fixture *f, const nml_layer_spec *specs, int count,
                            int threads, bool bf16) {
  numeral_error error;
  nml_random random = nml_random_init(5, NML_PURPOSE_TEST, 0, 0);
  if (nml_net_create(specs, count, &f->net, &error) != NUMERAL_OK)
    fail_msg("%s", error.message);
  const nml_run_options options = {.max_batch = IMAGES,
                                   .threads = threads,
                                   .bf16 = bf16,
                                   .seed = 3,
                                   .label_smoothing = smoothing,
                                   .frozen = frozen};
  assert_int_equal(nml_run_create(f->net, &options, &f->run, &error),
                   NUMERAL_OK);
  f->params = nml_alloc(f->net->params_floats, sizeof(float));
  f->state = nml_alloc(f->net->state_floats, sizeof(float));
  f->gradient = nml_alloc(f->net->params_floats, sizeof(float));
  nml_net_init(f->net, 9, f->params, f->state);
  for (int i = 0; i < count; i++) {
    const nml_layer *l = &f->net->layers[i];
    if (l->spec.kind != NML_BATCHNORM) continue;
    for (int k = 0; k < l->out.c; k++)
      f->params[l->weight_at + (size_t)k] = gain;
  }
  for (size_t i = 0; i < sizeof f->images; i++)
    f->images[i] = (uint8_t)nml_random_below(&random, 256);
  for (int i = 0; i < IMAGES; i++)
    f->labels[i] = (uint8_t)nml_random_below(&random, 10);
}

static void open_fixture(fixture *f, const nml_layer_spec *specs, int count,
                         int threads) {
  open_fixture_of(f, specs, count, threads, false);
}

static void close_fixture(fixture *f) {
  nml_net_destroy(f->net);
  nml_run_destroy(f->run);
  nml_free(f->params);
  nml_free(f->state);
  nml_free(f->gradient);
}

static double loss_of(fixture *f) {
  const nml_batch batch = {.images = f->images,
                           .labels = f->labels,
                           .count = IMAGES,
                           .step = 1,
                           .shares = shares,
                           .wanted = wanted};
  return nml_run_gradient(f->run, f->params, f->state, &batch, f->gradient)
             .sum /
         IMAGES;
}

/* In bf16 the gradient is that of floats, rounded; where a maximum is taken,
 * rounding may make another value the largest. */
static void check_bf16(const char *name, const nml_layer_spec *specs, int count,
                       double tolerance, const float *exact) {
  fixture f;
  double norm = 0, distance = 0;
  if (!nml_bf16_kernels_get()) return;
  open_fixture_of(&f, specs, count, 2, true);
  loss_of(&f);
  for (size_t i = 0; i < f.net->params_floats; i++) {
    norm += pow((double)exact[i], 2);
    distance += pow((double)exact[i] - (double)f.gradient[i], 2);
  }
  if (!(sqrt(distance) <= tolerance * sqrt(norm)))
    fail_msg("%s: gradients in bf16 are off by %g of %g", name, sqrt(distance),
             sqrt(norm));
  if (distance == 0) fail_msg("%s: nothing was rounded", name);
  close_fixture(&f);
}

/* The first parameter that is not frozen. */
static size_t moving_from(const nml_net *net) {
  int layer = frozen;
  while (net->layers[layer].parameter_count == 0) layer++;
  return net->layers[layer].weight_at;
}

/* Central differences at the elements with the largest gradients, tensor by
 * tensor, and at a few others. */
static void check_gradient(const char *name, const nml_layer_spec *specs,
                           int count, double tolerance) {
  fixture f;
  open_fixture(&f, specs, count, 2);
  size_t floats = f.net->params_floats;
  float *analytic = nml_alloc(floats, sizeof(float));
  loss_of(&f);
  memcpy(analytic, f.gradient, floats * sizeof(float));
  double norm = 0, distance = 0;
  nml_random random = nml_random_init(8, NML_PURPOSE_TEST, 1, 0);
  for (int trial = 0; trial < 160; trial++) {
    size_t i = nml_random_below(&random, (uint32_t)floats);
    if (trial < 80) /* the bias and the end of the last weights */
      i = floats - 1 - (size_t)trial;
    float kept = f.params[i], step = 2e-3f;
    if (kept == 0.0f && analytic[i] == 0.0f) continue; /* padding */
    if (i < moving_from(f.net)) continue;
    f.params[i] = kept + step;
    double above = loss_of(&f);
    f.params[i] = kept - step;
    double below = loss_of(&f);
    f.params[i] = kept;
    double numeric = (above - below) / (2 * (double)step);
    norm += numeric * numeric;
    distance += pow(numeric - (double)analytic[i], 2);
  }
  if (!(sqrt(distance) <= tolerance * sqrt(norm)) || norm == 0)
    fail_msg("%s: gradients differ by %g of %g", name, sqrt(distance),
             sqrt(norm));
  check_bf16(name, specs, count, tolerance > 0.01 ? 0.1 : 0.01, analytic);
  nml_free(analytic);
  close_fixture(&f);
}

#define CONV(n, k, s, p, r)                                                  \
  {                                                                          \
    .kind = NML_CONV, .units = n, .window_h = k, .window_w = k, .stride = s, \
    .same = p, .relu = r                                                     \
  }
#define POOL(type, n, s, p) \
  { .kind = type, .window_h = n, .window_w = n, .stride = s, .same = p }
#define DENSE(n, r) \
  { .kind = NML_DENSE, .units = n, .relu = r }
#define FLAT \
  { .kind = NML_FLATTEN }
#define NORM(r) \
  { .kind = NML_BATCHNORM, .relu = r }

static void gradients_match_finite_differences(void **unused) {
  (void)unused;
  /* relu and maxpool have corners that a finite step can cross: the smooth
   * networks are held tightly, the others to a few percent of the norm */
  const nml_layer_spec dense[] = {FLAT, DENSE(20, false), DENSE(10, false)};
  check_gradient("dense", dense, 3, 0.01);
  const nml_layer_spec relu[] = {FLAT,
                                 DENSE(20, true),
                                 DENSE(17, false),
                                 {.kind = NML_RELU},
                                 DENSE(10, false)};
  check_gradient("dense relu", relu, 5, 0.04);
  const nml_layer_spec valid[] = {
      CONV(5, 3, 1, false, false), POOL(NML_AVGPOOL, 3, 3, false),
      CONV(18, 3, 1, false, false), FLAT, DENSE(10, false)};
  check_gradient("conv valid, avgpool", valid, 5, 0.01);
  const nml_layer_spec same[] = {CONV(4, 5, 2, true, false),
                                 CONV(6, 3, 2, true, false),
                                 POOL(NML_AVGPOOL, 2, 2, true),
                                 CONV(3, 4, 1, true, false),
                                 FLAT,
                                 DENSE(10, false)};
  check_gradient("conv same stride", same, 6, 0.01);
  const nml_layer_spec strided[] = {CONV(4, 3, 1, false, false),
                                    CONV(6, 5, 3, false, false), FLAT,
                                    DENSE(10, false)};
  check_gradient("conv valid stride", strided, 4, 0.01);
  const nml_layer_spec pooled[] = {CONV(4, 3, 1, false, true),
                                   POOL(NML_MAXPOOL, 2, 2, false),
                                   CONV(6, 3, 1, false, true),
                                   POOL(NML_MAXPOOL, 3, 2, false),
                                   FLAT,
                                   DENSE(10, false)};
  check_gradient("conv relu maxpool", pooled, 6, 0.06);
  const nml_layer_spec apart[] = {CONV(4, 3, 2, false, false),
                                  NORM(false),
                                  POOL(NML_MAXPOOL, 3, 2, true),
                                  CONV(6, 3, 1, true, false),
                                  POOL(NML_MAXPOOL, 2, 1, true),
                                  FLAT,
                                  DENSE(10, false)};
  check_gradient("maxpool same", apart, 7, 0.06);
  const nml_layer_spec winners[] = {CONV(20, 3, 2, false, true),
                                    CONV(33, 3, 1, true, true),
                                    POOL(NML_MAXPOOL, 2, 2, true),
                                    CONV(10, 4, 2, true, false),
                                    POOL(NML_MAXPOOL, 2, 3, false),
                                    FLAT,
                                    DENSE(10, false)};
  check_gradient("winners same stride", winners, 7, 0.06);
  const nml_layer_spec norm[] = {CONV(4, 3, 2, false, false),
                                 NORM(false),
                                 CONV(6, 3, 2, true, false),
                                 NORM(false),
                                 FLAT,
                                 DENSE(10, false)};
  check_gradient("batchnorm", norm, 6, 0.01);
  const nml_layer_spec first[] = {NORM(true), CONV(4, 3, 3, false, false),
                                  NORM(true), FLAT, DENSE(10, false)};
  check_gradient("batchnorm first", first, 5, 0.06);
  const nml_layer_spec drop[] = {POOL(NML_MAXPOOL, 2, 2, false),
                                 FLAT,
                                 DENSE(30, false),
                                 {.kind = NML_DROPOUT, .rate = 0.4f},
                                 DENSE(10, false)};
  check_gradient("dropout", drop, 5, 0.01);
  const nml_layer_spec mean[] = {CONV(19, 3, 2, false, false),
                                 NORM(false),
                                 CONV(5, 2, 1, false, false),
                                 {.kind = NML_GLOBALAVGPOOL},
                                 DENSE(10, false)};
  check_gradient("globalavgpool", mean, 5, 0.01);
  const nml_layer_spec crop[] = {
      {.kind = NML_CROP, .window_h = 21, .window_w = 17},
      CONV(5, 4, 1, false, false),
      POOL(NML_AVGPOOL, 2, 2, false),
      CONV(18, 3, 2, false, false),
      NORM(false),
      FLAT,
      DENSE(20, false),
      NORM(false),
      DENSE(10, false)};
  check_gradient("crop", crop, 9, 0.015); /* nine layers of rounding */
}

static void residuals_match_finite_differences(void **unused) {
  (void)unused;
  const nml_layer_spec block[] = {CONV(6, 3, 2, false, false),
                                  {.kind = NML_RESIDUAL},
                                  CONV(9, 3, 1, true, false),
                                  NORM(false),
                                  CONV(6, 3, 1, true, false),
                                  NORM(false),
                                  {.kind = NML_ADD},
                                  CONV(3, 3, 3, false, false),
                                  FLAT,
                                  DENSE(10, false)};
  check_gradient("residual", block, 10, 0.015);
  const nml_layer_spec projected[] = {CONV(5, 5, 3, true, false),
                                      {.kind = NML_RESIDUAL},
                                      CONV(18, 3, 2, true, false),
                                      NORM(false),
                                      {.kind = NML_SHORTCUT},
                                      CONV(18, 1, 2, false, false),
                                      NORM(false),
                                      {.kind = NML_ADD},
                                      {.kind = NML_RESIDUAL},
                                      POOL(NML_AVGPOOL, 3, 1, true),
                                      {.kind = NML_ADD},
                                      {.kind = NML_GLOBALAVGPOOL},
                                      DENSE(10, false)};
  check_gradient("residual with a shortcut", projected, 13, 0.01);
  const int inside[] = {1, 3, 4, 6}; /* the block, parts of either branch */
  for (int i = 0; i < 4; i++) {
    frozen = inside[i];
    check_gradient("residual, partly frozen", projected, 13, 0.01);
  }
  frozen = 0;
  const nml_layer_spec rectified[] = {NORM(false),
                                      {.kind = NML_RESIDUAL},
                                      CONV(7, 3, 3, true, true),
                                      NORM(true),
                                      {.kind = NML_SHORTCUT},
                                      POOL(NML_MAXPOOL, 3, 3, true),
                                      CONV(7, 1, 1, false, false),
                                      {.kind = NML_ADD, .relu = true},
                                      FLAT,
                                      {.kind = NML_RESIDUAL},
                                      {.kind = NML_DROPOUT, .rate = 0.3f},
                                      {.kind = NML_RELU},
                                      {.kind = NML_ADD, .relu = true},
                                      DENSE(10, false)};
  check_gradient("residual and relu", rectified, 14, 0.06);
  const nml_layer_spec image[] = {{.kind = NML_RESIDUAL},
                                  CONV(4, 3, 2, true, false),
                                  {.kind = NML_SHORTCUT},
                                  POOL(NML_AVGPOOL, 2, 2, false),
                                  CONV(4, 1, 1, false, false),
                                  {.kind = NML_ADD},
                                  FLAT,
                                  DENSE(12, false),
                                  {.kind = NML_RESIDUAL},
                                  DENSE(9, false),
                                  DENSE(12, false),
                                  {.kind = NML_ADD},
                                  DENSE(10, false)};
  check_gradient("residual of the image, of rows", image, 13, 0.01);
  const nml_layer_spec untrained[] = {POOL(NML_AVGPOOL, 2, 2, false),
                                      {.kind = NML_RESIDUAL},
                                      {.kind = NML_RELU},
                                      {.kind = NML_SHORTCUT},
                                      CONV(1, 3, 1, true, false),
                                      {.kind = NML_ADD},
                                      {.kind = NML_RESIDUAL},
                                      CONV(1, 3, 1, true, false),
                                      {.kind = NML_SHORTCUT},
                                      POOL(NML_MAXPOOL, 2, 1, true),
                                      {.kind = NML_ADD},
                                      FLAT,
                                      DENSE(10, false)};
  check_gradient("branches without parameters", untrained, 13, 0.01);
}

static void groups_match_finite_differences(void **unused) {
  (void)unused;
  nml_layer_spec alone[] = {
      CONV(20, 3, 2, false, false), NORM(false), CONV(20, 3, 1, true, false),
      CONV(9, 1, 1, false, false),  NORM(false), CONV(9, 3, 2, true, false),
      CONV(9, 2, 3, false, false),  FLAT,        DENSE(10, false)};
  alone[2].groups = 20;
  alone[5].groups = alone[6].groups = 9;
  check_gradient("depthwise", alone, 9, 0.015);
  nml_layer_spec deep[] = {CONV(7, 4, 3, false, false),
                           CONV(7, 5, 1, true, true),
                           POOL(NML_MAXPOOL, 2, 2, false),
                           CONV(7, 3, 1, true, true),
                           FLAT,
                           DENSE(10, false)};
  deep[1].groups = deep[3].groups = 7;
  check_gradient("depthwise relu maxpool", deep, 6, 0.06);
  nml_layer_spec groups[] = {
      CONV(6, 3, 2, false, false), CONV(9, 3, 1, true, false),
      CONV(12, 3, 2, true, false), FLAT, DENSE(10, false)};
  groups[1].groups = groups[2].groups = 3;
  check_gradient("groups", groups, 5, 0.01);
  nml_layer_spec won[] = {
      CONV(32, 3, 2, false, true), CONV(64, 3, 1, true, true),
      POOL(NML_MAXPOOL, 2, 2, false), FLAT, DENSE(10, false)};
  won[1].groups = 4;
  check_gradient("groups of winners", won, 5, 0.06);
}

static void relu6_matches_finite_differences(void **unused) {
  (void)unused;
  const nml_layer_spec six[] = {CONV(20, 3, 2, false, false),
                                NORM(6),
                                CONV(9, 3, 2, true, false),
                                {.kind = NML_RELU6},
                                CONV(9, 3, 2, true, false),
                                NORM(6),
                                POOL(NML_AVGPOOL, 2, 2, true),
                                FLAT,
                                DENSE(10, false)};
  gain = 2.5f; /* some of the values are above 6 */
  check_gradient("relu6", six, 9, 0.06);
  gain = 1;
}

static void smoothed_labels_have_their_gradient(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(20, false), DENSE(10, false)};
  smoothing = 0.2f;
  check_gradient("label smoothing", dense, 3, 0.01);
  smoothing = 0;
}

static const uint16_t some_shares[IMAGES] = {256, 0,   128, 40, 200, 77,
                                             1,   255, 130, 90, 256};

static void mixed_images_have_their_gradient(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(20, false), DENSE(10, false)};
  shares = some_shares;
  smoothing = 0.1f;
  check_gradient("mixup", dense, 3, 0.01);
  smoothing = 0;
  shares = NULL;
}

/* The loss of an image that is all its own, or all its partner's. */
static void mixing_all_or_nothing_is_a_batch_in_another_order(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(10, false)};
  uint16_t all[IMAGES], none[IMAGES] = {0};
  fixture f;
  open_fixture(&f, dense, 2, 2);
  double plain = loss_of(&f);
  for (int i = 0; i < IMAGES; i++) all[i] = 256;
  shares = all;
  assert_true(loss_of(&f) == plain);
  shares = none;
  assert_true(fabs(loss_of(&f) - plain) < 1e-6);
  shares = NULL;
  close_fixture(&f);
}

/* The loss is linear in the labels: halves of two labels are the mean. */
static void halves_of_labels_are_their_mean(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(10, false)};
  uint16_t halves[IMAGES];
  fixture f;
  open_fixture(&f, dense, 2, 1);
  for (int i = 0; i < IMAGES; i++) { /* the same image beside itself */
    halves[i] = 128;
    memcpy(f.images + i * NUMERAL_IMAGE_PIXELS, f.images, NUMERAL_IMAGE_PIXELS);
  }
  double plain = loss_of(&f);
  shares = halves;
  assert_true(fabs(loss_of(&f) - plain) < 1e-6);
  shares = NULL;
  close_fixture(&f);
}

/* Answers that no label gives: of image i a quarter is digit i, the rest is
 * shared by all. */
static const float *some_answers(void) {
  static float answers[IMAGES][NUMERAL_CLASSES];
  for (int i = 0; i < IMAGES; i++)
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      answers[i][k] = 0.075f + (k == i % NUMERAL_CLASSES ? 0.25f : 0.0f);
  return answers[0];
}

static void wanted_answers_have_their_gradient(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(20, false), DENSE(10, false)};
  wanted = some_answers();
  smoothing = 0.1f;
  check_gradient("wanted answers", dense, 3, 0.01);
  shares = some_shares;
  check_gradient("wanted answers, mixed", dense, 3, 0.01);
  shares = NULL;
  smoothing = 0;
  wanted = NULL;
}

/* To want of each image its label, smoothed, is to smooth labels. */
static void wanted_labels_are_labels(void **unused) {
  (void)unused;
  const nml_layer_spec dense[] = {FLAT, DENSE(10, false)};
  float answers[IMAGES][NUMERAL_CLASSES];
  fixture f;
  smoothing = 0.1f;
  open_fixture(&f, dense, 2, 1);
  double smoothed = loss_of(&f);
  for (int i = 0; i < IMAGES; i++)
    for (int k = 0; k < NUMERAL_CLASSES; k++)
      answers[i][k] = k == f.labels[i] ? 1.0f : 0.0f;
  wanted = answers[0];
  assert_true(fabs(loss_of(&f) - smoothed) < 1e-5);
  wanted = NULL;
  smoothing = 0;
  close_fixture(&f);
}

/* Those of the layers that move; the loss knows the frozen ones as they are. */
static void layers_behind_frozen_ones_have_their_gradient(void **unused) {
  (void)unused;
  const nml_layer_spec specs[] = {CONV(4, 3, 2, false, false), NORM(false),
                                  FLAT, DENSE(12, false), DENSE(10, false)};
  for (frozen = 1; frozen <= 4; frozen++)
    check_gradient("frozen", specs, 5, 0.01);
  frozen = 0;
}

static const nml_layer_spec everything[] = {
    CONV(6, 3, 1, true, false),
    NORM(true),
    POOL(NML_MAXPOOL, 2, 2, false),
    CONV(9, 3, 1, false, true),
    POOL(NML_MAXPOOL, 2, 2, false),
    {.kind = NML_CONV,
     .units = 9,
     .window_h = 3,
     .window_w = 3,
     .stride = 1,
     .groups = 9,
     .same = true},
    {.kind = NML_CONV,
     .units = 9,
     .window_h = 2,
     .window_w = 2,
     .stride = 1,
     .groups = 3,
     .same = true},
    {.kind = NML_RESIDUAL},
    CONV(12, 3, 2, true, false),
    NORM(6),
    {.kind = NML_SHORTCUT},
    CONV(12, 1, 2, false, false),
    {.kind = NML_ADD, .relu = true},
    {.kind = NML_RELU6},
    {.kind = NML_GLOBALAVGPOOL},
    DENSE(40, true),
    {.kind = NML_DROPOUT, .rate = 0.25f},
    DENSE(10, false)};

enum { EVERYTHING = sizeof everything / sizeof everything[0] };

/* None of these waits for the whole batch: a thread keeps the maps of a slab.
 */
static const nml_layer_spec waits_for_none[] = {
    CONV(17, 3, 1, false, true),
    POOL(NML_MAXPOOL, 2, 2, false),
    {.kind = NML_CONV,
     .units = 17,
     .window_h = 3,
     .window_w = 3,
     .stride = 1,
     .groups = 17,
     .same = true},
    {.kind = NML_RESIDUAL},
    CONV(12, 3, 1, true, false),
    {.kind = NML_RELU6},
    {.kind = NML_DROPOUT, .rate = 0.25f},
    {.kind = NML_SHORTCUT},
    CONV(12, 1, 1, false, false),
    {.kind = NML_ADD, .relu = true},
    CONV(33, 3, 1, true, true),
    POOL(NML_MAXPOOL, 2, 2, false),
    POOL(NML_AVGPOOL, 2, 2, false),
    FLAT,
    DENSE(40, true),
    {.kind = NML_DROPOUT, .rate = 0.25f},
    DENSE(10, false)};

enum { WAITS_FOR_NONE = sizeof waits_for_none / sizeof waits_for_none[0] };

static void compare_threads(const nml_layer_spec *specs, int count, bool bf16) {
  fixture one, many;
  open_fixture_of(&one, specs, count, 1, bf16);
  open_fixture_of(&many, specs, count, 3, bf16);
  double a = loss_of(&one), b = loss_of(&many);
  assert_memory_equal(&a, &b, sizeof a);
  assert_memory_equal(one.gradient, many.gradient,
                      one.net->params_floats * sizeof(float));
  assert_memory_equal(one.state, many.state,
                      one.net->state_floats * sizeof(float));
  close_fixture(&one);
  close_fixture(&many);
}

static void threads_do_not_change_a_bit(void **unused) {
  (void)unused;
  compare_threads(everything, EVERYTHING, false);
  compare_threads(waits_for_none, WAITS_FOR_NONE, false);
  shares = (const uint16_t[IMAGES]){0, 90,  200, 1,  NML_SHARE_ONE, 3, 77,
                                    8, 150, 10,  255};
  compare_threads(waits_for_none, WAITS_FOR_NONE, false);
  shares = NULL;
  if (!nml_bf16_kernels_get()) return;
  compare_threads(everything, EVERYTHING, true);
  compare_threads(waits_for_none, WAITS_FOR_NONE, true);
}

static void check_padding(bool bf16) {
  fixture f;
  open_fixture_of(&f, everything, EVERYTHING, 2, bf16);
  loss_of(&f);
  float *mask = nml_alloc(f.net->params_floats, sizeof(float));
  float *ones = nml_alloc(f.net->params_floats, sizeof(float));
  for (size_t i = 0; i < f.net->params_floats; i++) ones[i] = 1.0f;
  for (int t = 0; t < f.net->tensor_count; t++)
    if (f.net->tensors[t].part == NML_WEIGHT ||
        f.net->tensors[t].part == NML_BIAS)
      nml_tensor_fetch(f.net, t, ones, mask, NULL);
  for (size_t i = 0; i < f.net->params_floats; i++)
    if (mask[i] == 0.0f) assert_true(f.gradient[i] == 0.0f);
  nml_free(mask);
  nml_free(ones);
  close_fixture(&f);
}

static void padding_stays_zero(void **unused) {
  (void)unused;
  check_padding(false);
  if (nml_bf16_kernels_get()) check_padding(true);
}

static void refused_memory_leaves_nothing(void **unused) {
  (void)unused;
  fixture f;
  open_fixture(&f, everything, EVERYTHING, 1);
  const nml_run_options options = {.max_batch = 4, .threads = 1};
  for (long nth = 1; nth <= 3; nth++) {
    nml_run *run;
    nml_alloc_fail_at(nth);
    assert_int_equal(nml_run_create(f.net, &options, &run, NULL),
                     NUMERAL_ERROR_MEMORY);
    assert_null(run);
  }
  nml_alloc_fail_at(0);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_finite_differences),
      cmocka_unit_test(residuals_match_finite_differences),
      cmocka_unit_test(groups_match_finite_differences),
      cmocka_unit_test(relu6_matches_finite_differences),
      cmocka_unit_test(smoothed_labels_have_their_gradient),
      cmocka_unit_test(mixed_images_have_their_gradient),
      cmocka_unit_test(mixing_all_or_nothing_is_a_batch_in_another_order),
      cmocka_unit_test(halves_of_labels_are_their_mean),
      cmocka_unit_test(wanted_answers_have_their_gradient),
      cmocka_unit_test(wanted_labels_are_labels),
      cmocka_unit_test(layers_behind_frozen_ones_have_their_gradient),
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(padding_stays_zero),
      cmocka_unit_test(refused_memory_leaves_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
