/* csv.c: a label and 784 pixels a line. Trusts nothing: memory is taken for no
 * more lines than the text has room for. */
#include <stdbool.h>
#include <string.h>

#include "data/readers.h"

enum {
  CSV_FIELDS = 1 + NUMERAL_IMAGE_PIXELS,
  /* one-digit numbers, a separator behind each */
  CSV_SHORTEST_LINE_BYTES = 2 * CSV_FIELDS,
  CSV_QUOTED_CHARACTERS = 16
};

/* A line without its ending; `next` is where the one after it starts. */
typedef struct csv_line {
  const char *begin, *end, *next;
  size_t number; /* 1-based */
} csv_line;

/* The next line that is not empty, after `line`; false at the end. */
static bool next_line(const char *text_end, csv_line *line) {
  while (line->next < text_end) {
    line->begin = line->next;
    line->number++;
    size_t left = (size_t)(text_end - line->begin);
    const char *newline = memchr(line->begin, '\n', left);
    line->end = newline ? newline : text_end;
    line->next = newline ? newline + 1 : text_end;
    if (line->end > line->begin && line->end[-1] == '\r') line->end--;
    if (line->end > line->begin) return true;
  }
  return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool starts_with_number(const csv_line *line) {
  const char *at = line->begin;
  while (at < line->end && (is_blank(*at) || *at == '-' || *at == '+')) at++;
  return at < line->end && *at >= '0' && *at <= '9';
}

/* Reads a whole number 0..limit that fills begin..end but for blanks; -1 where
 * there is none. */
static int read_number(const char *begin, const char *end, int limit) {
  while (begin < end && is_blank(*begin)) begin++;
  while (end > begin && is_blank(end[-1])) end--;
  if (begin == end) return -1;
  int value = 0;
  for (; begin < end; begin++) {
    if (*begin < '0' || *begin > '9') return -1;
    value = value * 10 + (*begin - '0');
    if (value > limit) return -1;
  }
  return value;
}

static numeral_status fail_field(const csv_line *line, int field,
                                 const char *begin, const char *end,
                                 numeral_error *error) {
  char quoted[CSV_QUOTED_CHARACTERS + 1];
  size_t length = (size_t)(end - begin);
  if (length > CSV_QUOTED_CHARACTERS) length = CSV_QUOTED_CHARACTERS;
  for (size_t i = 0; i < length; i++) {
    quoted[i] = begin[i] >= ' ' && begin[i] <= '~' ? begin[i] : '?';
  }
  quoted[length] = '\0';
  if (field == 0) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "line %zu of the CSV file: its label, \"%s\", is not a "
                    "digit 0 to 9",
                    line->number, quoted);
  }
  return nml_fail(error, NUMERAL_ERROR_FORMAT,
                  "line %zu, field %d of the CSV file: \"%s\" is not a pixel, "
                  "a whole number from 0 to 255",
                  line->number, field + 1, quoted);
}

static int count_fields(const csv_line *line) {
  int fields = 1;
  for (const char *at = line->begin; at < line->end; at++) {
    fields += *at == ',' && fields <= CSV_FIELDS;
  }
  return fields;
}

static numeral_status parse_line(const csv_line *line,
                                 uint8_t values[CSV_FIELDS],
                                 numeral_error *error) {
  int fields = count_fields(line);
  if (fields != CSV_FIELDS) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "line %zu of the CSV file has %s%d field%s: a line is the "
                    "label and %d pixels, separated by commas",
                    line->number, fields > CSV_FIELDS ? "more than " : "",
                    fields > CSV_FIELDS ? CSV_FIELDS : fields,
                    fields == 1 ? "" : "s", NUMERAL_IMAGE_PIXELS);
  }
  const char *begin = line->begin;
  for (int i = 0; i < CSV_FIELDS; i++) {
    const char *comma = memchr(begin, ',', (size_t)(line->end - begin));
    const char *end = comma ? comma : line->end;
    int value = read_number(begin, end, i == 0 ? NUMERAL_CLASSES - 1 : 255);
    if (value < 0) return fail_field(line, i, begin, end, error);
    values[i] = (uint8_t)value;
    begin = comma ? comma + 1 : end;
  }
  return NUMERAL_OK;
}

/* The state before the first line of data: behind a byte order mark and a
 * header line. */
static csv_line first_line(const char *text, const char *text_end) {
  csv_line line = {text, text, text, 0};
  if (text_end - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    line.next += 3;
  }
  csv_line header = line;
  bool has_header =
      next_line(text_end, &header) && !starts_with_number(&header);
  return has_header ? header : line;
}

static size_t count_lines(csv_line line, const char *text_end) {
  size_t count = 0;
  while (next_line(text_end, &line)) count++;
  return count;
}

numeral_status nml_csv_parse(const char *text, size_t size_bytes,
                             numeral_dataset **dataset, numeral_error *error) {
  const char *text_end = text + size_bytes;
  csv_line line = first_line(text, text_end);
  size_t count = count_lines(line, text_end);
  *dataset = NULL;
  if (count == 0) {
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "the CSV file has no line of data: a line is the label and "
                    "%d pixels, separated by commas",
                    NUMERAL_IMAGE_PIXELS);
  }
  /* With more lines than fit, one is too short and is found below. */
  size_t room = (size_bytes + 1) / CSV_SHORTEST_LINE_BYTES;
  size_t capacity = count < room ? count : room;
  if (capacity > NML_DATASET_MAX) {
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "the CSV file has %zu lines: at most %d are handled", count,
                    (int)NML_DATASET_MAX);
  }
  numeral_dataset *made;
  numeral_status status = nml_dataset_alloc(capacity, &made, error);
  if (status) return status;
  for (size_t i = 0; next_line(text_end, &line); i++) {
    uint8_t values[CSV_FIELDS];
    status = parse_line(&line, values, error);
    if (status) goto fail;
    made->labels[i] = values[0];
    memcpy(made->images + i * NUMERAL_IMAGE_PIXELS, values + 1,
           NUMERAL_IMAGE_PIXELS);
  }
  *dataset = made;
  return NUMERAL_OK;

fail:
  nml_dataset_destroy(made);
  return status;
}
