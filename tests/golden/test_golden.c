/* Losses, gradients and trained parameters against PyTorch's, stored in
 * gradients.txt and runs.txt by make_golden.py, which says what the words of
 * these files mean and how images and initial values are made.
 *
 * The bounds. `make_golden.py --spread` measures PyTorch's float32 against its
 * own float64, against 2 threads and against oneDNN. The worst of each:
 *   first gradient  1e-5 of the tensor's norm (a bias under oneDNN; else 3e-6)
 *   20 losses       4e-7, relative (cnn with Adam: 3e-6)
 *   after 20 steps  1e-6 of the tensor's norm (cnn with Adam: 5e-5, since Adam
 *                   gives a gradient that is rounding alone a whole step)
 * A wrong sign, factor, border or order is off by 1e-3 and more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/spec.h"
#include "nn/optimise.h"
#include "nn/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 32, THREADS = 2, NAME_BYTES = 64 };

static const double gradient_bound = 1e-5, loss_bound = 5e-6,
                    value_bound = 4e-6, adam_value_bound = 2e-4;

typedef struct golden {
  FILE *file;
  char name[NAME_BYTES];
  int batch, steps;
  bool trains;
  numeral_recipe recipe;
  nml_net *net;
  float *params, *state, *gradient, *first_gradient, *slots;
  int tensors;           /* filled so far */
  double gradient_floor; /* a tenth of the largest tensor's norm */
  int compared;          /* tensors held against PyTorch's */
} golden;

/* ---- the formulas that make_golden.py shares */

static uint32_t hash(uint32_t tensor, uint32_t index) {
  uint32_t x = tensor * 0x9E3779B9u + index;
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15)) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

static void make_image(uint32_t i, uint8_t *image, uint8_t *label) {
  *label = (uint8_t)(hash(901, i) % 10);
  for (uint32_t pixel = 0; pixel < NUMERAL_IMAGE_PIXELS; pixel++) {
    int y = (int)pixel / 28, top = 2 * *label + 4;
    uint32_t byte = hash(900, i * 784 + pixel) >> 25;
    if (y >= top && y < top + 4) byte += 128;
    image[pixel] = (uint8_t)byte;
  }
}

static float initial_value(uint32_t tensor, uint32_t i, double base,
                           double scale) {
  int32_t steps = (int32_t)(hash(tensor, i) >> 16) - 32768;
  return (float)(base + scale * (double)steps / 32768);
}

/* ---- reading */

static const char *read_word(golden *g, char word[NAME_BYTES]) {
  if (fscanf(g->file, "%63s", word) != 1) return NULL;
  if (word[0] != '#') return word;
  int c;
  do {
    c = fgetc(g->file);
  } while (c != '\n' && c != EOF);
  return read_word(g, word);
}

static double read_number(golden *g) {
  double number;
  if (fscanf(g->file, "%lf", &number) != 1)
    fail_msg("%s: a number is missing", g->name);
  return number;
}

static int read_int(golden *g) { return (int)read_number(g); }

static float *new_floats(size_t count) {
  float *floats = nml_alloc(count, sizeof *floats);
  assert_non_null(floats);
  return floats;
}

static void read_net(golden *g) {
  nml_layer_spec specs[NML_MAX_LAYERS];
  char text[NML_SPEC_BYTES] = "";
  numeral_error error;
  int count;
  if (fscanf(g->file, "%4095[^;];", text) != 1) fail_msg("%s: no net", g->name);
  if (nml_spec_parse(text, specs, &count, &error) != NUMERAL_OK ||
      nml_net_create(specs, count, &g->net, &error) != NUMERAL_OK)
    fail_msg("%s: %s", g->name, error.message);
  g->params = new_floats(g->net->params_floats);
  g->gradient = new_floats(g->net->params_floats);
  g->first_gradient = new_floats(g->net->params_floats);
  g->slots = new_floats(2 * g->net->params_floats);
  g->state = new_floats(g->net->state_floats);
}

static void read_recipe(golden *g) {
  char optimizer[NAME_BYTES];
  read_word(g, optimizer);
  g->trains = true;
  g->recipe.optimizer = strcmp(optimizer, "sgd") == 0 ? NUMERAL_OPTIMIZER_SGD
                        : strcmp(optimizer, "adam") == 0
                            ? NUMERAL_OPTIMIZER_ADAM
                            : NUMERAL_OPTIMIZER_ADAMW;
  g->recipe.learning_rate = read_number(g);
  g->recipe.momentum = read_number(g);
  g->recipe.nesterov = read_int(g);
  g->recipe.beta1 = read_number(g);
  g->recipe.beta2 = read_number(g);
  g->recipe.epsilon = read_number(g);
  g->recipe.weight_decay = read_number(g);
  g->recipe.clip = read_number(g);
}

static void read_tensor(golden *g) {
  char name[NAME_BYTES];
  read_word(g, name);
  assert_true(g->tensors < g->net->tensor_count);
  const nml_tensor *tensor = &g->net->tensors[g->tensors];
  assert_string_equal(name, tensor->name);
  double base = read_number(g), scale = read_number(g);
  float *values = new_floats(tensor->count);
  for (size_t i = 0; i < tensor->count; i++)
    values[i] = initial_value((uint32_t)g->tensors, (uint32_t)i, base, scale);
  nml_tensor_fetch(g->net, g->tensors, values, g->params, g->state);
  nml_free(values);
  g->tensors++;
}

/* ---- running */

static double step_loss(golden *g, nml_run *run, int step, uint8_t *images,
                        uint8_t *labels) {
  for (int i = 0; i < g->batch; i++)
    make_image((uint32_t)(step * g->batch + i),
               images + i * NUMERAL_IMAGE_PIXELS, labels + i);
  const nml_batch batch = {.images = images,
                           .labels = labels,
                           .count = g->batch,
                           .step = (uint64_t)step};
  return nml_run_gradient(run, g->params, g->state, &batch, g->gradient).sum /
         g->batch;
}

static void run_and_compare_losses(golden *g) {
  const nml_run_options options = {.max_batch = g->batch, .threads = THREADS};
  nml_run *run;
  assert_int_equal(g->tensors, g->net->tensor_count);
  assert_int_equal(nml_run_create(g->net, &options, &run, NULL), NUMERAL_OK);
  uint8_t *images = nml_alloc((size_t)g->batch, NUMERAL_IMAGE_PIXELS);
  uint8_t *labels = nml_alloc((size_t)g->batch, 1);
  for (int step = 0; step < g->steps; step++) {
    double expected = read_number(g);
    double loss = step_loss(g, run, step, images, labels);
    if (!(fabs(loss - expected) <= loss_bound * expected))
      fail_msg("%s: loss of step %d is %.9g, PyTorch's %.9g (apart %.1e)",
               g->name, step + 1, loss, expected,
               fabs(loss - expected) / expected);
    if (step == 0)
      memcpy(g->first_gradient, g->gradient,
             g->net->params_floats * sizeof(float));
    if (g->trains)
      nml_optimise(&g->recipe, g->recipe.learning_rate, (uint64_t)step + 1,
                   g->net->params_floats, g->gradient, g->slots, g->params,
                   nml_run_team(run));
  }
  nml_free(images);
  nml_free(labels);
  nml_run_destroy(run);
}

/* ---- comparing */

static double norm_of(const float *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)values[i] * (double)values[i];
  return sqrt(sum);
}

static void find_gradient_floor(golden *g) {
  float *values = new_floats(g->net->params_floats + g->net->state_floats);
  g->gradient_floor = 0;
  for (int t = 0; t < g->net->tensor_count; t++) {
    if (g->net->tensors[t].part >= NML_MEAN) continue;
    nml_tensor_store(g->net, t, g->first_gradient, g->state, values);
    g->gradient_floor =
        fmax(g->gradient_floor, norm_of(values, g->net->tensors[t].count) / 10);
  }
  nml_free(values);
}

static double projection(const float *values, size_t count, int bit) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += hash(1000, (uint32_t)i) >> bit & 1 ? -(double)values[i]
                                              : (double)values[i];
  return sum;
}

static void compare_number(const golden *g, const char *tensor,
                           const char *what, double got, double expected,
                           double bound) {
  if (!(fabs(got - expected) <= bound))
    fail_msg("%s: %s of %s is %.9g, PyTorch's %.9g (apart %.1e, bound %.1e)",
             g->name, what, tensor, got, expected, fabs(got - expected), bound);
}

/* Sampled elements are held together: the root of their squared distances. */
static void compare_vector(golden *g, const char *word, const char *name,
                           const float *values, size_t count, double relative,
                           double floor_norm) {
  assert_int_equal(read_int(g), count);
  double expected_norm = read_number(g);
  double bound = relative * fmax(expected_norm, floor_norm);
  compare_number(g, name, "the norm", norm_of(values, count), expected_norm,
                 bound);
  for (int bit = 0; bit < 2; bit++)
    compare_number(g, name, "a signed sum", projection(values, count, bit),
                   read_number(g), 2 * bound);
  size_t samples = (size_t)read_int(g);
  double squares = 0;
  for (size_t j = 0; j < samples; j++)
    squares += pow((double)values[j * count / samples] - read_number(g), 2);
  /* a share of the elements holds a like share of the squares */
  double share = sqrt((double)samples / (double)count);
  if (!(sqrt(squares) <= bound * fmin(1, 3 * share)))
    fail_msg("%s: %s %s is %.1e from PyTorch's, norm %.1e", g->name, word, name,
             sqrt(squares), expected_norm);
  g->compared++;
}

static int tensor_by_name(const golden *g, const char *name) {
  for (int t = 0; t < g->net->tensor_count; t++)
    if (strcmp(g->net->tensors[t].name, name) == 0) return t;
  fail_msg("%s: there is no tensor %s", g->name, name);
  return -1;
}

static void compare_tensor(golden *g, const char *word) {
  char name[NAME_BYTES];
  read_word(g, name);
  int t = tensor_by_name(g, name);
  size_t count = g->net->tensors[t].count;
  float *values = new_floats(count);
  if (strcmp(word, "gradient") == 0) {
    if (g->gradient_floor == 0) find_gradient_floor(g);
    nml_tensor_store(g->net, t, g->first_gradient, g->state, values);
    compare_vector(g, word, name, values, count, gradient_bound,
                   g->gradient_floor);
  } else {
    bool adam = g->recipe.optimizer != NUMERAL_OPTIMIZER_SGD;
    nml_tensor_store(g->net, t, g->params, g->state, values);
    compare_vector(g, word, name, values, count,
                   adam ? adam_value_bound : value_bound, 0);
  }
  nml_free(values);
}

/* ---- cases */

static void close_case(golden *g) {
  nml_net_destroy(g->net);
  nml_free(g->params);
  nml_free(g->state);
  nml_free(g->gradient);
  nml_free(g->first_gradient);
  nml_free(g->slots);
}

static void run_case(golden *g) {
  char word[NAME_BYTES];
  assert_non_null(read_word(g, g->name));
  while (read_word(g, word) && strcmp(word, "end") != 0) {
    if (strcmp(word, "net") == 0)
      read_net(g);
    else if (strcmp(word, "batch") == 0)
      g->batch = read_int(g);
    else if (strcmp(word, "steps") == 0)
      g->steps = read_int(g);
    else if (strcmp(word, "recipe") == 0)
      read_recipe(g);
    else if (strcmp(word, "tensor") == 0)
      read_tensor(g);
    else if (strcmp(word, "losses") == 0)
      run_and_compare_losses(g);
    else if (strcmp(word, "gradient") == 0 || strcmp(word, "value") == 0)
      compare_tensor(g, word);
    else
      fail_msg("%s: unknown word %s", g->name, word);
  }
  assert_true(g->compared > 0);
  close_case(g);
}

/* All cases of a file; returns how many. */
static int run_file(const char *path) {
  char word[NAME_BYTES];
  golden g = {.file = fopen(path, "r")};
  int cases = 0;
  if (!g.file) fail_msg("cannot read %s", path);
  while (read_word(&g, word)) {
    assert_string_equal(word, "case");
    golden next = {.file = g.file};
    run_case(&next);
    cases++;
  }
  fclose(g.file);
  return cases;
}

static void gradients_equal_pytorchs(void **unused) {
  (void)unused;
  assert_int_equal(run_file("tests/golden/gradients.txt"), 24);
}

static void runs_equal_pytorchs(void **unused) {
  (void)unused;
  assert_int_equal(run_file("tests/golden/runs.txt"), 12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_equal_pytorchs),
      cmocka_unit_test(runs_equal_pytorchs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
