/* stop_signal.c: see stop_signal.h. */
#include "app/stop_signal.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void ask_to_stop(int number) { stop_signal = number; }

void stop_signal_catch(bool catch) {
  struct sigaction action = {.sa_handler = catch ? ask_to_stop : SIG_DFL};
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

int stop_signal_came(void) { return (int)stop_signal; }
