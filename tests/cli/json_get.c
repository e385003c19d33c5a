/* json_get.c: for the tests of the program: json_get a.0.b < FILE prints the
 * value at that path; json_get . < FILE only checks that FILE is JSON, one
 * value a line or one in all. Ends with 1 where it is not, or has no such
 * value. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *step_into(const json_t *value, const char *name) {
  if (json_is_array(value))
    return json_array_get(value, strtoul(name, NULL, 10));
  return json_object_get(value, name);
}

static const json_t *find(const json_t *value, char *path) {
  for (char *name = strtok(path, "."); name && value;
       name = strtok(NULL, ".")) {
    value = step_into(value, name);
  }
  return value;
}

static int print_value(const json_t *value) {
  if (value == NULL) return 1;
  if (json_is_string(value)) {
    puts(json_string_value(value));
    return 0;
  }
  char *text = json_dumps(
      value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
  if (text == NULL) return 1;
  puts(text);
  free(text);
  return 0;
}

/* Every line alone must be JSON. */
static int check_lines(char *text) {
  int lines = 0;
  for (char *line = strtok(text, "\n"); line;
       line = strtok(NULL, "\n"), ++lines) {
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL) return 1;
    json_decref(value);
  }
  return lines > 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  static char text[1 << 20];
  size_t size = fread(text, 1, sizeof text - 1, stdin);
  if (argc != 2 || size == 0) return 1;
  json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  if (strcmp(argv[1], ".") == 0) {
    int failed = value != NULL ? 0 : check_lines(text);
    json_decref(value);
    return failed;
  }
  int failed = print_value(find(value, argv[1]));
  json_decref(value);
  return failed;
}
