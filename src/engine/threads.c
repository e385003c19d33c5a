/* threads.c: see threads.h. */
#include "engine/threads.h"

#include "base/team.h"

int nml_default_threads(void) {
  int processors = nml_processor_count();
  return processors < NML_MAX_THREADS ? processors : NML_MAX_THREADS;
}

int nml_threads(int threads) {
  return threads > 0 ? threads : nml_default_threads();
}
