/* pack.c: a step's numbers: batch normalisation multiplied into the weights of
 * the layer before it, weights as narrow as the kernels read them,
 * and the offsets that say which values they meet. */
#include "nn/step.h"

#include <math.h>
#include <string.h>

/* ---- Offsets ----------------------------------------------------------- */

/* A product reads `elements` neighbours at a tap. Runs of values that lie side
 * by side, and whose weights do, are cut into taps; what the last tap of a run
 * reads too much meets weights of 0. */
typedef struct runs {
  int rows, columns; /* of runs in the window */
  int length;
  int taps; /* of one run */
} runs;

static runs runs_of(const nml_layer *l, int elements) {
  runs r = {
      .rows = l->spec.window_h, .columns = l->spec.window_w, .length = l->in.c};
  if (l->in.c == l->in.pitch) {
    r.length *= r.columns;
    r.columns = 1;
  }
  r.taps = (r.length + elements - 1) / elements;
  return r;
}

int nml_step_tap_count(const nml_net *net, const nml_step *step, int elements) {
  runs r = runs_of(&net->layers[step->layer], elements);
  return r.rows * r.columns * r.taps;
}

static void fill_taps(const nml_layer *l, nml_step *step, int elements) {
  const runs r = runs_of(l, elements);
  int32_t *tap = step->taps;
  for (int y = 0; y < r.rows; y++)
    for (int x = 0; x < r.columns; x++)
      for (int i = 0; i < r.taps; i++)
        *tap++ = (y * step->padded_w + x) * l->in.pitch + i * elements;
}

void nml_step_tables(const nml_net *net, nml_step *step, int elements,
                     size_t row_elements) {
  const nml_layer *l = &net->layers[step->layer];
  int32_t *row = step->rows;
  fill_taps(l, step, elements);
  if (l->spec.kind == NML_DENSE) {
    for (int i = 0; i < step->outputs; i++)
      *row++ = (int32_t)((size_t)i * row_elements);
    return;
  }
  int apart = step->pool >= 0 ? 2 * l->spec.stride : l->spec.stride;
  int line = step->padded_w * l->in.pitch;
  for (int y = 0; y < step->out.h; y++)
    for (int x = 0; x < step->out.w; x++)
      *row++ = y * apart * line + x * apart * l->in.pitch;
  step->right = l->spec.stride * l->in.pitch;
  step->below = l->spec.stride * line;
}

/* ---- Numbers ----------------------------------------------------------- */

/* What a layer does to lane k of its input: value * scale + shift. */
static void apply_norm(const nml_layer *norm, const float *params,
                       const float *state, int lane, double *scale,
                       double *shift) {
  size_t k = (size_t)lane, pitch = (size_t)norm->w_pitch;
  double mean = (double)state[norm->state_at + k];
  double variance = (double)state[norm->state_at + pitch + k];
  double by =
      (double)params[norm->weight_at + k] / sqrt(variance + nml_norm_epsilon);
  *scale *= by;
  *shift = (*shift - mean) * by + (double)params[norm->bias_at + k];
}

/* Lane k of the layer's sums, through all that the step normalises by. */
static void lane_of(const nml_predictor *p, const nml_step *step,
                    const float *params, const float *state, int lane,
                    double *scale, double *shift) {
  const nml_layer *l = &p->net->layers[step->layer];
  *scale = 1;
  *shift = 0;
  if (step->kind != NML_STEP_AFFINE)
    *shift = (double)params[l->bias_at + (size_t)lane];
  for (int i = step->layer; i <= step->last; i++)
    if (p->net->layers[i].spec.kind == NML_BATCHNORM)
      apply_norm(&p->net->layers[i], params, state, lane, scale, shift);
}

/* A bf16 is a float's upper half, rounded to the nearest, halves to the even.
 * Weights are finite. */
static nml_bf16 to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (nml_bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Element e of tap q for all lanes: from[k] * scale[k], or 0 without `from`. */
static void pack_row(const nml_predictor *p, nml_step *step, int lanes, int q,
                     int e, const float *from) {
  const size_t elements = (size_t)p->elements;
  size_t at = (size_t)q * (size_t)lanes * elements + (size_t)e;
  for (int k = 0; k < lanes; k++, at += elements) {
    float weight = from ? from[k] * step->scale[k] : 0.0f;
    if (elements == 1)
      ((float *)step->packed)[at] = weight;
    else if (elements == 2)
      ((nml_bf16 *)step->packed)[at] = to_bf16(weight);
    else
      ((int8_t *)step->packed)[at] = (int8_t)lrintf(weight);
  }
}

/* All weights, each lane's times step->scale. */
static void pack_weights(const nml_predictor *p, nml_step *step,
                         const float *weights) {
  const nml_layer *l = &p->net->layers[step->layer];
  const runs r = runs_of(l, p->elements);
  int q = 0;
  for (int run = 0; run < r.rows * r.columns; run++) {
    for (int i = 0; i < r.taps * p->elements; i++) {
      bool real = i < r.length;
      pack_row(p, step, l->w_pitch, q + i / p->elements, i % p->elements,
               real ? weights : NULL);
      if (real) weights += l->w_pitch;
    }
    q += r.taps;
  }
}

/* step->scale becomes what makes each lane's weights bytes -127..127. The sign
 * of the lane's own scale goes into them: of sums, the largest stays it. */
static void scale_to_bytes(const nml_predictor *p, nml_step *step,
                           const float *weights) {
  const nml_layer *l = &p->net->layers[step->layer];
  const int lanes = l->w_pitch;
  float *largest = step->packed; /* not packed yet */
  memset(largest, 0, (size_t)lanes * sizeof *largest);
  for (int q = 0; q < l->taps; q++, weights += lanes)
    for (int k = 0; k < lanes; k++)
      largest[k] = fmaxf(largest[k], fabsf(weights[k]));
  for (int k = 0; k < lanes; k++) {
    float top = step->scale[k] < 0 ? -127.0f : 127.0f;
    step->scale[k] = largest[k] > 0 ? top / largest[k] : 0.0f;
  }
}

static double sum_of_bytes(const nml_step *step, int lanes, int lane) {
  const int8_t *at = (const int8_t *)step->packed + 4 * lane;
  double sum = 0;
  for (int q = 0; q < step->tap_count; q++, at += 4 * lanes)
    sum += at[0] + at[1] + at[2] + at[3];
  return sum;
}

/* What makes sums of bytes the output's bytes, or values where the step is
 * the last; step->scale is still scale_to_bytes'. */
static void scale_from_bytes(const nml_predictor *p, nml_step *step, int lane,
                             double scale, double shift) {
  const nml_byte_scale in = step->in_scale, out = step->out_scale;
  int lanes = p->net->layers[step->layer].w_pitch;
  double by = (double)step->scale[lane];
  double value = by != 0 ? (double)in.step * scale / by : 0;
  if (in.zero) shift -= value * in.zero * sum_of_bytes(step, lanes, lane);
  if (step != &p->steps[p->step_count - 1]) {
    value /= (double)out.step;
    shift = shift / (double)out.step + out.zero;
  }
  step->scale[lane] = (float)value;
  step->shift[lane] = (float)shift;
}

static void load_lanes(const nml_predictor *p, nml_step *step,
                       const float *params, const float *state) {
  for (int lane = 0; lane < step->out.pitch; lane++) {
    double scale, shift;
    lane_of(p, step, params, state, lane, &scale, &shift);
    step->scale[lane] = (float)scale;
    step->shift[lane] = (float)shift;
  }
}

static void load_product(const nml_predictor *p, nml_step *step,
                         const float *params, const float *state) {
  const nml_layer *l = &p->net->layers[step->layer];
  const float *weights = params + l->weight_at;
  if (!step->packed) { /* the net has them in the kernels' order */
    step->weights = weights;
    return;
  }
  step->weights = step->packed;
  if (p->elements == 4) scale_to_bytes(p, step, weights);
  pack_weights(p, step, weights);
  for (int lane = 0; p->elements == 4 && lane < l->w_pitch; lane++) {
    double scale, shift;
    lane_of(p, step, params, state, lane, &scale, &shift);
    scale_from_bytes(p, step, lane, scale, shift);
  }
}

/* In floats, whatever the products are of. */
static void load_depthwise(const nml_predictor *p, nml_step *step,
                           const float *params) {
  const nml_layer *l = &p->net->layers[step->layer];
  const float *weights = params + l->weight_at;
  float *packed = step->packed;
  step->weights = packed ? packed : weights;
  for (int q = 0; packed && q < l->taps; q++)
    for (int k = 0; k < l->w_pitch; k++)
      *packed++ = *weights++ * step->scale[k];
}

void nml_step_load(const nml_predictor *p, nml_step *step, const float *params,
                   const float *state) {
  const bool product = step->kind == NML_STEP_PRODUCT;
  const bool depthwise = step->kind == NML_STEP_DEPTHWISE;
  if (!product && !depthwise && step->kind != NML_STEP_AFFINE) return;
  load_lanes(p, step, params, state);
  if (product) load_product(p, step, params, state);
  if (depthwise) load_depthwise(p, step, params);
}

bool nml_step_packs(const nml_net *net, const nml_step *step, int elements) {
  bool norm = false;
  for (int i = step->layer; i <= step->last; i++)
    norm = norm || net->layers[i].spec.kind == NML_BATCHNORM;
  return norm || elements > 1;
}
