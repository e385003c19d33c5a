/* machine.h: what is worth writing down about where a result was made. */
#ifndef NUMERAL_APP_MACHINE_H
#define NUMERAL_APP_MACHINE_H
#include <stddef.h>

/* The processor's name as the system gives it, or "unknown". */
void machine_cpu_name(char *name, size_t size_bytes);

/* The time now, "2026-11-21T07:01:33Z". */
void machine_time(char *text, size_t size_bytes);

/* Seconds on a clock that only goes forward. */
double machine_seconds(void);

/* `threads`, or where that is 0 as many as the machine has. */
int machine_threads(int threads);

#endif
