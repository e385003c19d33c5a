/* optimise.h: one step of an optimiser over all parameters. Must not know
 * schedules, epochs or layers. */
#ifndef NML_NN_OPTIMISE_H
#define NML_NN_OPTIMISE_H

#include "base/team.h"

#include <stddef.h>
#include <stdint.h>

/* How many floats of state a parameter needs: SGD 1 (velocity), Adam 2 (first
 * and second moment). The state begins as zeros: `slots` arrays of
 * params_floats, one after the other. */
int nml_optimiser_slots(numeral_optimizer optimizer);

/* Moves params by the gradient. step counts from 1. With recipe->clip > 0 the
 * gradient is first scaled down to that norm. count is a multiple of 16. The
 * result does not depend on the team's size. */
void nml_optimise(const numeral_recipe *recipe, double learning_rate,
                  uint64_t step, size_t count, const float *gradient,
                  float *slots, float *params, nml_team *team);

/* mean[i] = decay * mean[i] + (1 - decay) * values[i]; count is a multiple of
 * 16, 0 <= decay <= 1. */
void nml_running_mean(double decay, size_t count, const float *values,
                      float *mean, nml_team *team);

#endif
