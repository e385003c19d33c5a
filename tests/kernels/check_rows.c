/* Checks of what runs over arrays and rows of lanes. */
#include "check.h"
#include "naive.h"

#include <float.h>
#include <math.h>
#include <string.h>

static float *values(size_t count, value_kind kind, unsigned seed) {
  float *x = guarded(count, sizeof *x);
  fill(x, count, kind, seed);
  return x;
}

static bool transpose_holds(const nml_kernels *kernels, int rows, int cols) {
  int x_pitch = cols + 3, y_pitch = rows + 5;
  float *x = values((size_t)(rows * x_pitch), VALUES_RANDOM, 1);
  float *y = values((size_t)(cols * y_pitch) + 1, VALUES_RANDOM, 2);
  float *before = values((size_t)(cols * y_pitch) + 1, VALUES_RANDOM, 2);
  bool holds = true;
  kernels->transpose(x, rows, cols, x_pitch, y + 1, y_pitch);
  for (int c = 0; c < cols; c++) {
    for (int r = 0; r < y_pitch; r++) {
      int at = c * y_pitch + r + 1;
      holds = holds && y[at] == (r < rows ? x[r * x_pitch + c] : before[at]);
    }
  }
  holds = holds && y[0] == before[0] && guard_holds(y, "transposed");
  release(x);
  release(y);
  release(before);
  return holds || wrong("%d rows, %d columns", rows, cols);
}

bool check_transpose(const nml_kernels *kernels) {
  static const int sizes[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 64, 100};
  enum { SIZES = sizeof sizes / sizeof sizes[0] };
  for (int i = 0; i < SIZES * SIZES; i++) {
    if (!transpose_holds(kernels, sizes[i / SIZES], sizes[i % SIZES]))
      return false;
  }
  return true;
}

/* Exact, since one operation rounds alike everywhere; x and y may be one. */
static bool elements_hold(const nml_kernels *kernels, size_t count,
                          value_kind kind) {
  float *x = values(count, kind, 1), *y = values(count, kind, 2);
  float *result[10];
  bool holds = true;
  for (int i = 0; i < 10; i++) result[i] = values(count, kind, 2);
  memcpy(result[4], x, count * sizeof *x);
  kernels->relu(count, x, result[0]);
  kernels->relu_gradient(count, x, y, result[1]);
  kernels->add(count, x, result[2]);
  kernels->multiply(count, x, result[3]);
  kernels->relu(count, result[4], result[4]);
  kernels->relu_gradient(count, x, result[5], result[5]);
  kernels->sum(count, x, y, 0, result[6]);
  kernels->sum(count, x, result[7], 1, result[7]);
  kernels->relu6(count, x, result[8]);
  kernels->relu6_gradient(count, x, result[9], result[9]);
  for (size_t i = 0; i < count && holds; i++) {
    float sum = x[i] + y[i];
    float expected[10] = {x[i] > 0 ? x[i] : 0,
                          x[i] > 0 ? y[i] : 0,
                          sum,
                          x[i] * y[i],
                          x[i] > 0 ? x[i] : 0,
                          0,
                          sum,
                          sum > 0 ? sum : 0};
    expected[5] = expected[1];
    expected[8] = x[i] > 6 ? 6 : expected[0];
    expected[9] = x[i] < 6 ? expected[1] : 0;
    for (int j = 0; j < 10 && holds; j++) {
      holds = result[j][i] == expected[j];
      if (!holds)
        wrong("function %d, %zu of %zu: %.9g, not %.9g", j, i, count,
              (double)result[j][i], (double)expected[j]);
    }
  }
  for (int i = 0; i < 10; i++) {
    holds = guard_holds(result[i], "elements") && holds;
    release(result[i]);
  }
  release(x);
  release(y);
  return holds;
}

bool check_elements(const nml_kernels *kernels) {
  for (int i = 0; i < 9 * VALUE_KINDS; i++) {
    size_t count = (size_t)(i / VALUE_KINDS) * NML_LANES;
    if (!elements_hold(kernels, count, (value_kind)(i % VALUE_KINDS)))
      return false;
  }
  return true;
}

bool check_relu_nan(const nml_kernels *kernels) {
  float x[NML_LANES] = {NAN, -1, INFINITY, -INFINITY, 2, -0.0f};
  kernels->relu(NML_LANES, x, x);
  return (isnan(x[0]) && x[1] == 0 && isinf(x[2]) && x[3] == 0 && x[4] == 2 &&
          x[5] == 0) ||
         wrong("NaN stays, infinity stays, below 0 is 0");
}

/* The same bits wherever x lies. */
bool check_sum_of_squares(const nml_kernels *kernels) {
  for (int i = 0; i < 12 * VALUE_KINDS; i++) {
    size_t count = (size_t)(i / VALUE_KINDS * 5) * NML_LANES;
    float *x = values(count, (value_kind)(i % VALUE_KINDS), (unsigned)i);
    float *moved = exact(count);
    if (count > 0) memcpy(moved, x, count * sizeof *x);
    double want = 0, got = kernels->sum_of_squares(count, x);
    double elsewhere = kernels->sum_of_squares(count, moved);
    for (size_t j = 0; j < count; j++) want += (double)x[j] * (double)x[j];
    release(x);
    release_exact(moved);
    if (fabs(got - want) > 1e-6 * want ||
        memcmp(&got, &elsewhere, sizeof got) != 0)
      return wrong("%zu values of kind %d: %.17g, not %.17g", count,
                   i % VALUE_KINDS, got, want);
  }
  return true;
}

/* Rows of `lanes` lanes, `pitch` apart, through the four functions. */
typedef struct setting {
  int rows, pitch, lanes;
  float *x, *y, *a, *b, *c;              /* read */
  float *sum, *product, *scaled, *mixed; /* written */
} setting;

static setting setting_create(int rows, int pitch, int lanes, value_kind kind) {
  size_t map = (size_t)(rows * pitch), row = (size_t)lanes;
  return (setting){.rows = rows,
                   .pitch = pitch,
                   .lanes = lanes,
                   .x = values(map, kind, 1),
                   .y = values(map, kind, 2),
                   .a = values(row, kind, 3),
                   .b = values(row, kind, 4),
                   .c = values(row, kind, 5),
                   .sum = values(row, kind, 6),
                   .product = values(row, kind, 7),
                   .scaled = values(map, kind, 8),
                   .mixed = values(map, kind, 8)};
}

static void setting_destroy(setting *s) {
  float *all[] = {s->x,   s->y,       s->a,      s->b,    s->c,
                  s->sum, s->product, s->scaled, s->mixed};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) release(all[i]);
}

static bool sums_agree(const nml_kernels *kernels, const setting *s) {
  setting other = setting_create(0, s->pitch, s->lanes, VALUES_RANDOM);
  bool holds = true;
  memcpy(other.sum, s->sum, (size_t)s->lanes * sizeof *s->sum);
  memcpy(other.product, s->product, (size_t)s->lanes * sizeof *s->sum);
  memcpy(other.a, s->sum, (size_t)s->lanes * sizeof *s->sum);
  kernels->sum_rows(s->x, s->rows, s->pitch, s->lanes, other.a);
  kernels->sum_rows_product(s->x, s->y, s->rows, s->pitch, s->lanes, other.sum,
                            other.product);
  for (int k = 0; k < s->lanes && holds; k++) {
    double sum = (double)s->sum[k], product = (double)s->product[k];
    double size = fabs(sum), product_size = fabs(product);
    for (int r = 0; r < s->rows; r++) {
      double x = (double)s->x[r * s->pitch + k];
      double y = (double)s->y[r * s->pitch + k];
      sum += x;
      size += fabs(x);
      product += x * y;
      product_size += fabs(x * y);
    }
    holds = near(other.a[k], sum, size, s->rows + 1) &&
            near(other.sum[k], sum, size, s->rows + 1) &&
            near(other.product[k], product, product_size, s->rows + 2);
  }
  holds = guard_holds(other.a, "sum") && guard_holds(other.sum, "sum") &&
          guard_holds(other.product, "sum of products") && holds;
  setting_destroy(&other);
  return holds || wrong("sums");
}

static bool maps_agree(const nml_kernels *kernels, const setting *s) {
  kernels->scale_rows(s->x, s->rows, s->pitch, s->lanes, s->a, s->b, s->scaled);
  kernels->combine_rows(s->y, s->x, s->rows, s->pitch, s->lanes, s->a, s->b,
                        s->c, s->mixed);
  for (int i = 0; i < s->rows * s->lanes; i++) {
    int k = i % s->lanes, at = i / s->lanes * s->pitch + k;
    double x = (double)s->x[at], y = (double)s->y[at], a = (double)s->a[k];
    double b = (double)s->b[k], c = (double)s->c[k];
    if (!near(s->scaled[at], x * a + b, fabs(x * a) + fabs(b), 2) ||
        !near(s->mixed[at], y * a + x * b + c,
              fabs(y * a) + fabs(x * b) + fabs(c), 4))
      return wrong("row %d lane %d", i / s->lanes, k);
  }
  return guard_holds(s->scaled, "scaled") && guard_holds(s->mixed, "combined");
}

/* Lanes at or past `lanes` keep what fill() gave them. */
static bool padding_holds(const setting *s) {
  setting fresh = setting_create(s->rows, s->pitch, s->lanes, VALUES_RANDOM);
  bool holds = true;
  for (int i = 0; i < s->rows * s->pitch; i++) {
    if (i % s->pitch < s->lanes) continue;
    holds = holds && s->scaled[i] == fresh.scaled[i] &&
            s->mixed[i] == fresh.mixed[i];
  }
  setting_destroy(&fresh);
  return holds || wrong("padding written");
}

bool check_rows(const nml_kernels *kernels) {
  static const int rows[] = {0, 1, 2, 7, 169, 676};
  for (int i = 0; i < 6 * 13 * VALUE_KINDS; i++) {
    int lanes = (i / VALUE_KINDS % 13 + 1) * NML_LANES;
    value_kind kind = (value_kind)(i % VALUE_KINDS);
    setting s = setting_create(rows[i / VALUE_KINDS / 13],
                               lanes + i % 2 * NML_LANES, lanes, kind);
    bool holds = sums_agree(kernels, &s) && maps_agree(kernels, &s) &&
                 (kind != VALUES_RANDOM || padding_holds(&s));
    if (!holds)
      wrong("... rows %d, lanes %d, pitch %d, values %d", s.rows, s.lanes,
            s.pitch, (int)kind);
    setting_destroy(&s);
    if (!holds) return false;
  }
  return true;
}

bool check_bytes(const nml_kernels *kernels) {
  uint8_t bytes[300];
  const float scale = 1.0f / 255.0f;
  bool holds = true;
  for (int i = 0; i < 300; i++) bytes[i] = (uint8_t)(i * 7);
  for (size_t count = 0; count < 290 && holds; count++) {
    const uint8_t *x = bytes + count % 10;
    float *y = guarded(count, sizeof *y);
    kernels->bytes_to_floats(count, x, scale, y);
    for (size_t i = 0; i < count; i++)
      holds = holds && y[i] == (float)x[i] * scale;
    holds = guard_holds(y, "floats") && holds;
    release(y);
  }
  return holds || wrong("y is x * scale");
}

/* Values behind either end of what bytes can say, and both ways back. */
static bool values_return(const nml_kernels *kernels, size_t count, float step,
                          uint8_t zero) {
  const nml_byte_scale scale = {step, zero};
  float *x = values(count, VALUES_RANDOM, (unsigned)count);
  float *y = guarded(count, sizeof *y);
  uint8_t *bytes = guarded(count, 1);
  bool holds = true;
  for (size_t i = 0; i < count; i++) x[i] *= 200 * step;
  kernels->values_to_bytes(count, x, scale, bytes);
  kernels->bytes_to_values(count, bytes, scale, y);
  for (size_t i = 0; i < count; i++) {
    double exact = (double)x[i] / (double)step + zero;
    double byte = fmin(fmax(exact, 0), 255),
           value = (double)step * (bytes[i] - zero);
    holds = holds && fabs(bytes[i] - byte) <= 0.5001 &&
            fabs((double)y[i] - value) <= 1e-6 * fabs(value);
  }
  holds = guard_holds(bytes, "bytes") && guard_holds(y, "values") && holds;
  release(x);
  release(y);
  release(bytes);
  return holds ||
         wrong("%zu values, step %g, zero %d", count, (double)step, zero);
}

/* All bytes with others, so that many sums are cut at either end. */
static bool bytes_add(const nml_kernels *kernels, size_t count, int relu) {
  const nml_byte_scale a = {0.02f, 100}, b = {0.03f, 31}, sum = {0.025f, 80};
  uint8_t *x = guarded(count, 1), *z = guarded(count, 1),
          *y = guarded(count, 1);
  bool holds = true;
  for (size_t i = 0; i < count; i++) {
    x[i] = (uint8_t)(i * 7);
    z[i] = (uint8_t)(i * 13 + i / 256);
  }
  kernels->sum_bytes(count, x, a, z, b, relu, y, sum);
  for (size_t i = 0; i < count; i++) {
    double exact =
        (double)a.step * (x[i] - a.zero) + (double)b.step * (z[i] - b.zero);
    if (relu) exact = fmax(exact, 0);
    double byte = fmin(fmax(exact / (double)sum.step + sum.zero, 0), 255);
    holds = holds && fabs(y[i] - byte) <= 0.5001;
  }
  holds = guard_holds(y, "bytes") && holds;
  release(x);
  release(z);
  release(y);
  return holds || wrong("%zu sums of bytes, relu %d", count, relu);
}

bool check_byte_sums(const nml_kernels *kernels) {
  for (size_t count = NML_LANES; count < 1100; count += 5 * NML_LANES)
    if (!bytes_add(kernels, count, 0) || !bytes_add(kernels, count, 1))
      return false;
  return true;
}

bool check_byte_values(const nml_kernels *kernels) {
  for (size_t count = 0; count < 150; count++)
    if (!values_return(kernels, count, 0.0235f, 0) ||
        !values_return(kernels, count, 3.7f, 117))
      return false;
  return true;
}

enum { STEPS = 20, PARAMETERS = 5 * NML_LANES };

/* What float arithmetic may lose in STEPS steps of sizes about 1: the bound is
 * wide against rounding and far below any slip in a formula. */
static bool followed(const float *got, const double *want, const char *what) {
  for (int i = 0; i < PARAMETERS; i++) {
    if (fabs((double)got[i] - want[i]) > 1e-5 * (fabs(want[i]) + 0.1))
      return wrong("%s %d: %.9g, not %.9g", what, i, (double)got[i], want[i]);
  }
  return guard_holds(got, what);
}

static void widen(const float *x, double *y) {
  for (int i = 0; i < PARAMETERS; i++) y[i] = (double)x[i];
}

static bool sgd_follows(const nml_kernels *kernels, const nml_sgd *s) {
  float *p = values(PARAMETERS, VALUES_RANDOM, 1);
  float *v = values(PARAMETERS, VALUES_RANDOM, 2);
  float *g = guarded(PARAMETERS, sizeof *g);
  double p_wanted[PARAMETERS], v_wanted[PARAMETERS];
  widen(p, p_wanted);
  widen(v, v_wanted);
  for (unsigned step = 0; step < STEPS; step++) {
    fill(g, PARAMETERS, VALUES_RANDOM, 10 + step);
    kernels->sgd(s, PARAMETERS, g, v, p);
    for (int i = 0; i < PARAMETERS; i++)
      naive_sgd(s, (double)g[i], &v_wanted[i], &p_wanted[i]);
  }
  bool holds =
      followed(p, p_wanted, "parameter") && followed(v, v_wanted, "velocity");
  release(p);
  release(v);
  release(g);
  return holds;
}

bool check_sgd(const nml_kernels *kernels) {
  static const nml_sgd settings[] = {
      {.learning_rate = 0.1f, .gradient_scale = 1},
      {.learning_rate = 0.01f, .momentum = 0.9f, .gradient_scale = 1},
      {.learning_rate = 0.01f,
       .momentum = 0.9f,
       .weight_decay = 0.05f,
       .nesterov = 1,
       .gradient_scale = 0.25f},
  };
  for (int i = 0; i < 3; i++) {
    if (!sgd_follows(kernels, &settings[i])) return wrong("... setting %d", i);
  }
  return true;
}

static bool adam_follows(const nml_kernels *kernels, nml_adam a) {
  float *p = values(PARAMETERS, VALUES_RANDOM, 1);
  float *m = guarded(PARAMETERS, sizeof *m),
        *v = guarded(PARAMETERS, sizeof *v);
  float *g = guarded(PARAMETERS, sizeof *g);
  double p_wanted[PARAMETERS];
  double m_wanted[PARAMETERS] = {0}, v_wanted[PARAMETERS] = {0};
  memset(m, 0, PARAMETERS * sizeof *m);
  memset(v, 0, PARAMETERS * sizeof *v);
  widen(p, p_wanted);
  for (unsigned step = 0; step < STEPS; step++) {
    a.correction1 = (float)(1 - pow((double)a.beta1, step + 1));
    a.correction2 = (float)(1 - pow((double)a.beta2, step + 1));
    fill(g, PARAMETERS, VALUES_RANDOM, 10 + step);
    g[0] = 0; /* a parameter that nothing moves stays, and does not divide 0 by
                 0 */
    kernels->adam(&a, PARAMETERS, g, m, v, p);
    for (int i = 0; i < PARAMETERS; i++)
      naive_adam(&a, (double)g[i], &m_wanted[i], &v_wanted[i], &p_wanted[i]);
  }
  bool holds = followed(p, p_wanted, "parameter") &&
               followed(m, m_wanted, "mean") && followed(v, v_wanted, "square");
  release(p);
  release(m);
  release(v);
  release(g);
  return holds;
}

bool check_adam(const nml_kernels *kernels) {
  const nml_adam plain = {.learning_rate = 0.01f,
                          .beta1 = 0.9f,
                          .beta2 = 0.999f,
                          .epsilon = 1e-8f,
                          .gradient_scale = 1};
  nml_adam coupled = plain, decoupled = plain;
  coupled.weight_decay = 0.1f;
  coupled.gradient_scale = 0.5f;
  decoupled.weight_decay = 0.1f;
  decoupled.decoupled = 1;
  return adam_follows(kernels, plain) &&
         (adam_follows(kernels, coupled) || wrong("... with decay")) &&
         (adam_follows(kernels, decoupled) || wrong("... decoupled"));
}

/* The count of operations, and a result that stays finite. */
bool check_peak(const nml_kernels *kernels) {
  float sink = 1;
  double one = kernels->peak(10, &sink), two = kernels->peak(20, &sink);
  return (one > 0 && fabs(two - 2 * one) < 1e-9 * two && isfinite(sink)) ||
         wrong("%.0f operations in 10 rounds, %.0f in 20", one, two);
}
