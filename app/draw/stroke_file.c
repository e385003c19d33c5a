/* stroke_file.c: see stroke_file.h. */
#include "app/draw/stroke_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/file_bytes.h"
#include "formats/format_fail.h"

static const char FIRST_LINE[] = "numeral strokes 1";

enum { PLACE_DECIMALS = 5, PRESSURE_DECIMALS = 3, WORDS_MAX = 5 };
static const float PLACE_UNITS = 1e5f, PRESSURE_UNITS = 1e3f;
static const long PLACE_LEAST = -100000, PLACE_MOST = 200000;

/* What a line is made of, after the word and before the time. */
typedef enum stroke_fields {
  FIELDS_NONE = 0,
  FIELDS_POINT,
  FIELDS_PEN,
  FIELDS_NAME
} stroke_fields;

static const struct {
  const char *word;
  stroke_fields fields;
} kinds[STROKE_KINDS] = {
    [STROKE_DOWN] = {"down", FIELDS_POINT},
    [STROKE_MOVE] = {"move", FIELDS_POINT},
    [STROKE_UP] = {"up", FIELDS_NONE},
    [STROKE_UNDO] = {"undo", FIELDS_NONE},
    [STROKE_CLEAR] = {"clear", FIELDS_NONE},
    [STROKE_PEN] = {"pen", FIELDS_PEN},
    [STROKE_DIGIT] = {"digit", FIELDS_NAME},
    [STROKE_PREDICT] = {"predict", FIELDS_NONE},
};

/* ---- Reading ---- */

/* Part of the text, without an end of its own. */
typedef struct text_part {
  const char *text;
  size_t length;
} text_part;

typedef struct stroke_reader {
  const char *at, *end, *name;
  size_t line, room;
  bool pen_is_down;
  uint32_t time_ms;
  stroke_list *list;
  numeral_error *error;
} stroke_reader;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool part_is(text_part part, const char *text) {
  return part.length == strlen(text) &&
         memcmp(part.text, text, part.length) == 0;
}

/* A decimal number as a whole number of its last decimal: "-0.25" with two
 * decimals is -25. Nothing but digits, one sign and one point. */
static bool read_number(text_part part, int decimals, long least, long most,
                        long *value) {
  const char *at = part.text, *end = at + part.length;
  bool negative = at < end && *at == '-';
  long units = 0;
  int after_point = -1;
  at += negative;
  if (part.length > 12 || at == end || !is_digit(*at)) return false;
  for (; at < end; at++) {
    if (*at == '.' && after_point < 0 && at + 1 < end && decimals > 0) {
      after_point = 0;
      continue;
    }
    if (!is_digit(*at) || after_point == decimals) return false;
    if (units > 999999999 / 10) return false;
    units = units * 10 + (*at - '0');
    after_point += after_point >= 0;
  }
  for (int i = after_point < 0 ? 0 : after_point; i < decimals; i++) {
    if (units > 999999999 / 10) return false;
    units *= 10;
  }
  *value = negative ? -units : units;
  return *value >= least && *value <= most;
}

static bool read_point(const text_part *words, ink_point *point) {
  long x, y, pressure = -1;
  bool fits =
      read_number(words[0], PLACE_DECIMALS, PLACE_LEAST, PLACE_MOST, &x) &&
      read_number(words[1], PLACE_DECIMALS, PLACE_LEAST, PLACE_MOST, &y) &&
      (part_is(words[2], "-") ||
       read_number(words[2], PRESSURE_DECIMALS, 0, 1000, &pressure));
  if (!fits) return false;
  point->x = (float)x / PLACE_UNITS;
  point->y = (float)y / PLACE_UNITS;
  point->pressure = pressure < 0 ? -1 : (float)pressure / PRESSURE_UNITS;
  return true;
}

/* An image of a test set that the program knows, and no other file. */
static bool read_name(text_part word, char name[STROKE_NAME_BYTES]) {
  static const char *const starts[] = {"mnist:test:", "synth:test:"};
  long index;
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    size_t length = strlen(starts[i]);
    text_part rest = {word.text + length, word.length - length};
    if (word.length > length && memcmp(word.text, starts[i], length) == 0 &&
        read_number(rest, 0, 0, 9999, &index)) {
      snprintf(name, STROKE_NAME_BYTES, "%s%ld", starts[i], index);
      return true;
    }
  }
  return false;
}

static bool read_fields(stroke_fields fields, const text_part *words,
                        stroke_event *event) {
  long pen;
  switch (fields) {
    case FIELDS_NONE:
      return true;
    case FIELDS_POINT:
      return read_point(words, &event->point);
    case FIELDS_NAME:
      return read_name(words[0], event->name);
    case FIELDS_PEN:
      break;
  }
  if (!read_number(words[0], 0, 1, PEN_SIZES, &pen)) return false;
  event->pen = (int)pen;
  return true;
}

/* The words of a line, one blank between two; 0 where there is anything else,
 * or too many. */
static int split(text_part line, text_part words[WORDS_MAX]) {
  const char *at = line.text, *end = at + line.length;
  int count = 0;
  for (;;) {
    const char *from = at;
    while (at<end && * at> ' ' && *at <= '~') at++;
    if (at == from || count == WORDS_MAX) return 0;
    words[count++] = (text_part){from, (size_t)(at - from)};
    if (at == end) return count;
    if (*at++ != ' ') return 0;
  }
}

static bool read_event(text_part line, stroke_event *event) {
  static const int counts[] = {[FIELDS_NONE] = 0,
                               [FIELDS_POINT] = 3,
                               [FIELDS_PEN] = 1,
                               [FIELDS_NAME] = 1};
  text_part words[WORDS_MAX];
  long time;
  int count = split(line, words);
  *event = (stroke_event){.point = {.pressure = -1}};
  for (int kind = 0; kind < STROKE_KINDS && count > 0; kind++) {
    if (!part_is(words[0], kinds[kind].word)) continue;
    stroke_fields fields = kinds[kind].fields;
    event->kind = (stroke_kind)kind;
    if (count != counts[fields] + 2 || !read_fields(fields, words + 1, event) ||
        !read_number(words[count - 1], 0, 0, STROKE_TIME_MAX_MS, &time)) {
      return false;
    }
    event->point.time_ms = (uint32_t)time;
    return true;
  }
  return false;
}

static numeral_status fail_line(const stroke_reader *reader,
                                const char *reason) {
  return format_fail(reader->error, NUMERAL_ERROR_FORMAT, "%s, line %zu: %s",
                     reader->name, reader->line, reason);
}

/* The next line without its newline, which the last one has too. */
static bool next_line(stroke_reader *reader, text_part *line) {
  const char *newline =
      memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
  reader->line++;
  if (!newline) return false;
  *line = (text_part){reader->at, (size_t)(newline - reader->at)};
  reader->at = newline + 1;
  return true;
}

/* NULL where the event may come now. */
static const char *out_of_order(const stroke_reader *reader,
                                const stroke_event *event) {
  bool is_free = event->kind == STROKE_PEN || event->kind == STROKE_PREDICT;
  bool needs_pen = event->kind == STROKE_MOVE || event->kind == STROKE_UP;
  if (event->point.time_ms < reader->time_ms) return "the time goes back";
  if (!is_free && needs_pen && !reader->pen_is_down) {
    return "the pen is not down here";
  }
  if (!is_free && !needs_pen && reader->pen_is_down) {
    return "the pen is still down here";
  }
  return NULL;
}

static numeral_status keep_event(stroke_reader *reader,
                                 const stroke_event *event) {
  stroke_list *list = reader->list;
  if (list->count == STROKE_EVENTS_MAX) {
    return format_fail(reader->error, NUMERAL_ERROR_LIMIT,
                       "%s has more than %d lines", reader->name,
                       STROKE_EVENTS_MAX);
  }
  if (list->count == reader->room) {
    size_t room = reader->room ? reader->room * 2 : 256;
    stroke_event *grown = realloc(list->events, room * sizeof *grown);
    if (!grown) {
      return format_fail(reader->error, NUMERAL_ERROR_MEMORY,
                         "no memory for the strokes of %s", reader->name);
    }
    list->events = grown;
    reader->room = room;
  }
  list->events[list->count++] = *event;
  return NUMERAL_OK;
}

static numeral_status read_line(stroke_reader *reader) {
  text_part line;
  stroke_event event;
  if (!next_line(reader, &line)) {
    return fail_line(reader, "the line is not whole");
  }
  if (!read_event(line, &event)) {
    return fail_line(reader, "it is not understood");
  }
  const char *reason = out_of_order(reader, &event);
  if (reason) return fail_line(reader, reason);
  if (event.kind == STROKE_DOWN) reader->pen_is_down = true;
  if (event.kind == STROKE_UP) reader->pen_is_down = false;
  reader->time_ms = event.point.time_ms;
  return keep_event(reader, &event);
}

numeral_status stroke_list_parse(const char *text, size_t size_bytes,
                                 const char *name, stroke_list *list,
                                 numeral_error *error) {
  stroke_reader reader = {.at = text,
                          .end = text + size_bytes,
                          .name = name,
                          .list = list,
                          .error = error};
  text_part first;
  *list = (stroke_list){0};
  if (!next_line(&reader, &first) || !part_is(first, FIRST_LINE)) {
    return format_fail(error, NUMERAL_ERROR_FORMAT,
                       "%s is no file of strokes: its first line is not \"%s\"",
                       name, FIRST_LINE);
  }
  numeral_status status = NUMERAL_OK;
  while (!status && reader.at < reader.end) status = read_line(&reader);
  if (status) stroke_list_release(list);
  return status;
}

numeral_status stroke_list_read(const char *path, stroke_list *list,
                                numeral_error *error) {
  byte_buffer file = {0};
  *list = (stroke_list){0};
  numeral_status status =
      file_bytes_read(path, STROKE_FILE_MAX_BYTES, &file, error);
  if (!status) {
    status = stroke_list_parse((const char *)file.bytes, file.size_bytes, path,
                               list, error);
  }
  free(file.bytes);
  return status;
}

void stroke_list_release(stroke_list *list) {
  if (!list) return;
  free(list->events);
  *list = (stroke_list){0};
}

/* ---- Writing ---- */

static float round_place(float place) {
  float least = (float)PLACE_LEAST, most = (float)PLACE_MOST;
  float units = roundf(fminf(fmaxf(place * PLACE_UNITS, least), most));
  return units / PLACE_UNITS;
}

ink_point stroke_point_round(const ink_point *point) {
  ink_point rounded = {round_place(point->x), round_place(point->y), -1,
                       point->time_ms};
  if (point->pressure >= 0) {
    rounded.pressure =
        roundf(fminf(point->pressure, 1) * PRESSURE_UNITS) / PRESSURE_UNITS;
  }
  return rounded;
}

void stroke_file_begin(FILE *file) { fprintf(file, "%s\n", FIRST_LINE); }

void stroke_file_add(FILE *file, const stroke_event *event) {
  const ink_point *p = &event->point;
  fprintf(file, "%s ", kinds[event->kind].word);
  switch (kinds[event->kind].fields) {
    case FIELDS_NONE:
      break;
    case FIELDS_PEN:
      fprintf(file, "%d ", event->pen);
      break;
    case FIELDS_NAME:
      fprintf(file, "%s ", event->name);
      break;
    case FIELDS_POINT:
      fprintf(file, "%.*f %.*f ", PLACE_DECIMALS, (double)p->x, PLACE_DECIMALS,
              (double)p->y);
      if (p->pressure < 0) {
        fprintf(file, "- ");
      } else {
        fprintf(file, "%.*f ", PRESSURE_DECIMALS, (double)p->pressure);
      }
  }
  fprintf(file, "%lu\n", (unsigned long)p->time_ms);
}
