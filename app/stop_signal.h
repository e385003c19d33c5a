/* stop_signal.h: Ctrl-C and TERM as a wish that long work looks for, so that it
 * ends where nothing is lost. Must not know the work. */
#ifndef NUMERAL_APP_STOP_SIGNAL_H
#define NUMERAL_APP_STOP_SIGNAL_H
#include <stdbool.h>

/* From here on the first signal asks and the second ends the program at once;
 * or, with false, the first ends it. */
void stop_signal_catch(bool catch);

/* The signal that asked, or 0. */
int stop_signal_came(void);

#endif
