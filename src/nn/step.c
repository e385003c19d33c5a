/* step.c: what a step does to a map. Products are done in the precision of
 * the predictor; the few other steps that there are, in floats. */
#include "nn/step.h"

#include "nn/input.h"
#include "nn/layer.h"

#include <string.h>

size_t nml_step_bytes(const nml_predictor *p, nml_shape shape) {
  return nml_shape_floats(shape) * sizeof(float) / (size_t)p->elements;
}

static bool is_last(const nml_predictor *p, const nml_step *step) {
  return step == &p->steps[p->step_count - 1];
}

/* ---- Between precisions ------------------------------------------------- */

static void widen(const nml_predictor *p, nml_byte_scale scale, size_t count,
                  const void *in, float *out) {
  if (p->elements == 2) {
    for (size_t i = 0; i < count; i++) {
      uint32_t bits = (uint32_t)((const nml_bf16 *)in)[i] << 16;
      memcpy(&out[i], &bits, sizeof bits);
    }
    return;
  }
  p->kernels->bytes_to_values(count, in, scale, out);
}

static void narrow(const nml_predictor *p, nml_byte_scale scale, size_t count,
                   const float *in, void *out) {
  if (p->elements == 2) {
    p->bf16_kernels->convert(count, in, out);
    return;
  }
  p->kernels->values_to_bytes(count, in, scale, out);
}

/* ---- Steps --------------------------------------------------------------- */

/* The map with its border, or the map itself where it has none. The border is
 * the value 0, whatever stands for it. */
static const void *pad(const nml_predictor *p, const nml_step *step,
                       nml_worker *worker, const void *in) {
  const nml_layer *l = &p->net->layers[step->layer];
  if (!step->padded) return in;
  const nml_shape border = {step->padded_h, step->padded_w, l->in.c,
                            l->in.pitch};
  size_t pixel = (size_t)l->in.pitch * sizeof(float) / (size_t)p->elements;
  size_t line = (size_t)l->in.w * pixel;
  size_t padded_line = (size_t)step->padded_w * pixel;
  size_t left = (size_t)l->pad_left * pixel, room = padded_line - left;
  memset(worker->padded, p->elements == 4 ? step->in_scale.zero : 0,
         nml_step_bytes(p, border));
  for (int y = 0; y < l->in.h && y + l->pad_top < step->padded_h; y++)
    memcpy(worker->padded + (size_t)(y + l->pad_top) * padded_line + left,
           (const char *)in + (size_t)y * line, line < room ? line : room);
  return worker->padded;
}

static nml_group group_of(const nml_predictor *p, const nml_step *step) {
  if (step->pool < 0) return NML_GROUP_NONE;
  return p->net->layers[step->pool].spec.kind == NML_MAXPOOL ? NML_GROUP_LARGEST
                                                             : NML_GROUP_MEAN;
}

static void run_product(const nml_predictor *p, const nml_step *step,
                        nml_worker *worker, const void *in, void *out,
                        int count) {
  const nml_layer *l = &p->net->layers[step->layer];
  const bool rows = l->spec.kind == NML_DENSE, last = is_last(p, step);
  const bool wide = p->elements < 4; /* bytes end at 6 by their scale */
  const int row_pitch = (int)(p->row_bytes * (size_t)p->elements / 4);
  const nml_forward product = {
      .x = pad(p, step, worker, in),
      .row = step->rows,
      .outputs = rows ? count : step->outputs,
      .group = group_of(p, step),
      .right = step->right,
      .below = step->below,
      .tap = step->taps,
      .taps = step->tap_count,
      .w = step->weights,
      .w_pitch = l->w_pitch,
      .lanes = l->w_pitch,
      .scale = step->scale,
      .shift = step->shift,
      .relu = wide || last ? step->relu : step->relu != 0,
      .floats = last,
      .y = out,
      .y_pitch = rows && !last ? row_pitch : l->w_pitch};
  p->forward(&product);
}

static void run_in_floats(const nml_predictor *p, const nml_step *step,
                          const float *in, const float *other, float *out) {
  const nml_layer *l = &p->net->layers[step->layer];
  const nml_windows windows = nml_pool_windows(l, l->in.h, l->in.w);
  if (step->kind == NML_STEP_SUM) {
    p->kernels->sum(nml_shape_floats(step->out), in, other, step->relu, out);
  } else if (step->kind == NML_STEP_DEPTHWISE) {
    p->kernels->depthwise(&windows, in, step->weights, step->shift, step->relu,
                          out);
  } else if (l->spec.kind == NML_MAXPOOL) {
    p->kernels->maxpool(&windows, in, out, NULL);
  } else if (step->kind == NML_STEP_POOL) {
    p->kernels->avgpool(&windows, in, out);
  } else {
    p->kernels->scale_rows(in, step->in.h * step->in.w, step->in.pitch,
                           step->in.pitch, step->scale, step->shift, out);
    if (step->relu)
      (step->relu == 6 ? p->kernels->relu6 : p->kernels->relu)(
          nml_shape_floats(step->out), out, out);
  }
}

static void run_other(const nml_predictor *p, const nml_step *step,
                      nml_worker *worker, const void *in, const void *other,
                      void *out) {
  bool narrow_out = p->elements > 1 && !is_last(p, step);
  if (p->elements == 4 && narrow_out && step->kind == NML_STEP_SUM) {
    p->kernels->sum_bytes(nml_shape_floats(step->out), in, step->in_scale,
                          other, step->other_scale, step->relu, out,
                          step->out_scale);
    return;
  }
  float *result = narrow_out ? worker->wide[1] : out;
  if (p->elements > 1) {
    widen(p, step->in_scale, nml_shape_floats(step->in), in, worker->wide[0]);
    in = worker->wide[0];
  }
  if (p->elements > 1 && step->kind == NML_STEP_SUM) { /* of values alone */
    widen(p, step->other_scale, nml_shape_floats(step->in), other,
          worker->wide[1]);
    other = worker->wide[1];
  }
  run_in_floats(p, step, in, other, result);
  if (narrow_out)
    narrow(p, step->out_scale, nml_shape_floats(step->out), result, out);
}

void nml_step_run(const nml_predictor *p, const nml_step *step,
                  nml_worker *worker, const void *in, const void *other,
                  void *out, int count) {
  if (step->kind == NML_STEP_AGAIN) return;
  if (step->kind == NML_STEP_PRODUCT) {
    run_product(p, step, worker, in, out, count);
    return;
  }
  for (int i = 0; i < count; i++)
    run_other(p, step, worker, (const char *)in + (size_t)i * p->row_bytes,
              (const char *)other + (size_t)i * p->row_bytes,
              (char *)out + (size_t)i * (is_last(p, step) ? p->logits_bytes
                                                          : p->row_bytes));
}

/* ---- Input --------------------------------------------------------------- */

void nml_step_input(const nml_predictor *p, nml_worker *worker,
                    const uint8_t *image, void *out) {
  const nml_shape in = p->steps[0].in;
  const size_t count = nml_shape_floats(in);
  float *floats = p->elements == 1 ? out : worker->wide[0];
  if (p->elements == 4 && in.pitch == 1) {
    nml_input_bytes(p->net, image, out);
    return;
  }
  nml_input_floats(p->net, p->kernels, image, floats);
  if (p->elements > 1) narrow(p, p->steps[0].in_scale, count, floats, out);
}
