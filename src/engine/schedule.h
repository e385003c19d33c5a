/* schedule.h: the learning rate of each step. */
#ifndef NML_ENGINE_SCHEDULE_H
#define NML_ENGINE_SCHEDULE_H

#include "base/fail.h"

/* Rate of step `step` (0-based, over all epochs) of a run with
 * `steps_an_epoch` steps in each of recipe->epochs epochs. */
double nml_schedule_rate(const numeral_recipe *recipe, uint64_t step,
                         uint64_t steps_an_epoch);

#endif
