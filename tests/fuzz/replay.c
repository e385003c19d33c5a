/* replay.c: runs a fuzz target over the files of one folder, so that an
 * ordinary compiler's test run repeats what the fuzzer once found.
 * Must not know any target. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static int visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

/* The bytes are copied into a block of exactly their size, so that a sanitizer
 * sees a read past the end. */
static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  uint8_t *bytes = NULL;
  long size = -1;
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    bytes = malloc(size > 0 ? (size_t)size : 1);
  }
  int whole = bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size;
  fclose(file);
  if (whole) LLVMFuzzerTestOneInput(bytes, (size_t)size);
  free(bytes);
  return whole;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  struct dirent **entries = NULL;
  int count = scandir(argv[1], &entries, visible, alphasort);
  int done = 0;
  for (int i = 0; i < count; i++) {
    char path[4096];
    int length =
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
    if (length > 0 && (size_t)length < sizeof path && replay_file(path)) {
      done++;
    } else {
      fprintf(stderr, "%s/%s: cannot be read\n", argv[1], entries[i]->d_name);
    }
    free(entries[i]);
  }
  free(entries);
  printf("%d of %d files replayed from %s\n", done, count < 0 ? 0 : count,
         argv[1]);
  return count > 0 && done == count ? 0 : 1;
}
