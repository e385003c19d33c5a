/* times.h: how long each part of an answer took, as JSON. */
#ifndef NUMERAL_APP_SERVE_TIMES_H
#define NUMERAL_APP_SERVE_TIMES_H
#include "app/json_text.h"
#include "app/serve/work_pool.h"

/* Milliseconds, to a microsecond. */
json_t *times_to_json(const work_times *times);
void times_write(text_buffer *text, const work_times *times);

#endif
