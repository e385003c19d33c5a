/* optimise.c: blocks of parameters, one kernel call each. See optimise.h. */
#include "nn/optimise.h"

#include "kernels/kernels.h"

#include <math.h>

enum { BLOCK_FLOATS = 16384 };

typedef struct update {
  const nml_kernels *kernels;
  nml_sgd sgd;
  nml_adam adam;
  numeral_optimizer optimizer;
  size_t count;
  const float *gradient;
  float *slots, *params;
} update;

int nml_optimiser_slots(numeral_optimizer optimizer) {
  return optimizer == NUMERAL_OPTIMIZER_SGD ? 1 : 2;
}

static void update_block(void *context, int member, int block) {
  const update *u = context;
  (void)member;
  size_t at = (size_t)block * BLOCK_FLOATS;
  size_t count = u->count - at < BLOCK_FLOATS ? u->count - at : BLOCK_FLOATS;
  if (u->optimizer == NUMERAL_OPTIMIZER_SGD)
    u->kernels->sgd(&u->sgd, count, u->gradient + at, u->slots + at,
                    u->params + at);
  else
    u->kernels->adam(&u->adam, count, u->gradient + at, u->slots + at,
                     u->slots + u->count + at, u->params + at);
}

/* The factor that brings the gradient's norm down to the limit; a norm that
 * is not finite makes a factor that is not either, and so is noticed. Summed
 * by blocks in their order. PyTorch adds 1e-6 to the norm, and so do we. */
static float clip_factor(const nml_kernels *kernels, double limit,
                         const float *gradient, size_t count) {
  double sum = 0;
  if (limit <= 0) return 1.0f;
  for (size_t at = 0; at < count; at += BLOCK_FLOATS) {
    size_t left = count - at;
    sum += kernels->sum_of_squares(left < BLOCK_FLOATS ? left : BLOCK_FLOATS,
                                   gradient + at);
  }
  double factor = limit / (sqrt(sum) + 1e-6);
  return factor < 1 || isnan(factor) ? (float)factor : 1.0f;
}

/* Of the decay as the kernel has it, in single precision: 1 - 0.999f is 1e-5
 * off from 0.001, which must cancel. */
static float decay_correction(double beta, uint64_t step) {
  return (float)(1 - pow((double)(float)beta, (double)step));
}

void nml_optimise(const numeral_recipe *recipe, double learning_rate,
                  uint64_t step, size_t count, const float *gradient,
                  float *slots, float *params, nml_team *team) {
  const nml_kernels *kernels = nml_kernels_get();
  float scale = clip_factor(kernels, recipe->clip, gradient, count);
  update u = {
      .kernels = kernels,
      .sgd = {.learning_rate = (float)learning_rate,
              .momentum = (float)recipe->momentum,
              .weight_decay = (float)recipe->weight_decay,
              .nesterov = recipe->nesterov,
              .gradient_scale = scale},
      .adam = {.learning_rate = (float)learning_rate,
               .beta1 = (float)recipe->beta1,
               .beta2 = (float)recipe->beta2,
               .epsilon = (float)recipe->epsilon,
               .correction1 = decay_correction(recipe->beta1, step),
               .correction2 = decay_correction(recipe->beta2, step),
               .weight_decay = (float)recipe->weight_decay,
               .decoupled = recipe->optimizer == NUMERAL_OPTIMIZER_ADAMW,
               .gradient_scale = scale},
      .optimizer = recipe->optimizer,
      .count = count,
      .gradient = gradient,
      .slots = slots,
      .params = params};
  nml_team_each(team, (int)((count + BLOCK_FLOATS - 1) / BLOCK_FLOATS),
                update_block, &u);
}

typedef struct averaging {
  _Alignas(64) float kept[NML_LANES];
  float added[NML_LANES], nothing[NML_LANES];
  const nml_kernels *kernels;
  size_t count;
  const float *values;
  float *mean;
} averaging;

/* The kernel of batch normalisation's gradient is this sum, lane by lane. */
static void average_block(void *context, int member, int block) {
  const averaging *a = context;
  (void)member;
  size_t at = (size_t)block * BLOCK_FLOATS;
  size_t count = a->count - at < BLOCK_FLOATS ? a->count - at : BLOCK_FLOATS;
  a->kernels->combine_rows(a->mean + at, a->values + at,
                           (int)(count / NML_LANES), NML_LANES, NML_LANES,
                           a->kept, a->added, a->nothing, a->mean + at);
}

void nml_running_mean(double decay, size_t count, const float *values,
                      float *mean, nml_team *team) {
  averaging a = {.kernels = nml_kernels_get(),
                 .count = count,
                 .values = values,
                 .mean = mean};
  for (int k = 0; k < NML_LANES; k++) {
    a.kept[k] = (float)decay;
    a.added[k] = (float)(1 - decay);
  }
  nml_team_each(team, (int)((count + BLOCK_FLOATS - 1) / BLOCK_FLOATS),
                average_block, &a);
}
