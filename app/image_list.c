/* image_list.c: see image_list.h. */
#include "app/image_list.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "app/message.h"

static bool is_folder(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

bool image_list_is_many(const char *operand) {
  return strcmp(operand, "-") == 0 || is_folder(operand);
}

/* Only in a folder does the name decide: other files lie there too. */
static int has_image_name(const struct dirent *entry) {
  static const char *const endings[] = {".png",  ".jpg",  ".jpeg", ".tif",
                                        ".tiff", ".webp", ".bmp",  ".gif",
                                        ".pnm",  ".pbm",  ".pgm",  ".ppm"};
  const char *dot = strrchr(entry->d_name, '.');
  if (dot == NULL || dot == entry->d_name) return 0;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    if (strcasecmp(dot, endings[i]) == 0) return 1;
  }
  return 0;
}

static bool visit_folder(const char *folder, image_list_fn visit, void *user) {
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, has_image_name, alphasort);
  if (count < 0) {
    message_error("predict", "%s cannot be read: %s", folder, strerror(errno));
    return false;
  }
  size_t length = strlen(folder);
  const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
  for (int i = 0; i < count; ++i) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s%s", folder, slash, entries[i]->d_name);
    if (!is_folder(path)) visit(path, user);
    free(entries[i]);
  }
  free(entries);
  if (count == 0) {
    message_error(
        "predict",
        "%s: no image files in this folder (PNG, JPEG, TIFF, WebP, BMP, GIF, "
        "PNM)",
        folder);
  }
  return count > 0;
}

static void visit_lines(image_list_fn visit, void *user) {
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, stdin)) != -1) {
    if (length > 0 && line[length - 1] == '\n') line[length - 1] = '\0';
    if (*line != '\0') visit(line, user);
  }
  free(line);
}

bool image_list_visit(const char *operand, image_list_fn visit, void *user) {
  if (strcmp(operand, "-") == 0) {
    visit_lines(visit, user);
    return true;
  }
  if (is_folder(operand)) return visit_folder(operand, visit, user);
  visit(operand, user);
  return true;
}
