/* schedule.c: see schedule.h. */
#include "engine/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* From `from` to `to` along half a cosine wave, share 0..1. */
static double anneal(double from, double to, double share) {
  return to + (from - to) * 0.5 * (1 + cos(pi * share));
}

/* Smith and Topin 2018 in PyTorch's form: up from 1/25 of the rate, then down
 * to 1/10,000 of where it began. */
static double one_cycle(const numeral_recipe *recipe, double share) {
  double highest = recipe->learning_rate, first = highest / 25;
  double warmup = recipe->one_cycle_warmup;
  if (share < warmup) return anneal(first, highest, share / warmup);
  return anneal(highest, first / 1e4, (share - warmup) / (1 - warmup));
}

static double triangle(const numeral_recipe *recipe, double share) {
  double warmup = recipe->one_cycle_warmup;
  double height = share < warmup ? share / warmup : (1 - share) / (1 - warmup);
  return recipe->learning_rate * height;
}

/* From the rate to 0 in restart_epochs epochs, then from the rate again. */
static double warm_restarts(const numeral_recipe *recipe, double epochs) {
  double period = recipe->restart_epochs, factor = recipe->restart_factor;
  if (factor == 1) epochs = fmod(epochs, period);
  while (epochs >= period) {
    epochs -= period;
    period *= factor;
  }
  return anneal(recipe->learning_rate, 0, epochs / period);
}

double nml_schedule_rate(const numeral_recipe *recipe, uint64_t step,
                         uint64_t steps_an_epoch) {
  double rate = recipe->learning_rate;
  double steps = (double)steps_an_epoch * (double)recipe->epochs;
  double share = (double)step / steps;
  uint64_t epoch = step / steps_an_epoch;
  switch (recipe->schedule) {
    case NUMERAL_SCHEDULE_CONSTANT:
      break;
    case NUMERAL_SCHEDULE_STEP:
      return rate * pow(recipe->step_factor,
                        (double)(epoch / (uint64_t)recipe->step_epochs));
    case NUMERAL_SCHEDULE_COSINE:
      return anneal(rate, 0, share);
    case NUMERAL_SCHEDULE_ONE_CYCLE:
      return one_cycle(recipe, share);
    case NUMERAL_SCHEDULE_TRIANGLE: /* in the middle of steps: none is of 0 */
      return triangle(recipe, share + 0.5 / steps);
    case NUMERAL_SCHEDULE_WARM_RESTARTS:
      return warm_restarts(recipe, (double)step / (double)steps_an_epoch);
  }
  return rate;
}
