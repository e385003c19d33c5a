/* times.c: see times.h. */
#include "app/serve/times.h"

static json_t *ms(double seconds) { return json_rounded(1e3 * seconds, 3); }

json_t *times_to_json(const work_times *times) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "decode", ms(times->decode),
                   "normalise", ms(times->normalise), "wait", ms(times->wait),
                   "network", ms(times->network), "explain",
                   ms(times->explain));
}
