/* times.c: see times.h. */
#include "app/serve/times.h"

#include <string.h>

void times_write(text_buffer *text, const work_times *times) {
  const struct {
    const char *name;
    double seconds;
  } parts[] = {{"{\"decode\":", times->decode},
               {",\"normalise\":", times->normalise},
               {",\"wait\":", times->wait},
               {",\"network\":", times->network},
               {",\"explain\":", times->explain}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    text_add_bytes(text, parts[i].name, strlen(parts[i].name));
    json_add_rounded(text, 1e3 * parts[i].seconds, 3);
  }
  text_add_bytes(text, "}", 1);
}

json_t *times_to_json(const work_times *times) {
  text_buffer text = {0};
  times_write(&text, times);
  json_t *value =
      text.refused ? NULL : json_loadb(text.text, text.length, 0, NULL);
  text_buffer_release(&text);
  return value;
}
