/* What came out of the layers, against the layers written down one by one;
 * gradients against finite differences of the same; and whether Grad-CAM marks
 * what matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "engine/explain.h"
#include "formats/gzip.h"
#include "naive_net.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { PICTURES = 3, DELETED_DIGITS = 100 }; /* they take 20 times as long */
#else
enum { PICTURES = 3, DELETED_DIGITS = 1000 };
#endif

/* ---- A model with all its naive maps
 * ----------------------------------------- */

typedef struct fixture {
  numeral_model *model;
  naive_net naive;
  numeral_explainer *explainer;
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  double *maps[NML_MAX_LAYERS + 1]; /* [0] the image, then each layer's */
  double *nudged[NML_MAX_LAYERS + 1];
} fixture;

static size_t values_of(nml_shape shape) {
  return (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

/* Biases that are no accident either: sums that are exactly 0 turn a relu. */
static void stir_biases(const naive_net *n) {
  nml_random random = nml_random_init(5, NML_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < n->net->layer_count; i++) {
    const nml_layer *l = &n->net->layers[i];
    for (int k = 0; l->taps > 0 && k < l->out.c; k++)
      n->params[l->bias_at + (size_t)k] =
          nml_random_range(&random, -0.1f, 0.1f);
  }
}

static void open_fixture(fixture *f, const char *spec) {
  numeral_error error;
  if (numeral_model_create(spec, 4, &f->model, &error) != NUMERAL_OK)
    fail_msg("%s: %s", spec, error.message);
  f->naive = (naive_net){f->model->net, f->model->params, f->model->state};
  naive_stir_norms(&f->naive);
  naive_sharpen(&f->naive);
  stir_biases(&f->naive);
  assert_int_equal(numeral_explainer_create(f->model, &f->explainer, &error),
                   NUMERAL_OK);
  for (int i = 0; i <= f->model->net->layer_count; i++) {
    f->maps[i] = naive_map(&f->naive, i - 1);
    f->nudged[i] = naive_map(&f->naive, i - 1);
  }
}

static void close_fixture(fixture *f) {
  for (int i = 0; i <= f->model->net->layer_count; i++) {
    free(f->maps[i]);
    free(f->nudged[i]);
  }
  numeral_explainer_destroy(f->explainer);
  numeral_model_destroy(f->model);
}

static void show(fixture *f, int picture) {
  nml_random random = nml_random_init(6, NML_PURPOSE_TEST, 0, 0);
  naive_draw(f->image, picture);
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) /* no two alike: no ties */
    f->image[i] = (uint8_t)(f->image[i] / 2 + nml_random_below(&random, 100));
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++)
    f->maps[0][i] = f->image[i] / 255.0;
  naive_run(&f->naive, f->maps, 0);
  nml_explainer_run(f->explainer, f->image, (float[NUMERAL_CLASSES]){0});
}

/* ---- Maps ---- */

static double largest_of(const double *values, size_t count) {
  double largest = 1e-3;
  for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(values[i]));
  return largest;
}

static void check_maps(const fixture *f, const char *spec) {
  for (int i = 0; i < f->model->net->layer_count; i++) {
    const numeral_maps maps = numeral_explainer_layer(f->explainer, (size_t)i);
    const nml_shape out = f->model->net->layers[i].out;
    const double *want = f->maps[i + 1];
    double bound = 2e-5 * largest_of(want, values_of(out));
    assert_true(maps.height == out.h && maps.width == out.w &&
                maps.channels == out.c && maps.pitch >= maps.channels);
    for (int at = 0; at < out.h * out.w; at++)
      for (int c = 0; c < out.c; c++, want++) {
        double got = (double)maps.values[at * maps.pitch + c];
        if (!(fabs(got - *want) <= bound))
          fail_msg("%s: layer %d, pixel %d, channel %d: %g, not %g", spec, i,
                   at, c, got, *want);
      }
  }
}

static void maps_are_those_of_the_layers(void **unused) {
  (void)unused;
  fixture f;
  for (int s = 0; s < NAIVE_SPECS; s++) {
    open_fixture(&f, naive_specs[s]);
    for (int picture = 0; picture < PICTURES; picture++) {
      show(&f, picture);
      check_maps(&f, naive_specs[s]);
    }
    close_fixture(&f);
  }
}

/* ---- Gradients ---- */

/* The value of `digit` where value `at` of `layer`'s output is `shift` more. */
static double nudged(const fixture *f, int layer, size_t at, double shift,
                     int digit) {
  const nml_net *net = f->model->net;
  double *maps[NML_MAX_LAYERS + 1]; /* as they were up to the layer */
  nml_shape shape = layer < 0 ? net->layers[0].in : net->layers[layer].out;
  for (int i = 0; i <= net->layer_count; i++)
    maps[i] = i <= layer ? f->maps[i] : f->nudged[i];
  memcpy(maps[layer + 1], f->maps[layer + 1],
         values_of(shape) * sizeof(double));
  maps[layer + 1][at] += shift;
  naive_run(&f->naive, maps, layer + 1);
  return maps[net->layer_count][digit];
}

/* Where a relu turns, or two values are the largest of a window, there is no
 * one slope, and nothing to check: false. */
static bool check_slope(const fixture *f, const char *spec, int layer,
                        size_t at, int digit, double got) {
  const double step = 1e-6;
  double here = nudged(f, layer, at, 0, digit);
  double up = (nudged(f, layer, at, step, digit) - here) / step;
  double down = (here - nudged(f, layer, at, -step, digit)) / step;
  double room = 1e-4 + 1e-3 * fabs(up);
  if (fabs(up - down) > room) return false;
  if (!(fabs(got - up) <= room))
    fail_msg("%s: layer %d, value %zu, digit %d: %g, not %g", spec, layer, at,
             digit, got, up);
  return true;
}

/* Layer -1 with a crop: what the network sees is the cropped image. */
static void check_gradient(const fixture *f, const char *spec, int layer,
                           int digit) {
  enum { SAMPLES = 23 };
  const numeral_maps maps = nml_explainer_layer(f->explainer, layer);
  const float *gradient = nml_explainer_gradient(f->explainer, digit, layer);
  size_t channels = (size_t)maps.channels;
  size_t count = (size_t)maps.height * (size_t)maps.width * channels;
  int checked = 0;
  for (size_t i = 0; i < SAMPLES; i++) {
    size_t at = (i * 7919 + (size_t)digit) % count;
    size_t place = at / channels * (size_t)maps.pitch + at % channels;
    checked += check_slope(f, spec, layer, at, digit, (double)gradient[place]);
  }
  assert_true(checked > SAMPLES / 4);
}

static void gradients_are_slopes(void **unused) {
  (void)unused;
  fixture f;
  for (int s = 0; s < NAIVE_SPECS; s++) {
    open_fixture(&f, naive_specs[s]);
    const nml_net *net = f.model->net;
    show(&f, s % PICTURES);
    int first = net->layers[0].spec.kind == NML_CROP ? 0 : -1;
    for (int layer = first; layer < net->layer_count - 1; layer++)
      check_gradient(&f, naive_specs[s], layer, (s + layer + 1) % 10);
    close_fixture(&f);
  }
}

/* ---- Grad-CAM ---- */

static int heat_layer_of(const char *net) {
  numeral_model *model;
  numeral_explainer *explainer;
  assert_int_equal(numeral_model_create(net, 1, &model, NULL), NUMERAL_OK);
  assert_int_equal(numeral_explainer_create(model, &explainer, NULL),
                   NUMERAL_OK);
  int layer = numeral_explainer_heat_layer(explainer);
  numeral_explainer_destroy(explainer);
  numeral_model_destroy(model);
  return layer;
}

static void heat_is_read_behind_the_last_convolution(void **unused) {
  (void)unused;
  assert_int_equal(heat_layer_of("cnn"), 2);
  assert_int_equal(heat_layer_of("mlp"), -1);
  assert_int_equal(heat_layer_of("conv 4 3x3, batchnorm, relu, dropout 0.1, "
                                 "maxpool 2, flatten, dense 10"),
                   3);
  assert_int_equal(heat_layer_of("residual, conv 4 3x3 same, batchnorm, "
                                 "shortcut, conv 4 1x1, add, relu, maxpool 2, "
                                 "flatten, dense 10"),
                   6);
  assert_int_equal(heat_layer_of("relu, conv 10 28x28"), -1);
  assert_int_equal(heat_layer_of("conv 10 5x5, conv 10 24x24"), 0);
}

/* By the definition, in double precision: weights are the mean slopes. */
static void heat_is_the_weighted_sum(void **unused) {
  (void)unused;
  enum { SIDE = 26, CHANNELS = 4, DIGIT = 5 };
  fixture f;
  double map[SIDE * SIDE] = {0}, largest = 0;
  float heat[NUMERAL_IMAGE_PIXELS];
  open_fixture(&f, "conv 4 3x3 relu, flatten, dense 20 relu, dense 10");
  show(&f, 1);
  for (int c = 0; c < CHANNELS; c++) {
    double weight = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
      size_t at = i * CHANNELS + (size_t)c;
      weight +=
          (nudged(&f, 0, at, 1e-6, DIGIT) - nudged(&f, 0, at, -1e-6, DIGIT)) /
          2e-6;
    }
    for (int i = 0; i < SIDE * SIDE; i++)
      map[i] += weight / (SIDE * SIDE) * f.maps[1][i * CHANNELS + c];
  }
  for (int i = 0; i < SIDE * SIDE; i++) largest = fmax(largest, map[i]);
  assert_true(largest > 0);
  assert_int_equal(numeral_explainer_heat(f.explainer, DIGIT, heat, NULL),
                   NUMERAL_OK);
  /* place 0 of the map looks at pixels 0 to 2: its middle is pixel 1 */
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      double want = fmax(map[y * SIDE + x], 0) / largest;
      double got = (double)heat[(y + 1) * NUMERAL_IMAGE_SIDE + x + 1];
      if (!(fabs(got - want) < 5e-3))
        fail_msg("heat at %d, %d: %g, not %g", x + 1, y + 1, got, want);
    }
  assert_true(heat[0] == heat[NUMERAL_IMAGE_SIDE + 1]); /* beyond the edge */
  close_fixture(&f);
}

/* Between the places of a coarse map heat is linear: strides, borders and
 * crops must be counted right. One weight lets one place through. */
static void heat_lies_where_the_map_looks(void **unused) {
  (void)unused;
  const struct {
    const char *net;
    int place, middle; /* along either side */
  } cases[] = {{"conv 1 1x1, flatten, dense 10", 11, 11},
               {"conv 1 5x5 stride 2, flatten, dense 10", 4, 10},
               {"conv 1 3x3 same, flatten, dense 10", 4, 4},
               {"maxpool 2, conv 1 2x2, flatten, dense 10", 5, 11},
               {"crop 20, conv 1 1x1, flatten, dense 10", 5, 9}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    fixture f;
    float heat[NUMERAL_IMAGE_PIXELS];
    open_fixture(&f, cases[i].net);
    int layer = numeral_explainer_heat_layer(f.explainer);
    const nml_layer *l = &f.model->net->layers[layer];
    memset(f.model->params, 0, f.model->net->params_floats * sizeof(float));
    f.model->params[l->weight_at] = 1; /* the window's first pixel, and ... */
    f.model->params[f.model->net->layers[layer + 2].weight_at] = 1;
    const nml_layer *dense = &f.model->net->layers[layer + 2];
    for (int q = 0; q < dense->taps; q++) /* every place speaks for digit 0 */
      f.model->params[dense->weight_at + (size_t)(q * dense->w_pitch)] = 1;
    /* a new explainer, since weights are taken when it is made */
    numeral_explainer_destroy(f.explainer);
    assert_int_equal(numeral_explainer_create(f.model, &f.explainer, NULL),
                     NUMERAL_OK);
    /* one pixel lit: the first of the place's window */
    memset(f.image, 0, sizeof f.image);
    const numeral_maps maps = nml_explainer_layer(f.explainer, layer);
    for (int at = 0; at < NUMERAL_IMAGE_PIXELS; at++) {
      memset(f.image, 0, sizeof f.image);
      f.image[at] = 255;
      numeral_explainer_run(f.explainer, f.image, NULL, NULL);
      int place = cases[i].place * maps.width + cases[i].place;
      if (maps.values[place * maps.pitch] > 0) break;
    }
    numeral_explainer_heat(f.explainer, 0, heat, NULL);
    int middle = cases[i].middle * NUMERAL_IMAGE_SIDE + cases[i].middle;
    if (!(heat[middle] == 1.0f))
      fail_msg("%s: heat %g at %d, %d", cases[i].net, (double)heat[middle],
               cases[i].middle, cases[i].middle);
    close_fixture(&f);
  }
}

/* ---- Does it mark what matters? ---- */

typedef struct test_set {
  unsigned char *images, *labels;
  numeral_dataset *dataset;
} test_set;

static void load_mnist(test_set *set) {
  const char *folder = getenv("NUMERAL_DATA_DIR");
  const char *const names[2] = {"t10k-images-idx3-ubyte",
                                "t10k-labels-idx1-ubyte"};
  unsigned char **bytes[2] = {&set->images, &set->labels};
  size_t sizes[2];
  char path[4096];
  *set = (test_set){NULL};
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/mnist/%s.gz", folder ? folder : ".",
             names[i]);
    if (gzip_file_read(path, 1 << 24, bytes[i], &sizes[i], NULL) != NUMERAL_OK)
      return;
  }
  numeral_dataset_parse_idx(set->images, sizes[0], set->labels, sizes[1],
                            &set->dataset, NULL);
}

static void release_mnist(test_set *set) {
  numeral_dataset_destroy(set->dataset);
  free(set->images);
  free(set->labels);
}

typedef struct pixel {
  int at;
  float rank;
} pixel;

static int by_rank(const void *a, const void *b) {
  float x = ((const pixel *)a)->rank, y = ((const pixel *)b)->rank;
  if (x != y) return x < y ? 1 : -1;
  return ((const pixel *)a)->at - ((const pixel *)b)->at;
}

/* Takes a tenth of the ink away, pixels of the highest rank first. */
static void delete_ink(uint8_t *image, const float *rank) {
  pixel pixels[NUMERAL_IMAGE_PIXELS];
  int inked = 0, ink = 0, gone = 0;
  for (int i = 0; i < NUMERAL_IMAGE_PIXELS; i++) {
    ink += image[i];
    if (image[i]) pixels[inked++] = (pixel){i, rank[i]};
  }
  qsort(pixels, (size_t)inked, sizeof *pixels, by_rank);
  for (int i = 0; i < inked && gone * 10 < ink; i++) {
    gone += image[pixels[i].at];
    image[pixels[i].at] = 0;
  }
}

static double score(numeral_explainer *explainer, const uint8_t *image,
                    int digit) {
  float p[NUMERAL_CLASSES];
  numeral_explainer_run(explainer, image, p, NULL);
  return (double)nml_explainer_layer(
             explainer, (int)nml_explainer_layer_count(explainer) - 1)
      .values[digit];
}

/* The digit's value before softmax, with a tenth of its ink taken away where
 * heat is highest, and at random. */
static void deleting_what_is_hot_hurts_more(void **unused) {
  (void)unused;
  test_set set;
  numeral_model *model;
  numeral_explainer *explainer;
  double hot = 0, cold = 0;
  load_mnist(&set);
  if (!set.dataset) {
    print_message("skipped: no MNIST in NUMERAL_DATA_DIR\n");
    skip();
  }
  assert_int_equal(numeral_model_builtin(&model, NULL), NUMERAL_OK);
  assert_int_equal(numeral_explainer_create(model, &explainer, NULL),
                   NUMERAL_OK);
  nml_random random = nml_random_init(1, NML_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < DELETED_DIGITS; i++) {
    const uint8_t *image =
        numeral_dataset_images(set.dataset) + i * NUMERAL_IMAGE_PIXELS;
    int digit = numeral_dataset_labels(set.dataset)[i];
    float heat[NUMERAL_IMAGE_PIXELS], lots[NUMERAL_IMAGE_PIXELS];
    uint8_t without[NUMERAL_IMAGE_PIXELS];
    double whole = score(explainer, image, digit);
    numeral_explainer_heat(explainer, digit, heat, NULL);
    memcpy(without, image, sizeof without);
    delete_ink(without, heat);
    hot += whole - score(explainer, without, digit);
    for (int j = 0; j < NUMERAL_IMAGE_PIXELS; j++)
      lots[j] = nml_random_unit(&random);
    memcpy(without, image, sizeof without);
    delete_ink(without, lots);
    cold += whole - score(explainer, without, digit);
  }
  print_message(
      "a tenth of the ink less: the digit's value falls by %.3f where "
      "heat is highest, by %.3f at random\n",
      hot / DELETED_DIGITS, cold / DELETED_DIGITS);
  assert_true(hot > 1.05 * cold);
  numeral_explainer_destroy(explainer);
  numeral_model_destroy(model);
  release_mnist(&set);
}

/* ---- Arguments and memory ---- */

static void wrong_arguments_are_said(void **unused) {
  (void)unused;
  numeral_model *model;
  numeral_explainer *explainer;
  numeral_error error;
  float heat[NUMERAL_IMAGE_PIXELS];
  assert_int_equal(numeral_explainer_create(NULL, &explainer, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_null(explainer);
  assert_int_equal(numeral_model_create("cnn", 1, &model, NULL), NUMERAL_OK);
  assert_int_equal(numeral_explainer_create(model, &explainer, &error),
                   NUMERAL_OK);
  assert_null(numeral_explainer_layer(explainer, 0).values);
  assert_int_equal(numeral_explainer_heat(explainer, 3, heat, &error),
                   NUMERAL_ERROR_ARGUMENT);
  const uint8_t image[NUMERAL_IMAGE_PIXELS] = {0};
  assert_int_equal(numeral_explainer_run(explainer, image, NULL, &error),
                   NUMERAL_OK);
  assert_non_null(numeral_explainer_layer(explainer, 6).values);
  assert_null(numeral_explainer_layer(explainer, 7).values);
  assert_int_equal(numeral_explainer_heat(explainer, 10, heat, &error),
                   NUMERAL_ERROR_ARGUMENT);
  assert_int_equal(numeral_explainer_heat(explainer, 3, heat, &error),
                   NUMERAL_OK);
  numeral_explainer_destroy(explainer);
  numeral_model_destroy(model);
}

static void refused_memory_is_said(void **unused) {
  (void)unused;
  numeral_model *model;
  numeral_explainer *explainer;
  numeral_error error;
  numeral_status status = NUMERAL_ERROR_MEMORY;
  assert_int_equal(numeral_model_create("cnn-100", 1, &model, NULL),
                   NUMERAL_OK);
  long nth = 0;
  while (status != NUMERAL_OK) {
    nml_alloc_fail_at(++nth);
    status = numeral_explainer_create(model, &explainer, &error);
    nml_alloc_fail_at(0);
    assert_true(status == NUMERAL_OK || status == NUMERAL_ERROR_MEMORY);
    assert_true((status == NUMERAL_OK) == (explainer != NULL));
  }
  assert_true(nth > 3);
  numeral_explainer_destroy(explainer);
  numeral_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(maps_are_those_of_the_layers),
      cmocka_unit_test(gradients_are_slopes),
      cmocka_unit_test(heat_is_read_behind_the_last_convolution),
      cmocka_unit_test(heat_is_the_weighted_sum),
      cmocka_unit_test(heat_lies_where_the_map_looks),
      cmocka_unit_test(deleting_what_is_hot_hurts_more),
      cmocka_unit_test(wrong_arguments_are_said),
      cmocka_unit_test(refused_memory_is_said)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
