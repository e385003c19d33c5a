/* clock.h: time that only goes forward, in seconds. */
#ifndef NML_ENGINE_CLOCK_H
#define NML_ENGINE_CLOCK_H

double nml_clock_seconds(void);

#endif
